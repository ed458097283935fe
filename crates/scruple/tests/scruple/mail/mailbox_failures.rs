//! Messages that can never be received, and a mailbox with a new UIDVALIDITY.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::compliance::doctor::{Facts, doctor};
use keyring::Tag16;
use message_catalogue::English as _;
use store::{ConversationId, Error, Operation, Tx};

use super::conversation::vendor_address;
use super::kit::mail::fresh;
use super::kit::{OpenStore, block_on, wait_until};
use super::mail_server::{StaffInbox as _, SubmissionPort, TestMailServer, message};

/// Damages the sealed address tag of a conversation, so that every e-mail to it fails.
struct DamageAddressTag(ConversationId);

impl Operation for DamageAddressTag {
    const NAME: &'static str = "damage address tag";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let mut conversation = tx.conversation(self.0).await?.expect("it is there");
        // The tag is sealed for another row.
        conversation.id = ConversationId::new(self.0.number() + 1);
        tx.set_address_tag(&mut conversation, Some(&Tag16([7; 16])))?;
        conversation.id = self.0;
        tx.save_conversation(&mut conversation).await
    }
}

impl OpenStore {
    /// Returns the doctor's advice that contains this text.
    fn doctor_says(&self, what: &str) -> Option<String> {
        let facts = Facts { imap_configured: true, ..Facts::default() };
        let advice = block_on(doctor(&self.db, &self.settings, &facts));
        advice.iter().map(|advice| advice.condition.english()).find(|message| message.contains(what))
    }

    fn texts(&self) -> Vec<String> {
        let mut texts: Vec<String> =
            self.open().into_iter().map(|id| self.conversation(id).messages[0].text.clone()).collect();
        texts.sort();
        texts
    }
}

impl TestMailServer {
    /// Puts a message into Dovecot's folder by an atomic rename, because Postfix would refuse some of them.
    fn put(&self, address: &str, name: &str, text: &[u8]) {
        let folder = self.mailbox(address);
        let (partial, whole) = (folder.join("tmp").join(name), folder.join("new").join(name));
        fs::write(&partial, text).expect("a file");
        fs::set_permissions(&partial, fs::Permissions::from_mode(0o644)).expect("ours");
        fs::rename(partial, whole).expect("ours");
    }
}

/// Starts a conversation by e-mail, damages it, and sends a reply that can never be received.
fn send_unreceivable_reply(mail_server: &TestMailServer, store: &OpenStore, our_address: &str, ada: &str) {
    let asked = message(ada, our_address, "x", &format!("q.{our_address}"), "", "a question");
    mail_server.submit(SubmissionPort::Verified, [(ada, our_address, asked)]);
    let id = store.only_conversation();
    block_on(store.db.execute(&DamageAddressTag(id))).unwrap_or_else(|error| panic!("{error}"));
    let token = domain::conversations::reply_token(store.db.keyring(), id).expect("the keyring");
    let to = our_address.replace('@', &format!("+{token}@"));
    let answer = message(ada, &to, "x", &format!("a.{our_address}"), "", "an answer");
    mail_server.submit(SubmissionPort::Verified, [(ada, &*to, answer)]);
    wait_until("the doctor's advice", || store.doctor_says("1 messages in the mailbox cannot be received"));
}

#[test]
#[ignore = "needs mail servers"]
fn a_message_that_always_fails_is_quarantined_and_later_ones_are_received() {
    let mail_server = TestMailServer::started();
    let _dovecot = mail_server.share_dovecot();
    let (our_address, ada, bea) = (vendor_address("fails"), fresh("ada"), fresh("bea"));
    let shop = mail_server.shop(&our_address);
    let (mut server, store) = (shop.serve(), shop.open_store());
    send_unreceivable_reply(&mail_server, &store, &our_address, &ada);
    for n in 1..=3 {
        let text =
            message(&bea, &our_address, "x", &format!("b{n}.{our_address}"), "", &format!("behind it {n}"));
        mail_server.submit(SubmissionPort::Open, [(&*bea, &*our_address, text)]);
        wait_until("the later messages", || (store.texts().len() == n + 1).then_some(()));
    }
    wait_until("only the failed message is left", || {
        (mail_server.found(&our_address).len() == 1).then_some(())
    });
    assert!(mail_server.found(&our_address)[0].words().contains("an answer"), "the failed message is kept");
    assert!(server.runs() && server.log().contains("it stays in the mailbox"), "{}", server.log());
}

