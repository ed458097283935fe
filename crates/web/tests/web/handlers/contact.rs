//! The contact form and conversations by plain HTTP, without scripts and cookies.

use domain::conversations::staff::{ReplyOutcome, ReplyToConversation};
use store::{Actor, ConversationId};

use crate::handlers::multipart::{MULTIPART, field, fields, file, whole};
use crate::http::{Answer, form};
use crate::kit::Kit;

impl Kit {
    /// The time of issue of a new form, after the time that a person needs.
    pub async fn issued_at(&self) -> String {
        let page = self.get("/contact", "").await;
        assert_eq!(page.status, 200);
        self.later(60).await;
        between(&page.body, "name=\"issued_at\" value=\"", "\"").to_owned()
    }

    pub async fn send_form(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &[MULTIPART], body).await
    }

    /// Writes a message and returns the code.
    pub async fn write(&self, message: &str, others: &[(&str, &str)]) -> String {
        let begun = self.issued_at().await;
        let all = [&[("issued_at", &*begun), ("message", message)], others].concat();
        let sent = self.send_form("/contact", &fields(&all)).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
        code(&sent.body)
    }

    pub async fn view_conversation(&self, code: &str) -> Answer {
        self.post("/conversation", &[], &form(&[("code", code)])).await
    }

    async fn conversation_count(&self) -> i64 {
        self.count("conversation").await
    }

    async fn count(&self, table: &str) -> i64 {
        self.scratch.numbers(&format!("SELECT count(*) FROM {table}")).await[0]
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}"));
    rest.split_once(after).unwrap().0
}

/// The code on the page that shows it once.
pub fn code(page: &str) -> String {
    between(page, "<p class=\"code large\" tabindex=\"0\">", "<").to_owned()
}

pub async fn reply(kit: &Kit, id: ConversationId, text: &str) -> ReplyOutcome {
    let actor = Actor::Staff("mary".into());
    let operation = ReplyToConversation {
        id,
        text,
        quote: false,
        seen: None,
        force: false,
        close: false,
        actor: &actor,
        settings: &kit.app.settings,
    };
    kit.app.db.execute(&operation).await.unwrap()
}

#[tokio::test]
async fn an_anonymous_person_asks_reads_the_answer_and_erases() {
    let kit = Kit::open().await;
    let code = kit.write("Does it run on Linux?\r\nAsking for a friend.", &[]).await;
    assert_eq!(code.len(), 25);
    let id = kit.scratch.numbers("SELECT id FROM conversation").await[0];
    let waits = reply(&kit, ConversationId::new(id), "It does. From version 3 on.").await;
    assert!(matches!(waits, ReplyOutcome::Waits(_)), "waits on the web page");

    let page = kit.view_conversation(&code.to_lowercase().replace('-', " ")).await;
    assert_eq!((page.status, page.header("set-cookie")), (200, ""));
    for says in ["Does it run on Linux?\nAsking for a friend.", "It does. From version 3 on.", "2026-11-"] {
        assert!(page.body.contains(says), "{says}");
    }
    let answer = [("code", &*code), ("seen", "2"), ("message", "Thanks, I will buy it.")];
    let answered = kit.send_form("/conversation/answer", &fields(&answer)).await;
    assert_eq!(answered.status, 200);
    assert!(
        answered.body.contains("We have received your message.") && answered.body.contains("I will buy it.")
    );
    // A page that is reloaded sends its form again.
    let again = kit.send_form("/conversation/answer", &fields(&answer)).await;
    assert_eq!(again.body.matches("I will buy it.").count(), 1);

    let unsure = kit.post("/conversation/erase", &[], &form(&[("code", &code)])).await;
    assert_eq!(unsure.status, 400);
    assert!(kit.view_conversation(&code).await.body.contains("I will buy it."));
    let erased = kit.post("/conversation/erase", &[], &form(&[("code", &code), ("confirm", "yes")])).await;
    assert_eq!(erased.status, 200);
    for table in ["conversation", "message", "conversation_access"] {
        assert_eq!(kit.count(table).await, 0, "{table}");
    }
    let never = kit.view_conversation(&another(&kit).await).await;
    assert_eq!(never.status, 404);
    assert_eq!(
        kit.view_conversation(&code).await.but_the_date(),
        never.but_the_date(),
        "erased and unknown codes have identical responses"
    );
}

