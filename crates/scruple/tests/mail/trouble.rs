//! A mailbox that is not as it was, and messages that no patience helps.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::compliance::doctor::{Facts, doctor};
use keyring::Tag16;
use store::{Error, Operation, Tx};

use super::conversation::vendor;
use super::kit::mail::fresh;
use super::kit::{Beside, until, wait};
use super::mail_server::{Desk as _, Door, TestMailServer, message};

/// Puts the mark of a thread where it doesn't open, so that no mail can be told to belong to it.
struct Damage(i64);

impl Operation for Damage {
    const NAME: &'static str = "damage thread";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let mut thread = tx.conversation(self.0).await?.expect("it is there");
        // Sealed for the row of another.
        thread.id += 1;
        tx.set_address_tag(&mut thread, Some(&Tag16([7; 16])))?;
        thread.id -= 1;
        tx.save_conversation(&mut thread).await
    }
}

impl Beside {
    /// What the doctor says of this.
    fn doctor_says(&self, what: &str) -> Option<String> {
        let facts = Facts { imap_configured: true, ..Facts::default() };
        let advice = wait(doctor(&self.db, &self.settings, &facts));
        advice.into_iter().map(|advice| advice.message).find(|says| says.contains(what))
    }

    fn texts(&self) -> Vec<String> {
        let mut texts: Vec<String> =
            self.open().into_iter().map(|id| self.thread(id).messages[0].text.clone()).collect();
        texts.sort();
        texts
    }
}

impl TestMailServer {
    /// Puts a message where Dovecot finds it, whole, by a new name: Postfix would not carry every one.
    fn put(&self, address: &str, name: &str, text: &[u8]) {
        let folder = self.mailbox(address);
        let (partial, whole) = (folder.join("tmp").join(name), folder.join("new").join(name));
        fs::write(&partial, text).expect("a file");
        fs::set_permissions(&partial, fs::Permissions::from_mode(0o644)).expect("ours");
        fs::rename(partial, whole).expect("ours");
    }
}

/// A thread begun by mail, damaged, and an answer to it that can be taken never.
fn fails(settings: &TestMailServer, beside: &Beside, us: &str, ada: &str) {
    let asked = message(ada, us, "x", &format!("q.{us}"), "", "a question");
    settings.hand_in(Door::Verified, [(ada, us, asked)]);
    let id = beside.one();
    wait(beside.db.execute(&Damage(id))).unwrap_or_else(|error| panic!("{error}"));
    let token = domain::conversations::reply_token(beside.db.keyring(), id).expect("the keyring");
    let to = us.replace('@', &format!("+{token}@"));
    let answer = message(ada, &to, "x", &format!("a.{us}"), "", "an answer");
    settings.hand_in(Door::Verified, [(ada, &*to, answer)]);
    until("the doctor to tell of it", || beside.doctor_says("1 messages in the mailbox cannot be received"));
}

#[test]
fn a_message_that_always_fails_is_quarantined_and_later_ones_are_received() {
    let Some(settings) = TestMailServer::started() else { return };
    let _alive = TestMailServer::alive();
    let (us, ada, bea) = (vendor("fails"), fresh("ada"), fresh("bea"));
    let shop = settings.shop(&us);
    let (mut server, beside) = (shop.serve(), shop.beside());
    fails(&settings, &beside, &us, &ada);
    for n in 1..=3 {
        let text = message(&bea, &us, "x", &format!("b{n}.{us}"), "", &format!("behind it {n}"));
        settings.hand_in(Door::Open, [(&*bea, &*us, text)]);
        until("those behind it", || (beside.texts().len() == n + 1).then_some(()));
    }
    until("it alone is left", || (settings.found(&us).len() == 1).then_some(()));
    assert!(settings.found(&us)[0].words().contains("an answer"), "nobody lost it");
    assert!(server.runs() && server.log().contains("it stays in the mailbox"), "{}", server.log());
}

