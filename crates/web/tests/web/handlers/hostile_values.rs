//! Markup in every value that someone else chooses is text on every page.

use analytics::{Dimension, Figures, Row, Table};
use calendar::Day;
use domain::statistics::Annotate;
use store::{Actor, ConversationId};

use crate::handlers::contact::{code, reply};
use crate::handlers::multipart::{field, file, whole};
use crate::handlers::statistics::{get_page, token};
use crate::http::{Answer, form};
use crate::kit::{Kit, Setup};
use crate::sample_figures::{fill_with, site};

/// Ends an attribute, opens a tag, and looks like an entity.
const MARK: &str = "\"'><i id=mark>&amp;";

/// Checks that a page shows the mark as text, so that a browser makes no element and no attribute of it.
#[track_caller]
fn assert_escaped(answer: &Answer, shows: bool, what: &str) {
    let body = &answer.body;
    assert!(answer.header("content-type").starts_with("text/html"), "{what}");
    assert!(!body.contains("<i id=mark>"), "{what} has the tag");
    assert!(!body.contains("\"'"), "{what} has an open quotation mark");
    assert!(!body.contains("mark&#62;&amp;"), "{what} has the entity");
    assert_eq!(body.contains("&#60;i id=mark&#62;"), shows, "{what} shows it");
}

/// A shop with the mark in the name of vendor, product and buyer, and a conversation with it in every field.
async fn hostile() -> (Kit, String, String) {
    let mut kit = Kit::with(Setup { vendor: MARK, product: MARK, ..Setup::default() }).await;
    kit.sell("1", "ada@example.com", MARK).await;
    let cookie = kit.sign_in("ada@example.com").await;
    let begun = kit.issued_at().await;
    let typed = [("issued_at", &*begun), ("message", MARK), ("name", MARK), ("email", "ada@example.com")];
    let mut parts: Vec<String> = typed.iter().map(|(name, value)| field(name, value)).collect();
    // Browsers write a quotation mark in a file's name so.
    parts.push(file(&MARK.replace('"', "%22"), MARK));
    let code = code(&kit.send_form("/contact", &whole(&parts)).await.body);
    let id = kit.scratch.numbers("SELECT id FROM conversation").await[0];
    reply(&kit, ConversationId::new(id), MARK).await;
    let linked = kit.post("/licence/conversation", &[("Cookie", &cookie)], &form(&[("code", &code)])).await;
    assert_eq!(linked.status, 303, "{}", linked.body);
    (kit, cookie, code)
}

#[tokio::test]
async fn pages_of_a_customer_show_hostile_values_as_text() {
    let (kit, cookie, code) = hostile().await;
    for path in ["/licence/portal", "/licence/data", "/licence/erase", "/licence/address"] {
        assert_escaped(&kit.get(path, &cookie).await, true, path);
    }
    let unsure = kit.post("/licence/erase", &[("Cookie", &cookie)], "agree=no").await;
    assert_escaped(&unsure, true, "the refused agreement");
    assert_escaped(&kit.view_conversation(&code).await, true, "the conversation");
    let unsent = [field("code", &code), field("message", ""), field("seen", MARK)];
    assert_escaped(&kit.send_form("/conversation/answer", &whole(&unsent)).await, true, "the refused answer");
    let gone = [("code", &*code), ("email", MARK)];
    assert_escaped(&kit.post("/conversation/address", &[], &form(&gone)).await, true, "the refused address");
}

#[tokio::test]
async fn pages_for_anyone_show_hostile_values_as_text() {
    let (mut kit, ..) = hostile().await;
    for path in ["/licence", "/licence?signed-out", "/receipt", "/contact", "/conversation"] {
        assert_escaped(&kit.get(path, "").await, true, path);
    }
    let link = kit.link("ada@example.com").await;
    assert_escaped(&kit.get(&link, "").await, true, "the button of a link");
    assert_escaped(&kit.get("/licence/open/x", "").await, true, "a link that expired");
    for path in ["/licence", "/receipt", "/conversation"] {
        let answer = kit.post(path, &[], &form(&[("email", MARK), ("code", MARK)])).await;
        assert_escaped(&answer, true, path);
    }
    // What the path says is not repeated.
    assert_escaped(&kit.get("/%3Ci%20id=mark%3E", "").await, false, "an unknown path");
}