/// A well-formed code of an erased conversation.
async fn another(kit: &Kit) -> String {
    let code = kit.write("something else", &[]).await;
    kit.post("/conversation/erase", &[], &form(&[("code", &code), ("confirm", "yes")])).await;
    code
}

#[tokio::test]
async fn a_sent_message_shows_the_code_a_link_a_file_and_a_checkbox() {
    let kit = Kit::open().await;
    let begun = kit.issued_at().await;
    let sent = kit.send_form("/contact", &fields(&[("issued_at", &begun), ("message", "hello")])).await;
    let code = code(&sent.body);
    assert!(sent.body.contains(&format!("href=\"/conversation#{code}\"")));
    assert!(sent.body.contains("name=\"saved\" type=\"checkbox\" value=\"yes\" required"));
    let saved = kit.post("/conversation/save", &[], &form(&[("code", &code)])).await;
    assert!(saved.header("content-disposition").starts_with("attachment"));
    assert_eq!(saved.header("content-type"), "text/plain; charset=utf-8");
    assert!(saved.body.contains(&code) && saved.body.contains("https://licence.example.org/conversation#"));
    assert!(!sent.header("content-security-policy").contains("script-src"), "no script beside a code");
}

#[tokio::test]
async fn a_mistyped_code_is_distinguished_from_an_unknown_one() {
    let kit = Kit::open().await;
    let code = kit.write("hello", &[]).await;
    let first = if code.starts_with('7') { "8" } else { "7" };
    let slip = kit.view_conversation(&format!("{first}{}", &code[1..])).await;
    assert_eq!(slip.status, 400);
    assert!(slip.body.contains("typing mistake") && slip.body.contains("aria-describedby=\"problem\""));
    assert!(slip.body.contains(&code[1..]), "what was typed stands there to be corrected");
    for none in ["", "hello", &code[..20], "<script>"] {
        let answer = kit.view_conversation(none).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("21 letters and digits") && !answer.body.contains("<script>"));
    }
    assert_eq!(kit.view_conversation(&another(&kit).await).await.status, 404);
}

#[tokio::test]
async fn guessing_codes_is_rate_limited_and_valid_codes_are_not_counted() {
    let kit = Kit::open().await;
    let code = kit.write("hello", &[]).await;
    for _ in 0..40 {
        assert_eq!(kit.view_conversation(&code).await.status, 200);
    }
    for _ in 0..30 {
        assert_eq!(kit.view_conversation("00000-00000-00000-00000-0").await.status, 404);
    }
    let refused = kit.view_conversation("00000-00000-00000-00000-0").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    let with_file = whole(&[field("code", &code), field("message", "x"), file("a.txt", "text")]);
    assert_eq!(kit.send_form("/conversation/answer", &with_file).await.status, 429);
    for path in ["/conversation/save", "/conversation/unlink", "/conversation/erase"] {
        assert_eq!(kit.post(path, &[], &form(&[("code", &code)])).await.status, 429, "{path}");
    }
    assert_eq!(kit.get("/contact", "").await.status, 200);
    assert_eq!(kit.get("/conversation", "").await.status, 200);
}

#[tokio::test]
async fn every_route_with_a_code_counts_unknown_codes() {
    let none = "00000-00000-00000-00000-0";
    for path in [
        "/conversation",
        "/conversation/file",
        "/conversation/show",
        "/conversation/address",
        "/conversation/unlink",
        "/conversation/erase",
    ] {
        let kit = Kit::open().await;
        let body = form(&[("code", none), ("file", "7"), ("email", ""), ("confirm", "yes")]);
        for _ in 0..30 {
            assert_eq!(kit.post(path, &[], &body).await.status, 404, "{path}");
        }
        assert_eq!(kit.post(path, &[], &body).await.status, 429, "{path}");
    }
    let kit = Kit::open().await;
    for n in 0..31 {
        let parts = [field("code", none), field("message", "x")];
        let file = (n % 2 == 0).then(|| file("a.txt", "text"));
        let form = whole(&parts.into_iter().chain(file).collect::<Vec<_>>());
        let status = kit.send_form("/conversation/answer", &form).await.status;
        assert_eq!(status, if n < 30 { 404 } else { 429 }, "answer {n}");
    }
    assert_eq!(kit.count("attachment").await, 0);
}