#[test]
#[ignore = "needs mail servers"]
fn a_message_that_is_too_large_is_moved_and_later_ones_are_received() {
    let mail_server = TestMailServer::started();
    let _dovecot = mail_server.share_dovecot();
    let (our_address, ada) = (vendor_address("large"), fresh("ada"));
    let shop = mail_server.shop(&our_address);
    let (server, store) = (shop.serve(), shop.open_store());
    mail_server.submit(
        SubmissionPort::Open,
        [(&*ada, &*our_address, message(&ada, &our_address, "x", &format!("1.{our_address}"), "", "first"))],
    );
    wait_until("the first", || (store.texts() == ["first"]).then_some(()));
    let mut large = message(&ada, &our_address, "x", &format!("large.{our_address}"), "", "").into_bytes();
    large.resize(41 * 1024 * 1024, b'\n');
    mail_server.put(&our_address, "large", &large);
    mail_server.submit(
        SubmissionPort::Open,
        [(&*ada, &*our_address, message(&ada, &our_address, "x", &format!("2.{our_address}"), "", "second"))],
    );
    wait_until("the later message", || (store.texts() == ["first", "second"]).then_some(()));
    wait_until("an empty mailbox", || mail_server.found(&our_address).is_empty().then_some(()));
    let quarantine = mail_server.mailbox(&our_address).join(".Too large");
    let quarantined = mail_server.found_in(&quarantine);
    assert!(
        quarantined.len() == 1 && quarantined[0].text.len() > 40 * 1024 * 1024,
        "the message is unchanged"
    );
    wait_until("the doctor", || store.doctor_says("1 messages were larger than 40 MB"));
    drop(server);
}

/// Deletes Dovecot's index of a mailbox, so that it gets a new UIDVALIDITY.
fn reset_uidvalidity(mailbox: &Path) {
    for file in fs::read_dir(mailbox).expect("a mailbox").flatten() {
        let name = file.file_name().into_string().expect("UTF-8");
        if name.starts_with("dovecot") {
            fs::remove_file(file.path()).expect("ours");
        }
    }
}

#[test]
#[ignore = "needs mail servers"]
fn a_mailbox_with_a_new_uidvalidity_is_received_completely_and_only_once() {
    let mail_server = TestMailServer::started();
    let _dovecot = mail_server.own_dovecot();
    let (our_address, ada, bea) = (vendor_address("anew"), fresh("ada"), fresh("bea"));
    let shop = mail_server.shop(&our_address).with("SCRUPLE_MAIL_IMAP_AFTER", "move Taken over");
    let (server, store) = (shop.serve(), shop.open_store());
    send_unreceivable_reply(&mail_server, &store, &our_address, &ada);
    let one = message(&bea, &our_address, "x", &format!("one.{our_address}"), "", "one");
    mail_server.submit(SubmissionPort::Open, [(&*bea, &*our_address, one)]);
    let moved = mail_server.mailbox(&our_address).join(".Taken over");
    wait_until("the copies", || (mail_server.found_in(&moved).len() == 2).then_some(()));

    mail_server.control("kill");
    let mailbox = mail_server.mailbox(&our_address);
    reset_uidvalidity(&mailbox);
    // The failed message is gone, the received ones are back, and new messages have the old numbers.
    for part in ["new", "cur"] {
        for file in fs::read_dir(mailbox.join(part)).expect("a folder").flatten() {
            fs::remove_file(file.path()).expect("ours");
        }
    }
    for (n, copy) in mail_server.found_in(&moved).iter().enumerate() {
        mail_server.put(&our_address, &format!("back{n}"), copy.text.as_bytes());
    }
    for n in 2..=5 {
        let text = message(&bea, &our_address, "x", &format!("{n}.{our_address}"), "", &format!("new {n}"));
        mail_server.put(&our_address, &format!("new{n}"), text.as_bytes());
    }
    let began = Instant::now();
    mail_server.control("again");
    wait_until("an empty mailbox", || mail_server.found(&our_address).is_empty().then_some(()));
    // A message that is mistaken for the failed one of that number would wait for a minute.
    assert!(began.elapsed() < Duration::from_secs(45), "{:?}", began.elapsed());
    assert_eq!(store.texts(), ["a question", "new 2", "new 3", "new 4", "new 5", "one"]);
    store.verify_audit_chain();
    drop(server);
}
