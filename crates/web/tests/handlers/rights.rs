//! Who may pass which door. A route without a line here fails.

use crate::http::{Answer, form};
use crate::kit::Kit;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Passes {
    /// Whoever knows the validation key.
    Provider,
    /// Whoever shows a genuine key.
    Program,
    /// Whoever has a letter's link.
    Reader,
    /// Whoever has a conversation's code.
    Holder,
    /// Whoever has an open page.
    Person,
    /// Whoever has a token of the staff's; `tests/api/rights.rs` tries each scope. The statistics of a public site are
    /// for everybody, which `statistics.rs` and `tests/api/sites.rs` try.
    Staff,
    Anybody,
    /// Nobody, but in the demo.
    Demo,
}
use Passes::{Anybody, Demo, Holder, Person, Program, Provider, Reader, Staff};

const RIGHTS: &[(&str, &str, Passes)] = &[
    ("POST", "/paypro", Provider),
    ("POST", "/licence/refresh", Program),
    ("GET", "/licence", Anybody),
    ("POST", "/licence", Anybody),
    ("GET", "/licence/open/{token}", Reader),
    ("POST", "/licence/open/{token}", Reader),
    ("GET", "/licence/address/{token}", Reader),
    ("POST", "/licence/address/{token}", Reader),
    ("GET", "/receipt", Anybody),
    ("POST", "/receipt", Anybody),
    ("GET", "/licence/page", Person),
    ("GET", "/licence/held", Person),
    ("GET", "/licence/held.json", Person),
    ("GET", "/licence/keys.txt", Person),
    ("GET", "/licence/address", Person),
    ("POST", "/licence/address", Person),
    ("GET", "/licence/erase", Person),
    ("POST", "/licence/erase", Person),
    ("POST", "/licence/erase/take-back", Person),
    ("POST", "/licence/close", Person),
    ("POST", "/licence/thread", Person),
    ("POST", "/licence/untie", Person),
    ("GET", "/licence/file/{id}", Person),
    ("GET", "/contact", Anybody),
    ("POST", "/contact", Anybody),
    ("GET", "/thread", Anybody),
    ("POST", "/thread", Holder),
    ("POST", "/thread/answer", Holder),
    ("POST", "/thread/save", Holder),
    ("POST", "/thread/file", Holder),
    ("POST", "/thread/show", Holder),
    ("POST", "/thread/address", Holder),
    ("POST", "/thread/untie", Holder),
    ("POST", "/thread/erase", Holder),
    ("GET", "/thread/letter/{token}", Reader),
    ("POST", "/thread/letter/{token}", Reader),
    ("GET", "/", Anybody),
    ("GET", "/health", Anybody),
    ("GET", "/style.css", Anybody),
    ("GET", "/statistics", Staff),
    ("GET", "/statistics/{site}", Staff),
    ("GET", "/statistics/{site}/{by}", Staff),
    ("GET", "/statistics.css", Anybody),
    ("GET", "/api/v1/openapi.json", Anybody),
    ("GET", "/contact.js", Anybody),
    ("GET", "/count.gif", Anybody),
    ("POST", "/count", Anybody),
    ("OPTIONS", "/count", Anybody),
    ("GET", "/count.js", Anybody),
    ("GET", "/thread.js", Anybody),
    ("GET", "/api/v1/threads", Staff),
    ("GET", "/api/v1/threads/{id}", Staff),
    ("PATCH", "/api/v1/threads/{id}", Staff),
    ("DELETE", "/api/v1/threads/{id}", Staff),
    ("POST", "/api/v1/threads/{id}/replies", Staff),
    ("POST", "/api/v1/threads/{id}/notes", Staff),
    ("POST", "/api/v1/threads/{id}/release", Staff),
    ("POST", "/api/v1/threads/{id}/merge", Staff),
    ("POST", "/api/v1/threads/{id}/redact", Staff),
    ("GET", "/api/v1/threads/{id}/panel", Staff),
    ("POST", "/api/v1/threads/{id}/panel/resend-keys", Staff),
    ("POST", "/api/v1/threads/{id}/panel/extend", Staff),
    ("POST", "/api/v1/threads/{id}/panel/revoke", Staff),
    ("POST", "/api/v1/threads/{id}/panel/erase", Staff),
    ("GET", "/api/v1/threads/{id}/files/{file}", Staff),
    ("GET", "/api/v1/threads/{id}/files/{file}/preview", Staff),
    ("GET", "/api/v1/search", Staff),
    ("GET", "/api/v1/sites", Staff),
    ("GET", "/api/v1/sites/{id}/series", Staff),
    ("GET", "/api/v1/sites/{id}/now", Staff),
    ("GET", "/api/v1/sites/{id}/notes", Staff),
    ("PUT", "/api/v1/sites/{id}/notes", Staff),
    ("GET", "/api/v1/sites/{id}/{by}", Staff),
    ("GET", "/api/v1/canned", Staff),
    ("PUT", "/api/v1/canned/{name}", Staff),
    ("DELETE", "/api/v1/canned/{name}", Staff),
    ("GET", "/api/v1/canned/{name}/fill", Staff),
    ("GET", "/demo", Demo),
    ("GET", "/demo/letters", Demo),
    ("GET", "/demo/checkout", Demo),
    ("POST", "/demo/checkout", Demo),
];

