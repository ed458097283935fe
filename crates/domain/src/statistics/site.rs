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
    /// The change is refused, with the reason to show to staff.
    Refused(String),
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
            return Ok(refused("the id of a site must have 1 to 32 small letters, digits and dashes"));
        }
        let site = match validated(self.hosts, self.zone) {
            Ok((hosts, zone)) => Site { id: 0, name: self.name.to_owned(), hosts, zone, public: self.public },
            Err(reason) => return Ok(SiteOutcome::Refused(reason)),
        };
        if tx.sites().await?.len() >= MAX_SITES {
            return Ok(refused(&format!("there are already {MAX_SITES} sites, which is the maximum")));
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
            Err(reason) => return Ok(SiteOutcome::Refused(reason)),
        };
        tx.edit_site(&site).await?;
        audit_change(tx, "site edited", self.actor).await?;
        Ok(SiteOutcome::Done(site))
    }
}

fn refused(reason: &str) -> SiteOutcome {
    SiteOutcome::Refused(reason.to_owned())
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=32).contains(&name.len())
        && name.bytes().next().is_some_and(plain)
        && name.bytes().all(|b| plain(b) || b == b'-')
}

/// Returns the hosts in lower case without `www.`, and the canonical name of the time zone.
fn validated(hosts: &[String], zone: &str) -> Result<(Vec<String>, String), String> {
    let Some(zone) = TimeZone::named(zone) else {
        return Err(format!("{zone:?} is not a time zone; write it like Europe/Berlin, or UTC"));
    };
    let mut normalized: Vec<String> = Vec::new();
    for host in hosts {
        let lower = host.trim().to_ascii_lowercase();
        let bare = lower.strip_prefix("www.").unwrap_or(&lower);
        if !is_host(bare) {
            return Err(format!(
                "{host:?} is not a host; write it like example.org, without https:// and path"
            ));
        }
        if !normalized.iter().any(|host| host == bare) {
            normalized.push(bare.to_owned());
        }
    }
    if normalized.is_empty() || normalized.len() > MAX_HOSTS {
        return Err(format!("a site must have 1 to {MAX_HOSTS} hosts"));
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
            assert!(validated(&[wrong.to_owned()], "UTC").is_err(), "{wrong}");
        }
        assert!(validated(&[], "UTC").is_err());
        assert!(validated(&hosts, "Mars/Olympus").is_err());
    }

    #[test]
    fn a_name_fits_into_a_link() {
        assert!(is_name("vendor") && is_name("shop-2") && is_name("2"));
        for wrong in ["", "-a", "Vendor", "a b", "a/b", &"a".repeat(33)] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
