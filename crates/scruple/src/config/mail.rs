//! `[mail]`: the mail server, the mailbox, and the addresses of sender and replies.

use super::keys::Keys;
use super::mailbox::{self, AFTER_FORM, IMAP_FORM, ImapAddress};
use super::secret::Secret;
use super::values::{self, SMTP_FORM, SmtpAddress};
use ::mail::settings::{After, Imap, Login, MailConfig, Security, Smtp};
use lettre::Address;
use lettre::message::Mailbox;

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

pub(super) fn mail(keys: &mut Keys) -> MailConfig {
    let expected = "an address such as Example Software <licence@example.com>";
    let from = keys.parsed("mail.from", "", expected, false, |text| text.parse::<Mailbox>().ok());
    let address = keys.parsed("mail.smtp", "", SMTP_FORM, false, values::smtp);
    let password = keys.file_secret("mail.password_file");
    let ca = authority(keys, "mail.smtp_ca_file");
    let smtp = address.map(|address| server(keys, address, password, ca));
    if smtp.is_some() && from.is_none() {
        keys.problem("mail.smtp", "needs mail.from as well: the sender of e-mails");
    }
    let expected =
        "an address of at most 37 symbols before the @ and no + there, such as support@example.com";
    let reply = keys.parsed("mail.reply", "", expected, false, reply);
    if reply.is_some() && smtp.is_none() {
        keys.problem("mail.reply", "needs mail.smtp as well: replies are sent through it");
    }
    let imap = mailbox(keys);
    let expected = "the id in the Authentication-Results of your own mail server, such as mx.example.com";
    let authserv = keys.parsed("mail.authserv", "", expected, true, authserv);
    MailConfig { from, smtp, reply, imap, authserv }
}

/// Parses the reply address. Its local part leaves room for `+b-` and a token of 24 symbols, because a local part has at
/// most 64 (RFC 5321).
fn reply(text: &str) -> Option<Address> {
    let address = text.trim().parse::<Address>().ok()?;
    let local = address.user();
    let plain = local.is_ascii() && !local.contains(['+', '"']);
    (plain && local.len() <= 37).then_some(address)
}

fn authserv(text: &str) -> Option<String> {
    let id = text.trim();
    let fits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';');
    fits.then(|| id.to_ascii_lowercase())
}

fn authority(keys: &mut Keys, key: &'static str) -> Option<Vec<u8>> {
    let (at, name) = keys.text(key, "", "the path of a file")?;
    let path = keys.path(&name);
    let message = match std::fs::read_to_string(&path) {
        Ok(pem) if pem.contains(CERTIFICATE) => return Some(pem.into_bytes()),
        Ok(_) => "has no certificate in PEM".to_owned(),
        Err(error) => format!("cannot be read: {}", error.kind()),
    };
    keys.problem(&at, format!("the file {} {message}", path.display()));
    None
}

fn server(
    keys: &mut Keys,
    address: SmtpAddress,
    password: Option<(String, Secret)>,
    ca: Option<Vec<u8>>,
) -> Smtp {
    let SmtpAddress { host, port, security, name } = address;
    let login = match (name, password) {
        (Some(name), Some((_, password))) => Some(Login { name, password: password.into_inner() }),
        (Some(_), None) => {
            keys.problem("mail.smtp", "has a name, so it needs mail.password_file as well");
            None
        }
        (None, Some((at, _))) => {
            keys.problem(&at, "needs a name in mail.smtp: smtp://name@host:port");
            None
        }
        (None, None) => None,
    };
    Smtp { host, port, security: with_authority(security, ca.as_ref()), login, ca }
}

/// Uses TLS if a certificate authority is configured, on this machine too.
fn with_authority(security: Security, ca: Option<&Vec<u8>>) -> Security {
    if ca.is_some() && security == Security::Plain { Security::StartTls } else { security }
}

fn mailbox(keys: &mut Keys) -> Option<Imap> {
    let address = keys.parsed("mail.imap", "", IMAP_FORM, false, mailbox::imap);
    let password = keys.file_secret("mail.imap_password_file");
    let ca = authority(keys, "mail.imap_ca_file");
    let after = keys.parsed("mail.imap_after", "delete", AFTER_FORM, true, mailbox::after);
    match (address, password) {
        (Some(address), Some((_, password))) => {
            let ImapAddress { host, port, security, name, folder } = address;
            let after = after.unwrap_or(After::Delete);
            if after == After::Move(folder.clone()) {
                keys.problem("mail.imap_after", "is the folder of mail.imap itself: expected another");
            }
            let security = with_authority(security, ca.as_ref());
            Some(Imap {
                host,
                port,
                security,
                login: Login { name, password: password.into_inner() },
                folder,
                after,
                ca,
            })
        }
        (Some(_), None) => {
            keys.problem("mail.imap", "needs mail.imap_password_file as well");
            None
        }
        (None, Some((at, _))) => {
            keys.problem(&at, "needs mail.imap: imaps://name@host/FOLDER");
            None
        }
        (None, None) => None,
    }
}
