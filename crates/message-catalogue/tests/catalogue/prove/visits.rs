use domain::compliance::prove::findings::visits::{Fault, Observation, Violation};
use store::FiguresKey;

fn key() -> FiguresKey {
    FiguresKey {
        site: 3,
        audience: "own".into(),
        dimension: "page".into(),
        span: "day".into(),
        start: "2026-11-21".parse().expect("a day"),
    }
}

sentences!(each_violation_has_its_sentence, Violation {
    UnknownColumn { column: "pageview.at".into() } =>
        "pageview.at is in the database, but unknown to this proof",
    FirstSmallTable(key()) => "the first such table: site 3, own, page, day from 2026-11-21",
    Cookie { request: "GET /count.js".into() } => "GET /count.js sets a cookie",
});

sentences!(each_fault_has_its_phrase, Fault {
    RowWithoutSite => "visitor statistics: rows without a site",
    FiguresOfOpenDay => "visitor statistics: figures of days that are not closed",
    IdentifyingLabel => "labels that look like an address or a whole user agent",
    ClosedDayWithKey => "closed days that have a key",
    TallyOfClosedDay => "unpublished counts of closed days",
    TallyOfOtherSlot => "unpublished counts with another key slot than their day",
    OverdueDay => "days that should have closed two days ago",
    SlotNotForgotten => "closed days whose key slot is not forgotten",
    TooFewPeople => "tables of figures with a number of too few people",
    FineTime => "days that store a time finer than an hour",
    LabelNotHour => "hour labels that are not hours",
    WrongRollup => "weeks, months or years that are not the sum of their days",
    PublicBeyondStaff => "days with public figures beyond the staff's figures",
});

sentences!(each_observation_has_its_sentence, Observation {
    Figures { sites: 1, closed: 2, open: 3, tables: 4, labels: 5 } =>
        "websites: 1; days counted and published: 2; days open: 3; tables of figures: 4; labels in them: 5",
    Rollups { rollups: 36 } => "weeks, months and years, each compared with the sum of its days: 36",
    Tables { tables: &["site", "figures"] } =>
        "tables of visitor statistics, none with a row for a visit or a visitor: site, figures",
    ClosedDays { closed: 2, sealed: 1 } =>
        "closed days, each without key and unpublished counts, its key slot forgotten or about to be: 2; sealed values \
         of open days: 1",
    NothingPublished => "nothing is published yet",
    ThresholdsChanged => "the disclosure thresholds were changed: older figures have no common threshold",
    Published { staff: 5, public: 10, numbers: 40, tables: 8 } =>
        "published numbers, each of at least 5 people (10 for the public) and rounded down to multiples of that: 40 in \
         8 tables",
    WithoutCookies { requests: 24 } =>
        "requests to the routes of visit statistics, none of whose responses sets a cookie: 24",
});
