//! A person writes and staff answer: the whole exchange by the API.

use serde_json::{Value, json};

use crate::api::client::{ALL, tag};
use crate::kit::Kit;

async fn rows(kit: &Kit, token: &str, queue: &str) -> Vec<String> {
    let page = kit.fetch(token, &format!("/conversations?queue={queue}")).await.done();
    let conversations = page["conversations"].as_array().unwrap().iter();
    conversations.map(|conversation| conversation["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_anonymous_person_reads_the_answer_with_their_access_code() {
    let kit = Kit::open().await;
    let (ada, grace) = (kit.token("ada", ALL).await, kit.token("grace", ALL).await);
    let (id, code) = kit.write_in("Does it run on a lighthouse?", "", "").await;
    let at = format!("/conversations/{id}");
    assert_eq!(rows(&kit, &ada, "unassigned").await, std::slice::from_ref(&id));
    assert!(kit.openings_of("ada").await.is_empty(), "a queue opens nothing");

    let open = kit.fetch(&ada, &at).await.done();
    assert_eq!(open["messages"][0]["text"], "Does it run on a lighthouse?");
    assert_eq!((&open["answer"]["route"], &open["conversation"]["messages"]), (&json!("web"), &json!(1)));
    let lines = kit.openings_of("ada").await;
    assert!(lines.len() == 1 && lines[0].purpose == "support" && lines[0].name.contains("message.body"));

    kit.call(&ada, "PATCH", &at, &json!({"assigned": "ada", "tags": ["sea", "hardware"]})).await.done();
    assert_eq!(rows(&kit, &ada, "mine").await, std::slice::from_ref(&id));
    assert!(rows(&kit, &grace, "mine").await.is_empty() && rows(&kit, &grace, "unassigned").await.is_empty());
    kit.call(&ada, "POST", &format!("{at}/notes"), &json!({"text": "Ask the keeper."})).await.done();
    let answer = json!({"text": "Yes, by gaslight.", "seen": 2, "close": true});
    let answered = kit.call(&ada, "POST", &format!("{at}/replies"), &answer).await.done();
    assert_eq!(answered["route"], "web");
    assert_eq!(rows(&kit, &ada, "closed").await, std::slice::from_ref(&id));

    let look =
        domain::conversations::view::ViewConversation { code_hash: &tag(&code), settings: &kit.app.settings };
    let seen = kit.app.db.execute(&look).await.unwrap().unwrap();
    let texts: Vec<&str> = seen.messages.iter().map(|message| &*message.text).collect();
    assert_eq!(texts, ["Does it run on a lighthouse?", "Yes, by gaslight."], "and no note");

    kit.call(&ada, "DELETE", &at, &Value::Null).await.done();
    assert!(rows(&kit, &ada, "closed").await.is_empty());
    assert!(kit.app.db.execute(&look).await.unwrap().is_none());
}

#[tokio::test]
async fn of_two_simultaneous_replies_one_is_a_conflict() {
    let kit = Kit::open().await;
    let (ada, grace) = (kit.token("ada", ALL).await, kit.token("grace", ALL).await);
    let (id, code) = kit.write_in("Hello?", "", "").await;
    let at = format!("/conversations/{id}/replies");
    let (one, other) = (json!({"text": "Ada here", "seen": 1}), json!({"text": "Grace here", "seen": 1}));
    let (one, other) = tokio::join!(kit.call(&ada, "POST", &at, &one), kit.call(&grace, "POST", &at, &other));
    let (first, late) = if one.status == 200 { (one, other) } else { (other, one) };
    first.done();
    let newer = late.problem(409, "conflict")["newer"].clone();
    assert_eq!(newer[0]["n"], 2);
    assert!(["ada", "grace"].contains(&newer[0]["by"].as_str().unwrap()));
    let open = kit.fetch(&ada, &format!("/conversations/{id}")).await.done();
    assert_eq!(open["messages"].as_array().unwrap().len(), 2);

    kit.write_again(&code, "Still there?").await;
    let note =
        kit.call(&ada, "POST", &format!("/conversations/{id}/notes"), &json!({"text": "x", "seen": 2})).await;
    assert_eq!(note.problem(409, "conflict")["newer"], json!([{"n": 3, "by": "person"}]));
    let force = json!({"text": "I am", "seen": 2, "force": true});
    kit.call(&grace, "POST", &at, &force).await.done();
}

#[tokio::test]
async fn an_unverified_address_gets_one_e_mail_until_the_person_writes_again() {
    let mut kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    let (id, _) = kit.write_in("Please write to me", "grace@example.net", "").await;
    let at = format!("/conversations/{id}");
    let open = kit.fetch(&ada, &at).await.done();
    assert_eq!((&open["answer"]["route"], &open["address"]), (&json!("email"), &json!("grace@example.net")));
    let reply = kit.call(&ada, "POST", &format!("{at}/replies"), &json!({"text": "Dear Grace"})).await.done();
    assert_eq!(reply["route"], "email");
    assert_eq!(kit.emails().await.len(), 1);
    let again =
        kit.call(&ada, "POST", &format!("{at}/replies"), &json!({"text": "And another"})).await.done();
    assert_eq!(again["route"], "web");
    assert!(again["reason"].as_str().unwrap().contains("proved"));
    assert!(kit.emails().await.is_empty());
}

#[tokio::test]
async fn a_queue_has_pages_and_a_snoozed_conversation_leaves_it() {
    let kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    let mut written = Vec::new();
    for n in 0..5 {
        written.push(kit.write_in(&format!("Number {n}"), "", "").await.0);
    }
    written.reverse();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = kit.fetch(&ada, &format!("/conversations?limit=2{after}")).await.done();
        seen.extend(
            page["conversations"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_i64() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, written, "each once, latest change first");
    let at = format!("/conversations/{}", written[0]);
    let row = kit.call(&ada, "PATCH", &at, &json!({"snoozed_until": "2026-12-24"})).await.done();
    assert_eq!(row["snoozed_until"], "2026-12-24");
    assert_eq!(rows(&kit, &ada, "snoozed").await, written[..1]);
    assert_eq!(rows(&kit, &ada, "open").await, written[1..]);
    kit.call(&ada, "PATCH", &at, &json!({"snoozed_until": null})).await.done();
    assert_eq!(rows(&kit, &ada, "open").await.len(), 5);
}

#[tokio::test]
async fn canned_responses_are_rendered_with_facts_of_the_store() {
    let kit = Kit::open().await;
    let ada = kit.token("ada", ALL).await;
    let text = "{staff} of {vendor} writes about {product}: it is {state}.";
    kit.call(&ada, "PUT", "/canned/state-of-it", &json!({ "text": text })).await.done();
    assert_eq!(
        kit.fetch(&ada, "/canned").await.done()["canned_responses"],
        json!([{"name": "state-of-it", "text": text}])
    );
    let (id, _) = kit.write_in("Hello", "", "").await;
    let filled = kit.fetch(&ada, &format!("/canned/state-of-it/render?conversation={id}")).await.done();
    assert_eq!(filled["text"], "ada of Lantern Software writes about : it is .");
    kit.call(&ada, "DELETE", "/canned/state-of-it", &Value::Null).await.done();
    kit.call(&ada, "DELETE", "/canned/state-of-it", &Value::Null).await.problem(404, "not-found");
    assert!(kit.openings_of("ada").await.is_empty());
}
