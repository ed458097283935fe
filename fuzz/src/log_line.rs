use std::{net::Ipv4Addr, sync::LazyLock};

use analytics::{Classifier, DayKey, Kind, Line, Outcome, Request, Tally};

static CLASSIFIER: LazyLock<Classifier> =
    LazyLock::new(|| Classifier::new("vendor", &["vendor.example"], Default::default()));

/// A browser's, so that what else is in the request gets as far as the tables.
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// A line of a server's log, as anybody can make the server write it. Reading never panics, nor does classifying; what is
/// counted is short, printable, and nothing more is cleaned out of it a second time.
pub fn log_line(input: &[u8]) {
    if let Ok(line) = Line::read(input)
        && let Some(request) = line.request()
    {
        look_at(&request);
    }
    // Once more with all of it in each place of a request, so that the fuzzer gets behind the format.
    let text = String::from_utf8_lossy(input);
    let page = format!("/{text}");
    let request = Request::view(Ipv4Addr::LOCALHOST.into(), &page);
    look_at(&Request { agent: &text, ..request });
    for kind in [Kind::View, Kind::Event] {
        let name = &text;
        look_at(&Request { agent: AGENT, referrer: Some(&text), languages: &text, kind, name, ..request });
    }
    look_at(&Request { agent: AGENT, page: &text, ..request });
}

fn look_at(request: &Request<'_>) {
    let key = DayKey::new([1; 32]);
    let Outcome::Count(visit, visitor) = CLASSIFIER.classify(request, 25, &key) else { return };
    let words = [Some(visit.subject()), visit.referrer(), visit.campaign(), Some(visit.language())];
    for word in words.into_iter().flatten() {
        assert!(word.len() <= 200, "longer than a cell's word may be");
        assert!(!word.chars().any(char::is_control), "a control character in a table");
    }
    if visit.kind() != Kind::Event {
        let path = visit.subject();
        assert!(path.starts_with('/') && !path.contains(['?', '#', '=']), "more than a path");
        let again = Request { kind: Kind::View, page: path, ..*request };
        match CLASSIFIER.classify(&again, 0, &key) {
            Outcome::Count(twice, _) => assert_eq!(twice.subject(), path, "cleaning twice cleans more"),
            _ => panic!("a cleaned path is refused"),
        }
    }
    let mut tally = Tally::default();
    tally.count(&visit, visitor);
    assert!(
        Tally::from_bytes(&tally.to_bytes()).is_ok_and(|read| read == tally),
        "a state that can't be read again"
    );
}
