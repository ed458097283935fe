//! Simulated visits of web sites, sent as an image request or a beacon, or written as a line of a log.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use analytics::{DayTallies, Dimension, Tally};
use calendar::Day;
use domain::statistics::{DateRange, FiguresPage, FiguresQuery, read_figures};
use store::{Audience, Site};

use super::http::{Connection, FORM, form};
use super::process::Server;
use super::random::SeededRandom;
use super::{OpenStore, block_on, wait_until};

/// User agents, each with its browser and system in the statistics.
pub const AGENTS: [(&str, &str, &str); 4] = [
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        "Chrome",
        "Windows",
    ),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox", "Linux"),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
        "Safari",
        "Mac OS",
    ),
    (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
        "Chrome",
        "Android",
    ),
];

/// Referrers, each with its name in the statistics: `None` for a page of the site itself.
pub const REFERRERS: [(&str, Option<&str>); 4] = [
    ("", Some("")),
    ("https://www.google.com/search?q=words", Some("Google")),
    ("https://blog.example.net/a-post", Some("blog.example.net")),
    ("https://vendor.example/here", None),
];

/// The kind of a visit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum VisitKind {
    View,
    Event,
    Download,
    Missing,
}

/// A visit of a person.
#[derive(Clone)]
pub struct Visit {
    pub person: u32,
    pub kind: VisitKind,
    /// The page, the event or the file.
    pub subject: String,
    /// The index of its referrer in [`REFERRERS`].
    pub from: usize,
}

/// Returns the IP address of a person. One in four has IPv6, with another interface identifier each time.
pub fn address(person: u32, time: u64) -> IpAddr {
    let [_, b, c, d] = (person / 4).to_be_bytes();
    match person % 4 {
        0 => Ipv4Addr::new(8, 64 + b, c, d).into(),
        1 => Ipv4Addr::new(133, b, c, d).into(),
        2 => Ipv4Addr::new(84, 128 + b, c, d).into(),
        _ => {
            let [h, l] = [u16::from(b), u16::from_be_bytes([c, d])];
            let of_now = u16::try_from(time % 65_536).expect("16 bits");
            Ipv6Addr::new(0x2a02, 0x8070, h, l, 0, 0, of_now, 1).into()
        }
    }
}

/// Returns the user agent of a person, which is always the same.
pub fn agent(person: u32) -> &'static (&'static str, &'static str, &'static str) {
    &AGENTS[(person / 16) as usize % 4]
}

impl Visit {
    /// A page view of a person without a referrer.
    pub fn page(person: u32, page: &str) -> Self {
        Self { person, kind: VisitKind::View, subject: page.to_owned(), from: 0 }
    }

    /// Draws a random visit. Few people come often, and few pages are read often.
    pub fn drawn(chance: &mut SeededRandom, people: u64, pages: u64) -> Self {
        let share = |chance: &mut SeededRandom| chance.below(1 << 52) as f64 / (1_u64 << 52) as f64;
        // One per cent of the people make ten per cent of the views.
        let person = (people as f64 * share(chance).powi(2)) as u32;
        // Pages by Zipf's law: the n-th is read about 1/n times as often as the first.
        let page = ((pages as f64 + 1.0).powf(share(chance)) - 1.0) as u64;
        let (kind, subject) = match chance.below(40) {
            0 => (VisitKind::Download, format!("/files/setup-{}.zip", page % 7)),
            1 => (VisitKind::Missing, format!("/gone/page-{page}x")),
            _ => (VisitKind::View, format!("/docs/page-{page}x")),
        };
        Self { person, kind, subject, from: chance.below(4) as usize }
    }