#[tokio::test]
async fn an_address_is_set_and_removed() {
    let kit = Kit::open().await;
    let code = kit.write("hello", &[]).await;
    let give = |address: &'static str| form(&[("code", &*code), ("email", address)]);
    let given = kit.post("/conversation/address", &[], &give("ada@example.com")).await;
    assert!(given.body.contains("we also send our answers to your address") && !given.body.contains("ada@"));
    assert!(given.body.contains("Remove the address"));
    let wrong = kit.post("/conversation/address", &[], &give("ada at home")).await;
    assert!(wrong.status == 400 && wrong.body.contains("Enter an e-mail address in the correct format"));
    let back = kit.post("/conversation/address", &[], &give("")).await;
    assert!(back.body.contains("We have removed the address") && !back.body.contains("Remove the address"));
}

#[tokio::test]
async fn a_conversation_is_linked_to_a_customer_and_unlinked() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let code = kit.write("My key is lost.", &[]).await;
    let closed = kit.post("/licence/conversation", &[], &form(&[("code", &code)])).await;
    assert_eq!((closed.status, closed.header("location")), (303, "/licence?signed-out"));
    let cookie = kit.sign_in("ada@example.com").await;
    let linked = kit.post("/licence/conversation", &[("Cookie", &cookie)], &form(&[("code", &code)])).await;
    assert_eq!((linked.status, linked.header("location")), (303, "/licence/portal"));
    assert!(kit.view_conversation(&code).await.body.contains("is linked to your purchases"));
    let unlinked = kit.post("/conversation/unlink", &[], &form(&[("code", &code)])).await;
    assert!(
        unlinked.body.contains("not linked to any purchases")
            && unlinked.body.contains("Link to my purchases")
    );
    let unknown = kit.post("/licence/conversation", &[("Cookie", &cookie)], &form(&[("code", "")])).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn a_linked_conversation_is_in_the_portal_of_its_customer_only() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    kit.sell("2", "grace@example.net", "Grace Hopper").await;
    let begun = kit.issued_at().await;
    let parts =
        [field("issued_at", &begun), field("message", "My <key> is lost."), file("log.txt", "line one")];
    let code = code(&kit.send_form("/contact", &whole(&parts)).await.body);
    let (ada, grace) = (kit.sign_in("ada@example.com").await, kit.sign_in("grace@example.net").await);
    kit.post("/licence/conversation", &[("Cookie", &ada)], &form(&[("code", &code)])).await;

    let held = kit.get("/licence/data", &ada).await.body;
    assert!(held.contains("My &#60;key&#62; is lost.") && held.contains("log.txt"));
    let path = format!("/licence/file/{}", between(&held, "href=\"/licence/file/", "\""));
    let saved = kit.get(&path, &ada).await;
    assert!(saved.body == "line one" && saved.header("content-disposition").starts_with("attachment"));
    assert!(kit.get("/licence/erase", &ada).await.body.contains("We erase your conversations with us"));
    assert_eq!(kit.get(&path, &grace).await.status, 404);
    assert!(!kit.get("/licence/erase", &grace).await.body.contains("conversations"));
    assert!(!kit.get("/licence/data", &grace).await.body.contains("lost."));

    let page = kit.get("/licence/portal", &ada).await.body;
    let number = between(&page, "name=\"conversation\" value=\"", "\"").to_owned();
    let unlink = form(&[("conversation", &number)]);
    kit.post("/licence/conversation/unlink", &[("Cookie", &grace)], &unlink).await;
    assert!(
        kit.get("/licence/portal", &ada).await.body.contains(&number),
        "only its own customer can unlink it"
    );
    kit.post("/licence/conversation/unlink", &[("Cookie", &ada)], &unlink).await;
    assert!(!kit.get("/licence/portal", &ada).await.body.contains(&number));
    assert!(
        kit.view_conversation(&code).await.body.contains("Link to my purchases"),
        "and still there by its code"
    );
}

#[tokio::test]
async fn a_form_with_a_problem_keeps_its_values() {
    let kit = Kit::open().await;
    let begun = kit.issued_at().await;
    let typed = [
        ("issued_at", &*begun),
        ("message", "A long story & <more>"),
        ("name", "Ada \"Countess\""),
        ("email", "ada at home"),
        ("licence", "my licence"),
    ];
    let again = kit.send_form("/contact", &fields(&typed)).await;
    assert_eq!(again.status, 400);
    for kept in [
        "A long story &#38; &#60;more&#62;</textarea>",
        "value=\"Ada &#34;Countess&#34;\"",
        "value=\"ada at home\"",
        "value=\"my licence\"",
        "role=\"alert\"",
        &format!("name=\"issued_at\" value=\"{begun}\""),
    ] {
        assert!(again.body.contains(kept), "{kept}");
    }
    let empty = kit.send_form("/contact", &fields(&[("issued_at", &begun), ("name", "Ada")])).await;
    assert!(empty.status == 400 && empty.body.contains("Enter a message") && empty.body.contains("\"Ada\""));
    let long = "ä".repeat(100_001);
    let long = kit.send_form("/contact", &fields(&[("issued_at", &begun), ("message", &long)])).await;
    assert!(long.status == 413 && long.body.contains("ääää"));
    assert_eq!(kit.conversation_count().await, 0);
}

