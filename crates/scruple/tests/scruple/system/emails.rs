//! E-mails through a real mail server: encrypted, sent once, also after outages, and never after an erasure.

use calendar::Timestamp;
use store::{Error, Operation, Tx};

use super::kit::database_rows::DatabaseRows;
use super::kit::mail::{MailServer, fresh};
use super::kit::orders::{bought_by, paid, provider};
use super::kit::portal::{PortalSession, request_magic_link};
use super::kit::tcp_proxy::TcpProxy;
use super::kit::{OpenStore, Shop, block_on, wait_until};
use paypro::simulator::Party;

/// Creates a shop with one customer that sends its e-mails through a port.
fn shop_of(mail: &MailServer, port: u16, buyer: &str) -> Shop {
    let shop = mail.configure(Shop::new(), port);
    let server = shop.serve();
    let order = bought_by(1, Party::new(buyer, "Bea Buyer"));
    assert_eq!(server.post_notification(&paid(&order)).status, 200);
    assert!(server.stop().success());
    shop
}

/// Makes all waiting e-mails due, as if the hours until the next attempt had passed.
struct MakeDue;

impl Operation for MakeDue {
    const NAME: &'static str = "make e-mails due, for tests";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        for email in tx.outbox().await?.iter().filter(|l| l.state == "waiting") {
            tx.postpone_email(email.id, Timestamp::UNIX_EPOCH).await?;
        }
        Ok(())
    }
}

/// Returns state and attempts of the one e-mail in the outbox. An attempt counts from its start. Until it ends, the
/// e-mail is claimed.
fn outbox(store: &OpenStore) -> Option<(String, i64)> {
    let database = DatabaseRows::read(&store.db);
    let row = database.rows("outbox").first()?;
    let claimed = row["claimed_until"].as_i64().expect("a number") != 0;
    let state = if claimed { "claimed" } else { row["state"].as_str().expect("a word") };
    Some((state.to_owned(), row["attempts"].as_i64().expect("a number")))
}

#[test]
#[ignore = "needs mail servers"]
fn an_e_mail_waits_for_an_unreachable_mail_server_and_arrives_once() {
    let mail = MailServer::started();
    let (mut proxy, buyer) = (TcpProxy::in_front_of(mail.address()), fresh("waits"));
    let shop = shop_of(&mail, proxy.port(), &buyer);
    let (server, store) = (shop.serve(), shop.open_store());
    request_magic_link(server.address, &buyer, "192.0.2.1");
    wait_until("a first try", || (outbox(&store)? == ("waiting".to_owned(), 1)).then_some(()));
    let advice = shop.run(&["doctor"], "");
    let advice = String::from_utf8_lossy(&advice.stdout).into_owned();
    assert!(advice.contains("e-mail"), "doctor does not report the e-mail: {advice}");
    assert!(!advice.contains(&buyer));
    proxy.open();
    block_on(store.db.execute(&MakeDue)).expect("the outbox");
    let email = mail.email_to(&buyer);
    wait_until("an empty outbox", || outbox(&store).is_none().then_some(()));
    block_on(store.db.execute(&MakeDue)).expect("the outbox");
    assert_eq!(mail.emails_to(&buyer).len(), 1);
    assert_eq!(email.header("Auto-Submitted").as_deref(), Some("auto-replied"));
    assert_eq!(email.header("X-Auto-Response-Suppress").as_deref(), Some("All"));
    assert_eq!(
        email.header("Return-Path").as_deref(),
        Some("<>"),
        "an automatic e-mail has no address for bounces"
    );
    assert!(email.header("Scruple-Cause").is_some());
    assert!(email.header("Received").is_some_and(|by| by.contains("ESMTPSA")), "not encrypted and logged in");
    assert!(!server.log().contains(&buyer));
    store.prove_promises();
    PortalSession::open(server.address, &email.link());
}

