//! Conversations full of marks, from their beginning to the sweep: the page, its headers, its files, its code, staff's
//! words and tokens, mail.

use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::AtomicI64;

use paypro::simulator::Party;
use serde_json::Value;
use store::Clock;

use super::super::kit::conversation::{self, between, with_code, with_files};
use super::super::kit::database_rows::DatabaseRows;
use super::super::kit::http::Answer;
use super::super::kit::mail::{MailServer, fresh};
use super::super::kit::orders::{bought_by, paid};
use super::super::kit::portal::{Visitor, ask_for_page};
use super::super::kit::process::Server;
use super::super::kit::{Shop, wait};
use super::Canary;
use super::marked_files::{MARK, ORIGIN, jpeg, mail_from, png};

/// What every request says of its browser.
const TOLD: [(&str, &str); 5] = [
    ("user-agent", "qxzkanarie"),
    ("referer", "http://qxzkanarie.example/"),
    ("cookie", "qxzkanarie=1; scruple_page=qxzkanarie"),
    ("accept-language", "qxzkanarie"),
    ("x-forwarded-for", ORIGIN),
];
/// The mail server keeps what it gets, so each engine writes to addresses of its own.
static WRITER: LazyLock<String> = LazyLock::new(|| fresh("qxzkanarie.writer"));
static BUYER: LazyLock<String> = LazyLock::new(|| fresh("qxzkanarie.buyer"));

/// A shop with conversations, and the searcher that learns each of their secrets.
struct Desk {
    shop: Shop,
    server: Server,
    canary: Canary,
    token: String,
}

impl Desk {
    fn open(mail: &MailServer) -> Self {
        let shop = mail.carries(Shop::empty(), mail.port());
        let shop = shop
            // Answers are written on the command line too, and their links lead to the same site.
            .with("SCRUPLE_SERVER_PUBLIC_URL", "http://shop.example")
            .with("SCRUPLE_MAIL_REPLY", "help@shop.example")
            .with("SCRUPLE_MAIL_AUTHSERV", "mx.shop.example");
        shop.furnish();
        let server = shop.serve();
        let scopes = "conversations:read,conversations:write";
        let add = ["tokens", "add", "--name", "console", "--staff", "mary", "--scopes", scopes];
        let token = shop.says(&add, "").trim().to_owned();
        let mut canary = Canary::of(&[MARK, ORIGIN]);
        canary.learn(&token);
        Self { shop, server, canary, token }
    }

