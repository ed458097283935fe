//! The database goes away and comes back: the provider is told to try again, and everything goes on by itself.

use std::net::ToSocketAddrs as _;

use super::kit::database_rows::DatabaseRows;
use super::kit::http::form;
use super::kit::orders::{asks_for_key, order, paid};
use super::kit::tcp_proxy::TcpProxy;
use super::kit::{Shop, show, until, wait};

/// The address of a database with another port.
fn behind(gate: &TcpProxy, url: &str) -> String {
    let place = place(url);
    url.replacen(place, &format!("127.0.0.1:{}", gate.port()), 1)
}

/// Host and port of an address.
fn place(url: &str) -> &str {
    let rest = url.split_once('@').expect("a name").1;
    rest.split_once('/').expect("a database").0
}

#[test]
fn while_the_database_is_unreachable_every_response_is_503_with_retry_after() {
    let direct = wait(store::testing::fresh_url());
    if direct.is_empty() {
        show("skipped: SQLite's file does not go away; SCRUPLE_TEST_DATABASE is not set");
        return;
    }
    let mut to = place(&direct).to_socket_addrs().expect("a host and a port");
    let mut gate = TcpProxy::before(to.next().expect("an address"));
    gate.open();
    let shop = Shop::on(behind(&gate, &direct));
    shop.furnish();
    let server = shop.serve();
    assert_eq!(server.notice(&paid(&order(1))).status, 200);
    let key = server.notice(&asks_for_key(&order(1)));
    gate.shut();
    for (method, path, body) in [
        ("POST", "/paypro", paid(&order(2))),
        ("POST", "/paypro", asks_for_key(&order(1))),
        ("POST", "/licence/refresh", key.body.clone()),
        ("POST", "/receipt", form(&[("code", "ABCD-EFGH")])),
        ("GET", "/health", Vec::new()),
    ] {
        let answer = server.connect().ask(method, path, &[super::kit::http::FORM], &body).expect("an answer");
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (503, Some("60")),
            "{path}: {}",
            answer.text()
        );
    }
    gate.open();
    until("the database is found again", || {
        let answer = server.notice(&paid(&order(2)));
        (answer.status == 200).then_some(())
    });
    assert_eq!(server.notice(&asks_for_key(&order(1))), key);
    let beside = shop.beside();
    assert_eq!(DatabaseRows::read(&beside.db).count("licence"), 2);
    assert!(!server.log().contains("panicked"), "{}", server.log());
    beside.promises_are_kept();
}
