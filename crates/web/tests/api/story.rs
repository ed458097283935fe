//! A customer writes, staff answer: the whole of it by the API.

use serde_json::{Value, json};

use crate::desk_of::{ALL, tag};
use crate::kit::Kit;

async fn rows(kit: &Kit, token: &str, queue: &str) -> Vec<String> {
    let page = kit.fetch(token, &format!("/threads?queue={queue}")).await.done();
    let threads = page["threads"].as_array().unwrap().iter();
    threads.map(|thread| thread["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_person_without_a_name_is_answered_behind_their_code() {
    let kit = Kit::open().await;
    let (ada, grace) = (kit.token("ada", ALL).await, kit.token("grace", ALL).await);
    let (id, code) = kit.write_in("Does it run on a lighthouse?", "", "").await;
    let at = format!("/threads/{id}");
    assert_eq!(rows(&kit, &ada, "unassigned").await, std::slice::from_ref(&id));
    assert!(kit.openings_of("ada").await.is_empty(), "a queue opens nothing");

    let open = kit.fetch(&ada, &at).await.done();
    assert_eq!(open["messages"][0]["text"], "Does it run on a lighthouse?");
    assert_eq!((&open["answer"]["goes"], &open["thread"]["messages"]), (&json!("behind-code"), &json!(1)));
    let lines = kit.openings_of("ada").await;
    assert!(lines.len() == 1 && lines[0].purpose == "support" && lines[0].what.contains("message.body"));

    kit.call(&ada, "PATCH", &at, &json!({"assigned": "ada", "tags": ["sea", "hardware"]})).await.done();
    assert_eq!(rows(&kit, &ada, "mine").await, std::slice::from_ref(&id));
    assert!(rows(&kit, &grace, "mine").await.is_empty() && rows(&kit, &grace, "unassigned").await.is_empty());
    kit.call(&ada, "POST", &format!("{at}/notes"), &json!({"text": "Ask the keeper."})).await.done();
    let answer = json!({"text": "Yes, by gaslight.", "seen": 2, "close": true});
    let answered = kit.call(&ada, "POST", &format!("{at}/replies"), &answer).await.done();
    assert_eq!(answered["goes"], "behind-code");
    assert_eq!(rows(&kit, &ada, "closed").await, std::slice::from_ref(&id));

    let look = domain::conversations::view::Look { tag: &tag(&code), house: &kit.app.house };
    let seen = kit.app.db.write(&look).await.unwrap().unwrap();
    let texts: Vec<&str> = seen.messages.iter().map(|message| &*message.text).collect();
    assert_eq!(texts, ["Does it run on a lighthouse?", "Yes, by gaslight."], "and no note");

    kit.call(&ada, "DELETE", &at, &Value::Null).await.done();
    assert!(rows(&kit, &ada, "closed").await.is_empty());
    assert!(kit.app.db.write(&look).await.unwrap().is_none());
}

#[tokio::test]
async fn of_two_colleagues_who_answer_at_once_one_is_told_what_came() {
    let kit = Kit::open().await;
    let (ada, grace) = (kit.token("ada", ALL).await, kit.token("grace", ALL).await);
    let (id, code) = kit.write_in("Hello?", "", "").await;
    let at = format!("/threads/{id}/replies");
    let (one, other) = (json!({"text": "Ada here", "seen": 1}), json!({"text": "Grace here", "seen": 1}));
    let (one, other) = tokio::join!(kit.call(&ada, "POST", &at, &one), kit.call(&grace, "POST", &at, &other));
    let (first, late) = if one.status == 200 { (one, other) } else { (other, one) };
    first.done();
    let newer = late.problem(409, "collision")["newer"].clone();
    assert_eq!(newer[0]["n"], 2);
    assert!(["ada", "grace"].contains(&newer[0]["by"].as_str().unwrap()));
    let open = kit.fetch(&ada, &format!("/threads/{id}")).await.done();
    assert_eq!(open["messages"].as_array().unwrap().len(), 2);

    kit.write_again(&code, "Still there?").await;
    let note =
        kit.call(&ada, "POST", &format!("/threads/{id}/notes"), &json!({"text": "x", "seen": 2})).await;
    assert_eq!(note.problem(409, "collision")["newer"], json!([{"n": 3, "by": "person"}]));
    let anyway = json!({"text": "I am", "seen": 2, "anyway": true});
    kit.call(&grace, "POST", &at, &anyway).await.done();
}

#[tokio::test]
async fn an_address_nobody_proved_gets_one_letter_until_they_write_again() {
    let mut kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("Please write to me", "grace@example.net", "").await;
    let at = format!("/threads/{id}");
    let open = kit.fetch(&ada, &at).await.done();
    assert_eq!(
        (&open["answer"]["goes"], &open["address"]),
        (&json!("by-letter"), &json!("grace@example.net"))
    );
    let reply = kit.call(&ada, "POST", &format!("{at}/replies"), &json!({"text": "Dear Grace"})).await.done();
    assert_eq!(reply["goes"], "by-letter");
    assert_eq!(kit.letters().await.len(), 1);
    let again =
        kit.call(&ada, "POST", &format!("{at}/replies"), &json!({"text": "And another"})).await.done();
    assert_eq!(again["goes"], "behind-code");
    assert!(again["why"].as_str().unwrap().contains("proved"));
    assert!(kit.letters().await.is_empty());
}

#[tokio::test]
async fn a_queue_is_read_page_by_page_and_a_snoozed_thread_rests() {
    let kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    let mut written = Vec::new();
    for n in 0..5 {
        written.push(kit.write_in(&format!("Number {n}"), "", "").await.0);
    }
    written.reverse();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = kit.fetch(&ada, &format!("/threads?most=2{after}")).await.done();
        seen.extend(page["threads"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().to_owned()));
        match page["next"].as_i64() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, written, "each once, latest change first");
    let at = format!("/threads/{}", written[0]);
    let row = kit.call(&ada, "PATCH", &at, &json!({"snoozed_until": "2026-12-24"})).await.done();
    assert_eq!(row["snoozed_until"], "2026-12-24");
    assert_eq!(rows(&kit, &ada, "snoozed").await, written[..1]);
    assert_eq!(rows(&kit, &ada, "open").await, written[1..]);
    kit.call(&ada, "PATCH", &at, &json!({"snoozed_until": null})).await.done();
    assert_eq!(rows(&kit, &ada, "open").await.len(), 5);
}

#[tokio::test]
async fn canned_answers_are_filled_with_facts_of_the_shop() {
    let kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    let text = "{staff} of {vendor} writes about {product}: it is {state}.";
    kit.call(&ada, "PUT", "/canned/state-of-it", &json!({ "text": text })).await.done();
    assert_eq!(kit.fetch(&ada, "/canned").await.done(), json!([{"name": "state-of-it", "text": text}]));
    let (id, _) = kit.write_in("Hello", "", "").await;
    let filled = kit.fetch(&ada, &format!("/canned/state-of-it/fill?thread={id}")).await.done();
    assert_eq!(filled["text"], "ada of Lantern Software writes about : it is .");
    kit.call(&ada, "DELETE", "/canned/state-of-it", &Value::Null).await.done();
    kit.call(&ada, "DELETE", "/canned/state-of-it", &Value::Null).await.problem(404, "nothing-here");
    assert!(kit.openings_of("ada").await.is_empty());
}
