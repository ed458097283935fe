//! Parses the IMAP mailbox of the configuration.

use super::values::is_loopback;
use ::mail::settings::{After, Security};
use percent_encoding::percent_decode_str;
use url::Url;

/// A parsed `imaps://name@host:port/FOLDER`, without password and certificate authority.
#[cfg_attr(test, derive(PartialEq, Eq, Debug))]
pub(super) struct ImapAddress {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) name: String,
    pub(super) folder: String,
}

pub(super) const IMAP_FORM: &str = "imaps://name@host:port/FOLDER or imap://name@host:port/FOLDER, with the password in mail.imap_password_file";

pub(super) const AFTER_FORM: &str = "delete, or move and the name of a folder";

/// Parses the URL. `None` if it has more than scheme, name, host, port and folder, for example a password.
pub(super) fn imap(text: &str) -> Option<ImapAddress> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let bare = url.query().is_none() && url.fragment().is_none() && url.password().is_none();
    if !bare || host.is_empty() {
        return None;
    }
    let (security, port) = match url.scheme() {
        "imaps" => (Security::Tls, 993),
        "imap" if is_loopback(&host) => (Security::Plain, 143),
        "imap" => (Security::StartTls, 143),
        _ => return None,
    };
    let name = percent_decode_str(url.username()).decode_utf8().ok()?.into_owned();
    let path = percent_decode_str(url.path().trim_start_matches('/')).decode_utf8().ok()?.into_owned();
    let folder = if path.is_empty() { "INBOX".to_owned() } else { folder(&path)? };
    let named = !name.is_empty() && !name.contains(char::is_control);
    named.then_some(ImapAddress { host, port: url.port().unwrap_or(port), security, name, folder })
}

/// Parses the name of a folder: ASCII without control characters. The encoding of RFC 3501, 5.1.3 for other names is not
/// supported.
fn folder(name: &str) -> Option<String> {
    let fits =
        |byte: u8| byte == b' ' || byte.is_ascii_graphic() && byte != b'&' && byte != b'*' && byte != b'%';
    let name = name.trim();
    (!name.is_empty() && name.bytes().all(fits)).then(|| name.to_owned())
}

/// Parses `delete` or `move FOLDER`.
pub(super) fn after(text: &str) -> Option<After> {
    match text.trim().split_once(' ') {
        None if text.trim() == "delete" => Some(After::Delete),
        Some(("move", name)) => folder(name).map(After::Move),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_is_encrypted_unless_the_mailbox_is_on_this_machine() {
        let whole = ImapAddress {
            host: "mail.example.com".to_owned(),
            port: 993,
            security: Security::Tls,
            name: "support@example.com".to_owned(),
            folder: "Support".to_owned(),
        };
        assert_eq!(imap("imaps://support%40example.com@mail.example.com/Support"), Some(whole));
        let security = |text: &str| imap(text).unwrap().security;
        assert_eq!(security("imap://a@mail.example.com"), Security::StartTls);
        assert_eq!(security("imap://a@localhost.example.com/INBOX"), Security::StartTls);
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            assert_eq!(security(&format!("imap://a@{host}:1143/INBOX")), Security::Plain);
            assert_eq!(security(&format!("imaps://a@{host}:1143/INBOX")), Security::Tls);
        }
    }

    #[test]
    fn the_default_folder_is_the_inbox() {
        for text in ["imaps://a@mail.example.com", "imaps://a@mail.example.com/"] {
            assert_eq!(imap(text).unwrap().folder, "INBOX");
        }
        assert_eq!(imap("imaps://a@mail.example.com/Help/To%20do").unwrap().folder, "Help/To do");
    }

    #[test]
    fn a_mailbox_url_has_only_scheme_name_host_port_and_folder() {
        for wrong in [
            "mail.example.com",
            "http://a@mail.example.com",
            "imaps://mail.example.com/INBOX",
            "imaps://a:password@mail.example.com/INBOX",
            "imaps://a@mail.example.com/INBOX?x=1",
            "imaps://a@mail.example.com/A%0D%0AB",
            "imaps://a%0D%0Ab@mail.example.com/INBOX",
            "imaps://a@mail.example.com/Gel%C3%B6scht",
            "imaps://a@mail.example.com/*",
            "imaps://a@mail.example.com:99999/INBOX",
        ] {
            assert!(imap(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_received_message_is_deleted_or_moved() {
        assert_eq!(after("delete"), Some(After::Delete));
        assert_eq!(after(" move Taken over "), Some(After::Move("Taken over".into())));
        for wrong in ["", "move", "move ", "keep", "delete all", "move A\nB"] {
            assert_eq!(after(wrong), None, "{wrong:?}");
        }
    }
}
