//! Refused requests to count a visit, with a helpful text.

use super::*;

#[tokio::test]
async fn a_page_of_another_host_is_refused_and_counted_as_refused() {
    let (mut kit, site) = Kit::counting("UTC").await;
    let someone = person("192.0.2.1");
    let elsewhere: [(&str, &[(&str, &str)]); 5] = [
        ("s=shop&p=/a", &[("Referer", "https://evil.example/")]),
        ("s=shop", &[("Referer", "https://evil.example/")]),
        ("s=shop&p=/a", &[("Origin", "https://example.org.evil.example")]),
        ("s=shop&p=/a", &[("Origin", "https://evil.example"), ("Referer", "https://example.org/")]),
        ("s=shop&p=https%3A%2F%2Fevil.example%2Fa", &[]),
    ];
    for (query, more) in elsewhere {
        let from = [&someone[..], more].concat();
        let answer = kit.image(query, &from).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, ""), "{query}");
        assert!(answer.body.contains("scruple site edit"), "{}", answer.body);
        let answer = kit.beacon(crate::http::FORM, &from, query).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, ""), "{query}");
    }
    // A visitor who objects gets the same refusal. A page without a Referer may name itself.
    let objects = [&someone[..], &[("Origin", "https://evil.example"), ("DNT", "1")]].concat();
    assert_eq!(kit.image("s=shop&p=/a", &objects).await.status, 403);
    // A URL in the query does not change the host.
    let answer = kit.image("s=shop&p=%2Fa%3Fto%3Dhttps%3A%2F%2Fevil.example%2F", &someone).await;
    assert_eq!(answer.status, 200);
    for ours in ["null", "https://example.org", "http://www.docs.example.org:8080"] {
        let from = [&someone[..], &[("Origin", ours)]].concat();
        assert_eq!(kit.beacon(JSON, &from, r#"{"s":"shop","p":"/a"}"#).await.status, 204, "{ours}");
    }
    let today = kit.today(&site);
    let all = kit.sealed(&site, today).await;
    assert_eq!((all.uncounted().refused, cell(&all, Dimension::Page, "/a")), (11, (4, 1)));
}

#[tokio::test]
async fn a_cors_preflight_allows_only_origins_of_the_site() {
    let (kit, _) = Kit::counting("UTC").await;
    let asks = |origin: &'static str| {
        let headers =
            [("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Sec-Fetch-Site", "cross-site")];
        let kit = &kit;
        async move { kit.send("OPTIONS", "/count", &headers, "").await }
    };
    let ours = asks("https://docs.example.org").await;
    assert_eq!((ours.status, ours.header("access-control-allow-origin")), (204, "https://docs.example.org"));
    assert_eq!(ours.header("access-control-allow-headers"), "content-type");
    assert_eq!((ours.header("access-control-allow-methods"), ours.header("vary")), ("POST", "origin"));
    assert_eq!(ours.header("access-control-allow-credentials"), "", "credentials are never allowed");
    let others = asks("https://evil.example").await;
    assert_eq!(others.header("access-control-allow-origin"), "");
    assert_eq!(others.header("access-control-allow-methods"), "");
    let from =
        [&person("192.0.2.1")[..], &[("Origin", "https://example.org"), ("Sec-Fetch-Site", "cross-site")]];
    let sent = kit.beacon(JSON, &from.concat(), r#"{"s":"shop","p":"/a"}"#).await;
    assert_eq!((sent.status, sent.header("access-control-allow-origin")), (204, "https://example.org"));
    assert_eq!(sent.header("vary"), "origin");
    let malformed = kit.beacon(JSON, &from.concat(), r#"{"s":"shop","k":"click"}"#).await;
    assert_eq!(malformed.status, 400, "{}", malformed.body);
}

#[tokio::test]
async fn a_malformed_request_is_answered_with_what_is_wrong() {
    let (mut kit, site) = Kit::counting("UTC").await;
    let someone = person("192.0.2.1");
    for (query, status, says) in [
        ("", 400, "The site is missing"),
        ("s=other&p=/", 404, "scruple site add"),
        ("s=shop", 400, "The page is missing"),
        ("s=shop&p=docs", 400, "p must be the path"),
        ("s=shop&p=/&k=click", 400, "k must be view"),
        ("s=shop&p=/&k=event", 400, "An event needs a name"),
        ("s=shop&p=/&w=wide", 400, "w must be the width"),
    ] {
        let image = kit.image(query, &someone).await;
        assert_eq!(
            (image.status, image.header("content-type")),
            (status, "text/plain; charset=utf-8"),
            "{query}"
        );
        assert!(image.body.contains(says), "{query}: {}", image.body);
        let beacon = kit.beacon(crate::http::FORM, &someone, query).await;
        assert_eq!((beacon.status, &*beacon.body), (status, &*image.body), "{query}");
    }
    for body in ["", "[]", "{", "s=shop&p=/", r#"{"s":["shop"]}"#] {
        let answer = kit.beacon(TEXT, &someone, body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.body.contains("JSON"), "{}", answer.body);
    }
    let large = format!(r#"{{"s":"shop","p":"/{}"}}"#, "a".repeat(8 * 1024));
    let answer = kit.beacon(JSON, &someone, &large).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("8 kB"), "{}", answer.body);
    assert_eq!(kit.send("DELETE", "/count", &someone, "").await.status, 405);
    let today = kit.today(&site);
    assert_eq!(kit.sealed(&site, today).await.sequence(), 0, "nothing was counted");
}

#[tokio::test]
async fn no_response_sets_a_cookie_or_repeats_the_request() {
    let (kit, _) = Kit::counting("UTC").await;
    let someone = person("192.0.2.1");
    let answers = [
        kit.image("s=shop&p=/VqzHolunder", &someone).await,
        kit.image("s=VqzHolunder&p=/VqzHolunder", &someone).await,
        kit.image("s=shop&p=VqzHolunder", &someone).await,
        kit.beacon(JSON, &someone, r#"{"s":"VqzHolunder"}"#).await,
        kit.beacon(JSON, &someone, "VqzHolunder").await,
        kit.get("/count.js?VqzHolunder", "scruple_session=VqzHolunder").await,
    ];
    for answer in answers {
        assert_eq!(answer.header("set-cookie"), "");
        assert!(!answer.body.contains("VqzHolunder"), "{}", answer.body);
        let image = answer.header("content-type") == "image/gif";
        assert!(image || answer.header("x-content-type-options") == "nosniff", "text is served with nosniff");
    }
}
