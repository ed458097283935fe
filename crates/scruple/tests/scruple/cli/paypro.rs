//! `scruple paypro send` and `scruple lookup`, while a server runs.

use crate::cli::shop::{CommandOutput, RunningServer, Shop};

const ADA: &str = "CUSTOMER_EMAIL=ada@example.com";

fn send(shop: &Shop, server: &RunningServer, what: &str) -> CommandOutput {
    shop.run(&format!("paypro send --to http://{}/paypro {what}", server.at))
}

#[test]
fn a_pending_order_is_processed_when_its_product_is_added() {
    let shop = Shop::new();
    let server = shop.serve();
    let order = format!("--field ORDER_ID=1001 --field PRODUCT_ID=4711 --field {ADA}");
    assert!(send(&shop, &server, &format!("--type 1 {order}")).done().starts_with("200\n"));
    let asked = send(&shop, &server, &format!("--type LicenseRequested {order}"));
    assert_eq!(asked.code, 1);
    assert!(asked.out.starts_with("503\n"), "{}", asked.out);
    assert!(shop.run("doctor").out.contains("4711"));

    let added = shop.run("product add --id 4711 --name Studio --kind perpetual").done();
    assert!(added.contains("pending notification"), "{added}");
    let first = send(&shop, &server, &format!("--type 12 {order}")).done();
    let key = first.strip_prefix("200\n").expect("a key").trim().to_owned();
    assert_eq!(send(&shop, &server, &format!("--type 12 {order}")).done().trim(), format!("200\n{key}"));

    let found = shop.run("lookup --order 1001 --case 'ticket 1' --json").json();
    assert_eq!(
        (&found["customers"][0]["email"], &found["customers"][0]["orders"][0]["order"]),
        (&"ada@example.com".into(), &"1001".into())
    );
    let number = found["customers"][0]["licences"][0]["number"].as_str().unwrap().to_owned();
    assert_eq!(shop.run(&format!("licence show {number} --json")).json()["key"], key);
    let by_number = shop.run(&format!("lookup --licence {number} --case 'ticket 1'")).done();
    assert!(by_number.contains("ada@example.com") && by_number.contains("Studio"), "{by_number}");

    // An erasure by one process is effective in the other.
    shop.run_with_input("person erase --channel email", "ada@example.com\nI agree.").done();
    assert_eq!(send(&shop, &server, &format!("--type 12 {order}")).done().trim(), format!("200\n{key}"));
    let erased = shop.run("lookup --order 1001 --case 'ticket 1'");
    let stranger = shop.run("lookup --order 9009 --case 'ticket 1'");
    assert_eq!((erased.code, &erased.out, &erased.err), (1, &stranger.out, &stranger.err));
    shop.run("prove").done();
}

#[test]
fn an_order_is_released_for_a_case() {
    let shop = Shop::selling();
    let server = shop.serve();
    send(&shop, &server, &format!("--type 1 --field ORDER_ID=7 --field PRODUCT_ID=4711 --field {ADA}"))
        .done();
    shop.run("--as grace licence release --order 8 --case 'by phone'").refused(1, "no order 8");
    assert!(shop.run("--as grace licence release --order 7 --case 'by phone'").done().contains("Order 7"));
    let audit_log = shop.run("audit show --cases").done();
    assert!(audit_log.lines().any(|line| line.contains("by phone") && line.contains("grace")), "{audit_log}");
    shop.run("prove").done();
}

#[test]
fn a_response_of_the_server_with_an_error_fails() {
    let shop = Shop::selling();
    let server = shop.serve();
    let forged = send(&shop, &server, "--type 1 --field SIGNATURE=wrong");
    assert_eq!(forged.code, 1);
    assert!(forged.out.starts_with("403\n"), "{}", forged.out);
    let elsewhere = shop.run(&format!("paypro send --type 1 --to http://{}/nowhere", server.at));
    assert!(elsewhere.code == 1 && elsewhere.out.starts_with("404\n"), "{}", elsewhere.out);
}

#[test]
fn a_notification_that_cannot_be_sent_says_why() {
    let shop = Shop::new();
    shop.run("paypro send --type Nonsense").refused(2, "12 or LicenseRequested");
    shop.run("paypro send --type 1 --to nonsense").refused(2, "--to");
    shop.run("paypro send --type 1 --to ftp://127.0.0.1/").refused(2, "http://");
    // Nothing listens on this port.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    shop.run(&format!("paypro send --type 1 --to http://{free}/paypro")).refused(1, "is the server running?");
    let unset = shop.with("SCRUPLE_PAYPRO_VALIDATION_KEY", "");
    unset.run("paypro send --type 1").refused(2, "paypro.validation_key");
}

#[test]
fn a_notification_can_be_printed_instead() {
    let shop = Shop::new();
    let printed = shop.run("paypro send --type 6 --print --field ORDER_ID=5").done();
    let (command, body) = printed.split_once('\n').unwrap();
    assert!(command.starts_with("curl ") && command.contains("--data-binary @-"), "{command}");
    assert!(!command.contains("SIGNATURE="), "the body is no argument");
    assert!(body.contains("IPN_TYPE_ID=6") && body.contains("ORDER_ID=5") && body.contains("SIGNATURE="));
    assert!(!shop.path("scruple-data").exists());
}

#[test]
fn a_notification_to_another_machine_is_printed_and_not_sent() {
    let shop = Shop::new();
    for to in ["http://192.0.2.1/paypro", "https://licence.example.com/paypro", "https://127.0.0.1/paypro"] {
        let printed = shop.run(&format!("paypro send --type 6 --to {to}"));
        assert!(printed.err.contains("not sent"), "{}", printed.err);
        assert_eq!(printed.code, 0);
        assert!(printed.out.contains(&format!(
            "curl --header 'Content-Type: application/x-www-form-urlencoded' --data-binary @- '{to}'"
        )));
        assert!(printed.out.contains("SIGNATURE="));
    }
}

#[test]
#[ignore = "needs curl"]
fn the_printed_curl_command_posts_the_signed_body() {
    let shop = Shop::new();
    let server = shop.serve();
    let printed = shop.run(&format!("paypro send --type 6 --print --to http://{}/paypro", server.at)).done();
    let posted = std::process::Command::new("sh")
        .args(["-c", &printed.replacen("curl ", "curl --silent --show-error --write-out '%{http_code}' ", 1)])
        .output()
        .expect("a shell");
    let response = String::from_utf8_lossy(&posted.stdout).into_owned();
    assert!(response.ends_with("200"), "{response}{}", String::from_utf8_lossy(&posted.stderr));
}