    /// Returns the line of Apache's combined log. An event has none.
    pub fn log_line(&self, second: i64, nth: u64) -> String {
        let (date, of_day) = (Day::from_unix_days(second.div_euclid(86_400)), second.rem_euclid(86_400));
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let text = date.to_string();
        let (year, month, day) = (&text[..4], text[5..7].parse::<usize>().expect("a month"), &text[8..]);
        let status = if self.kind == VisitKind::Missing { 404 } else { 200 };
        let from = match REFERRERS[self.from].0 {
            "" => "-",
            from => from,
        };
        format!(
            "{} - - [{day}/{}/{year}:{:02}:{:02}:{:02} +0000] \"GET {} HTTP/1.1\" {status} 512 \"{from}\" \"{}\"\n",
            address(self.person, nth),
            MONTHS[month - 1],
            of_day / 3_600,
            of_day / 60 % 60,
            of_day % 60,
            self.subject,
            agent(self.person).0,
        )
    }

    /// Sends it to a server, as an image request, a form or JSON in turn.
    pub fn send(&self, connection: &mut Connection, site: &str, nth: u64) {
        let (page, kind, name) = match self.kind {
            VisitKind::View => (&*self.subject, "view", ""),
            VisitKind::Event => ("/", "event", &*self.subject),
            VisitKind::Download => (&*self.subject, "download", ""),
            VisitKind::Missing => (&*self.subject, "404", ""),
        };
        let fields = [("s", site), ("p", page), ("r", REFERRERS[self.from].0), ("k", kind), ("n", name)];
        let from = address(self.person, nth).to_string();
        let headers = [("user-agent", agent(self.person).0), ("x-forwarded-for", &*from)];
        let answer = match nth % 3 {
            0 => {
                let query = String::from_utf8(form(&fields)).expect("ASCII");
                connection.request("GET", &format!("/count.gif?{query}"), &headers, b"")
            }
            1 => connection.request("POST", "/count", &[&headers[..], &[FORM]].concat(), &form(&fields)),
            _ => {
                let json: serde_json::Map<_, _> =
                    fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
                let body = serde_json::Value::Object(json).to_string();
                let text = ("content-type", "text/plain;charset=UTF-8");
                connection.request("POST", "/count", &[&headers[..], &[text]].concat(), body.as_bytes())
            }
        };
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, if nth.is_multiple_of(3) { 200 } else { 204 }, "{}", answer.text());
        assert_eq!(answer.header("set-cookie"), None);
    }
}

/// Waits until a server counts visits of a site. It learns of a new site within seconds.
pub fn wait_until_counting(server: &Server, site: &str) {
    let path = format!("/count.gif?s={site}&p=/");
    wait_until("the site", || {
        let answer = server.connect().request("GET", &path, &[("dnt", "1")], b"").expect("an answer");
        (answer.status == 200).then_some(())
    });
}

impl OpenStore {
    /// Returns the site of that name.
    pub fn site(&self, name: &str) -> Site {
        let site = block_on(async { self.db.read().await?.site(name).await });
        site.expect("the database").expect("the site")
    }

    /// Returns the sum of the sealed tallies of a day, and the number of nodes.
    pub fn sealed(&self, site: &Site, date: Day) -> (Tally, usize) {
        let mut day = DayTallies::new();
        let tallies =
            block_on(async { self.db.read().await?.tallies(site.id, date).await }).expect("they open");
        let nodes = tallies.len();
        for tally in tallies {
            day.insert(tally.node.cast_unsigned(), Tally::from_bytes(&tally.state[8..]).expect("a tally"));
        }
        (day.total(), nodes)
    }

    /// Returns all published rows of a dimension in a range of days, sorted by value.
    pub fn published(
        &self,
        site: &Site,
        audience: Audience,
        dimension: Dimension,
        days: (Day, Day),
    ) -> FiguresPage {
        let range = DateRange { from: days.0, to: days.1 };
        let read = FiguresQuery { site: site.id, audience, dimension, range, skip: 0, limit: usize::MAX };
        let read = block_on(async { read_figures(&mut self.db.read().await?, &read).await });
        let mut reading = read.unwrap_or_else(|error| panic!("{error}"));
        reading.rows.sort_by(|a, b| a.value.cmp(&b.value));
        reading
    }
}
