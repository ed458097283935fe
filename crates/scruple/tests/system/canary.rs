//! Canaries: every field of a notice and of every form holds a mark, and after each step every file of the shop is
//! searched for it: the data folder, the keyring's place, the logs, and PostgreSQL's own folder with its write-ahead log.

mod conversations;
mod marked_files;
mod visits;

use std::path::PathBuf;
use std::sync::LazyLock;

use paypro::simulator::Draft;
use paypro::{FieldClass, Purchase, Secret, UnverifiedNotification, simulator::Party};
use sqlx::{Connection as _, Row as _};

use super::kit::http::{Connection, form};
use super::kit::mail::{MailServer, fresh};
use super::kit::orders::{VALIDATION_KEY, provider, yesterday};
use super::kit::portal::{Visitor, ask_for_page};
use super::kit::process::Server;
use super::kit::{Shop, wait};
use super::search::Search;

/// Stands in every text.
const MARK: &str = "zqxkanarie";
/// Stands in every number that can be chosen.
const DIGITS: &str = "90817263544";
/// The mail server keeps what it gets, so each engine writes to an address of its own.
static BUYER: LazyLock<String> = LazyLock::new(|| fresh("zqxkanarie.buyer"));
const LICENSEE: &str = "zqxkanarie.licensee@mark.example";
static NEW_ADDRESS: LazyLock<String> = LazyLock::new(|| fresh("zqxkanarie.new"));

/// A notice in which every field that may hold anything holds a mark; says how many do.
fn marked(draft: Draft) -> (Draft, usize) {
    let names: Vec<String> = draft.fields().iter().map(|(name, _)| name.clone()).collect();
    let (mut draft, mut count) = (draft, 0);
    for name in names {
        if draft.value(&name).is_some_and(|value| value.contains(MARK) || value.contains(DIGITS)) {
            count += 1;
            continue;
        }
        let class = paypro::fields::find(&name).map(|field| field.class);
        let word = if class == Some(FieldClass::Drop) { "dropped" } else { "kept" };
        // What the program acts by keeps its value: a mark there would only be refused.
        if class == Some(FieldClass::Plain) || class == Some(FieldClass::PlainDay) {
            continue;
        }
        let tried = draft.clone().field(&name, format!("{MARK} {word} {name}"));
        let body = tried.body();
        let key = Secret::new(VALIDATION_KEY.to_owned()).expect("not empty");
        if UnverifiedNotification::parse(body.as_bytes())
            .is_ok_and(|unverified| unverified.verify(&key).is_ok())
        {
            draft = tried;
            count += 1;
        }
    }
    (draft, count)
}

fn purchase(nth: u32) -> Purchase {
    Purchase {
        order_item: format!("{DIGITS}2{nth}"),
        placed: yesterday(),
        company: format!("{MARK} Company"),
        licensee: Some(Party::new(LICENSEE, format!("{MARK} Licensee"))),
        custom: vec![
            ("x-campaign".into(), format!("{MARK} kept")),
            ("x-other".into(), format!("{MARK} dropped")),
        ],
        ..Purchase::new(format!("{DIGITS}1{nth}"), "4711", Party::new(&*BUYER, format!("{MARK} Buyer")))
    }
    .subscribed(format!("{DIGITS}3{nth}"), 30)
}

/// All folders that hold anything of the shop.
fn folders(shop: &Shop) -> Vec<PathBuf> {
    let mut folders = vec![shop.folder().to_owned()];
    if !shop.url.is_empty() {
        folders.push(wait(async {
            let mut conn = sqlx::AnyConnection::connect(&shop.url).await.expect("PostgreSQL");
            // What waits in its memory goes to its files, samples of columns too.
            let tables: Vec<&str> = policy::inventory::TABLES.iter().map(|t| t.name).collect();
            let sql = format!("ANALYZE {}; CHECKPOINT", tables.join(", "));
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.expect("a checkpoint");
            let row = sqlx::query("SELECT current_setting('data_directory')").fetch_one(&mut conn).await;
            PathBuf::from(row.expect("its folder").get::<String, _>(0))
        }));
    }
    folders
}

/// Looks for marks, and shows each time that it would see them.
struct Canary {
    marks: Vec<String>,
    /// What would be found as bytes alone.
    bytes: Vec<Vec<u8>>,
}

impl Canary {
    fn of(marks: &[&str]) -> Self {
        Self { marks: marks.iter().map(|mark| (*mark).to_owned()).collect(), bytes: Vec::new() }
    }

    /// Looks for this secret too from now on.
    fn learn(&mut self, secret: &str) {
        self.marks.push(secret.to_owned());
    }

    fn search(&self) -> Search {
        let marks: Vec<&str> = self.marks.iter().map(String::as_str).collect();
        self.bytes.iter().fold(Search::of(&marks), |search, bytes| search.and_bytes(bytes))
    }

    fn nothing_in_clear(&self, shop: &Shop, when: &str) {
        let search = self.search();
        for folder in folders(shop) {
            // Were the search blind here, it would not find this either.
            let planted = folder.join(format!("planted-{}", self.marks[0]));
            for mark in
                self.bytes.iter().map(Vec::as_slice).chain(self.marks.iter().rev().map(String::as_bytes))
            {
                std::fs::write(&planted, [b"...", mark, b"..."].concat()).expect("a file");
                let seen = search.file(&planted);
                assert!(seen.is_some(), "{when}: the searcher sees nothing in {}", folder.display());
            }
            let (ours, others): (Vec<_>, Vec<_>) =
                search.folder(&folder).into_iter().partition(|seen| seen.file == planted);
            assert_eq!(others, [], "{when}");
            assert_eq!(ours.len(), 1, "{when}: not all files of {} are searched", folder.display());
            std::fs::remove_file(planted).expect("our file");
        }
    }
}

