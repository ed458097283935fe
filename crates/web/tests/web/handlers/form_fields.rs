//! The fields of forms: what each refuses, what the page says about it, and that nothing typed is lost.

use crate::handlers::contact::code;
use crate::handlers::multipart::{field, fields, file, whole};
use crate::http::{Answer, form};
use crate::kit::Kit;
use store::testing::serial;

async fn rows(kit: &Kit, table: &str) -> i64 {
    kit.scratch.numbers(&format!("SELECT COUNT(*) FROM {table}")).await[0]
}

/// The form of the contact page, with these values in place of good ones.
async fn contact(kit: &Kit, changed: &[(&str, &str)], files: &[String]) -> Answer {
    let begun = kit.issued_at().await;
    let good = [
        ("issued_at", &*begun),
        ("message", "A long story"),
        ("name", "Ada Lovelace"),
        ("email", "ada@example.com"),
        ("licence", ""),
    ];
    let value = |name: &str, good: &str| {
        changed.iter().find(|(other, _)| *other == name).map_or(good, |(_, value)| value).to_owned()
    };
    let mut parts: Vec<String> = good.iter().map(|(name, good)| field(name, &value(name, good))).collect();
    parts.extend_from_slice(files);
    kit.send_form("/contact", &whole(&parts)).await
}

