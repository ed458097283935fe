//! Headers of every response, and responses that must not depend on the visitor.

use crate::http::form;
use crate::kit::Kit;

const HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
];

#[tokio::test]
async fn a_known_and_an_unknown_address_get_identical_responses() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let known = kit.request_magic_link("ada@example.com").await;
    let unknown = kit.request_magic_link("nobody@example.com").await;
    assert_eq!(known.status, 200);
    assert_eq!(known.but_the_date(), unknown.but_the_date());
    let emails = kit.emails().await;
    assert_eq!(emails.iter().map(|(to, _)| &**to).collect::<Vec<_>>(), ["ada@example.com"]);
}

#[tokio::test]
async fn the_response_is_sent_before_the_address_is_looked_up() {
    let kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    // No job handles the requests here, and still both are answered.
    assert_eq!(kit.request_magic_link("ada@example.com").await.status, 200);
    assert_eq!(kit.request_magic_link("nobody@example.com").await.status, 200);
}

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    let (big, site) = ("x".repeat(70_000), [("Sec-Fetch-Site", "cross-site")]);
    let answers = [
        (200, kit.get("/licence", "").await),
        (200, kit.get("/licence/portal", &cookie).await),
        (200, kit.get("/licence/data.json", &cookie).await),
        (200, kit.get("/licence/keys.txt", &cookie).await),
        (200, kit.get("/receipt", "").await),
        (200, kit.get("/health", "").await),
        (303, kit.get("/", "").await),
        (303, kit.get("/licence/portal", "").await),
        (400, kit.request_magic_link("no address").await),
        (403, kit.post("/licence", &site, "email=ada%40example.com").await),
        (400, kit.post("/paypro", &[], "nothing").await),
        (404, kit.get("/nowhere", "").await),
        (404, kit.post("/receipt", &[], &form(&[("code", "00000-00000-00000-00000")])).await),
        (405, kit.post("/health", &[], "").await),
        (410, kit.get("/licence/open/x", "").await),
        (413, kit.post("/licence", &[], &big).await),
        (422, kit.post("/licence", &[], "nothing=1").await),
    ];
    for (n, (status, answer)) in answers.iter().enumerate() {
        assert_eq!(answer.status, *status, "answer {n}");
        for (name, value) in HEADERS {
            assert_eq!(answer.header(name), value, "{name} of answer {n} ({status})");
        }
        assert_eq!(answer.header("server"), "");
    }
    assert_eq!(kit.get("/style.css", "").await.header("cache-control"), "max-age=3600");
}

#[tokio::test]
async fn only_the_two_forms_with_a_script_allow_scripts_of_this_site() {
    let kit = Kit::open().await;
    for page in ["/contact", "/conversation"] {
        let answer = kit.get(page, "").await;
        let rules = answer.header("content-security-policy");
        assert_eq!(rules.replace("script-src 'self'; ", ""), HEADERS[0].1, "{page}");
        for (name, value) in &HEADERS[1..] {
            assert_eq!(answer.header(name), *value, "{name} of {page}");
        }
        assert!(!answer.body.contains("<script>") && !answer.body.contains("//cdn"));
    }
    for script in ["/contact.js", "/conversation.js"] {
        let answer = kit.get(script, "").await;
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        for reach in [
            "fetch(",
            "XMLHttpRequest",
            "sendBeacon",
            "WebSocket",
            "localStorage",
            "document.cookie",
            "import(",
        ] {
            assert!(!answer.body.contains(reach), "{script} reaches for {reach}");
        }
    }
}

#[tokio::test]
async fn errors_are_pages_with_a_link_or_a_form() {
    let kit = Kit::open().await;
    for answer in [
        kit.get("/nowhere", "").await,
        kit.get("/licence/open/x", "").await,
        kit.post("/licence", &[], "nothing=1").await,
        kit.post("/receipt", &[], "").await,
        kit.request_magic_link("ada at example").await,
    ] {
        assert!(answer.header("content-type").starts_with("text/html"), "{}", answer.status);
        assert!(answer.body.contains("<h1>") && answer.body.contains("</html>"));
        assert!(
            answer.body.contains("href=\"/licence\"") || answer.body.contains("<form"),
            "a link or a form"
        );
    }
    let refused = kit.request_magic_link("ada at example").await;
    assert!(refused.body.contains("role=\"alert\"") && refused.body.contains("aria-describedby=\"problem\""));
    assert!(!refused.body.contains("ada at example"), "the typed text is not repeated");
}

#[tokio::test]
async fn markup_in_a_name_is_escaped() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "<b onclick=x>Ada</b> & \"Co\"").await;
    let cookie = kit.sign_in("ada@example.com").await;
    let page = kit.get("/licence/data", &cookie).await.body;
    assert!(!page.contains("<b onclick"));
    assert!(page.contains("&#60;b onclick=x&#62;Ada&#60;/b&#62;"));
}