#[tokio::test]
async fn spam_is_held_and_its_sender_sees_no_difference() {
    let kit = Kit::open().await;
    let begun = kit.issued_at().await;
    let send = |website: &'static str| {
        fields(&[("issued_at", &*begun), ("message", "Buy at https://x.example"), ("website", website)])
    };
    let held = kit.send_form("/contact", &send("http://x.example")).await;
    let plain = kit.send_form("/contact", &fields(&[("issued_at", &begun), ("message", "hello")])).await;
    assert_eq!(held.status, plain.status);
    let (one, other) = (code(&held.body), code(&plain.body));
    assert_eq!(held.body.replace(&one, "CODE"), plain.body.replace(&other, "CODE"));
    assert!(kit.view_conversation(&one).await.body.contains("We will answer as soon as we can"));
    assert_eq!(
        kit.scratch.numbers("SELECT count(*) FROM conversation WHERE state = 'quarantined'").await,
        [1]
    );
    assert_eq!(kit.scratch.numbers("SELECT count(*) FROM conversation WHERE state = 'open'").await, [1]);
}

#[tokio::test]
async fn hostile_forms_store_nothing() {
    let kit = Kit::open().await;
    let begun = kit.issued_at().await;
    let (time, message) = (field("issued_at", &begun), field("message", "hello"));
    let long = "n".repeat(20_000);
    let nameless = "------Form7MA4YWxk\r\nContent-Disposition: form-data\r\n\r\nx\r\n".to_owned();
    let hostile = [
        whole(&[time.clone(), nameless, message.clone()]),
        whole(&vec![field("x", "y"); 10_000]),
        whole(&[field(&long, ""), message.clone()]),
        whole(&[time.clone(), message.clone(), message.clone()]),
        whole(&[file("a.txt", "text"), message.clone()]),
        whole(&[time.clone(), message.clone(), file("a.txt", "text"), field("name", "Ada")]),
        whole(&[time.clone(), message.clone(), file("a.txt", "text"), field("files", "text")]),
        whole(&[time.clone(), message.clone(), field("files", "text")]),
        whole(&[time.clone(), message.clone(), file("", "text").replace("; filename=\"\"", "")]),
        whole(&[time.clone(), message.clone(), file("a.txt", "text").replace("\"files\"", "\"other\"")]),
        whole(&[time.clone(), message.clone()]).replace("7MA4YWxk--", "7MA4YWxk"),
        String::new(),
        "message=hello".to_owned(),
    ];
    for (n, body) in hostile.iter().enumerate() {
        for path in ["/contact", "/conversation/answer"] {
            let answer = kit.send_form(path, body).await;
            assert!((400..500).contains(&answer.status), "form {n} at {path}: {}", answer.status);
            assert!(answer.body.contains("<h1>"), "a page");
        }
    }
    let plain = kit.post("/contact", &[], "message=hello").await;
    assert_eq!(plain.status, 400);
    for table in ["conversation", "message", "attachment", "chunk"] {
        assert_eq!(kit.count(table).await, 0, "{table}");
    }
}

/// Browser extensions add fields, mostly at the end of a form.
#[tokio::test]
async fn fields_that_the_page_does_not_have_are_dropped_wherever_they_stand() {
    let kit = Kit::open().await;
    let time = field("issued_at", &kit.issued_at().await);
    let (message, added) = (field("message", "hello"), field("added", "canary-added"));
    let (note, other) = (file("note.txt", "text"), file("other.txt", "text"));
    let form = whole(&[added.clone(), time, added.clone(), message, note, added.clone(), other, added]);
    let sent = kit.send_form("/contact", &form).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let page = kit.view_conversation(&code(&sent.body)).await.body;
    assert!(page.contains("hello") && page.contains("note.txt") && page.contains("other.txt"));
    assert!(!page.contains("canary-added"));
}

