//! Dates on pages: a table for each kind of page. Customers' days are days of UTC; a site's days are those of its zone.

use std::sync::atomic::Ordering;

use calendar::{Day, Timestamp};
use domain::conversations::staff::SetConversationState;
use domain::statistics::{AddSite, SiteOutcome};
use paypro::Purchase;
use paypro::simulator::Party;
use store::{Actor, ConversationId, ConversationState};

use crate::http::form;
use crate::kit::Kit;

/// The moment of a text like `2028-02-29T23:59:59Z`.
fn at(text: &str) -> Timestamp {
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let day: Day = text[..10].parse().unwrap();
    day.midnight() + 3_600 * number(11..13) + 60 * number(14..16) + number(17..19)
}

impl Kit {
    fn set_clock(&self, now: &str) {
        self.scratch.now.store(at(now).to_unix_seconds(), Ordering::SeqCst);
    }
}

/// A purchase with 12 months of updates, and the customer's pages at a moment. The renewal is offered from 60 days
/// before the last day of updates to 30 days after it.
struct Bought {
    ordered: &'static str,
    now: &'static str,
    /// Ordered on, updates until, and the last day of the offer.
    shown: [&'static str; 3],
}

/// Calculated by hand; 2028 and 2096 have a leap day, 2100 has none.
const BOUGHT: &[Bought] = &[
    // Month ends, in both formats of the provider.
    Bought {
        ordered: "01/31/2027 23:59:59",
        now: "2027-02-01T00:00:00Z",
        shown: ["2027-01-31", "2028-01-31", ""],
    },
    Bought {
        ordered: "1/31/2027 11:59 PM",
        now: "2027-01-31T23:59:59Z",
        shown: ["2027-01-31", "2028-01-31", ""],
    },
    Bought {
        ordered: "2/1/2027 12:00 AM",
        now: "2027-02-01T00:00:00Z",
        shown: ["2027-02-01", "2028-02-01", ""],
    },
    Bought {
        ordered: "04/30/2027 12:00:00",
        now: "2027-04-30T12:00:00Z",
        shown: ["2027-04-30", "2028-04-30", ""],
    },
    // Leap days.
    Bought {
        ordered: "02/28/2027 23:59:59",
        now: "2027-02-28T23:59:59Z",
        shown: ["2027-02-28", "2028-02-28", ""],
    },
    Bought {
        ordered: "03/01/2027 00:00:00",
        now: "2027-03-01T00:00:00Z",
        shown: ["2027-03-01", "2028-03-01", ""],
    },
    Bought {
        ordered: "02/28/2028 23:59:59",
        now: "2028-02-29T00:00:00Z",
        shown: ["2028-02-28", "2029-02-28", ""],
    },
    Bought {
        ordered: "02/29/2028 00:00:00",
        now: "2028-02-29T00:00:00Z",
        shown: ["2028-02-29", "2029-02-28", ""],
    },
    Bought {
        ordered: "02/29/2028 23:59:59",
        now: "2028-03-01T00:00:00Z",
        shown: ["2028-02-29", "2029-02-28", ""],
    },
    Bought {
        ordered: "02/29/2096 12:00:00",
        now: "2096-02-29T12:00:00Z",
        shown: ["2096-02-29", "2097-02-28", ""],
    },
    Bought {
        ordered: "02/28/2100 23:59:59",
        now: "2100-02-28T23:59:59Z",
        shown: ["2100-02-28", "2101-02-28", ""],
    },
    Bought {
        ordered: "03/01/2100 00:00:00",
        now: "2100-03-01T00:00:00Z",
        shown: ["2100-03-01", "2101-03-01", ""],
    },
    // Ends of years.
    Bought {
        ordered: "12/31/2027 23:59:59",
        now: "2027-12-31T23:59:59Z",
        shown: ["2027-12-31", "2028-12-31", ""],
    },
    Bought {
        ordered: "01/01/2028 00:00:00",
        now: "2028-01-01T00:00:00Z",
        shown: ["2028-01-01", "2029-01-01", ""],
    },
    // Clocks change in Berlin and New York, but not in UTC.
    Bought {
        ordered: "03/28/2027 00:59:59",
        now: "2027-03-28T02:30:00Z",
        shown: ["2027-03-28", "2028-03-28", ""],
    },
    Bought {
        ordered: "11/07/2027 05:59:59",
        now: "2027-11-07T06:00:00Z",
        shown: ["2027-11-07", "2028-11-07", ""],
    },
    // The first and the last second of the offer, and those beside them.
    Bought {
        ordered: "01/31/2027 12:00:00",
        now: "2027-12-01T23:59:59Z",
        shown: ["2027-01-31", "2028-01-31", ""],
    },
    Bought {
        ordered: "01/31/2027 12:00:00",
        now: "2027-12-02T00:00:00Z",
        shown: ["2027-01-31", "2028-01-31", "2028-03-01"],
    },
    Bought {
        ordered: "01/30/2027 12:00:00",
        now: "2028-02-29T23:59:59Z",
        shown: ["2027-01-30", "2028-01-30", "2028-02-29"],
    },
    Bought {
        ordered: "01/30/2027 12:00:00",
        now: "2028-03-01T00:00:00Z",
        shown: ["2027-01-30", "2028-01-30", ""],
    },
];

#[tokio::test]
async fn the_portal_shows_the_days_of_orders_updates_and_offers() {
    for row @ Bought { ordered, now, shown } in BOUGHT {
        let mut kit = Kit::open().await;
        kit.set_clock(now);
        let purchase = Purchase::new("1001", "4711", Party::new("ada@example.com", "Ada Lovelace"));
        let draft = kit.provider.licence_requested(&purchase).field("ORDER_PLACED_TIME_UTC", *ordered);
        assert_eq!(kit.post("/paypro", &[], &draft.body()).await.status, 200, "{ordered}");
        let cookie = kit.sign_in("ada@example.com").await;
        let portal = kit.get("/licence/portal", &cookie).await.body;
        assert!(
            portal.contains(&format!("<dt>Updates until</dt><dd>{}</dd>", shown[1])),
            "{ordered}: {portal}"
        );
        let offer = portal.split_once("The offer ends on ").map_or("", |(_, rest)| &rest[..10]);
        assert_eq!(offer, shown[2], "{} at {}", row.ordered, row.now);
        let data = kit.get("/licence/data", &cookie).await.body;
        assert!(data.contains(&format!("<dt>Ordered on</dt><dd>{}</dd>", shown[0])), "{ordered}: {data}");
        let again = kit.get("/licence/data", &cookie).await.body;
        assert!(again.contains(&format!("<tr><td>{}</td><td>you</td>", &now[..10])), "{now}: {again}");
    }
}

#[tokio::test]
async fn an_erasure_is_announced_for_the_day_after_the_cooling_off_period() {
    // Agreed at, and the day of the erasure seven days later.
    let cases = [
        ("2027-01-31T23:59:59Z", "2027-02-07"),
        ("2027-02-22T00:00:00Z", "2027-03-01"),
        ("2028-02-22T00:00:00Z", "2028-02-29"),
        ("2028-02-22T23:59:59Z", "2028-02-29"),
        ("2028-02-23T00:00:00Z", "2028-03-01"),
        ("2028-02-29T23:59:59Z", "2028-03-07"),
        ("2027-12-31T23:59:59Z", "2028-01-07"),
        ("2100-02-22T12:00:00Z", "2100-03-01"),
    ];
    for (now, day) in cases {
        let mut kit = Kit::with_cooling(7).await;
        kit.set_clock(now);
        kit.sell("1001", "ada@example.com", "Ada Lovelace").await;
        let cookie = kit.sign_in("ada@example.com").await;
        let agreed = form(&[("agree", "yes"), ("confirmation", "ERASE")]);
        let answer = kit.post("/licence/erase", &[("Cookie", &cookie)], &agreed).await.body;
        assert!(
            answer.contains(&format!("erase your personal data on <strong>{day}</strong>")),
            "{now}: {answer}"
        );
        let portal = kit.get("/licence/portal", &cookie).await.body;
        assert!(portal.contains(&format!("We will erase your personal data on {day}")), "{now}: {portal}");
    }
}

#[tokio::test]
async fn a_conversation_shows_the_days_of_its_messages_and_of_its_erasure() {
    // Written at, closed at, and the day of the erasure 90 days later.
    let cases = [
        ("2027-01-31T23:59:59Z", "2027-01-31T23:59:59Z", "2027-05-01"),
        ("2027-11-30T23:59:59Z", "2027-12-01T00:00:00Z", "2028-02-29"),
        ("2027-12-01T23:59:59Z", "2027-12-01T23:59:59Z", "2028-02-29"),
        ("2027-12-02T00:00:00Z", "2027-12-02T00:00:00Z", "2028-03-01"),
        ("2028-02-29T23:59:59Z", "2028-03-01T00:00:00Z", "2028-05-30"),
        ("2099-12-01T00:00:00Z", "2099-12-01T12:00:00Z", "2100-03-01"),
    ];
    for (written, closed, erased) in cases {
        let kit = Kit::open().await;
        kit.set_clock(written);
        // A form is filled in for a minute.
        kit.later(-60).await;
        let code = kit.write("What is a rondel?", &[]).await;
        kit.set_clock(closed);
        let id = ConversationId::new(kit.scratch.numbers("SELECT id FROM conversation").await[0]);
        let close = SetConversationState { id, state: ConversationState::Closed };
        kit.app.db.execute(&close).await.unwrap();
        let page = kit.view_conversation(&code).await.body;
        assert!(
            page.contains(&format!("<span class=\"day\">{}</span>", &written[..10])),
            "{written}: {page}"
        );
        assert!(page.contains(&format!("closed and will be erased on {erased}")), "{closed}: {page}");
    }
}

/// The last seven days on a site's page: zone, moment, and the period. Python's zoneinfo has calculated the first second
/// of a day in the zone and the second before it (`crates/calendar/tests/tables`).
const STATISTICS: &[(&str, &str, &str)] = &[
    ("UTC", "2024-02-28T23:59:59Z", "21 to 27 February 2024"),
    ("UTC", "2024-02-29T00:00:00Z", "22 to 28 February 2024"),
    ("UTC", "2024-02-29T23:59:59Z", "22 to 28 February 2024"),
    ("UTC", "2024-03-01T00:00:00Z", "23 to 29 February 2024"),
    ("UTC", "2026-12-31T23:59:59Z", "24 to 30 December 2026"),
    ("UTC", "2027-01-01T00:00:00Z", "25 to 31 December 2026"),
    ("Europe/Berlin", "2026-03-28T22:59:59Z", "21 to 27 March 2026"),
    ("Europe/Berlin", "2026-03-28T23:00:00Z", "22 to 28 March 2026"),
    ("Europe/Berlin", "2026-03-29T21:59:59Z", "22 to 28 March 2026"),
    ("Europe/Berlin", "2026-03-29T22:00:00Z", "23 to 29 March 2026"),
    ("Europe/Berlin", "2026-10-24T21:59:59Z", "17 to 23 October 2026"),
    ("Europe/Berlin", "2026-10-24T22:00:00Z", "18 to 24 October 2026"),
    ("Europe/Berlin", "2026-10-25T22:59:59Z", "18 to 24 October 2026"),
    ("Europe/Berlin", "2026-10-25T23:00:00Z", "19 to 25 October 2026"),
    ("Europe/Dublin", "2026-10-25T23:59:59Z", "18 to 24 October 2026"),
    ("Europe/Dublin", "2026-10-26T00:00:00Z", "19 to 25 October 2026"),
    ("Africa/Cairo", "2026-04-23T21:59:59Z", "16 to 22 April 2026"),
    ("Africa/Cairo", "2026-04-23T22:00:00Z", "17 to 23 April 2026"),
    ("Africa/Cairo", "2023-10-26T21:59:59Z", "19 to 25 October 2023"),
    ("Africa/Cairo", "2023-10-26T22:00:00Z", "20 to 26 October 2023"),
    ("Africa/Casablanca", "2026-02-15T23:59:59Z", "8 to 14 February 2026"),
    ("Africa/Casablanca", "2026-02-16T00:00:00Z", "9 to 15 February 2026"),
    ("Africa/Casablanca", "2026-03-22T22:59:59Z", "15 to 21 March 2026"),
    ("Africa/Casablanca", "2026-03-22T23:00:00Z", "16 to 22 March 2026"),
    ("America/Havana", "2026-03-08T04:59:59Z", "28 February to 6 March 2026"),
    ("America/Havana", "2026-03-08T05:00:00Z", "1 to 7 March 2026"),
    ("America/New_York", "2026-03-09T03:59:59Z", "1 to 7 March 2026"),
    ("America/New_York", "2026-03-09T04:00:00Z", "2 to 8 March 2026"),
    ("America/New_York", "2026-11-02T04:59:59Z", "25 to 31 October 2026"),
    ("America/New_York", "2026-11-02T05:00:00Z", "26 October to 1 November 2026"),
    ("America/Nuuk", "2024-03-31T00:59:59Z", "23 to 29 March 2024"),
    ("America/Nuuk", "2024-03-31T01:00:00Z", "24 to 30 March 2024"),
    ("America/Santiago", "2026-04-05T03:59:59Z", "28 March to 3 April 2026"),
    ("America/Santiago", "2026-04-05T04:00:00Z", "29 March to 4 April 2026"),
    ("America/Santiago", "2026-09-06T03:59:59Z", "29 August to 4 September 2026"),
    ("America/Santiago", "2026-09-06T04:00:00Z", "30 August to 5 September 2026"),
    ("America/Sao_Paulo", "2018-11-04T02:59:59Z", "27 October to 2 November 2018"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z", "28 October to 3 November 2018"),
    ("America/Sao_Paulo", "2019-02-17T02:59:59Z", "9 to 15 February 2019"),
    ("America/Sao_Paulo", "2019-02-17T03:00:00Z", "10 to 16 February 2019"),
    ("America/St_Johns", "2026-03-09T02:29:59Z", "1 to 7 March 2026"),
    ("America/St_Johns", "2026-03-09T02:30:00Z", "2 to 8 March 2026"),
    ("Antarctica/Troll", "2026-10-25T23:59:59Z", "18 to 24 October 2026"),
    ("Antarctica/Troll", "2026-10-26T00:00:00Z", "19 to 25 October 2026"),
    ("Asia/Beirut", "2026-03-28T21:59:59Z", "21 to 27 March 2026"),
    ("Asia/Beirut", "2026-03-28T22:00:00Z", "22 to 28 March 2026"),
    ("Asia/Kathmandu", "2024-02-29T18:14:59Z", "22 to 28 February 2024"),
    ("Asia/Kathmandu", "2024-02-29T18:15:00Z", "23 to 29 February 2024"),
    ("Asia/Kolkata", "2023-02-28T18:29:59Z", "21 to 27 February 2023"),
    ("Asia/Kolkata", "2023-02-28T18:30:00Z", "22 to 28 February 2023"),
    ("Asia/Pyongyang", "2018-05-04T14:59:59Z", "27 April to 3 May 2018"),
    ("Asia/Pyongyang", "2018-05-04T15:00:00Z", "28 April to 4 May 2018"),
    ("Asia/Tehran", "2022-03-21T20:29:59Z", "14 to 20 March 2022"),
    ("Asia/Tehran", "2022-03-21T20:30:00Z", "15 to 21 March 2022"),
    ("Asia/Tehran", "2022-09-21T20:29:59Z", "14 to 20 September 2022"),
    ("Asia/Tehran", "2022-09-21T20:30:00Z", "15 to 21 September 2022"),
    ("Asia/Tokyo", "2100-02-28T14:59:59Z", "21 to 27 February 2100"),
    ("Asia/Tokyo", "2100-02-28T15:00:00Z", "22 to 28 February 2100"),
    ("Australia/Lord_Howe", "2026-04-05T13:29:59Z", "29 March to 4 April 2026"),
    ("Australia/Lord_Howe", "2026-04-05T13:30:00Z", "30 March to 5 April 2026"),
    ("Australia/Lord_Howe", "2026-10-04T12:59:59Z", "27 September to 3 October 2026"),
    ("Australia/Lord_Howe", "2026-10-04T13:00:00Z", "28 September to 4 October 2026"),
    ("Australia/Sydney", "2026-04-05T13:59:59Z", "29 March to 4 April 2026"),
    ("Australia/Sydney", "2026-04-05T14:00:00Z", "30 March to 5 April 2026"),
    ("Europe/London", "2026-10-25T23:59:59Z", "18 to 24 October 2026"),
    ("Europe/London", "2026-10-26T00:00:00Z", "19 to 25 October 2026"),
    ("Pacific/Apia", "2011-12-31T09:59:59Z", "24 to 30 December 2011"),
    ("Pacific/Apia", "2011-12-31T10:00:00Z", "25 to 31 December 2011"),
    ("Pacific/Chatham", "2026-09-27T10:14:59Z", "20 to 26 September 2026"),
    ("Pacific/Chatham", "2026-09-27T10:15:00Z", "21 to 27 September 2026"),
    ("Pacific/Kiritimati", "2026-12-31T09:59:59Z", "24 to 30 December 2026"),
    ("Pacific/Kiritimati", "2026-12-31T10:00:00Z", "25 to 31 December 2026"),
    ("Pacific/Pago_Pago", "2024-03-01T10:59:59Z", "22 to 28 February 2024"),
    ("Pacific/Pago_Pago", "2024-03-01T11:00:00Z", "23 to 29 February 2024"),
];

#[tokio::test]
async fn a_sites_page_ends_with_the_last_day_that_is_over_in_its_zone() {
    let kit = Kit::open().await;
    let hosts = ["example.org".to_owned()];
    for (n, (zone, now, period)) in STATISTICS.iter().enumerate() {
        kit.set_clock(now);
        let name = format!("site-{n}");
        let add = AddSite { name: &name, hosts: &hosts, zone, public: true, actor: &Actor::System };
        assert!(matches!(kit.app.db.execute(&add).await.unwrap(), SiteOutcome::Done(_)), "{zone}");
        let page = kit.get(&format!("/statistics/{name}?period=7d&compare=none"), "").await.body;
        assert!(page.contains(&format!("<p class=\"subtitle\">{period}</p>")), "{zone} at {now}: {page}");
    }
}
