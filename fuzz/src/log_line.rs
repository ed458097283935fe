use std::{net::Ipv4Addr, sync::LazyLock};

use analytics::{Classifier, DayKey, LogLine, Outcome, Request, Tally, VisitKind};

static CLASSIFIER: LazyLock<Classifier> =
    LazyLock::new(|| Classifier::new("vendor", &["vendor.example"], Default::default()));

/// A browser's user agent, so that the other fields of the request are counted.
const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Parses and classifies a log line that a stranger's request caused. It never panics. Counted values are short and
/// printable, and cleaning them again changes nothing.
pub fn log_line(input: &[u8]) {
    if let Ok(line) = LogLine::parse(input)
        && let Some(request) = line.request()
    {
        check_request(&request);
    }
    // Again with the whole input in each field of a request, so that the fuzzer gets past the format.
    let text = String::from_utf8_lossy(input);
    let page = format!("/{text}");
    let request = Request::view(Ipv4Addr::LOCALHOST.into(), &page);
    check_request(&Request { user_agent: &text, ..request });
    for kind in [VisitKind::View, VisitKind::Event] {
        let name = &text;
        check_request(&Request {
            user_agent: USER_AGENT,
            referrer: Some(&text),
            languages: &text,
            kind,
            name,
            ..request
        });
    }
    check_request(&Request { user_agent: USER_AGENT, page: &text, ..request });
}

fn check_request(request: &Request<'_>) {
    let key = DayKey::new([1; 32]);
    let Outcome::Count(visit, visitor) = CLASSIFIER.classify(request, 25, &key) else { return };
    let values = [Some(visit.subject()), visit.referrer(), visit.campaign(), Some(visit.language())];
    for value in values.into_iter().flatten() {
        assert!(value.len() <= 200, "longer than a value may be");
        assert!(!value.chars().any(char::is_control), "a control character in a table");
    }
    if visit.kind() != VisitKind::Event {
        let path = visit.subject();
        assert!(path.starts_with('/') && !path.contains(['?', '#', '=']), "not only a path");
        let cleaned = Request { kind: VisitKind::View, page: path, ..*request };
        match CLASSIFIER.classify(&cleaned, 0, &key) {
            Outcome::Count(twice, _) => assert_eq!(twice.subject(), path, "cleaning is not stable"),
            _ => panic!("a cleaned path is rejected"),
        }
    }
    let mut tally = Tally::default();
    tally.count(&visit, visitor);
    assert!(
        Tally::from_bytes(&tally.to_bytes()).is_ok_and(|read| read == tally),
        "a state that can't be decoded"
    );
}
