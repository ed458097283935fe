//! Sites are added and edited.

use analytics::TimeZone;
use store::{Actor, Error, Operation, Site, Tx};

use super::limits::{MAX_HOSTS, MAX_SITES};
use crate::audit::audit_change;

/// What became of a site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SiteOutcome {
    /// It is there, as written here.
    Done(Site),
    /// Another site has this name already.
    Taken,
    /// There is no site of this name.
    Unknown,
    /// It can't be, and why; for staff.
    Refused(String),
}

/// Adds a site.
pub struct AddSite<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// Hosts on which it lives; those with `www.` before them belong to it anyway.
    pub hosts: &'a [String],
    /// Its time zone, as the IANA database calls it.
    pub zone: &'a str,
    /// Whether everybody may see its public figures.
    pub public: bool,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for AddSite<'_> {
    const NAME: &'static str = "add site";
    type Output = SiteOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<SiteOutcome, Error> {
        if !is_name(self.name) {
            return Ok(refused("a site's id has small letters, digits and dashes, 32 at most"));
        }
        let site = match checked(self.hosts, self.zone) {
            Ok((hosts, zone)) => Site { id: 0, name: self.name.to_owned(), hosts, zone, public: self.public },
            Err(why) => return Ok(SiteOutcome::Refused(why)),
        };
        if tx.sites().await?.len() >= MAX_SITES {
            return Ok(refused(&format!("there are {MAX_SITES} sites already")));
        }
        let Some(id) = tx.add_site(&site).await? else { return Ok(SiteOutcome::Taken) };
        audit_change(tx, "site added", self.actor).await?;
        Ok(SiteOutcome::Done(Site { id, ..site }))
    }
}

/// Edits a site. Its name stays: visitors of an open day are told apart with it.
pub struct EditSite<'a> {
    /// Its name.
    pub name: &'a str,
    /// Other hosts.
    pub hosts: Option<&'a [String]>,
    /// Another time zone, which holds for the days that begin from now on.
    pub zone: Option<&'a str>,
    /// Whether everybody may see its public figures.
    pub public: Option<bool>,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for EditSite<'_> {
    const NAME: &'static str = "edit site";
    type Output = SiteOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<SiteOutcome, Error> {
        let Some(known) = tx.site(self.name).await? else { return Ok(SiteOutcome::Unknown) };
        let hosts = self.hosts.unwrap_or(&known.hosts);
        let site = match checked(hosts, self.zone.unwrap_or(&known.zone)) {
            Ok((hosts, zone)) => {
                Site { hosts, zone, public: self.public.unwrap_or(known.public), ..known.clone() }
            }
            Err(why) => return Ok(SiteOutcome::Refused(why)),
        };
        tx.edit_site(&site).await?;
        audit_change(tx, "site edited", self.actor).await?;
        Ok(SiteOutcome::Done(site))
    }
}

fn refused(why: &str) -> SiteOutcome {
    SiteOutcome::Refused(why.to_owned())
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=32).contains(&name.len())
        && name.bytes().next().is_some_and(plain)
        && name.bytes().all(|b| plain(b) || b == b'-')
}

/// Hosts in small letters and without `www.`, and the zone in the database's own spelling.
fn checked(hosts: &[String], zone: &str) -> Result<(Vec<String>, String), String> {
    let Some(zone) = TimeZone::named(zone) else {
        return Err(format!("{zone:?} is no time zone: write it as Europe/Berlin, or UTC"));
    };
    let mut own: Vec<String> = Vec::new();
    for host in hosts {
        let small = host.trim().to_ascii_lowercase();
        let bare = small.strip_prefix("www.").unwrap_or(&small);
        if !is_host(bare) {
            return Err(format!("{host:?} is no host: write it as example.org, without https:// and path"));
        }
        if !own.iter().any(|known| known == bare) {
            own.push(bare.to_owned());
        }
    }
    if own.is_empty() || own.len() > MAX_HOSTS {
        return Err(format!("a site lives on 1 to {MAX_HOSTS} hosts"));
    }
    Ok((own, zone.name().to_owned()))
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
    fn a_host_is_a_host_and_nothing_around_it() {
        let hosts = ["Www.Example.org".to_owned(), "example.org".into(), " shop.example.org ".into()];
        let (own, zone) = checked(&hosts, "europe/berlin").unwrap();
        assert_eq!(own, ["example.org", "shop.example.org"]);
        assert_eq!(zone, "Europe/Berlin");
        for wrong in ["https://example.org", "example.org/", "example.org:443", "", "exa mple.org", "a,b"] {
            assert!(checked(&[wrong.to_owned()], "UTC").is_err(), "{wrong}");
        }
        assert!(checked(&[], "UTC").is_err());
        assert!(checked(&hosts, "Mars/Olympus").is_err());
    }

    #[test]
    fn a_name_fits_into_a_link() {
        assert!(is_name("vendor") && is_name("shop-2") && is_name("2"));
        for wrong in ["", "-a", "Vendor", "a b", "a/b", &"a".repeat(33)] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
