//! The contact page and conversations by plain HTTP: no script, no cookie, nothing but forms.

use domain::conversations::staff::{Replied, Reply};
use store::Actor;

use crate::http::{Answer, form};
use crate::kit::Kit;
use crate::multipart::{MULTIPART, field, fields, file, whole};

impl Kit {
    /// The hidden time of a fresh form, after the time that a person needs.
    pub async fn begun(&self) -> String {
        let page = self.get("/contact", "").await;
        assert_eq!(page.status, 200);
        self.later(60).await;
        between(&page.body, "name=\"begun\" value=\"", "\"").to_owned()
    }

    pub async fn send_form(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &[MULTIPART], body).await
    }

    /// Writes a message and returns the code.
    pub async fn write(&self, message: &str, others: &[(&str, &str)]) -> String {
        let begun = self.begun().await;
        let all = [&[("begun", &*begun), ("message", message)], others].concat();
        let sent = self.send_form("/contact", &fields(&all)).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
        code(&sent.body)
    }

    pub async fn look(&self, code: &str) -> Answer {
        self.post("/thread", &[], &form(&[("code", code)])).await
    }

    async fn threads(&self) -> i64 {
        self.count("thread").await
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

async fn reply(kit: &Kit, id: i64, text: &str) -> Replied {
    let who = Actor::Staff("mary".into());
    let deed = Reply {
        id,
        text,
        quote: false,
        seen: None,
        anyway: false,
        close: false,
        who: &who,
        house: &kit.app.house,
    };
    kit.app.db.write(&deed).await.unwrap()
}

#[tokio::test]
async fn a_nameless_person_asks_comes_back_reads_answers_and_erases() {
    let kit = Kit::open().await;
    let code = kit.write("Does it run on Linux?\r\nAsking for a friend.", &[]).await;
    assert_eq!(code.len(), 25);
    let id = kit.scratch.numbers("SELECT id FROM thread").await[0];
    let waits = reply(&kit, id, "It does. From version 3 on.").await;
    assert!(matches!(waits, Replied::Waits(_)), "behind the code");

    let page = kit.look(&code.to_lowercase().replace('-', " ")).await;
    assert_eq!((page.status, page.header("set-cookie")), (200, ""));
    for says in ["Does it run on Linux?\nAsking for a friend.", "It does. From version 3 on.", "2026-11-"] {
        assert!(page.body.contains(says), "{says}");
    }
    let answer = [("code", &*code), ("seen", "2"), ("message", "Thanks, I will buy it.")];
    let answered = kit.send_form("/thread/answer", &fields(&answer)).await;
    assert_eq!(answered.status, 200);
    assert!(answered.body.contains("Your message has arrived.") && answered.body.contains("I will buy it."));
    // A page that is loaded again sends its form again.
    let again = kit.send_form("/thread/answer", &fields(&answer)).await;
    assert_eq!(again.body.matches("I will buy it.").count(), 1);

    let unsure = kit.post("/thread/erase", &[], &form(&[("code", &code)])).await;
    assert_eq!(unsure.status, 400);
    assert!(kit.look(&code).await.body.contains("I will buy it."));
    let erased = kit.post("/thread/erase", &[], &form(&[("code", &code), ("sure", "yes")])).await;
    assert_eq!(erased.status, 200);
    for table in ["thread", "message", "way"] {
        assert_eq!(kit.count(table).await, 0, "{table}");
    }
    let never = kit.look(&another(&kit).await).await;
    assert_eq!(never.status, 404);
    assert_eq!(kit.look(&code).await.but_the_date(), never.but_the_date(), "erased and unknown, to the byte");
}

/// A right code of no conversation.
async fn another(kit: &Kit) -> String {
    let code = kit.write("something else", &[]).await;
    kit.post("/thread/erase", &[], &form(&[("code", &code), ("sure", "yes")])).await;
    code
}

#[tokio::test]
async fn what_follows_a_message_is_code_link_file_and_a_tick() {
    let kit = Kit::open().await;
    let begun = kit.begun().await;
    let sent = kit.send_form("/contact", &fields(&[("begun", &begun), ("message", "hello")])).await;
    let code = code(&sent.body);
    assert!(sent.body.contains(&format!("href=\"/thread#{code}\"")));
    assert!(sent.body.contains("name=\"saved\" type=\"checkbox\" value=\"yes\" required"));
    let saved = kit.post("/thread/save", &[], &form(&[("code", &code)])).await;
    assert!(saved.header("content-disposition").starts_with("attachment"));
    assert_eq!(saved.header("content-type"), "text/plain; charset=utf-8");
    assert!(saved.body.contains(&code) && saved.body.contains("https://licence.example.org/thread#"));
    assert!(!sent.header("content-security-policy").contains("script-src"), "no script beside a code");
}

#[tokio::test]
async fn a_slip_of_the_hand_is_told_from_a_code_that_nobody_has() {
    let kit = Kit::open().await;
    let code = kit.write("hello", &[]).await;
    let first = if code.starts_with('7') { "8" } else { "7" };
    let slip = kit.look(&format!("{first}{}", &code[1..])).await;
    assert_eq!(slip.status, 400);
    assert!(slip.body.contains("mistyped") && slip.body.contains("aria-describedby=\"problem\""));
    assert!(slip.body.contains(&code[1..]), "what was typed stands there to be corrected");
    for none in ["", "hello", &code[..20], "<script>"] {
        let answer = kit.look(none).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("21 letters and digits") && !answer.body.contains("<script>"));
    }
    assert_eq!(kit.look(&another(&kit).await).await.status, 404);
}

