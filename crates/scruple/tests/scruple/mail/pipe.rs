//! The exit statuses of `scruple mail receive`, which a mail server runs with a pipe.

use super::kit::Shop;
use super::mail_server::{StaffInbox as _, message};

fn status(shop: &Shop, input: &str) -> Option<i32> {
    shop.run(&["mail", "receive"], input).status.code()
}

#[test]
fn a_message_is_received_once_beside_a_running_server() {
    let shop = Shop::new();
    let (server, store) = (shop.serve(), shop.open_store());
    let text =
        message("ada@buyers.example", "us@shop.example", "x", "p1@buyers.example", "", "Where is my key?");
    assert_eq!(status(&shop, &text), Some(0));
    assert_eq!(
        status(&shop, &format!("From ada@buyers.example Sat Nov 21\n{text}")),
        Some(0),
        "received before"
    );
    let id = store.only_conversation();
    assert_eq!(store.open(), [id]);
    assert_eq!(store.conversation(id).messages[0].text, "Where is my key?");
    assert!(!server.log().contains("ada@"));
}

#[test]
fn the_exit_status_says_whether_to_try_again() {
    let shop = Shop::new();
    let text = message("ada@buyers.example", "us@shop.example", "x", "p2@buyers.example", "", "Hello");
    assert_eq!(status(&shop, "no message at all"), Some(65));
    assert_eq!(status(&shop, &format!("{text}{}", "x".repeat(41 << 20))), Some(65), "too large");
    assert_eq!(shop.run(&["mail", "receive", "now"], &text).status.code(), Some(2));
    let away = shop.folder().join("replica-away");
    std::fs::rename(shop.replica(), &away).expect("ours");
    assert_eq!(status(&shop, &text), Some(75), "the keyring is away");
    std::fs::rename(&away, shop.replica()).expect("ours");
    assert_eq!(status(&shop, &text), Some(0));
    let nowhere = shop.at(shop.folder()).with("SCRUPLE_DATA_DATABASE", "postgres://nobody@127.0.0.1:9/none");
    let output = nowhere.run(&["mail", "receive"], &text);
    assert_eq!(output.status.code(), Some(75), "the database is away");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("ada@"));
}