#[tokio::test]
async fn only_the_form_of_a_request_is_stored() {
    let kit = Kit::open().await;
    let begun = kit.issued_at().await;
    let heads = [
        MULTIPART,
        ("User-Agent", "CanaryBrowser/77.1"),
        ("Referer", "https://canary-referrer.example/path"),
        ("Cookie", "canary_cookie=canary-value"),
        ("Accept-Language", "canary-language"),
        ("X-Forwarded-For", "203.0.113.77"),
    ];
    let body = fields(&[("issued_at", &begun), ("message", "canary-message")]);
    assert_eq!(kit.send("POST", "/contact", &heads, &body).await.status, 200);
    let folder = kit.scratch.folder.path().join("data");
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for canary in ["CanaryBrowser", "canary-", "203.0.113.77", "127.0.0.1"] {
            assert!(memchr::memmem::find(&bytes, canary.as_bytes()).is_none(), "{canary} is kept");
        }
    }
}

#[tokio::test]
async fn the_link_in_an_e_mail_ends_a_conversation_by_a_button_and_shows_nothing() {
    let mut kit = Kit::open().await;
    let mut links = Vec::new();
    for (n, message) in ["erase me", "close me"].into_iter().enumerate() {
        let address = format!("ada{n}@example.com");
        kit.write(message, &[("email", &address)]).await;
        let id = kit.scratch.numbers("SELECT id FROM conversation ORDER BY revision DESC").await[0];
        assert_eq!(reply(&kit, ConversationId::new(id), "An answer.").await, ReplyOutcome::Sent);
        let emails = kit.emails().await;
        assert_eq!(emails[0].0, address);
        links.push(emails[0].1.clone());
    }
    let erase = form(&[("action", "erase"), ("confirm", "yes")]);
    for link in &links {
        for method in ["GET", "HEAD", "GET"] {
            let answer = kit.send(method, link, &[], "").await;
            assert_eq!(answer.status, 200);
            assert!(!answer.body.contains("me\n") && !answer.body.contains("example.com"));
        }
        for unsure in ["", "action=erase", "confirm=yes", "action=show&confirm=yes"] {
            assert_eq!(kit.post(link, &[], unsure).await.status, 400);
        }
    }
    assert_eq!(kit.conversation_count().await, 2, "following the link changes nothing");
    assert_eq!(kit.post(&links[1], &[], "action=close").await.status, 200);
    assert_eq!(kit.scratch.numbers("SELECT count(*) FROM conversation WHERE state = 'closed'").await, [1]);
    assert_eq!(kit.post(&links[0], &[], &erase).await.status, 200);
    assert_eq!(kit.conversation_count().await, 1);
    let gone = kit.get(&links[0], "").await;
    assert_eq!(gone.status, 410);
    let never = kit.get("/conversation/email/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "").await;
    assert_eq!(gone.but_the_date(), never.but_the_date());
}

#[tokio::test]
async fn a_form_that_is_sent_twice_starts_one_conversation() {
    let kit = Kit::open().await;
    let page = kit.get("/contact", "").await.body;
    let (begun, once) = (
        between(&page, "name=\"issued_at\" value=\"", "\"").to_owned(),
        between(&page, "name=\"form_token\" value=\"", "\"").to_owned(),
    );
    assert!(!kit.get("/contact", "").await.body.contains(&once), "each form has its own");
    kit.later(60).await;
    let form = |message: &str, log: &str| {
        let fields = [("issued_at", &*begun), ("form_token", &*once), ("message", message)];
        let fields = fields.map(|(name, value)| field(name, value));
        whole(&[&fields[..], &[file("log.txt", log)]].concat())
    };
    let (hello, other, more) = (form("hello", "a"), form("hello again", "a"), form("hello", "b"));
    // Sent twice at the same time, and once more later.
    let (one, two) = tokio::join!(kit.send_form("/contact", &hello), kit.send_form("/contact", &hello));
    let three = kit.send_form("/contact", &hello).await;
    let codes: Vec<String> = [&one, &two, &three].map(|sent| code(&sent.body)).into();
    assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
    assert_eq!(
        (kit.conversation_count().await, kit.count("message").await, kit.count("attachment").await),
        (1, 1, 1)
    );
    assert!(kit.view_conversation(&codes[0]).await.body.contains("hello"));
    for sent in [other, more] {
        assert_ne!(code(&kit.send_form("/contact", &sent).await.body), codes[0]);
    }
    assert_eq!(kit.conversation_count().await, 3);
}
