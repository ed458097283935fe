//! Log lines of every format yield the same requests, and no bytes panic the parser.

use crate::site::{AGENTS, Site};
use analytics::{
    Dimension, LogLine, VisitKind,
    log::{LineError, MAX_LINE_BYTES},
};
use calendar::{Day, TimeZone};
use proptest::prelude::*;

const COMBINED: &str = r#"84.128.7.9 - alice [22/Nov/2026:22:41:07 +0100] "GET /docs/a?q=canary&utm_source=letter HTTP/1.1" 200 5123 "https://www.google.com/search?q=canary" "AGENT""#;
const FORMS: [&str; 9] = [
    COMBINED,
    r#"vendor.example:443 84.128.7.9 - - [22/Nov/2026:21:41:07 +0000] "GET /docs/a?utm_source=letter HTTP/2.0" 200 5123 "https://www.google.com/" "AGENT" 0.003 "-""#,
    r#"{"time_iso8601":"2026-11-22T22:41:07+01:00","remote_addr":"84.128.7.9","request":"GET /docs/a?utm_source=letter HTTP/1.1","status":"200","http_referer":"https://www.google.com/","http_user_agent":"AGENT","host":"vendor.example"}"#,
    r#"{"msec":"1795383667.123","remote_addr":"84.128.7.9","request_method":"GET","request_uri":"\/docs\/a?utm_source=letter","status":200,"http_referrer":"https:\/\/www.google.com\/","http_user_agent":"AGENT"}"#,
    r#"{"level":"info","ts":1795383667.5,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","client_ip":"84.128.7.9","proto":"HTTP/2.0","method":"GET","host":"vendor.example","uri":"/docs/a?utm_source=letter","headers":{"Accept-Encoding":["gzip","br"],"User-Agent":["AGENT"],"Referer":["https://www.google.com/"]},"tls":{"resumed":false,"server_name":"other.example"}},"bytes_read":0,"duration":0.0001,"size":5123,"status":200,"resp_headers":{"Server":["Caddy"],"Status":["500"]}}"#,
    r#"{"ts":"2026/11/22 21:41:07","request":{"remote_addr":"84.128.7.9:51234","method":"GET","uri":"/docs/a?utm_source=letter","headers":{"User-Agent":["AGENT"],"Referer":["https://www.google.com/"]}},"status":200}"#,
    r#"{ "time":"[22/Nov/2026:22:41:07 +0100]", "remoteIP":"84.128.7.9", "host":"vendor.example", "request":"/docs/a", "query":"?utm_source=letter", "method":"GET", "status":"200", "userAgent":"AGENT", "referer":"https://www.google.com/" }"#,
    r#"{"time":"22/Nov/2026:22:41:07 +0100","host":"84.128.7.9","request":"GET /docs/a?utm_source=letter HTTP/1.1","status":200,"bytes":null,"referer":"https://www.google.com/","agent":"AGENT"}"#,
    r#"[::ffff:84.128.7.9]:443 - - [22/Nov/2026:22:41:07 +0100] "GET https://vendor.example/docs/a?utm_source=letter HTTP/1.1" 200 - "https://www.google.com/" "AGENT""#,
];

fn line(form: &str) -> String {
    form.replace("AGENT", AGENTS[1])
}

#[test]
fn every_log_format_yields_the_same_visit() {
    let berlin = TimeZone::named("Europe/Berlin").unwrap();
    let mut site = Site::open();
    for (many, form) in FORMS.into_iter().enumerate() {
        let text = line(form);
        let line = LogLine::parse(text.as_bytes()).unwrap_or_else(|unread| panic!("{unread}: {form}"));
        assert_eq!(line.time().to_string(), "2026-11-22T21:41:07Z", "{form}");
        let (day, hour) = berlin.day_and_hour(line.time());
        assert_eq!((day, hour), ("2026-11-22".parse::<Day>().unwrap(), 22));
        assert!(line.host().is_none_or(|host| host == "vendor.example" || host == "84.128.7.9"), "{form}");
        assert!(site.count(&line.request().unwrap(), hour), "{form}");
        for (dimension, word) in [
            (Dimension::Page, "/docs/a"),
            (Dimension::Entry, "/docs/a"),
            (Dimension::Referrer, "Google"),
            (Dimension::Campaign, "letter / - / -"),
            (Dimension::Country, "DE"),
            (Dimension::Browser, "Firefox"),
            (Dimension::System, "Linux"),
            (Dimension::Hour, "22"),
        ] {
            let cell = site.tally.cell(dimension, word).unwrap_or_else(|| panic!("{dimension:?} {form}"));
            assert_eq!((cell.views(), cell.visitors()), (many as u64 + 1, 1), "{dimension:?} {form}");
        }
    }
}