/// Every form and every other way in, as a stranger fills them.
fn strangers(server: &Server) {
    let other = format!("{MARK}.stranger@mark.example");
    assert_eq!(ask_for_page(server.address, &other, "192.0.2.77").status, 200);
    let told = [
        ("user-agent", MARK),
        ("referer", "http://zqxkanarie.example/"),
        ("cookie", "scruple_page=zqxkanarie"),
        ("accept-language", MARK),
        ("x-forwarded-for", "203.0.113.99"),
    ];
    let paths =
        ["/licence/portal", "/zqxkanarie?zqxkanarie=1", "/licence/open/zqxkanarie", "/licence?zqxkanarie"];
    for path in paths {
        let answer = server.connect().ask("GET", path, &told, b"").expect("an answer");
        assert!(answer.status < 500, "{path}: {}", answer.status);
    }
    for path in ["/licence", "/receipt", "/licence/refresh", "/paypro", "/licence/address", "/licence/erase"]
    {
        for field in ["email", "code", "word", "agree", "zqxkanarie"] {
            let mut connection = Connection::open(server.address).expect("it listens");
            let answer =
                connection.post(path, &form(&[(field, &format!("{MARK} {DIGITS}"))])).expect("an answer");
            assert!(answer.status < 500, "{path}: {}", answer.status);
        }
    }
}

/// Buys, with the product unknown at first, so that the order waits sealed too.
fn buys(shop: &Shop, server: &Server, canary: &Canary) {
    let (paid, count) = marked(provider().charged(&purchase(1)));
    assert!(count > 100, "only {count} fields hold a mark");
    assert_eq!(server.notice(paid.body().as_bytes()).status, 200);
    canary.nothing_in_clear(shop, "while the order waits");
    let add = ["product", "add", "--id", "4711", "--name", "Cloud", "--kind", "subscription"];
    shop.says(&add, "");
    for draft in [
        provider().licence_requested(&purchase(1)),
        provider().subscription_charged(&purchase(1), 1),
        provider().payment_changed(&purchase(1), "9817"),
        provider().waiting(&purchase(2)),
        provider().lead(&Party::new(&*BUYER, format!("{MARK} Lead"))),
        provider().declined(&purchase(3)),
    ] {
        // A mark would be no digits, and so not kept.
        let draft = marked(draft).0.field("CREDIT_CARD_LAST4", "9817");
        assert_eq!(server.notice(draft.body().as_bytes()).status, 200);
    }
}

#[test]
fn no_mark_is_found_unencrypted_in_any_file() {
    let Some(mail) = MailServer::started() else { return };
    let shop = Shop::empty().with("SCRUPLE_PAYPRO_KEEP_CUSTOM_FIELDS", "x-campaign");
    let shop = mail.carries(shop, mail.port());
    let server = shop.serve();
    let canary = Canary::of(&[MARK, DIGITS]);
    buys(&shop, &server, &canary);
    canary.nothing_in_clear(&shop, "after the purchase");
    let found = shop.says(&["lookup", "--email", "--case", &format!("{MARK} asks")], &BUYER);
    assert!(found.contains(&*BUYER), "{found}");
    strangers(&server);
    assert_eq!(ask_for_page(server.address, &BUYER, "192.0.2.10").status, 200);
    let letter = mail.letter_to(&BUYER);
    canary.nothing_in_clear(&shop, "after the letter");
    let visitor = Visitor::open(server.address, &letter.link());
    let held = visitor.get("/licence/data.json").text();
    for kept in [&*BUYER, "zqxkanarie Buyer", "zqxkanarie kept", DIGITS, "9817"] {
        assert!(held.contains(kept), "{kept} is not held: the test marks nothing");
    }
    assert!(!held.contains("dropped"), "a dropped field is held: {held}");
    assert_eq!(visitor.post("/licence/address", &[("email", &NEW_ADDRESS)]).status, 200);
    let confirm = mail.letter_to(&NEW_ADDRESS).link();
    canary.nothing_in_clear(&shop, "while a new address waits");
    assert_eq!(server.connect().post(&confirm, b"").expect("an answer").status, 200);
    canary.nothing_in_clear(&shop, "before the erasure");
    let erased = visitor.erase().expect("an answer");
    assert_eq!(erased.status, 200, "{}", erased.text());
    let agreement = format!("{LICENSEE}\nI am {MARK} and agree\n");
    shop.says(&["person", "erase", "--channel", "email"], &agreement);
    canary.nothing_in_clear(&shop, "after the erasures");
    for name in ["audit", "doctor"] {
        let word = if name == "audit" { "show" } else { "--json" };
        let told = shop.run(&[name, word], "");
        assert!(!String::from_utf8_lossy(&told.stdout).contains(MARK), "{name} knows an erased person");
    }
    let log = server.log();
    assert!(!log.contains("203.0.113.99") && !log.contains("192.0.2."), "an address in the log:\n{log}");
    assert!(server.stop().success());
    canary.nothing_in_clear(&shop, "after the stop");
}