#[tokio::test]
async fn who_guesses_codes_waits_and_right_ones_cost_nothing() {
    let kit = Kit::open().await;
    let code = kit.write("hello", &[]).await;
    for _ in 0..40 {
        assert_eq!(kit.look(&code).await.status, 200);
    }
    for _ in 0..30 {
        assert_eq!(kit.look("00000-00000-00000-00000-0").await.status, 404);
    }
    let refused = kit.look("00000-00000-00000-00000-0").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    let with_file = whole(&[field("code", &code), field("message", "x"), file("a.txt", "text")]);
    assert_eq!(kit.send_form("/thread/answer", &with_file).await.status, 429);
    for path in ["/thread/save", "/thread/untie", "/thread/erase"] {
        assert_eq!(kit.post(path, &[], &form(&[("code", &code)])).await.status, 429, "{path}");
    }
    assert_eq!(kit.get("/contact", "").await.status, 200);
    assert_eq!(kit.get("/thread", "").await.status, 200);
}

#[tokio::test]
async fn every_door_that_takes_a_code_counts_those_that_lead_nowhere() {
    let none = "00000-00000-00000-00000-0";
    for path in
        ["/thread", "/thread/file", "/thread/show", "/thread/address", "/thread/untie", "/thread/erase"]
    {
        let kit = Kit::open().await;
        let body = form(&[("code", none), ("file", "7"), ("address", ""), ("sure", "yes")]);
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
        let status = kit.send_form("/thread/answer", &form).await.status;
        assert_eq!(status, if n < 30 { 404 } else { 429 }, "answer {n}");
    }
    assert_eq!(kit.count("attachment").await, 0);
}

#[tokio::test]
async fn an_address_is_given_and_taken_back() {
    let kit = Kit::open().await;
    let code = kit.write("hello", &[]).await;
    let give = |address: &'static str| form(&[("code", &*code), ("address", address)]);
    let given = kit.post("/thread/address", &[], &give("ada@example.com")).await;
    assert!(given.body.contains("go to your address from now on") && !given.body.contains("ada@"));
    assert!(given.body.contains("Take the address back"));
    let wrong = kit.post("/thread/address", &[], &give("ada at home")).await;
    assert!(wrong.status == 400 && wrong.body.contains("That is no e-mail address"));
    let back = kit.post("/thread/address", &[], &give("")).await;
    assert!(back.body.contains("The address is gone") && !back.body.contains("Take the address back"));
}