#[test]
fn escapes_of_each_server_are_read() {
    let agents = [
        (
            r#"1.1.1.1 - - [22/Nov/2026:22:41:07 +0100] "GET / HTTP/1.1" 200 1 "-" "a \"b\" \\ c""#,
            r#"a "b" \ c"#,
        ),
        (
            r#"1.1.1.1 - - [22/Nov/2026:22:41:07 +0100] "GET / HTTP/1.1" 200 1 "-" "a \x22b\x22 \x5C c""#,
            r#"a "b" \ c"#,
        ),
        (r#"{"ip":"1.1.1.1","time":1,"path":"/","status":200,"agent":"a \"b\" \\ c"}"#, r#"a "b" \ c"#),
        (
            r#"{"ip":"1.1.1.1","time":1,"path":"/","status":200,"agent":"\u0061 \u00e4 \ud83d\n"}"#,
            "a ä \u{fffd} ",
        ),
    ];
    for (text, user_agent) in agents {
        let line = LogLine::parse(text.as_bytes()).unwrap_or_else(|unread| panic!("{unread}: {text}"));
        assert_eq!(line.request().unwrap().user_agent, user_agent);
    }
}

#[test]
fn a_visitor_who_opted_out_is_not_counted_from_a_log() {
    let mut site = Site::open();
    for header in ["\"Dnt\":[\"1\"]", "\"Sec-Gpc\":[\"1\"]", "\"Sec-Purpose\":[\"prefetch;prerender\"]"] {
        let text = format!(
            r#"{{"ts":1,"request":{{"client_ip":"8.8.8.8","method":"GET","uri":"/","headers":{{"User-Agent":["{}"],{header}}}}},"status":200}}"#,
            AGENTS[0]
        );
        assert!(!site.count(&LogLine::parse(text.as_bytes()).unwrap().request().unwrap(), 1), "{header}");
    }
    assert_eq!(site.tally.sequence(), 0);
}

#[test]
fn only_pages_are_requests_and_an_unparsable_line_tells_why() {
    let of = |request: &str, status: u16| {
        format!("8.8.8.8 - - [22/Nov/2026:22:41:07 +0100] \"{request}\" {status} 1 \"-\" \"-\"")
    };
    for (request, status, kind) in [
        ("GET / HTTP/1.1", 200, Some(VisitKind::View)),
        ("GET /a b c HTTP/1.1", 200, Some(VisitKind::View)),
        ("GET /s.zip HTTP/1.1", 200, Some(VisitKind::Download)),
        ("GET /gone HTTP/1.1", 404, Some(VisitKind::Missing)),
        ("POST / HTTP/1.1", 200, None),
        ("HEAD / HTTP/1.1", 200, None),
        ("\\x16\\x03\\x01", 400, None),
        ("-", 408, None),
    ] {
        let text = of(request, status);
        let line = LogLine::parse(text.as_bytes()).unwrap();
        assert_eq!(line.request().map(|request| request.kind), kind, "{request}");
    }
    let long = of(&"x".repeat(MAX_LINE_BYTES), 200);
    for (text, why) in [
        ("", LineError::Empty),
        ("  \r\n", LineError::Empty),
        ("hello", LineError::Malformed),
        ("# Fields: date time", LineError::Malformed),
        ("{}", LineError::NoTime),
        ("{\"time\":1,\"status\":200,\"path\":\"/\"}", LineError::NoAddress),
        ("{\"time\":1,", LineError::Malformed),
        ("host.example - - [22/Nov/2026:22:41:07 +0100] \"GET / HTTP/1.1\" 200 1", LineError::NoAddress),
        ("8.8.8.8 - - [today] \"GET / HTTP/1.1\" 200 1", LineError::NoTime),
        (&long, LineError::TooLong),
    ] {
        assert_eq!(LogLine::parse(text.as_bytes()).err(), Some(why), "{text:.60}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("SCRUPLE_LONG").is_some() { 100_000 } else { 2_000 }))]

    #[test]
    fn no_mutated_line_panics_the_parser(form in 0..FORMS.len(), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), cut: prop::sample::Index) {
        let mut bytes = line(FORMS[form]).into_bytes();
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        if let Ok(line) = LogLine::parse(&bytes) {
            let mut site = Site::open();
            line.request().map(|request| site.count(&request, 25));
        }
    }

    #[test]
    fn no_bytes_panic_the_parser(bytes: Vec<u8>, brace: bool) {
        let bytes = if brace { [b"{\"".as_slice(), &bytes].concat() } else { bytes };
        prop_assert!(LogLine::parse(&bytes).is_err());
    }
}