#[tokio::test]
async fn a_refused_message_names_its_problem_and_stands_in_the_form_again() {
    let kit = Kit::open().await;
    let address = "Enter an e-mail address in the correct format, like name@example.com";
    let number = "Enter a licence number with 8 letters and digits";
    for (name, value, says) in [
        ("message", "", "Enter a message."),
        ("message", " \t\r\n ", "Enter a message."),
        ("email", "ada", address),
        ("email", "ada@", address),
        ("email", "@example.com", address),
        ("email", "ada at example.com", address),
        ("email", "ada@example.com, bea@example.com", address),
        // A card number is never stored.
        ("email", "4111111111111111@example.com", address),
        ("licence", "my licence", number),
        ("licence", "7K3M-9QX", number),
        ("licence", "7K3M-9QXDD", number),
        ("licence", "ada@example.com", number),
    ] {
        let answer = contact(&kit, &[(name, value)], &[]).await;
        assert_eq!(answer.status, 400, "{name}: {value}");
        assert!(answer.body.contains(says) && answer.body.contains("role=\"alert\""), "{name}: {value}");
        let kept = [("name", "Ada Lovelace"), ("email", "ada@example.com"), (name, value)];
        for (name, value) in kept.iter().filter(|(other, _)| *other != "message" && *other != name) {
            assert!(answer.body.contains(&format!("value=\"{value}\"")), "{name} is lost");
        }
        if name != "message" {
            assert!(answer.body.contains("A long story</textarea>"), "the message is lost");
            assert!(answer.body.contains(&format!("value=\"{value}\"")), "{value} is lost");
        }
        assert!(!answer.body.contains("Choose your files again"), "there were none");
    }
    for table in ["conversation", "message", "audit_entry WHERE kind = 'action'"] {
        assert_eq!(rows(&kit, table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn the_files_of_a_refused_message_are_dropped_and_the_page_says_so() {
    let kit = Kit::open().await;
    let answer = contact(&kit, &[("licence", "none")], &[file("log.txt", "line one")]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("Choose your files again."));
    assert_eq!((rows(&kit, "attachment").await, rows(&kit, "chunk").await), (0, 0));
}

#[tokio::test]
async fn numbers_in_any_spelling_are_accepted_and_an_unknown_one_is_no_different() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    let page = kit.get("/licence/data", &cookie).await.body;
    let number = kit.scratch.numbers("SELECT serial FROM licence").await[0];
    let known = serial(number.cast_unsigned()).to_string();
    assert!(page.contains(&known));
    let mut pages = Vec::new();
    for number in ["7K3M-9QXD", "7k3m9qxd", " 7K3M 9QXD ", known.as_str(), ""] {
        let sent = contact(&kit, &[("licence", number)], &[]).await;
        assert_eq!(sent.status, 200, "{number}");
        pages.push(sent.body.replace(&code(&sent.body), "CODE"));
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "a page tells known numbers from unknown ones");
    let linked = kit.scratch.numbers("SELECT COUNT(*) FROM conversation WHERE licence > 0").await;
    assert_eq!(linked, [1]);
}

#[tokio::test]
async fn an_answer_that_is_refused_stands_in_the_conversation_again() {
    let kit = Kit::open().await;
    let code = kit.write("hello", &[]).await;
    let long = "ä".repeat(100_001);
    for (message, status, says) in [
        ("", 400, "Enter a message."),
        (" \n", 400, "Enter a message."),
        (&long, 413, "longer than 100,000 characters"),
    ] {
        let answer =
            kit.send_form("/conversation/answer", &fields(&[("code", &code), ("message", message)])).await;
        assert_eq!(answer.status, status);
        assert!(answer.body.contains(says) && answer.body.contains("role=\"alert\""), "{says}");
        assert!(message.trim().is_empty() || answer.body.contains("ääää"), "what was typed is lost");
        assert!(answer.body.contains("hello"), "the conversation is shown");
    }
    assert_eq!(rows(&kit, "message").await, 1);
}

#[tokio::test]
async fn above_the_rate_limit_a_message_is_refused_and_kept() {
    let kit = Kit::open().await;
    let code = kit.write("hello", &[]).await;
    let answer = || fields(&[("code", &code), ("message", "One more thing")]);
    let mut sent = kit.send_form("/conversation/answer", &answer()).await;
    while sent.status == 200 {
        sent = kit.send_form("/conversation/answer", &answer()).await;
    }
    assert_eq!((sent.status, sent.header("retry-after")), (429, ""));
    assert!(sent.body.contains("One more thing</textarea>") && sent.body.contains("too many messages"));
    let begun = contact(&kit, &[], &[file("log.txt", "line one")]).await;
    assert_eq!((begun.status, begun.header("retry-after")), (429, ""));
    assert!(begun.body.contains("A long story</textarea>") && begun.body.contains("Ada Lovelace"));
    assert_eq!(rows(&kit, "attachment").await, 0);
}

#[tokio::test]
async fn a_text_that_is_no_address_gets_no_link_and_is_not_repeated() {
    let mut kit = Kit::behind_a_proxy().await;
    for (n, typed) in [
        "",
        " ",
        "ada",
        "ada@",
        "@x.example",
        "a b@x.example",
        "ada@x..example",
        "a@b\r\nBcc: c@d.example",
        "<b>@",
    ]
    .into_iter()
    .enumerate()
    {
        let network = format!("192.0.2.{n}");
        let answer = kit.post("/licence", &[("X-Forwarded-For", &network)], &form(&[("email", typed)])).await;
        assert_eq!(answer.status, 400, "{typed}");
        assert!(answer.body.contains("Enter an e-mail address in the correct format"), "{typed}");
        assert!(typed.trim().is_empty() || !answer.body.contains(typed), "{typed} is repeated");
    }
    assert!(kit.emails().await.is_empty());
}

#[tokio::test]
async fn when_too_many_people_ask_for_a_link_the_next_one_is_asked_to_wait() {
    let mut kit = Kit::behind_a_proxy().await;
    // Each network has a limit of its own; the queue of the test holds 64 requests.
    let ask = async |kit: &Kit, n: usize| {
        let network = format!("198.51.100.{}", n / 10);
        kit.post("/licence", &[("X-Forwarded-For", &network)], &form(&[("email", "ada@example.com")])).await
    };
    for n in 0..64 {
        assert_eq!(ask(&kit, n).await.status, 200, "request {n}");
    }
    let refused = ask(&kit, 70).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "60"));
    assert!(refused.body.contains("Try again in a minute"));
    assert!(kit.emails().await.is_empty(), "nobody has this address");
    assert_eq!(ask(&kit, 80).await.status, 200);
}

#[tokio::test]
async fn a_form_without_its_fields_or_of_another_type_is_refused_by_a_page() {
    let kit = Kit::open().await;
    for path in ["/licence", "/receipt", "/conversation", "/conversation/save", "/conversation/erase"] {
        for (kind, body) in [
            ("application/x-www-form-urlencoded", ""),
            ("application/x-www-form-urlencoded", "other=1"),
            ("application/json", "{}"),
            ("text/plain", "code=x"),
            ("multipart/form-data; boundary=x", "--x--"),
        ] {
            let answer = kit.send("POST", path, &[("Content-Type", kind)], body).await;
            assert!(matches!(answer.status, 415 | 422), "{path} {kind}: {}", answer.status);
            assert!(answer.body.contains("<h1>Form not accepted</h1>"), "{path} {kind}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_file_in_the_portal_that_is_none_is_answered_by_a_page() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    for id in ["0", "7", "-1", "x", "9999999999999999999999", "%F0%9F%92%A9", "%FF"] {
        let answer = kit.get(&format!("/licence/file/{id}"), &cookie).await;
        assert_eq!(answer.status, 404, "{id}");
        assert!(answer.body.contains("You have no file of this number."), "{id}: {}", answer.body);
        assert_eq!(kit.get(&format!("/licence/file/{id}"), "").await.status, 303, "{id}");
    }
}