#[test]
#[ignore = "needs mail servers"]
fn an_e_mail_that_cannot_be_sent_is_reported() {
    let mail = MailServer::started();
    let (proxy, buyer) = (TcpProxy::in_front_of(mail.address()), fresh("given-up"));
    let shop = shop_of(&mail, proxy.port(), &buyer);
    let (server, store) = (shop.serve(), shop.open_store());
    request_magic_link(server.address, &buyer, "192.0.2.1");
    for tries in 1..=8 {
        wait_until("one more try", || {
            let (state, made) = outbox(&store)?;
            (made >= tries && state != "claimed" && (state != "waiting" || tries < 8)).then_some(())
        });
        block_on(store.db.execute(&MakeDue)).expect("the outbox");
        // Any notification wakes the sender of e-mails, also one that concerns no customer.
        server.post_notification(
            provider().lead(&Party::new("lead@buyers.example", "Lea Lead")).body().as_bytes(),
        );
    }
    let (state, tries) = outbox(&store).expect("it stays in the outbox");
    assert!(state == "unreachable" && tries == 8, "{state} after {tries}");
    let advice = shop.run(&["doctor"], "");
    assert!(String::from_utf8_lossy(&advice.stdout).contains("given up"), "doctor does not report it");
}

#[test]
#[ignore = "needs mail servers"]
fn a_mail_server_with_an_untrusted_certificate_gets_no_e_mail() {
    let mail = MailServer::started();
    let buyer = fresh("wrong-ca");
    let shop = shop_of(&mail, mail.port(), &buyer);
    let other = include_str!("emails/stranger.pem");
    let file = shop.folder().join("other.pem");
    std::fs::write(&file, other).expect("a file");
    let shop = shop.with("SCRUPLE_MAIL_SMTP_CA_FILE", file.to_str().expect("UTF-8"));
    let (server, store) = (shop.serve(), shop.open_store());
    request_magic_link(server.address, &buyer, "192.0.2.1");
    wait_until("a first try", || (outbox(&store)? == ("waiting".to_owned(), 1)).then_some(()));
    wait_until("its reason", || server.log().contains("no trusted TLS connection").then_some(()));
    assert!(mail.emails_to(&buyer).is_empty());
}

#[test]
#[ignore = "needs mail servers"]
fn no_e_mail_is_sent_after_an_erasure() {
    let mail = MailServer::started();
    let (mut proxy, buyer) = (TcpProxy::in_front_of(mail.address()), fresh("erased"));
    let shop = shop_of(&mail, proxy.port(), &buyer);
    let (server, store) = (shop.serve(), shop.open_store());
    request_magic_link(server.address, &buyer, "192.0.2.1");
    wait_until("a first try", || (outbox(&store)? == ("waiting".to_owned(), 1)).then_some(()));
    shop.run_ok(&["person", "erase", "--channel", "phone"], &format!("{buyer}\nyes\n"));
    assert_eq!(outbox(&store), None, "the e-mail was erased with its person");
    proxy.open();
    // When a later e-mail has arrived, an earlier one would have too.
    let other = fresh("later");
    server.post_notification(&paid(&bought_by(2, Party::new(&other, "Otto Other"))));
    request_magic_link(server.address, &other, "192.0.2.2");
    mail.email_to(&other);
    assert!(mail.emails_to(&buyer).is_empty());
}

#[test]
#[ignore = "needs mail servers"]
fn two_servers_on_one_database_send_an_e_mail_once() {
    let mail = MailServer::started();
    let buyer = fresh("once");
    let shop = shop_of(&mail, mail.port(), &buyer);
    let (one, other) = (shop.serve(), shop.serve());
    let buyers: Vec<String> = (0..8).map(|n| fresh(&format!("once{n}"))).collect();
    for (n, buyer) in (10..).zip(&buyers) {
        one.post_notification(&paid(&bought_by(n, Party::new(buyer, "Una Once"))));
    }
    for (n, buyer) in buyers.iter().enumerate() {
        let server = if n % 2 == 0 { &one } else { &other };
        request_magic_link(server.address, buyer, "192.0.2.1");
    }
    buyers.iter().for_each(|buyer| drop(mail.email_to(buyer)));
    let store = shop.open_store();
    wait_until("an empty outbox", || outbox(&store).is_none().then_some(()));
    for buyer in &buyers {
        assert_eq!(mail.emails_to(buyer).len(), 1);
    }
}
