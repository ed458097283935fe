//! The closed list of e-mails that Scruple sends, one folder each. Each is caused by an action of its one recipient
//! (promise `mail.solicited`). A link in an e-mail is personal, and is the only URL in it.
//!
//! The list is [`EmailKind`] of the crate `domain`; this module has the texts.

mod email_text;
mod magic_link;
mod new_address;
mod staff_reply;

pub use domain::email::EmailKind;
pub use email_text::EmailText;
pub use magic_link::MagicLinkEmail;
pub use new_address::NewAddressEmail;
pub use staff_reply::StaffReplyEmail;

/// Whether Scruple writes the e-mail, and not staff. Such an e-mail has an empty return path and asks other programs
/// not to reply (RFC 3834).
#[must_use]
pub(crate) const fn is_automatic(kind: EmailKind) -> bool {
    match kind {
        EmailKind::MagicLink | EmailKind::NewAddress => true,
        EmailKind::StaffReply => false,
    }
}

#[cfg(test)]
mod tests {
    use super::EmailKind;
    use std::collections::BTreeSet;
    use std::fs;

    #[test]
    fn each_folder_of_templates_is_an_e_mail_of_the_list() {
        let entries = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/emails")).unwrap();
        let folders = entries.map(Result::unwrap).filter(|entry| entry.path().is_dir());
        let folders: BTreeSet<_> = folders.map(|folder| folder.file_name().into_string().unwrap()).collect();
        let listed = EmailKind::ALL.iter().map(|kind| kind.name().to_owned()).collect();
        assert_eq!(folders, listed, "the folders here, and `EmailKind::ALL`");
    }
}
