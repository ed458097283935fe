//! The actor of a command, for the audit log.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use store::Actor;

/// The member of staff with the given name, or with the name of the operating system's login.
pub fn command_actor(name: Option<String>) -> Actor {
    name.or_else(login).map_or(Actor::System, Actor::Staff)
}

/// The login name of the owner of this process. The environment is not used, because it can be set to anything.
fn login() -> Option<String> {
    let number = fs::metadata("/proc/self").ok()?.uid();
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    Some(login_name(&passwd, number).unwrap_or_else(|| format!("uid {number}")))
}

/// Finds the name of a user number in a passwd(5) file. Names that are reserved in the audit log are refused.
fn login_name(passwd: &str, number: u32) -> Option<String> {
    let rows = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let name = rows
        .filter(|row| row.get(2).is_some_and(|n| *n == number.to_string()))
        .find_map(|row| row.first().filter(|name| !name.is_empty()).map(|name| (*name).to_owned()));
    name.filter(|name| name != Actor::System.as_str() && name != Actor::Person.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_name_has_priority_over_the_login() {
        assert_eq!(command_actor(Some("ada".into())), Actor::Staff("ada".into()));
    }

    #[test]
    fn the_login_name_is_found_by_number() {
        let passwd = "root:x:0:0::/:\nshop:x:33:33::/:\nperson:x:7:7::/:\n\nbroken\n";
        assert_eq!(login_name(passwd, 33).as_deref(), Some("shop"));
        assert_eq!(login_name(passwd, 7), None);
        assert_eq!(login_name(passwd, 8), None);
    }
}