const METHODS: [(&str, &str); 6] = [
    ("GET", "get("),
    ("POST", "post("),
    ("PUT", "put("),
    ("PATCH", "patch("),
    ("DELETE", "delete("),
    ("OPTIONS", "options("),
];

/// The routes that a source names: `.route("/path", get(..).post(..))`, one a line; all of them below a folder.
fn routes_of(source: &str, below: &str) -> Vec<(&'static str, String)> {
    let mut routes = Vec::new();
    for line in source.lines().filter_map(|line| line.trim().strip_prefix(".route(\"")) {
        let (path, methods) = line.split_once("\", ").expect("a route stands on one line");
        let named = METHODS.into_iter().filter(|(_, verb)| methods.contains(verb));
        let before = routes.len();
        routes.extend(named.map(|(method, _)| (method, format!("{below}{path}"))));
        assert!(routes.len() > before, "{path} has a method that this test doesn't know");
    }
    routes
}

#[test]
fn every_route_of_the_program_has_its_line_here() {
    let sources = [
        ("", include_str!("../../src/routes.rs")),
        ("", include_str!("../../../scruple/src/demo.rs")),
        ("/api/v1", include_str!("../../src/handlers/api.rs")),
    ];
    for (_, source) in sources {
        assert_eq!(
            source.matches(".route(").count(),
            source.matches("        .route(\"").count(),
            "routes by name"
        );
    }
    let mut in_source: Vec<_> = sources.iter().flat_map(|(below, source)| routes_of(source, below)).collect();
    let mut in_table: Vec<_> = RIGHTS.iter().map(|(method, path, _)| (*method, (*path).to_owned())).collect();
    in_source.sort_unstable();
    in_table.sort_unstable();
    assert_eq!(in_source, in_table);
}

fn turned_away(answer: &Answer, passes: Passes) -> bool {
    match passes {
        Provider => answer.status == 403,
        Program | Holder => answer.status == 400,
        Reader => answer.status == 410,
        Staff => answer.status == 401,
        Person => (answer.status, answer.header("location")) == (303, "/licence?closed"),
        Demo => answer.status == 404,
        Anybody => false,
    }
}

const STRANGERS: [&str; 4] = [
    "",
    "scruple_page=",
    "scruple_page=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "scruple_page=' OR 1=1 --",
];

fn body_for(path: &str) -> String {
    match path {
        "/paypro" => paypro::Shop::new(paypro::Secret::new("a guess").unwrap())
            .charged(&paypro::Purchase::new(
                "1",
                "4711",
                paypro::simulator::Party::new("eve@example.com", "Eve"),
            ))
            .body(),
        "/licence/refresh" => "200G2-0010G".into(),
        _ => form(&[
            ("email", "eve@example.com"),
            ("agree", "yes"),
            ("word", "ERASE"),
            ("code", "0"),
            ("file", "7"),
            ("address", "eve@example.com"),
            ("sure", "yes"),
        ]),
    }
}

#[tokio::test]
async fn a_stranger_passes_no_door_but_those_for_anybody() {
    let kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    for (method, path, passes) in RIGHTS {
        let at = path.replace("{token}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").replace("{id}", "7");
        let (strangers, body) =
            if *passes == Person { (&STRANGERS[..], form(&[])) } else { (&STRANGERS[..1], body_for(path)) };
        for cookie in strangers {
            let answer = kit.send(method, &at, &[("Cookie", cookie), crate::http::FORM], &body).await;
            let verdict = turned_away(&answer, *passes);
            assert_eq!(verdict, *passes != Anybody, "{method} {path} answered {}", answer.status);
            assert_eq!(answer.header("set-cookie"), "", "{method} {path} set a cookie");
        }
    }
}

#[tokio::test]
async fn a_person_with_an_open_page_passes_their_doors_and_sees_nobody_else() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    kit.sell("2", "grace@example.net", "Grace Hopper").await;
    let cookie = kit.page("ada@example.com").await;
    let shown = RIGHTS
        .iter()
        .filter(|(method, path, passes)| (*method, *passes) == ("GET", Person) && !path.contains('{'));
    for (_, path, _) in shown {
        let answer = kit.get(path, &cookie).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.contains("grace") && !answer.body.contains("Hopper"), "{path}");
    }
    assert!(kit.get("/licence/held", &cookie).await.body.contains("Ada Lovelace"));
}

#[tokio::test]
async fn a_link_for_one_purpose_opens_no_other_door() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let link = kit.link("ada@example.com").await;
    let elsewhere = link.replace("/licence/open/", "/licence/address/");
    assert_eq!(kit.get(&elsewhere, "").await.status, 410);
    assert_eq!(kit.post(&elsewhere, &[], "").await.status, 410);
    assert_eq!(kit.get(&link, "").await.status, 200, "and it isn't used up by that");
}
