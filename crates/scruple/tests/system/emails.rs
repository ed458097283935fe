//! Letters as a mail server gets them: encrypted, once, after all its absences, and none after erasure.

use store::{Error, Operation, Tx};

use super::kit::database_rows::DatabaseRows;
use super::kit::mail::{MailServer, fresh};
use super::kit::orders::{bought_by, paid, provider};
use super::kit::portal::{Visitor, ask_for_page};
use super::kit::tcp_proxy::TcpProxy;
use super::kit::{Beside, Shop, until, wait};
use paypro::simulator::Party;

/// A shop whose letters go through a port, with one customer.
fn shop_of(mail: &MailServer, port: u16, buyer: &str) -> Shop {
    let shop = mail.carries(Shop::new(), port);
    let server = shop.serve();
    let order = bought_by(1, Party::new(buyer, "Bea Buyer"));
    assert_eq!(server.notice(&paid(&order)).status, 200);
    assert!(server.stop().success());
    shop
}

/// Lets the letters that wait be due now, as if the hours until the next try had passed.
struct DueNow;

impl Operation for DueNow {
    const NAME: &'static str = "letters are due, for tests";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        for letter in tx.outbox().await?.iter().filter(|l| l.state == "waiting") {
            tx.postpone_email(letter.id, 0).await?;
        }
        Ok(())
    }
}

/// State and tries of the one letter in the outbox. A try counts from its beginning; until it has failed or not, the
/// letter is in hand.
fn outbox(beside: &Beside) -> Option<(String, i64)> {
    let books = DatabaseRows::read(&beside.db);
    let row = books.rows("outbox").first()?;
    let in_hand = row["claimed_until"].as_i64().expect("a number") != 0;
    let state = if in_hand { "in hand" } else { row["state"].as_str().expect("a word") };
    Some((state.to_owned(), row["attempts"].as_i64().expect("a number")))
}

#[test]
fn an_e_mail_waits_for_an_unreachable_mail_server_and_arrives_once() {
    let Some(mail) = MailServer::started() else { return };
    let (mut gate, buyer) = (TcpProxy::before(mail.address()), fresh("waits"));
    let shop = shop_of(&mail, gate.port(), &buyer);
    let (server, beside) = (shop.serve(), shop.beside());
    ask_for_page(server.address, &buyer, "192.0.2.1");
    until("a first try", || (outbox(&beside)? == ("waiting".to_owned(), 1)).then_some(()));
    let advice = shop.run(&["doctor"], "");
    let advice = String::from_utf8_lossy(&advice.stdout).into_owned();
    assert!(advice.contains("e-mail"), "doctor says nothing of the e-mail: {advice}");
    assert!(!advice.contains(&buyer));
    gate.open();
    wait(beside.db.execute(&DueNow)).expect("the outbox");
    let letter = mail.letter_to(&buyer);
    until("an empty outbox", || outbox(&beside).is_none().then_some(()));
    wait(beside.db.execute(&DueNow)).expect("the outbox");
    assert_eq!(mail.letters_to(&buyer).len(), 1);
    assert_eq!(letter.header("Auto-Submitted").as_deref(), Some("auto-replied"));
    assert_eq!(letter.header("X-Auto-Response-Suppress").as_deref(), Some("All"));
    assert_eq!(letter.header("Return-Path").as_deref(), Some("<>"), "an automatic letter bounces to nobody");
    assert!(letter.header("Scruple-Cause").is_some());
    assert!(
        letter.header("Received").is_some_and(|by| by.contains("ESMTPSA")),
        "not encrypted and logged in"
    );
    assert!(!server.log().contains(&buyer));
    beside.promises_are_kept();
    Visitor::open(server.address, &letter.link());
}

