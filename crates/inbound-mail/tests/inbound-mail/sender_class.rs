//! Classifies every message in `tests/mail`, a collection after the RFCs and the formats of real servers. The folder
//! of a message is its expected class. All addresses are invented.

use std::{collections::BTreeMap, fs, path::Path};

use inbound_mail::{AutomatedSender, IncomingEmail, SenderClass};

use crate::fixtures::{TOKEN, own};

/// The messages of a folder, each parsed with line breaks as stored and as SMTP transfers them.
fn folder(name: &str) -> BTreeMap<String, IncomingEmail> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inbound-mail/mail").join(name);
    let mut messages = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let raw = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let wire = String::from_utf8_lossy(&raw).replace('\n', "\r\n");
        let on_wire = inbound_mail::parse_email(wire.as_bytes(), &own());
        let stored = inbound_mail::parse_email(&raw, &own());
        if !raw.contains(&0x80) && std::str::from_utf8(&raw).is_ok() {
            assert_eq!(
                stored.sender_class, on_wire.sender_class,
                "{name}: line breaks changed the sender class"
            );
            assert_eq!(
                stored.fingerprint, on_wire.fingerprint,
                "{name}: line breaks changed the fingerprint"
            );
        }
        messages.insert(name, stored);
    }
    messages
}

/// Returns the number of messages, and adds those of a wrong class to `wrong`.
fn expect(wrong: &mut Vec<String>, name: &str, fits: impl Fn(&IncomingEmail) -> bool) -> usize {
    let messages = folder(name);
    let others = messages.iter().filter(|(_, incoming)| !fits(incoming));
    wrong.extend(others.map(|(file, incoming)| format!("{name}/{file}: {:?}", incoming.sender_class)));
    messages.len()
}

/// Tells whether a sender is of none of the kinds that have samples of their own.
fn is_other(sender: AutomatedSender) -> bool {
    use AutomatedSender::{Bounce, Complaint, List, Loop, Vacation};
    !matches!(sender, Bounce { .. } | Complaint | List | Loop | Vacation)
}

fn automated_sender(incoming: &IncomingEmail) -> Option<AutomatedSender> {
    match incoming.sender_class {
        SenderClass::Automated(machine) => Some(machine),
        SenderClass::Person => None,
    }
}

#[test]
fn every_automated_sender_is_classified_correctly() {
    let (mut known, mut wrong) = (0, Vec::new());
    known += expect(&mut wrong, "bounce-hard", |one| {
        automated_sender(one) == Some(AutomatedSender::Bounce { hard: true })
    });
    known += expect(&mut wrong, "bounce-soft", |one| {
        automated_sender(one) == Some(AutomatedSender::Bounce { hard: false })
    });
    known += expect(&mut wrong, "complaint", |one| automated_sender(one) == Some(AutomatedSender::Complaint));
    known += expect(&mut wrong, "vacation", |one| automated_sender(one) == Some(AutomatedSender::Vacation));
    known += expect(&mut wrong, "list", |one| automated_sender(one) == Some(AutomatedSender::List));
    known += expect(&mut wrong, "loop", |one| automated_sender(one) == Some(AutomatedSender::Loop));
    known += expect(&mut wrong, "other", |one| automated_sender(one).is_some_and(is_other));
    assert!(wrong.is_empty(), "wrong class:\n{}", wrong.join("\n"));
    assert!(known >= 200, "only {known} automated messages");
}

#[test]
fn no_person_is_classified_as_automated() {
    let mut wrong = Vec::new();
    let known = expect(&mut wrong, "person", |one| one.sender_class == SenderClass::Person);
    assert!(wrong.is_empty(), "classified as automated:\n{}", wrong.join("\n"));
    assert!(known >= 60, "only {known} messages of people");
}

#[test]
fn our_own_returned_email_names_its_conversation() {
    for name in ["bounce-hard", "bounce-soft", "complaint"] {
        for (file, incoming) in folder(name) {
            let raw = fs::read(
                Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inbound-mail/mail").join(name).join(&file),
            )
            .unwrap();
            if raw.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()) {
                assert!(incoming.tokens == [TOKEN], "{name}/{file} names no conversation");
            }
        }
    }
}

#[test]
fn every_message_has_content_and_no_loading_markup() {
    for name in ["bounce-hard", "bounce-soft", "complaint", "vacation", "list", "loop", "other", "person"] {
        for (file, incoming) in folder(name) {
            let says =
                !incoming.text.is_empty() || !incoming.files.is_empty() || !incoming.refused.is_empty();
            assert!(says || !incoming.subject.is_empty(), "{name}/{file} is empty");
            assert!(!incoming.html.contains(" href") && !incoming.html.contains("src="), "{name}/{file}");
            assert!(incoming.message_id.bytes().all(|byte| byte.is_ascii_graphic()), "{name}/{file}");
        }
    }
}
