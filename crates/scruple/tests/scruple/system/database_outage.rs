//! While the database is unreachable, every response says when to try again. Afterwards the server recovers by itself.

use std::net::ToSocketAddrs as _;

use super::kit::database_rows::DatabaseRows;
use super::kit::http::form;
use super::kit::orders::{asks_for_key, order, paid};
use super::kit::tcp_proxy::TcpProxy;
use super::kit::{Shop, block_on, print_figures, wait_until};

/// Returns a database URL with the proxy's port.
fn through(proxy: &TcpProxy, url: &str) -> String {
    url.replacen(host_and_port(url), &format!("127.0.0.1:{}", proxy.port()), 1)
}

/// Returns host and port of a database URL.
fn host_and_port(url: &str) -> &str {
    let rest = url.split_once('@').expect("a name").1;
    rest.split_once('/').expect("a database").0
}

#[test]
fn while_the_database_is_unreachable_every_response_is_503_with_retry_after() {
    let direct = block_on(store::testing::fresh_url());
    if direct.is_empty() {
        print_figures("skipped: a SQLite file is always reachable; SCRUPLE_TEST_DATABASE is not set");
        return;
    }
    let mut to = host_and_port(&direct).to_socket_addrs().expect("a host and a port");
    let mut proxy = TcpProxy::in_front_of(to.next().expect("an address"));
    proxy.open();
    let shop = Shop::on(through(&proxy, &direct));
    shop.add_products();
    let server = shop.serve();
    assert_eq!(server.post_notification(&paid(&order(1))).status, 200);
    let key = server.post_notification(&asks_for_key(&order(1)));
    proxy.close();
    for (method, path, body) in [
        ("POST", "/paypro", paid(&order(2))),
        ("POST", "/paypro", asks_for_key(&order(1))),
        ("POST", "/licence/refresh", key.body.clone()),
        ("POST", "/receipt", form(&[("code", "ABCD-EFGH")])),
        ("GET", "/health", Vec::new()),
    ] {
        let answer =
            server.connect().request(method, path, &[super::kit::http::FORM], &body).expect("an answer");
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (503, Some("60")),
            "{path}: {}",
            answer.text()
        );
    }
    proxy.open();
    wait_until("the database is reachable again", || {
        let answer = server.post_notification(&paid(&order(2)));
        (answer.status == 200).then_some(())
    });
    assert_eq!(server.post_notification(&asks_for_key(&order(1))), key);
    let store = shop.open_store();
    assert_eq!(DatabaseRows::read(&store.db).count("licence"), 2);
    assert!(!server.log().contains("panicked"), "{}", server.log());
    store.prove_promises();
}
