//! Who acts, for the journal.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use store::Actor;

/// Staff by the name that they gave, or by the system's name for whoever typed the command.
pub fn acting(name: Option<String>) -> Actor {
    name.or_else(login).map_or(Actor::System, Actor::Staff)
}

/// The system's name for the owner of this process; not the environment's, which says what it likes.
fn login() -> Option<String> {
    let number = fs::metadata("/proc/self").ok()?.uid();
    let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
    Some(named(&known, number).unwrap_or_else(|| format!("uid {number}")))
}

/// The name of a number in the form of passwd(5). The journal's own words are nobody's name.
fn named(known: &str, number: u32) -> Option<String> {
    let rows = known.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let name = rows
        .filter(|row| row.get(2).is_some_and(|n| *n == number.to_string()))
        .find_map(|row| row.first().filter(|name| !name.is_empty()).map(|name| (*name).to_owned()));
    name.filter(|name| name != Actor::System.word() && name != Actor::Person.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_name_goes_before_the_systems() {
        assert_eq!(acting(Some("ada".into())), Actor::Staff("ada".into()));
    }

    #[test]
    fn the_systems_name_is_looked_up_by_number() {
        let known = "root:x:0:0::/:\nshop:x:33:33::/:\nperson:x:7:7::/:\n\nbroken\n";
        assert_eq!(named(known, 33).as_deref(), Some("shop"));
        assert_eq!(named(known, 7), None);
        assert_eq!(named(known, 8), None);
    }
}
