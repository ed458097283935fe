//! Visitors of web sites, made up: their views, told as an image's address, as a beacon or as a line of a server's log.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use analytics::{Date, DayTallies, Dimension, Tally};
use domain::statistics::{DateRange, FiguresPage, FiguresQuery, read_figures};
use store::{Audience, Site};

use super::http::{Connection, FORM, form};
use super::process::Server;
use super::random::SeededRandom;
use super::{Beside, until, wait};

/// User agents, each with the browser and the system as which it is counted.
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

/// Referrers, each with what is counted of it: nothing where the visitor was on the site already.
pub const REFERRERS: [(&str, Option<&str>); 4] = [
    ("", Some("")),
    ("https://www.google.com/search?q=words", Some("Google")),
    ("https://blog.example.net/a-post", Some("blog.example.net")),
    ("https://vendor.example/here", None),
];

/// What a request is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    View,
    Event,
    Download,
    Missing,
}

/// A request of somebody, before it is told.
#[derive(Clone)]
pub struct Seen {
    pub person: u32,
    pub what: What,
    /// The page, the event or the file.
    pub subject: String,
    /// Which of the referrers.
    pub from: usize,
}

/// A person's address: one in four has IPv6, with another last half each time.
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

/// The user agent that a person always has.
pub fn agent(person: u32) -> &'static (&'static str, &'static str, &'static str) {
    &AGENTS[(person / 16) as usize % 4]
}

impl Seen {
    /// A view of a page by somebody who came directly.
    pub fn page(person: u32, page: &str) -> Self {
        Self { person, what: What::View, subject: page.to_owned(), from: 0 }
    }

    /// Drawn at random: few people come often and few pages are read often, most seldom. Pages are numbered.
    pub fn drawn(chance: &mut SeededRandom, people: u64, pages: u64) -> Self {
        let share = |chance: &mut SeededRandom| chance.below(1 << 52) as f64 / (1_u64 << 52) as f64;
        // The hundredth part of the people makes a tenth of the views.
        let person = (people as f64 * share(chance).powi(2)) as u32;
        // Pages by Zipf's law: the n-th is read about 1/n times as often as the first.
        let page = ((pages as f64 + 1.0).powf(share(chance)) - 1.0) as u64;
        let (what, subject) = match chance.below(40) {
            0 => (What::Download, format!("/files/setup-{}.zip", page % 7)),
            1 => (What::Missing, format!("/gone/page-{page}x")),
            _ => (What::View, format!("/docs/page-{page}x")),
        };
        Self { person, what, subject, from: chance.below(4) as usize }
    }

    /// A line of Apache's combined log; of an event there is none.
    pub fn line(&self, second: i64, nth: u64) -> String {
        let (date, of_day) =
            (Date(i32::try_from(second.div_euclid(86_400)).expect("a day")), second.rem_euclid(86_400));
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let text = date.to_string();
        let (year, month, day) = (&text[..4], text[5..7].parse::<usize>().expect("a month"), &text[8..]);
        let status = if self.what == What::Missing { 404 } else { 200 };
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

    /// Tells it to a server, by an image, a form or JSON in turn.
    pub fn tell(&self, connection: &mut Connection, site: &str, nth: u64) {
        let (page, kind, name) = match self.what {
            What::View => (&*self.subject, "view", ""),
            What::Event => ("/", "event", &*self.subject),
            What::Download => (&*self.subject, "download", ""),
            What::Missing => (&*self.subject, "404", ""),
        };
        let fields = [("s", site), ("p", page), ("r", REFERRERS[self.from].0), ("k", kind), ("n", name)];
        let from = address(self.person, nth).to_string();
        let told = [("user-agent", agent(self.person).0), ("x-forwarded-for", &*from)];
        let answer = match nth % 3 {
            0 => {
                let query = String::from_utf8(form(&fields)).expect("ASCII");
                connection.ask("GET", &format!("/count.gif?{query}"), &told, b"")
            }
            1 => connection.ask("POST", "/count", &[&told[..], &[FORM]].concat(), &form(&fields)),
            _ => {
                let json: serde_json::Map<_, _> =
                    fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
                let body = serde_json::Value::Object(json).to_string();
                let text = ("content-type", "text/plain;charset=UTF-8");
                connection.ask("POST", "/count", &[&told[..], &[text]].concat(), body.as_bytes())
            }
        };
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, if nth.is_multiple_of(3) { 200 } else { 204 }, "{}", answer.text());
        assert_eq!(answer.header("set-cookie"), None);
    }
}

/// Waits until a server counts for a site: it learns of a new one within seconds.
pub fn counts(server: &Server, site: &str) {
    let path = format!("/count.gif?s={site}&p=/");
    until("the site", || {
        let answer = server.connect().ask("GET", &path, &[("dnt", "1")], b"").expect("an answer");
        (answer.status == 200).then_some(())
    });
}

impl Beside {
    /// The site of that name.
    pub fn site(&self, name: &str) -> Site {
        let site = wait(async { self.db.read().await?.site(name).await });
        site.expect("the books").expect("the site")
    }

    /// What the nodes of a day have sealed, together; and how many there are.
    pub fn sealed(&self, site: &Site, date: i32) -> (Tally, usize) {
        let mut day = DayTallies::new();
        let tallies = wait(async { self.db.read().await?.tallies(site.id, date).await }).expect("they open");
        let nodes = tallies.len();
        for (node, _, state) in tallies {
            day.insert(node.cast_unsigned(), Tally::from_bytes(&state[8..]).expect("a tally"));
        }
        (day.total(), nodes)
    }

    /// All published words of a dimension in a range of days, in the order of the words.
    pub fn published(
        &self,
        site: &Site,
        audience: Audience,
        dimension: Dimension,
        days: (i32, i32),
    ) -> FiguresPage {
        let range = DateRange { from: Date(days.0), to: Date(days.1) };
        let read = FiguresQuery { site: site.id, audience, dimension, range, skip: 0, limit: usize::MAX };
        let read = wait(async { read_figures(&mut self.db.read().await?, &read).await });
        let mut reading = read.unwrap_or_else(|error| panic!("{error}"));
        reading.rows.sort_by(|a, b| a.value.cmp(&b.value));
        reading
    }
}
