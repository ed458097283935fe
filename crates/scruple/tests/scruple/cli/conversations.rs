//! `scruple conversations` and `scruple canned`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::cli::shop::{RunningServer, Shop};

/// Sends a message on the contact page, and releases the new conversation.
fn write_in(shop: &Shop, server: &RunningServer, message: &str) -> String {
    write_about(shop, server, message, "")
}

/// Sends a message about a licence.
fn write_about(shop: &Shop, server: &RunningServer, message: &str, licence: &str) -> String {
    let page = http(server, "GET", "/contact", "");
    let issued_at = page.split("name=\"issued_at\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1));
    let issued_at = issued_at.and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let fields = [
        ("message", message),
        ("name", "Ada"),
        ("email", "ada@example.com"),
        ("licence", licence),
        ("issued_at", issued_at),
    ];
    let part = |(name, value): (&str, &str)| {
        format!("--xxx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = fields.map(part).concat() + "--xxx--\r\n";
    let sent = http(server, "POST", "/contact", &body);
    assert!(sent.starts_with("HTTP/1.1 200"), "{sent}");
    // The form is sent faster than a person types, so the conversation is held.
    let held = shop.run("conversations list --queue held --json").json();
    let id = held["conversations"][0]["id"].as_str().expect("it is held").to_owned();
    assert!(shop.run(&format!("--as ada conversations release {id}")).done().contains("is open"));
    id
}

fn http(server: &RunningServer, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(&server.at).expect("a server");
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: multipart/form-data; \
         boundary=xxx\r\nContent-Length: {}\r\n\r\n{body}",
        server.at,
        body.len()
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn a_person_is_answered_from_the_terminal_from_their_message_to_its_erasure() {
    let shop = Shop::new();
    let server = shop.serve();
    let id = write_in(&shop, &server, "Is there a\u{1b}[2J lighthouse edition?");
    let listed = shop.run("conversations list --queue unassigned").done();
    assert!(listed.contains(&id) && listed.contains("address") && !listed.contains("lighthouse"), "{listed}");
    let shown = shop.run(&format!("--as ada conversations show {id}")).done();
    assert!(shown.contains("lighthouse edition?") && shown.contains("ada@example.com"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "text of a person cannot control the terminal");
    let open = shop.run(&format!("--as ada conversations show {id} --json")).json();
    assert_eq!(
        (&open["conversation"]["id"], &open["answer"]["route"]),
        (&id.as_str().into(), &"email".into())
    );

    shop.run(&format!("conversations assign {id} --to ada")).done();
    assert!(shop.run("--as ada conversations list --queue mine").done().contains(&id));
    assert_eq!(shop.run("--as grace conversations list --queue mine").done(), "The queue is empty.\n");
    shop.run_with_input(&format!("--as grace conversations note {id} --text -"), "Ask the workshop.\n")
        .done();
    let late = shop.run(&format!("--as ada conversations reply {id} --text Yes. --seen 1"));
    late.refused(1, "2 (note)");
    let sent = shop.run_with_input(
        &format!("--as ada conversations reply {id} --text - --seen 2 --close --json"),
        "Yes.\nAda\n",
    );
    assert_eq!(sent.json()["route"], "email");
    assert!(shop.run("conversations list --queue closed").done().contains(&id));
    shop.run(&format!("conversations close {id} --reopen")).done();
    shop.run(&format!("conversations tag {id} sea urgent")).done();
    shop.run(&format!("conversations snooze {id} --until 2020-01-01")).done();
    assert!(shop.run(&format!("--as ada conversations show {id}")).done().contains("sea, urgent"));

    assert_eq!(shop.run(&format!("conversations erase {id}")).code, 2, "it wants --yes");
    shop.run(&format!("--as ada conversations erase {id} --yes")).done();
    shop.run(&format!("conversations show {id}")).refused(1, "no conversation with this number");
    shop.run("conversations show 2B4C6D8E").refused(1, "no conversation with this number");
    let audit_log = shop.run("audit show --cases --as grace").done();
    let ada = |what: &str| audit_log.lines().any(|line| line.contains("ada") && line.contains(what));
    assert!(
        ada("conversation erased manually") && ada("support") && ada("conversation released manually"),
        "{audit_log}"
    );
    assert!(!audit_log.contains("lighthouse") && !audit_log.contains("example.com"));
    shop.run("prove").done();
}

#[test]
fn the_case_of_an_access_is_the_conversation() {
    let shop = Shop::new();
    let server = shop.serve();
    let id = write_in(&shop, &server, "Hello");
    shop.run(&format!("--as ada conversations show {id}")).done();
    let audit_log = shop.run("audit show --cases --as grace").done();
    let case = format!("conversation {id}");
    assert!(audit_log.lines().any(|line| line.contains("ada") && line.contains(&case)), "{audit_log}");
}

#[test]
fn canned_responses_have_placeholders_for_facts_only() {
    let shop = Shop::new();
    assert_eq!(shop.run("canned list").done(), "There are no canned responses.\n");
    shop.run_with_input("canned set --name hello", "Dear {name}").refused(1, "name");
    shop.run_with_input("canned set --name hello", "{staff} of {vendor} greets {conversation}").done();
    assert!(shop.run("canned list").done().contains("{staff} of {vendor}"));
    shop.run("canned render --name hello --conversation 2B4C6D8E").refused(1, "no such conversation");
    let server = shop.serve();
    let id = write_in(&shop, &server, "Hello");
    let rendered = shop.run(&format!("--as ada canned render --name hello --conversation {id}")).done();
    assert!(rendered.starts_with("ada of ") && rendered.contains("greets "), "{rendered}");
    shop.run("canned delete --name hello").done();
    shop.run("canned delete --name hello").refused(1, "no canned response");
}

#[test]
fn a_customer_is_helped_from_the_terminal() {
    let shop = Shop::selling();
    shop.run("product add --id 4712 --name Cloud --kind subscription --grace-days 10").done();
    let issued = shop.run("licence issue --product 4712 --ends 2090-06-20 --json").json();
    let number = issued["licences"][0]["number"].as_str().expect("its number").to_owned();
    let server = shop.serve();
    let id = write_about(&shop, &server, "Too short a time", &number);
    let customer = |what: &str| shop.run(&format!("--as ada conversations customer {what}"));
    let until = || shop.run(&format!("licence show {number} --json")).json()["until"].clone();
    customer(&format!("extend {id} --licence {number} --months 3")).done();
    assert_eq!(until(), "2090-09-20");
    customer(&format!("revoke {id} --licence {number}")).done();
    assert_eq!(shop.run(&format!("licence show {number} --json")).json()["state"], "revoked");
    assert_eq!(customer(&format!("revoke {id} --licence {number} --restore --json")).json()["done"], true);
    assert_eq!(shop.run(&format!("licence show {number} --json")).json()["state"], "active");
    // The licence of another person, and an unknown person.
    let (other, _) = shop.issue("", "");
    customer(&format!("extend {id} --licence {other} --months 3")).refused(1, "neither to the customer nor");
    customer(&format!("resend-keys {id}")).refused(1, "not linked to a customer");
    shop.run_with_input(&format!("--as ada conversations customer erase {id}"), "I agree")
        .refused(1, "not linked to a customer");
    shop.run_with_input(&format!("--as ada conversations customer erase {id}"), " ")
        .refused(2, "agreement is missing");
    shop.run_with_input("--as ada conversations customer erase 2B4C6D8E", "I agree")
        .refused(1, "no conversation with this number");
    let audit_log = shop.run("audit show --cases --as grace").done();
    assert!(audit_log.lines().any(|line| line.contains("ada") && line.contains("revoked")), "{audit_log}");
    shop.run("prove").done();
}