#[tokio::test]
async fn a_form_that_comes_back_shows_hostile_values_as_text() {
    let kit = Kit::open().await;
    let begun = kit.issued_at().await;
    for name in ["message", "name", "email", "licence", "issued_at", "form_token", "website"] {
        let mut typed = vec![("issued_at", &*begun), ("message", "A long story"), ("licence", "none")];
        typed.retain(|(other, _)| *other != name);
        typed.push((name, MARK));
        let parts: Vec<String> = typed.iter().map(|(name, value)| field(name, value)).collect();
        let answer = kit.send_form("/contact", &whole(&parts)).await;
        assert_eq!(answer.status, 400, "{name}");
        // The trap for machines and the number of the form are not shown again.
        let shows = !matches!(name, "website" | "form_token");
        assert_escaped(&answer, shows, name);
    }
}

#[tokio::test]
async fn downloads_are_files_and_no_pages() {
    let (kit, cookie, code) = hostile().await;
    for (path, kind) in
        [("/licence/data.json", "application/json"), ("/licence/keys.txt", "text/plain; charset=utf-8")]
    {
        let answer = kit.get(path, &cookie).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{path}");
        assert!(answer.header("content-disposition").starts_with("attachment; filename=\""), "{path}");
    }
    let id = kit.scratch.numbers("SELECT id FROM attachment").await[0].to_string();
    let wanted = form(&[("code", &code), ("file", &id)]);
    let saved = kit.post("/conversation/file", &[], &wanted).await;
    assert_eq!(saved.header("content-type"), "application/octet-stream");
    let name = saved.header("content-disposition");
    assert_eq!(name.matches('"').count(), 2, "{name}");
    assert!(!name.contains('<') && !name.contains('>') && name.is_ascii(), "{name}");
    assert_eq!(saved.body, MARK);
    let shown = kit.post("/conversation/show", &[], &wanted).await;
    assert_eq!(shown.header("content-type"), "text/plain; charset=utf-8");
    let saved_code = kit.post("/conversation/save", &[], &form(&[("code", &code)])).await;
    assert_eq!(saved_code.header("content-type"), "text/plain; charset=utf-8");
}

#[tokio::test]
async fn statistics_show_hostile_words_and_notes_as_text() {
    let kit = Kit::open().await;
    let date: Day = "2026-11-20".parse().unwrap();
    let site = site(&kit.app.db, "private", false).await;
    let figures = Figures { views: 900, visitors: 500 };
    let word = |dimension| if dimension == Dimension::Hour { "13" } else { MARK };
    let table = |dimension| Table {
        dimension,
        total: figures,
        rows: vec![Row { value: word(dimension).to_owned(), figures }],
        evicted_views: 0,
        days: 1,
    };
    fill_with(&kit.app.db, &site, date, date, |_, _| Dimension::ALL.map(table).to_vec()).await;
    let note = Annotate { site: site.id, date, text: MARK, actor: &Actor::System };
    kit.app.db.execute(&note).await.unwrap();
    let pair = format!("x:{}", token(&kit, "visits:read").await);
    let whole = get_page(&kit, &pair, "/statistics/private?from=2026-11-20&to=2026-11-20").await;
    assert_eq!(whole.status, 200, "{}", whole.body);
    assert_escaped(&whole, true, "the dashboard");
    for dimension in Dimension::ALL.into_iter().filter(|dimension| *dimension != Dimension::Hour) {
        let path = format!("/statistics/private/{}?from=2026-11-20&to=2026-11-20", dimension.name());
        let page = get_page(&kit, &pair, &path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("<i id=mark>"), "{path}");
    }
    for query in ["from=%22%27%3E%3Ci%20id=mark%3E", "%3Ci%20id=mark%3E=1", "period=%3Ci%20id=mark%3E"] {
        let page = get_page(&kit, &pair, &format!("/statistics/private?{query}")).await;
        assert!(!page.body.contains("<i id=mark>"), "{query}: {}", page.body);
    }
}