#[test]
fn a_message_that_is_too_large_is_moved_and_later_ones_are_received() {
    let Some(settings) = TestMailServer::started() else { return };
    let _alive = TestMailServer::alive();
    let (us, ada) = (vendor("large"), fresh("ada"));
    let shop = settings.shop(&us);
    let (server, beside) = (shop.serve(), shop.beside());
    settings.hand_in(Door::Open, [(&*ada, &*us, message(&ada, &us, "x", &format!("1.{us}"), "", "first"))]);
    until("the first", || (beside.texts() == ["first"]).then_some(()));
    let mut large = message(&ada, &us, "x", &format!("large.{us}"), "", "").into_bytes();
    large.resize(41 * 1024 * 1024, b'\n');
    settings.put(&us, "large", &large);
    settings.hand_in(Door::Open, [(&*ada, &*us, message(&ada, &us, "x", &format!("2.{us}"), "", "second"))]);
    until("the one behind it", || (beside.texts() == ["first", "second"]).then_some(()));
    until("an empty mailbox", || settings.found(&us).is_empty().then_some(()));
    let aside = settings.mailbox(&us).join(".Too large");
    let lie = settings.found_in(&aside);
    assert!(lie.len() == 1 && lie[0].text.len() > 40 * 1024 * 1024, "it is there as it came");
    until("the doctor", || beside.doctor_says("1 messages were larger than 40 MB"));
    drop(server);
}

/// Forgets how Dovecot numbered a mailbox: it numbers anew, and says so by another UIDVALIDITY.
fn number_anew(mailbox: &Path) {
    for file in fs::read_dir(mailbox).expect("a mailbox").flatten() {
        let name = file.file_name().into_string().expect("UTF-8");
        if name.starts_with("dovecot") {
            fs::remove_file(file.path()).expect("ours");
        }
    }
}

#[test]
fn a_mailbox_with_a_new_uidvalidity_is_received_completely_and_only_once() {
    let Some(settings) = TestMailServer::started() else { return };
    let _alone = TestMailServer::alone();
    let (us, ada, bea) = (vendor("anew"), fresh("ada"), fresh("bea"));
    let shop = settings.shop(&us).with("SCRUPLE_MAIL_IMAP_AFTER", "move Taken over");
    let (server, beside) = (shop.serve(), shop.beside());
    fails(&settings, &beside, &us, &ada);
    let one = message(&bea, &us, "x", &format!("one.{us}"), "", "one");
    settings.hand_in(Door::Open, [(&*bea, &*us, one)]);
    let moved = settings.mailbox(&us).join(".Taken over");
    until("the copies", || (settings.found_in(&moved).len() == 2).then_some(()));

    settings.told("kill");
    let mailbox = settings.mailbox(&us);
    number_anew(&mailbox);
    // What was passed by is gone, what was taken is back, and others have its number.
    for part in ["new", "cur"] {
        for file in fs::read_dir(mailbox.join(part)).expect("a folder").flatten() {
            fs::remove_file(file.path()).expect("ours");
        }
    }
    for (n, copy) in settings.found_in(&moved).iter().enumerate() {
        settings.put(&us, &format!("back{n}"), copy.text.as_bytes());
    }
    for n in 2..=5 {
        let text = message(&bea, &us, "x", &format!("{n}.{us}"), "", &format!("new {n}"));
        settings.put(&us, &format!("new{n}"), text.as_bytes());
    }
    let began = Instant::now();
    settings.told("again");
    until("an empty mailbox", || settings.found(&us).is_empty().then_some(()));
    // Taken for what lay under their number before, one of them would have waited for a minute.
    assert!(began.elapsed() < Duration::from_secs(45), "{:?}", began.elapsed());
    assert_eq!(beside.texts(), ["a question", "new 2", "new 3", "new 4", "new 5", "one"]);
    beside.chain_holds();
    drop(server);
}