#[test]
fn an_e_mail_that_cannot_be_sent_is_reported() {
    let Some(mail) = MailServer::started() else { return };
    let (gate, buyer) = (TcpProxy::before(mail.address()), fresh("given-up"));
    let shop = shop_of(&mail, gate.port(), &buyer);
    let (server, beside) = (shop.serve(), shop.beside());
    ask_for_page(server.address, &buyer, "192.0.2.1");
    for tries in 1..=8 {
        until("one more try", || {
            let (state, made) = outbox(&beside)?;
            (made >= tries && state != "in hand" && (state != "waiting" || tries < 8)).then_some(())
        });
        wait(beside.db.execute(&DueNow)).expect("the outbox");
        // A notice that concerns nobody rings the bell of whoever sends letters.
        server.notice(provider().lead(&Party::new("lead@buyers.example", "Lea Lead")).body().as_bytes());
    }
    let (state, tries) = outbox(&beside).expect("it stays to be seen");
    assert!(state.starts_with("given up") && tries == 8, "{state} after {tries}");
    let advice = shop.run(&["doctor"], "");
    assert!(String::from_utf8_lossy(&advice.stdout).contains("given up"), "doctor hides it");
}

#[test]
fn a_mail_server_with_an_untrusted_certificate_gets_no_e_mail() {
    let Some(mail) = MailServer::started() else { return };
    let buyer = fresh("wrong-ca");
    let shop = shop_of(&mail, mail.port(), &buyer);
    let other = include_str!("emails/stranger.pem");
    let file = shop.folder().join("other.pem");
    std::fs::write(&file, other).expect("a file");
    let shop = shop.with("SCRUPLE_MAIL_SMTP_CA_FILE", file.to_str().expect("UTF-8"));
    let (server, beside) = (shop.serve(), shop.beside());
    ask_for_page(server.address, &buyer, "192.0.2.1");
    until("a first try", || (outbox(&beside)? == ("waiting".to_owned(), 1)).then_some(()));
    until("its reason", || server.log().contains("no trusted TLS connection").then_some(()));
    assert!(mail.letters_to(&buyer).is_empty());
}

#[test]
fn no_e_mail_is_sent_after_an_erasure() {
    let Some(mail) = MailServer::started() else { return };
    let (mut gate, buyer) = (TcpProxy::before(mail.address()), fresh("erased"));
    let shop = shop_of(&mail, gate.port(), &buyer);
    let (server, beside) = (shop.serve(), shop.beside());
    ask_for_page(server.address, &buyer, "192.0.2.1");
    until("a first try", || (outbox(&beside)? == ("waiting".to_owned(), 1)).then_some(()));
    shop.says(&["person", "erase", "--channel", "phone"], &format!("{buyer}\nyes\n"));
    assert_eq!(outbox(&beside), None, "the letter went with its person");
    gate.open();
    // Once a later letter has arrived, an earlier one would have.
    let other = fresh("later");
    server.notice(&paid(&bought_by(2, Party::new(&other, "Otto Other"))));
    ask_for_page(server.address, &other, "192.0.2.2");
    mail.letter_to(&other);
    assert!(mail.letters_to(&buyer).is_empty());
}

#[test]
fn two_servers_on_one_database_send_an_e_mail_once() {
    let Some(mail) = MailServer::started() else { return };
    let buyer = fresh("once");
    let shop = shop_of(&mail, mail.port(), &buyer);
    let (one, other) = (shop.serve(), shop.serve());
    let buyers: Vec<String> = (0..8).map(|n| fresh(&format!("once{n}"))).collect();
    for (n, buyer) in (10..).zip(&buyers) {
        one.notice(&paid(&bought_by(n, Party::new(buyer, "Una Once"))));
    }
    for (n, buyer) in buyers.iter().enumerate() {
        let server = if n % 2 == 0 { &one } else { &other };
        ask_for_page(server.address, buyer, "192.0.2.1");
    }
    buyers.iter().for_each(|buyer| drop(mail.letter_to(buyer)));
    let beside = shop.beside();
    until("an empty outbox", || outbox(&beside).is_none().then_some(()));
    for buyer in &buyers {
        assert_eq!(mail.letters_to(buyer).len(), 1);
    }
}
