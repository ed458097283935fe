//! Adds and edits sites.

use calendar::TimeZone;
use store::{Actor, Error, Operation, Site, Tx};

use super::limits::{MAX_HOSTS, MAX_SITES};
use crate::audit::audit_change;

/// Outcome of [`AddSite`] and [`EditSite`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SiteOutcome {
    /// The site was stored, with these values.
    Done(Site),
    /// Another site already has this name.
    NameExists,
    /// No site has this name.
    Unknown,
    /// The change is refused.
    Refused(SiteRefusal),
}

/// Why a site is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SiteRefusal {
    /// The name is empty, too long, or has other characters than small letters, digits and dashes.
    InvalidName,
    /// There are already [`MAX_SITES`] sites.
    TooManySites,
    /// The time zone does not exist.
    UnknownTimeZone {
        /// What was given.
        zone: String,
    },
    /// A host is not a host name.
    InvalidHost {
        /// What was given.
        host: String,
    },
    /// There is no host, or more than [`MAX_HOSTS`].
    HostCount,
}

pub struct AddSite<'a> {
    /// Name of the site in requests.
    pub name: &'a str,
    /// Hosts of the site. The same hosts with `www.` belong to it too.
    pub hosts: &'a [String],
    /// Time zone, by its IANA name.
    pub zone: &'a str,
    /// Whether its public figures are visible to everybody.
    pub public: bool,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for AddSite<'_> {
    const NAME: &'static str = "add site";
    type Output = SiteOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<SiteOutcome, Error> {
        if !is_name(self.name) {
            return Ok(SiteOutcome::Refused(SiteRefusal::InvalidName));
        }
        let site = match validated(self.hosts, self.zone) {
            Ok((hosts, zone)) => Site { id: 0, name: self.name.to_owned(), hosts, zone, public: self.public },
            Err(why) => return Ok(SiteOutcome::Refused(why)),
        };
        if tx.sites().await?.len() >= MAX_SITES {
            return Ok(SiteOutcome::Refused(SiteRefusal::TooManySites));
        }
        let Some(id) = tx.add_site(&site).await? else { return Ok(SiteOutcome::NameExists) };
        audit_change(tx, "site added", self.actor).await?;
        Ok(SiteOutcome::Done(Site { id, ..site }))
    }
}

/// Edits a site. Its name cannot change, because the hashes that distinguish visitors of an open day depend on it.
pub struct EditSite<'a> {
    pub name: &'a str,
    /// New hosts.
    pub hosts: Option<&'a [String]>,
    /// New time zone, for days that begin from now on.
    pub zone: Option<&'a str>,
    /// Whether its public figures are visible to everybody.
    pub public: Option<bool>,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for EditSite<'_> {
    const NAME: &'static str = "edit site";
    type Output = SiteOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<SiteOutcome, Error> {
        let Some(current) = tx.site(self.name).await? else { return Ok(SiteOutcome::Unknown) };
        let hosts = self.hosts.unwrap_or(&current.hosts);
        let site = match validated(hosts, self.zone.unwrap_or(&current.zone)) {
            Ok((hosts, zone)) => {
                Site { hosts, zone, public: self.public.unwrap_or(current.public), ..current.clone() }
            }
            Err(why) => return Ok(SiteOutcome::Refused(why)),
        };
        tx.edit_site(&site).await?;
        audit_change(tx, "site edited", self.actor).await?;
        Ok(SiteOutcome::Done(site))
    }
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=32).contains(&name.len())
        && name.bytes().next().is_some_and(plain)
        && name.bytes().all(|b| plain(b) || b == b'-')
}

/// Returns the hosts in lower case without `www.`, and the canonical name of the time zone.
fn validated(hosts: &[String], zone: &str) -> Result<(Vec<String>, String), SiteRefusal> {
    let Some(zone) = TimeZone::named(zone) else {
        return Err(SiteRefusal::UnknownTimeZone { zone: zone.to_owned() });
    };
    let mut normalized: Vec<String> = Vec::new();
    for host in hosts {
        let lower = host.trim().to_ascii_lowercase();
        let bare = lower.strip_prefix("www.").unwrap_or(&lower);
        if !is_host(bare) {
            return Err(SiteRefusal::InvalidHost { host: host.clone() });
        }
        if !normalized.iter().any(|host| host == bare) {
            normalized.push(bare.to_owned());
        }
    }
    if normalized.is_empty() || normalized.len() > MAX_HOSTS {
        return Err(SiteRefusal::HostCount);
    }
    Ok((normalized, zone.name().to_owned()))
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    host.len() <= 253 && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_no_scheme_port_or_path() {
        let hosts = ["Www.Example.org".to_owned(), "example.org".into(), " shop.example.org ".into()];
        let (own, zone) = validated(&hosts, "europe/berlin").unwrap();
        assert_eq!(own, ["example.org", "shop.example.org"]);
        assert_eq!(zone, "Europe/Berlin");
        for wrong in ["https://example.org", "example.org/", "example.org:443", "", "exa mple.org", "a,b"] {
            let expected = SiteRefusal::InvalidHost { host: wrong.to_owned() };
            assert_eq!(validated(&[wrong.to_owned()], "UTC"), Err(expected));
        }
        assert_eq!(validated(&[], "UTC"), Err(SiteRefusal::HostCount));
        let unknown = SiteRefusal::UnknownTimeZone { zone: "Mars/Olympus".to_owned() };
        assert_eq!(validated(&hosts, "Mars/Olympus"), Err(unknown));
    }

    #[test]
    fn a_name_fits_into_a_link() {
        assert!(is_name("vendor") && is_name("shop-2") && is_name("2"));
        for wrong in ["", "-a", "Vendor", "a b", "a/b", &"a".repeat(33)] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