#[tokio::test]
async fn a_conversation_is_tied_to_an_open_page_and_untied() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let code = kit.write("My key is lost.", &[]).await;
    let closed = kit.post("/licence/thread", &[], &form(&[("code", &code)])).await;
    assert_eq!((closed.status, closed.header("location")), (303, "/licence?closed"));
    let cookie = kit.page("ada@example.com").await;
    let tied = kit.post("/licence/thread", &[("Cookie", &cookie)], &form(&[("code", &code)])).await;
    assert_eq!((tied.status, tied.header("location")), (303, "/licence/page"));
    assert!(kit.look(&code).await.body.contains("tied to your page"));
    let untied = kit.post("/thread/untie", &[], &form(&[("code", &code)])).await;
    assert!(untied.body.contains("tied to nobody’s page") && untied.body.contains("Tie it to my page"));
    let unknown = kit.post("/licence/thread", &[("Cookie", &cookie)], &form(&[("code", "")])).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn a_tied_conversation_is_read_saved_and_untied_on_the_page_and_nobody_else_s_is() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    kit.sell("2", "grace@example.net", "Grace Hopper").await;
    let begun = kit.begun().await;
    let parts = [field("begun", &begun), field("message", "My <key> is lost."), file("log.txt", "line one")];
    let code = code(&kit.send_form("/contact", &whole(&parts)).await.body);
    let (ada, grace) = (kit.page("ada@example.com").await, kit.page("grace@example.net").await);
    kit.post("/licence/thread", &[("Cookie", &ada)], &form(&[("code", &code)])).await;

    let held = kit.get("/licence/held", &ada).await.body;
    assert!(held.contains("My &#60;key&#62; is lost.") && held.contains("log.txt"));
    let path = format!("/licence/file/{}", between(&held, "href=\"/licence/file/", "\""));
    let saved = kit.get(&path, &ada).await;
    assert!(saved.body == "line one" && saved.header("content-disposition").starts_with("attachment"));
    assert!(kit.get("/licence/erase", &ada).await.body.contains("Your conversations with us go too"));
    assert_eq!(kit.get(&path, &grace).await.status, 404);
    assert!(!kit.get("/licence/erase", &grace).await.body.contains("conversations"));
    assert!(!kit.get("/licence/held", &grace).await.body.contains("lost."));

    let page = kit.get("/licence/page", &ada).await.body;
    let number = between(&page, "name=\"thread\" value=\"", "\"").to_owned();
    let untie = form(&[("thread", &number)]);
    kit.post("/licence/untie", &[("Cookie", &grace)], &untie).await;
    assert!(kit.get("/licence/page", &ada).await.body.contains(&number), "hers to untie");
    kit.post("/licence/untie", &[("Cookie", &ada)], &untie).await;
    assert!(!kit.get("/licence/page", &ada).await.body.contains(&number));
    assert!(kit.look(&code).await.body.contains("Tie it to my page"), "and still there by its code");
}

#[tokio::test]
async fn what_was_typed_is_still_there_when_something_is_wrong() {
    let kit = Kit::open().await;
    let begun = kit.begun().await;
    let typed = [
        ("begun", &*begun),
        ("message", "A long story & <more>"),
        ("name", "Ada \"Countess\""),
        ("address", "ada at home"),
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
        &format!("name=\"begun\" value=\"{begun}\""),
    ] {
        assert!(again.body.contains(kept), "{kept}");
    }
    let empty = kit.send_form("/contact", &fields(&[("begun", &begun), ("name", "Ada")])).await;
    assert!(
        empty.status == 400 && empty.body.contains("there is no message") && empty.body.contains("\"Ada\"")
    );
    let long = "ä".repeat(100_001);
    let long = kit.send_form("/contact", &fields(&[("begun", &begun), ("message", &long)])).await;
    assert!(long.status == 413 && long.body.contains("ääää"));
    assert_eq!(kit.threads().await, 0);
}

#[tokio::test]
async fn spam_is_held_and_its_sender_sees_no_difference() {
    let kit = Kit::open().await;
    let begun = kit.begun().await;
    let send = |website: &'static str| {
        fields(&[("begun", &*begun), ("message", "Buy at https://x.example"), ("website", website)])
    };
    let held = kit.send_form("/contact", &send("http://x.example")).await;
    let plain = kit.send_form("/contact", &fields(&[("begun", &begun), ("message", "hello")])).await;
    assert_eq!(held.status, plain.status);
    let (one, other) = (code(&held.body), code(&plain.body));
    assert_eq!(held.body.replace(&one, "CODE"), plain.body.replace(&other, "CODE"));
    assert!(kit.look(&one).await.body.contains("It is our turn"));
    assert_eq!(kit.scratch.numbers("SELECT count(*) FROM thread WHERE state = 'held'").await, [1]);
    assert_eq!(kit.scratch.numbers("SELECT count(*) FROM thread WHERE state = 'open'").await, [1]);
}

