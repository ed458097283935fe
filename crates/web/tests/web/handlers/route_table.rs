//! Rules that hold for every row of the route table: methods, security headers, foreign forms, sizes of bodies.

use std::collections::{BTreeMap, BTreeSet};

use web::route::{Access, Limits};
use web::routes::ROUTES;

use crate::api::client::ALL;
use crate::http::{Answer, FORM};
use crate::kit::Kit;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

const HEADERS: [(&str, &str); 3] = [
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// A path with values that nothing has.
fn at(path: &str) -> String {
    let values = [
        ("{token}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("{id}", "00000000"),
        ("{file}", "1"),
        ("{name}", "x"),
        ("{by}", "page"),
        ("{site}", "nowhere"),
    ];
    values.iter().fold(path.to_owned(), |path, (parameter, value)| path.replace(parameter, value))
}

/// The methods of each path. Where there is GET, there is HEAD.
fn paths() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut paths: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for row in ROUTES {
        let methods = paths.entry(row.path).or_default();
        methods.insert(row.method.to_string());
        if row.method.as_str() == "GET" {
            methods.insert("HEAD".to_owned());
        }
    }
    paths
}

#[track_caller]
fn assert_secure(answer: &Answer, what: &str) {
    for (name, value) in HEADERS {
        assert_eq!(answer.header(name), value, "{name} of {what}");
    }
    let policy = answer.header("content-security-policy");
    for rule in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
        assert!(policy.contains(rule), "{rule} of {what}: {policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"),
        "{what}: {policy}"
    );
    let cache = answer.header("cache-control");
    assert!(cache == "no-store" || cache.starts_with("max-age="), "{what}: {cache}");
    for absent in ["set-cookie", "server", "x-powered-by", "access-control-allow-origin"] {
        assert_eq!(answer.header(absent), "", "{absent} of {what}");
    }
    assert!(answer.body.is_empty() || !answer.header("content-type").is_empty(), "content type of {what}");
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_answered_with_those_that_it_has() {
    let kit = Kit::open().await;
    for (path, methods) in paths() {
        for method in METHODS.into_iter().filter(|method| !methods.contains(*method)) {
            let answer = kit.send(method, &at(path), &[], "").await;
            assert_eq!(answer.status, 405, "{method} {path}");
            let allowed = answer.header("allow").split(',').map(|method| method.trim().to_owned());
            assert_eq!(allowed.collect::<BTreeSet<_>>(), methods, "{method} {path}");
            let problem = answer.header("content-type") == "application/problem+json";
            assert_eq!(problem, path.starts_with("/api/"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_answer_of_every_route_has_the_security_headers() {
    let kit = Kit::open().await;
    for row in ROUTES.iter().filter(|row| row.limits != Limits::Visit) {
        for method in [row.method.as_str(), "DELETE", "PROPFIND"] {
            let answer = kit.send(method, &at(row.path), &[], "").await;
            assert_secure(&answer, &format!("{method} {} ({})", row.path, answer.status));
        }
    }
    for path in
        ["/nothing", "/licence/", "/api/v1/nothing", "/licence/open/", "/%00", "/..%2f..%2fetc%2fpasswd"]
    {
        let answer = kit.get(path, "").await;
        assert_eq!(answer.status, 404, "{path}");
        assert_secure(&answer, path);
    }
}

#[tokio::test]
async fn a_path_that_is_no_text_is_answered_like_one_that_nothing_has() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let cookie = kit.sign_in("ada@example.com").await;
    let bearer = format!("Bearer {}", kit.token("ada", ALL).await);
    for row in ROUTES.iter().filter(|row| row.path.contains('{')) {
        let odd = at(row.path).replace("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "%FF");
        let odd = odd.replace("00000000", "%FF").replace("nowhere", "%FF").replace("/x", "/%FF");
        let is_api = row.limits == Limits::Api;
        let kind = if is_api { ("Content-Type", "application/json") } else { FORM };
        let headers = [("Authorization", &*bearer), ("Cookie", &*cookie), kind];
        let body = if is_api { "{\"text\": \"x\"}" } else { "action=close" };
        let query = if odd.ends_with("/render") { "?conversation=7K3M9QXD" } else { "" };
        let answer = kit.send(row.method.as_str(), &(odd.clone() + query), &headers, body).await;
        let expected = match row.access {
            Access::EmailLink => 410,
            Access::StaffUnlessPublic(_) if row.limits == Limits::Page => 401,
            _ => 404,
        };
        assert_eq!(answer.status, expected, "{} {odd}: {}", row.method, answer.body);
        assert!(
            answer.body.starts_with("<!doctype html>") || answer.body.starts_with('{'),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn no_route_accepts_a_form_of_another_site() {
    let kit = Kit::open().await;
    let refused = |answer: &Answer| answer.body.contains("Another website sent this form");
    for row in ROUTES.iter().filter(|row| row.limits != Limits::Visit && row.method.as_str() == "POST") {
        for site in ["cross-site", "same-site", "", "CROSS-SITE", "something-new"] {
            let answer = kit.post(&at(row.path), &[("Sec-Fetch-Site", site)], "").await;
            assert!(answer.status == 403 && refused(&answer), "{} from {site}: {}", row.path, answer.status);
        }
        for site in ["same-origin", "none"] {
            let answer = kit.post(&at(row.path), &[("Sec-Fetch-Site", site)], "").await;
            assert!(!refused(&answer), "{} from {site}", row.path);
        }
    }
    // A link on another site leads here.
    assert_eq!(kit.send("GET", "/licence", &[("Sec-Fetch-Site", "cross-site")], "").await.status, 200);
}

#[tokio::test]
async fn a_head_request_gets_the_headers_of_the_page_without_the_page() {
    let kit = Kit::open().await;
    let pages = ROUTES.iter().filter(|row| row.method.as_str() == "GET" && row.access == Access::Anyone);
    for row in pages.filter(|row| row.limits != Limits::Visit) {
        let (get, head) = (kit.get(row.path, "").await, kit.send("HEAD", row.path, &[], "").await);
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{}", row.path);
        for name in ["content-type", "content-length", "cache-control", "content-security-policy", "location"]
        {
            assert_eq!(head.header(name), get.header(name), "{name} of {}", row.path);
        }
    }
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_and_one_of_the_limit_is_read() {
    let kit = Kit::open().await;
    let limit = Limits::Page.body().unwrap();
    for path in [
        "/paypro",
        "/licence/refresh",
        "/licence",
        "/receipt",
        "/conversation",
        "/conversation/save",
        "/conversation/file",
        "/conversation/show",
        "/conversation/address",
        "/conversation/unlink",
        "/conversation/erase",
    ] {
        for (length, too_long) in [(limit, false), (limit + 1, true), (4 * limit, true)] {
            let body = format!("code={}", "x".repeat(length - 5));
            let status = kit.send("POST", path, &[FORM], &body).await.status;
            assert_eq!(status == 413, too_long, "{path} with {length} bytes: {status}");
            assert!((400..500).contains(&status), "{path} with {length} bytes: {status}");
        }
    }
}

#[tokio::test]
async fn a_cookie_is_secure_where_the_site_is() {
    use crate::kit::Setup;
    for (public_url, secure) in [("https://licence.example.org", true), ("http://127.0.0.1:8080", false)] {
        let mut kit = Kit::with(Setup { public_url, ..Setup::default() }).await;
        kit.sell("1", "ada@example.com", "Ada Lovelace").await;
        let link = kit.link("ada@example.com").await;
        let opened = kit.post(&link, &[], "").await;
        let parts: Vec<&str> = opened.header("set-cookie").split("; ").skip(1).collect();
        let mut expected = vec!["Path=/licence", "HttpOnly", "SameSite=Strict", "Max-Age=1800"];
        expected.extend(secure.then_some("Secure"));
        assert_eq!(parts, expected, "{public_url}");
    }
}
