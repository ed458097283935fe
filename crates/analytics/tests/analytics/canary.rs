//! Canary values of one person appear neither in the state of a day nor in published tables.

use crate::site::{AGENTS, Site, address};
use analytics::{
    Classifier, DayKey, DisclosureThresholds, Outcome, Request, VisitKind, apply_disclosure_control,
};

const SECRETS: [&str; 12] = [
    "canary",
    "alice",
    "5d41402abc4b2a76",
    "4111111111111111",
    "4111-1111",
    "dGhpcyBpcyBh",
    "eyJhbGciOi",
    "550e8400",
    "84.128.0.77",
    "Windows NT",
    "AppleWebKit",
    "secret-words",
];

/// Requests with one canary each, in every field that can hold one.
fn requests() -> Vec<Request<'static>> {
    let pages = [
        "/docs?q=canary#canary",
        "/search/canary%20words",
        "/de/suche/canary/",
        "/o/alice@example.org",
        "/o/alice%40example.org/pay",
        "/o/alice%2540example.org",
        "/t/5d41402abc4b2a76b9719d911017c592",
        "/t/550e8400-e29b-41d4-a716-446655440000/x",
        "/c/4111111111111111",
        "/c/4111-1111-1111-1111",
        "/b/dGhpcyBpcyBhIHNlY3JldA==",
        "/j/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "/reset/secret-words-of-alice",
        "/a;jsessionid=canary",
        "/a%3Fq=canary",
        "https://vendor.example/docs?token=canary&utm_source=alice@example.org&utm_term=canary",
        "https://alice:canary@vendor.example/docs",
    ];
    let base = |page| Request { user_agent: AGENTS[0], ..Request::view(address(77 * 4 + 3), page) };
    let referrers = [
        "https://www.google.com/search?q=canary",
        "https://blog.example.net/alice/canary?x=canary",
        "https://alice:canary@blog.example.net/",
    ];
    let names = ["alice@example.org", "5d41402abc4b2a76b9719d911017c592", "paid 4111-1111-1111-1111"];
    let mut requests: Vec<_> = pages.into_iter().map(base).collect();
    requests.extend(referrers.map(|referrer| Request { referrer: Some(referrer), ..base("/") }));
    requests.extend(names.map(|name| Request { kind: VisitKind::Event, name, ..base("/") }));
    requests.extend([Request {
        user_agent: "Mozilla/5.0 (Windows NT 10.0) canary/1.0 CFNetwork/1 alice",
        languages: "canary,alice;q=0.1",
        ..base("/")
    }]);
    requests
}

fn found(bytes: &[u8], secret: &str) -> bool {
    memchr::memmem::find(&bytes.to_ascii_lowercase(), secret.to_ascii_lowercase().as_bytes()).is_some()
}

#[test]
fn no_address_user_agent_query_or_token_is_in_the_days_state() {
    let mut site = Site::open();
    for request in requests() {
        assert!(site.count(&request, 9), "{}", request.page);
    }
    let state = site.tally.to_bytes();
    for secret in SECRETS {
        assert!(!found(&state, secret), "{secret}");
    }
    let octets = [84_u8, 128, 0, 77];
    assert!(memchr::memmem::find(&state, &octets).is_none(), "an address in its bytes");
    // The search works: permitted values are found.
    assert!(found(&state, "/docs") && found(&state, "Chrome") && found(&state, "blog.example.net"));
}

#[test]
fn values_of_one_visitor_are_in_no_published_table() {
    let mut site = Site::open();
    (0..50).for_each(|person| site.see(person, "/docs"));
    for request in requests() {
        site.count(&request, 9);
    }
    let published = apply_disclosure_control(&site.tally, DisclosureThresholds::default());
    for table in published.staff.iter().chain(&published.public) {
        for row in &table.rows {
            assert!(!row.value.contains('…') && !row.value.contains("blog"), "{}", row.value);
        }
    }
}

#[test]
fn a_person_is_one_visitor_today_and_another_under_another_day_key() {
    let site = Site::open();
    let request = Request { user_agent: AGENTS[0], ..Request::view(address(5), "/") };
    let visitor = |classifier: &Classifier, key: &DayKey, request: &Request<'_>| match classifier
        .classify(request, 0, key)
    {
        Outcome::Count(_, visitor) => visitor,
        _ => panic!("a visit"),
    };
    let today = visitor(&site.classifier, &site.key, &request);
    assert!(today == visitor(&site.classifier, &site.key, &Request { page: "/other", ..request }));
    assert!(today != visitor(&site.classifier, &DayKey::new([8; 32]), &request));
    assert!(
        today
            != visitor(
                &Classifier::new("other", &["vendor.example"], Default::default()),
                &site.key,
                &request
            )
    );
    assert!(today != visitor(&site.classifier, &site.key, &Request { user_agent: AGENTS[1], ..request }));
    let of = |text: &str| {
        visitor(&site.classifier, &site.key, &Request { address: text.parse().unwrap(), ..request })
    };
    assert!(
        of("2a02:8070:1:2::1") == of("2a02:8070:1:2:ffff::9")
            && of("2a02:8070:1:2::1") != of("2a02:8070:1:3::1")
    );
    assert!(of("8.8.8.8") == of("::ffff:8.8.8.8") && of("8.8.8.8") != of("8.8.8.9"));
}

#[test]
fn a_visitor_who_opted_out_is_not_counted_at_all() {
    let mut site = Site::open();
    let request = Request { user_agent: AGENTS[0], ..Request::view(address(5), "/") };
    assert!(!site.count(&Request { dnt: "1", ..request }, 0));
    assert!(!site.count(&Request { gpc: "1", ..request }, 0));
    assert!(!site.count(&Request { gpc: "1", user_agent: "Googlebot/2.1", ..request }, 0));
    assert!(!site.count(&Request { purpose: "prefetch", ..request }, 0));
    assert_eq!(site.tally.sequence(), 0);
    assert!(site.count(&Request { dnt: "0", ..request }, 0));
}