#[tokio::test]
async fn hostile_forms_leave_nothing() {
    let kit = Kit::open().await;
    let begun = kit.begun().await;
    let (time, message) = (field("begun", &begun), field("message", "hello"));
    let long = "n".repeat(20_000);
    let nameless = "------Form7MA4YWxk\r\nContent-Disposition: form-data\r\n\r\nx\r\n".to_owned();
    let hostile = [
        whole(&[time.clone(), nameless, message.clone()]),
        whole(&vec![field("x", "y"); 10_000]),
        whole(&[field(&long, ""), message.clone()]),
        whole(&[time.clone(), message.clone(), message.clone()]),
        whole(&[file("a.txt", "text"), message.clone()]),
        whole(&[time.clone(), message.clone(), file("a.txt", "text"), field("name", "Ada")]),
        whole(&[time.clone(), message.clone(), file("a.txt", "text").replace("\"files\"", "\"other\"")]),
        whole(&[time.clone(), message.clone()]).replace("7MA4YWxk--", "7MA4YWxk"),
        String::new(),
        "message=hello".to_owned(),
    ];
    for (n, body) in hostile.iter().enumerate() {
        for path in ["/contact", "/thread/answer"] {
            let answer = kit.send_form(path, body).await;
            assert!((400..500).contains(&answer.status), "form {n} at {path}: {}", answer.status);
            assert!(answer.body.contains("<h1>"), "a page");
        }
    }
    let plain = kit.post("/contact", &[], "message=hello").await;
    assert_eq!(plain.status, 400);
    for table in ["thread", "message", "attachment", "chunk"] {
        assert_eq!(kit.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn nothing_of_the_request_but_the_form_is_kept() {
    let kit = Kit::open().await;
    let begun = kit.begun().await;
    let heads = [
        MULTIPART,
        ("User-Agent", "CanaryBrowser/77.1"),
        ("Referer", "https://canary-referrer.example/path"),
        ("Cookie", "canary_cookie=canary-value"),
        ("Accept-Language", "canary-language"),
        ("X-Forwarded-For", "203.0.113.77"),
    ];
    let body = fields(&[("begun", &begun), ("message", "canary-message")]);
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
async fn the_link_in_a_letter_ends_a_conversation_by_a_button_and_shows_nothing_of_it() {
    let mut kit = Kit::open().await;
    let mut links = Vec::new();
    for (n, message) in ["erase me", "close me"].into_iter().enumerate() {
        let address = format!("ada{n}@example.com");
        kit.write(message, &[("address", &address)]).await;
        let id = kit.scratch.numbers("SELECT id FROM thread ORDER BY turn DESC").await[0];
        assert_eq!(reply(&kit, id, "An answer.").await, Replied::Sent);
        let letters = kit.letters().await;
        assert_eq!(letters[0].0, address);
        links.push(letters[0].1.clone());
    }
    let erase = form(&[("end", "erase"), ("sure", "yes")]);
    for link in &links {
        for method in ["GET", "HEAD", "GET"] {
            let answer = kit.send(method, link, &[], "").await;
            assert_eq!(answer.status, 200);
            assert!(!answer.body.contains("me\n") && !answer.body.contains("example.com"));
        }
        for unsure in ["", "end=erase", "sure=yes", "end=show&sure=yes"] {
            assert_eq!(kit.post(link, &[], unsure).await.status, 400);
        }
    }
    assert_eq!(kit.threads().await, 2, "looking changes nothing");
    assert_eq!(kit.post(&links[1], &[], "end=close").await.status, 200);
    assert_eq!(kit.scratch.numbers("SELECT count(*) FROM thread WHERE state = 'closed'").await, [1]);
    assert_eq!(kit.post(&links[0], &[], &erase).await.status, 200);
    assert_eq!(kit.threads().await, 1);
    let gone = kit.get(&links[0], "").await;
    assert_eq!(gone.status, 410);
    let never = kit.get("/thread/letter/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "").await;
    assert_eq!(gone.but_the_date(), never.but_the_date());
}

#[tokio::test]
async fn a_form_that_is_sent_twice_begins_one_conversation_and_another_text_another() {
    let kit = Kit::open().await;
    let page = kit.get("/contact", "").await.body;
    let (begun, once) = (
        between(&page, "name=\"begun\" value=\"", "\"").to_owned(),
        between(&page, "name=\"once\" value=\"", "\"").to_owned(),
    );
    assert!(!kit.get("/contact", "").await.body.contains(&once), "each form has its own");
    kit.later(60).await;
    let form = |message: &str, log: &str| {
        let fields = [("begun", &*begun), ("once", &*once), ("message", message)];
        let fields = fields.map(|(name, value)| field(name, value));
        whole(&[&fields[..], &[file("log.txt", log)]].concat())
    };
    let (hello, other, more) = (form("hello", "a"), form("hello again", "a"), form("hello", "b"));
    // Pressed twice before the first answer came, and once more later.
    let (one, two) = tokio::join!(kit.send_form("/contact", &hello), kit.send_form("/contact", &hello));
    let three = kit.send_form("/contact", &hello).await;
    let codes: Vec<String> = [&one, &two, &three].map(|sent| code(&sent.body)).into();
    assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
    assert_eq!((kit.threads().await, kit.count("message").await, kit.count("attachment").await), (1, 1, 1));
    assert!(kit.look(&codes[0]).await.body.contains("hello"));
    for sent in [other, more] {
        assert_ne!(code(&kit.send_form("/contact", &sent).await.body), codes[0]);
    }
    assert_eq!(kit.threads().await, 3);
}