    /// Begins a conversation, and has its code looked for from now on.
    fn begins(&mut self, fields: &[(&str, &str)], files: &[conversation::File<'_>]) -> String {
        let mut connection = self.server.connect();
        let time = conversation::issued_at(&mut connection).expect("an answer");
        let body = with_files(&[&[("issued_at", &*time)], fields].concat(), files);
        let sent = conversation::post_files(&mut connection, "/contact?qxzkanarie=1", &TOLD, &body);
        let code = conversation::code(&sent.expect("an answer"));
        for form in [code.to_lowercase(), code.replace('-', "").to_lowercase()] {
            self.canary.learn(&form);
        }
        code
    }

    /// The thread of a code, as staff name it, and its token for mail.
    fn thread(&self, code: &str) -> (String, String) {
        let beside = self.shop.beside();
        let (id, _) = beside.thread_of(code).expect("a conversation");
        let token = domain::conversations::reply_token(beside.db.keyring(), id).expect("the keyring");
        beside.close();
        (domain::licensing::issue::display_number(id), token)
    }

    fn number(&self, code: &str) -> String {
        self.thread(code).0
    }

    fn api(&self, method: &str, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let json = ("content-type", "application/json");
        let headers = [&[("authorization", &*bearer), json], &TOLD[..]].concat();
        let path = format!("/api/v1{path}");
        let answer = self.server.connect().ask(method, &path, &headers, body.as_bytes()).expect("an answer");
        assert!(answer.status < 300, "{path}: {}", answer.text());
        answer
    }

    fn nothing_in_clear(&self, when: &str) {
        self.canary.nothing_in_clear(&self.shop, when);
    }
}

/// What a form may hold, all of it.
fn begun(desk: &mut Desk) -> String {
    let (png, jpeg) = (png(), jpeg());
    let many = "qxzkanarie on many lines\n".repeat(8_000);
    let files: [conversation::File<'_>; 4] = [
        ("qxzkanarie.txt", many.as_bytes()),
        ("qxzkanarie.png", &png),
        ("qxzkanarie.jpg", &jpeg),
        ("qxzkanarie.bin", b"\0qxzkanarie\0"),
    ];
    let message = "The qxzkanarie sings; my neighbour Qxzkanarie Nachbar hears it.";
    let fields = [
        ("message", message),
        ("name", "Qxzkanarie Writer"),
        ("email", &**WRITER),
        ("licence", MARK),
        ("qxzkanarie", "qxzkanarie"),
    ];
    // What is no licence number is refused, and shown to whoever typed it alone.
    let mut refused = fields;
    refused[3].1 = "my qxzkanarie licence";
    let again = conversation::post_files(
        &mut desk.server.connect(),
        "/contact",
        &TOLD,
        &with_files(&refused, &files),
    );
    let again = again.expect("an answer");
    assert!(again.status == 400 && again.text().contains("my qxzkanarie licence"), "{}", again.text());
    desk.nothing_in_clear("after a form that was refused");
    let code = desk.begins(&fields, &files);
    desk.nothing_in_clear("after the beginning");
    let page = conversation::look(desk.server.address, &code).expect("a conversation");
    for kept in [message, "qxzkanarie.txt", "qxzkanarie.bin"] {
        assert!(page.contains(kept), "{kept} is not kept: the test marks nothing");
    }
    let files: Vec<&str> = page.split("/conversation/show").skip(1).collect();
    assert_eq!(files.len(), 3, "text and pictures are shown");
    for (nth, of) in files.iter().enumerate() {
        let file = between(of, "name=\"file\" value=\"", "\"").expect("a number");
        let get = |path| {
            with_code(&mut desk.server.connect(), path, &code, &[("file", file)]).expect("an answer").body
        };
        let marked = |bytes: &[u8]| memchr::memmem::find(bytes, MARK.as_bytes()).is_some();
        assert!(marked(&get("/conversation/file")), "a file comes out as it went in");
        assert_eq!(
            marked(&get("/conversation/show")),
            nth == 0,
            "a picture is shown without what it carries"
        );
    }
    code
}

/// Staff and the writer, by every way there is.
fn answered(desk: &Desk, code: &str) {
    let id = desk.number(code);
    desk.shop.says(&["conversations", "release", &id], "");
    let path = |word: &str| format!("/conversations/{id}{word}");
    desk.api("POST", &path("/notes"), r#"{"text":"Qxzkanarie Writer is known to us.","force":true}"#);
    desk.api("PATCH", &path(""), r#"{"tags":["qxzkanarie","bird"]}"#);
    desk.nothing_in_clear("after a note");
    desk.api("POST", &path("/replies"), r#"{"text":"Dear qxzkanarie,\nfeed it.","force":true}"#);
    desk.shop.says(&["conversations", "note", &id, "--text", "-"], "qxzkanarie again");
    desk.shop.says(&["conversations", "tag", &id, "qxzkanarie-two"], "");
    let written =
        conversation::answer(&mut desk.server.connect(), code, "Thanks; Qxzkanarie Nachbar thanks too.");
    assert_eq!(written.expect("an answer").status, 200);
    desk.shop.says(&["conversations", "reply", &id, "--text", "-", "--force"], "qxzkanarie, good bye");
    let found: Value =
        serde_json::from_slice(&desk.api("GET", "/search?q=qxzkanarie", "").body).expect("JSON");
    assert_eq!(found["conversations"].as_array().map(Vec::len), Some(1), "the search looks at nothing");
    let seen = desk.shop.says(&["conversations", "show", &id], "");
    for kept in ["Qxzkanarie Writer is known", "qxzkanarie again", "qxzkanarie-two", "good bye", &*WRITER] {
        assert!(seen.contains(kept), "{kept} is not kept: the test marks nothing\n{seen}");
    }
    assert!(!seen.contains("qxzkanarie licence"));
    desk.nothing_in_clear("after the answers");
}

/// Staff's letter went out, its answer and a stranger's mail came in. Returns the stranger's thread.
fn mailed(desk: &mut Desk, mail: &MailServer, code: &str) -> String {
    let letter = mail.letter_to(&WRITER);
    desk.canary.learn(letter.link().rsplit('/').next().expect("the link's secret"));
    let (id, token) = desk.thread(code);
    assert!(letter.text.contains(&token), "the letter takes no answers");
    desk.canary.learn(&token);
    desk.nothing_in_clear("after the letters");
    let answer = mail_from(&WRITER, &format!("help+{token}@shop.example"), "Answer");
    desk.shop.says(&["mail", "receive"], &answer);
    let stranger = mail_from("qxzkanarie.stranger@mark.example", "help@shop.example", "Question");
    for _ in 0..2 {
        desk.shop.says(&["mail", "receive"], &stranger);
    }
    desk.nothing_in_clear("after mail was taken");
    let queue: Value =
        serde_json::from_str(&desk.shop.says(&["conversations", "list", "--json"], "")).expect("JSON");
    let others = queue["conversations"].as_array().expect("a list").iter();
    let mut others = others.filter_map(|thread| thread["id"].as_str()).filter(|other| *other != id);
    let begun = others.next().expect("the stranger's thread").to_owned();
    assert_eq!(others.next(), None, "taken twice");
    for (id, subject) in [(&id, "Answer"), (&begun, "Question")] {
        let seen = desk.shop.says(&["conversations", "show", id], "");
        for kept in [format!("sings {subject}."), format!("qxzkanarie-{subject}.bird")] {
            assert!(seen.contains(&kept), "{kept} is not kept: the test marks nothing\n{seen}");
        }
        assert!(!seen.contains("dropped") && !seen.contains(ORIGIN), "{seen}");
    }
    begun
}

/// A person ties what they wrote to their page, whose letter came by mail.
fn tied(desk: &mut Desk, mail: &MailServer) -> (String, Visitor) {
    let buyer = Party::new(&*BUYER, "Qxzkanarie Buyer");
    assert_eq!(desk.server.notice(&paid(&bought_by(1, buyer))).status, 200);
    let code = desk.begins(&[("message", "My qxzkanarie is lost.")], &[("qxzkanarie.log", b"qxzkanarie")]);
    assert_eq!(ask_for_page(desk.server.address, &BUYER, ORIGIN).status, 200);
    let visitor = Visitor::open(desk.server.address, &mail.letter_to(&BUYER).link());
    assert_eq!(visitor.post("/licence/conversation", &[("code", &code)]).status, 303);
    let held = visitor.get("/licence/data").text();
    assert!(held.contains("My qxzkanarie is lost.") && held.contains("qxzkanarie.log"), "{held}");
    let id = desk.number(&code);
    desk.shop.says(&["conversations", "customer", "show", &id], "");
    desk.nothing_in_clear("after it was tied");
    (code, visitor)
}

/// A passage about somebody else goes, and with it the slot under which it lay.
fn redacted(desk: &Desk, code: &str) {
    let id = desk.number(code);
    desk.shop.says(&["conversations", "redact", &id, "--message", "1"], "Qxzkanarie Nachbar");
    let page = conversation::look(desk.server.address, code).expect("a conversation");
    assert!(page.contains("my neighbour [removed] hears"), "{page}");
    desk.nothing_in_clear("after a passage was removed");
}

/// By its code, by staff, with its person. A code erases what it shows: the mail stays until staff erase it.
fn erased(desk: &Desk, code: &str, mailed: &str, tied: &str, visitor: &Visitor) {
    desk.shop.says(&["conversations", "erase", mailed, "--yes"], "");
    let id = desk.number(code);
    let erased = conversation::erase(&mut desk.server.connect(), code).expect("an answer");
    assert_eq!(erased.status, 200, "{}", erased.text());
    assert_eq!(visitor.erase().expect("an answer").status, 200);
    for code in [code, tied] {
        assert!(conversation::look(desk.server.address, code).is_none(), "an erased conversation opens");
    }
    let stays = desk.shop.says(&["conversations", "show", &id], "");
    assert!(stays.contains("sings Answer.") && !stays.contains("my neighbour"), "{stays}");
    desk.shop.says(&["conversations", "erase", &id, "--yes"], "");
    desk.nothing_in_clear("after the erasures");
}

/// What is left is closed, and half a year later it is swept.
fn swept(desk: Desk, left: &str) {
    let Desk { shop, server, canary, .. } = desk;
    let log = server.log();
    assert!(server.stop().success());
    let mut beside = shop.beside();
    let (id, _) = beside.thread_of(left).expect("a conversation");
    shop.says(&["conversations", "close", &domain::licensing::issue::display_number(id)], "");
    let later = beside.db.clock.now() + 183 * 86_400;
    beside.db.clock = Clock::Fixed(Arc::new(AtomicI64::new(later)));
    let swept = wait(domain::erasure::retention::run_retention(&beside.db, &beside.settings)).expect("swept");
    assert_eq!(swept.conversations, 1, "{swept:?}");
    let books = DatabaseRows::read(&beside.db);
    for table in [
        "conversation",
        "message",
        "attachment",
        "chunk",
        "conversation_access",
        "processed_mail",
        "erasure_intent",
    ] {
        assert_eq!(books.count(table), 0, "{table}");
    }
    beside.close();
    canary.nothing_in_clear(&shop, "after the sweep");
    for words in [&["audit", "show", "--cases"][..], &["doctor", "--json"], &["tokens", "list"]] {
        let told = shop.run(words, "");
        let told = [told.stdout, told.stderr].concat();
        assert!(!String::from_utf8_lossy(&told).to_lowercase().contains(MARK), "{words:?} knows the erased");
    }
    assert!(!log.contains("198.18."), "an address in the log:\n{log}");
}

#[test]
fn no_mark_of_a_conversation_is_found_unencrypted_in_any_file() {
    let Some(mail) = MailServer::started() else { return };
    let mut desk = Desk::open(&mail);
    let code = begun(&mut desk);
    answered(&desk, &code);
    let mailed = mailed(&mut desk, &mail, &code);
    let left = desk.begins(&[("message", "Left alone with its qxzkanarie.")], &[("a.txt", b"qxzkanarie")]);
    let (tied, visitor) = tied(&mut desk, &mail);
    redacted(&desk, &code);
    let backup = desk.shop.folder().join("copy");
    desk.shop.says(&["backup", backup.to_str().expect("UTF-8")], "");
    erased(&desk, &code, &mailed, &tied, &visitor);
    swept(desk, &left);
}
