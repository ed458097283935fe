//! Visitor statistics by the API: tables, time series and notes, for staff and for the public.

use analytics::{Dimension, Figures, Row, Table};
use calendar::Day;
use serde_json::{Value, json};

use crate::kit::Kit;
use crate::sample_figures::{SampleSite, fill, fill_with, site};

fn date(text: &str) -> Day {
    text.parse::<Day>().unwrap()
}

const NOVEMBER: &str = "from=2026-11-01&to=2026-11-20";

/// A private site and a public one, with a month of figures each.
async fn kit_with_figures() -> Kit {
    let kit = Kit::open().await;
    for (name, public) in [("private", false), ("open", true)] {
        let site = site(&kit.app.db, name, public).await;
        let sample = SampleSite { pages: 400, views: 20_000 };
        fill(&kit.app.db, &site, sample, date("2026-10-15"), date("2026-11-20")).await;
    }
    kit
}

fn sum(table: &Value, of: &str) -> u64 {
    table["rows"].as_array().unwrap().iter().map(|row| row[of].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn a_table_has_pages_and_its_rows_and_other_add_up_to_its_total() {
    let kit = kit_with_figures().await;
    let token = kit.token("ada", "visits:read").await;
    let first = kit.fetch(&token, &format!("/sites/private/page?{NOVEMBER}&per_page=40")).await.done();
    assert_eq!(
        (&first["by"], &first["audience"], &first["min_people"]),
        (&json!("page"), &json!("own"), &json!(5))
    );
    assert_eq!((&first["days"], &first["page"]), (&json!(20), &json!(1)));
    let pages = first["pages"].as_u64().unwrap();
    assert_eq!(pages, first["total_rows"].as_u64().unwrap().div_ceil(40));
    assert_eq!(first["rows"][0]["value"], "/");
    let (mut views, mut values) = (0, Vec::new());
    for page in 1..=pages {
        let page = kit
            .fetch(&token, &format!("/sites/private/page?{NOVEMBER}&per_page=40&page={page}"))
            .await
            .done();
        views += sum(&page, "views");
        values.extend(page["rows"].as_array().unwrap().iter().map(|row| row["value"].to_string()));
    }
    assert_eq!(views + first["other"].as_u64().unwrap(), first["total"]["views"].as_u64().unwrap());
    values.sort();
    values.dedup();
    assert_eq!(values.len() as u64, first["total_rows"].as_u64().unwrap(), "each row stands on one page");
    let beyond =
        kit.fetch(&token, &format!("/sites/private/page?{NOVEMBER}&page={}", pages + 9)).await.done();
    assert_eq!(beyond["rows"], json!([]), "nothing behind the last page");
}

#[tokio::test]
async fn the_public_sees_only_public_sites_with_a_higher_threshold() {
    let kit = kit_with_figures().await;
    let token = kit.token("ada", "visits:read").await;
    let paths = ["page", "series", "now", "notes"].map(|path| format!("{path}?{NOVEMBER}"));
    let paths = paths.map(|path| path.replace(&format!("now?{NOVEMBER}"), "now"));
    for path in &paths {
        let private = kit.fetch("", &format!("/sites/private/{path}")).await;
        let nowhere = kit.fetch("", &format!("/sites/nowhere/{path}")).await;
        assert_eq!(
            private.problem(401, "invalid-token"),
            nowhere.problem(401, "invalid-token"),
            "the same for {path}"
        );
        kit.fetch(&token, &format!("/sites/nowhere/{path}")).await.problem(404, "not-found");
        kit.fetch("", &format!("/sites/open/{path}")).await.done();
        let wrong = format!("scruple_{}", "A".repeat(43));
        kit.fetch(&wrong, &format!("/sites/open/{path}")).await.problem(401, "invalid-token");
    }
    let public = kit.fetch("", &format!("/sites/open/page?{NOVEMBER}&per_page=1000")).await.done();
    let own = kit.fetch(&token, &format!("/sites/open/page?{NOVEMBER}&per_page=1000")).await.done();
    assert_eq!((&public["audience"], &public["min_people"]), (&json!("public"), &json!(10)));
    assert_eq!(own["audience"], "own");
    assert!(public["total_rows"].as_u64() < own["total_rows"].as_u64(), "rows of few people are lacking");
    for row in public["rows"].as_array().unwrap() {
        assert_eq!((row["views"].as_u64().unwrap() % 10, row["visitors"].as_u64().unwrap() % 10), (0, 0));
    }
    for odd in ["%00", "a%00b", "%F0%9F%92%A9", "Open"] {
        kit.fetch(&token, &format!("/sites/{odd}/now")).await.problem(404, "not-found");
        kit.fetch("", &format!("/sites/{odd}/now")).await.problem(401, "invalid-token");
    }
    kit.fetch("", "/sites").await.problem(401, "invalid-token");
    let sites = kit.fetch(&token, "/sites").await.done()["sites"].clone();
    assert_eq!((&sites[0]["id"], &sites[0]["public"]), (&json!("open"), &json!(true)));
    assert_eq!((&sites[1]["first_day"], &sites[1]["last_day"]), (&json!("2026-10-15"), &json!("2026-11-20")));
}

#[tokio::test]
async fn a_series_has_every_point_with_its_number_of_days() {
    let kit = kit_with_figures().await;
    let token = kit.token("ada", "visits:read").await;
    let days = kit.fetch(&token, "/sites/private/series?from=2026-11-01&to=2026-11-22&step=day").await.done();
    let points = days["points"].as_array().unwrap();
    assert_eq!(points.len(), 22);
    assert_eq!(
        (&points[21]["start"], &points[21]["days"]),
        (&json!("2026-11-22"), &json!(0)),
        "today isn't over"
    );
    let table = kit.fetch(&token, &format!("/sites/private/page?{NOVEMBER}")).await.done();
    let views: u64 = points.iter().map(|point| point["views"].as_u64().unwrap()).sum();
    assert_eq!(json!(views), table["total"]["views"]);
    let months =
        kit.fetch(&token, "/sites/private/series?from=2026-10-20&to=2026-11-20&step=month").await.done();
    assert_eq!(months["points"][0]["start"], "2026-10-01", "a month is shown whole");
    assert_eq!(months["points"][0]["days"], 17);
    let hours = kit.fetch(&token, "/sites/private/series?from=2026-11-20&to=2026-11-20").await.done();
    assert_eq!((&hours["step"], hours["points"].as_array().unwrap().len()), (&json!("hour"), 24));
    assert_eq!(hours["points"][13]["hour"], 13);
    kit.fetch(&token, "/sites/private/series?from=2026-01-01&to=2026-11-20&step=hour")
        .await
        .problem(400, "invalid");
    let crossed = "/sites/private/series?from=2026-11-20&to=2026-11-20&step=hour&by=country";
    kit.fetch(&token, crossed).await.problem(400, "invalid");
}

#[tokio::test]
async fn csv_is_requested_in_two_ways_and_contains_all_rows_as_text() {
    let kit = kit_with_figures().await;
    let token = kit.token("ada", "visits:read").await;
    let by_address = kit.fetch(&token, &format!("/sites/private/page?{NOVEMBER}&format=csv")).await;
    assert_eq!(by_address.status, 200);
    assert_eq!(by_address.raw.header("content-type"), "text/csv; charset=utf-8; header=present");
    let name = "attachment; filename=\"private-page-2026-11-01-2026-11-20.csv\"";
    assert_eq!(by_address.raw.header("content-disposition"), name);
    let bearer = format!("Bearer {token}");
    let path = format!("/api/v1/sites/private/page?{NOVEMBER}");
    let accepting = kit.send("GET", &path, &[("Authorization", &bearer), ("Accept", "text/csv")], "").await;
    assert_eq!(accepting.body, by_address.raw.body);
    let json = kit.fetch(&token, &format!("/sites/private/page?{NOVEMBER}")).await.done();
    let lines: Vec<&str> = accepting.body.split("\r\n").collect();
    assert_eq!((lines[0], lines[lines.len() - 1]), ("value,views,visitors", ""));
    assert_eq!(lines.len() as u64 - 2, json["total_rows"].as_u64().unwrap(), "all rows, on no page");
    let page = kit.fetch(&token, &format!("/sites/private/page?{NOVEMBER}&format=csv&per_page=3")).await;
    assert_eq!(page.raw.body.split("\r\n").count(), 5);
    let downloads =
        kit.fetch(&token, &format!("/sites/private/download?{NOVEMBER}&format=csv")).await.raw.body;
    assert!(downloads.contains("\r\n'=cmd|' /C calc'!A0,"), "a formula is text: {downloads}");
    for path in
        [&format!("series?{NOVEMBER}&format=csv"), "now?format=csv", &format!("notes?{NOVEMBER}&format=csv")]
    {
        let csv = kit.fetch(&token, &format!("/sites/private/{path}")).await;
        assert!(csv.raw.header("content-type").starts_with("text/csv"), "{path}");
    }
    assert!(kit.fetch(&token, "/sites?format=csv").await.raw.body.starts_with("id,hosts,time_zone,public"));
}

#[tokio::test]
async fn invalid_days_are_refused_with_a_helpful_detail() {
    let kit = kit_with_figures().await;
    let token = kit.token("ada", "visits:read").await;
    for (query, says) in [
        ("from=2026-11-20&to=2026-11-01", "swap"),
        ("from=2026-11-31&to=2026-12-01", "`from`: expected a date"),
        ("from=2026-11-01&to=tomorrow", "`to`: expected a date"),
        ("from=2026-11-01", "to"),
        ("from=2026-11-01&to=2026-11-02&page=0", "`page`"),
        ("from=2026-11-01&to=2026-11-02&per_page=1001", "`per_page`"),
        ("from=2026-11-01&to=2026-11-02&format=xml", "format"),
        ("from=2026-11-01&to=2026-11-02&more=1", "more"),
    ] {
        let problem =
            kit.fetch(&token, &format!("/sites/private/page?{query}")).await.problem(400, "invalid");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{query}: {}", problem["detail"]);
    }
    let unknown =
        kit.fetch(&token, &format!("/sites/private/shoe-size?{NOVEMBER}")).await.problem(404, "not-found");
    assert!(unknown["detail"].as_str().unwrap().contains("referrer"), "names those that there are");
    let empty = kit.fetch(&token, "/sites/private/page?from=1990-01-01&to=1990-12-31").await.done();
    assert_eq!((&empty["days"], &empty["rows"], &empty["pages"]), (&json!(0), &json!([]), &json!(1)));
    let ages = kit.fetch(&token, "/sites/private/page?from=1970-01-01&to=9999-12-31").await.done();
    assert_eq!(ages["days"], 37);
}

#[tokio::test]
async fn a_note_is_replaced_removed_and_public_on_a_public_site() {
    let kit = kit_with_figures().await;
    let reader = kit.token("ada", "visits:read").await;
    let writer = kit.token("ada", "visits:write").await;
    let put = async |token: &str, site: &str, day: &str, text: &str| {
        kit.call(token, "PUT", &format!("/sites/{site}/notes"), &json!({ "day": day, "text": text })).await
    };
    put(&reader, "open", "2026-11-05", "Version 8.2").await.problem(403, "missing-scope");
    put("", "open", "2026-11-05", "Version 8.2").await.problem(401, "invalid-token");
    put(&writer, "nowhere", "2026-11-05", "Version 8.2").await.problem(404, "not-found");
    put(&writer, "open", "2026-02-30", "Version 8.2").await.problem(400, "invalid");
    put(&writer, "open", "2026-11-05", "of ada@example.com").await.problem(422, "refused");
    put(&writer, "open", "2026-11-05", "Version 8").await.done();
    put(&writer, "open", "2026-11-05", "Version 8.2").await.done();
    put(&writer, "open", "2026-10-05", "Before that").await.done();
    let notes = kit.fetch("", &format!("/sites/open/notes?{NOVEMBER}")).await.done()["notes"].clone();
    assert_eq!(notes, json!([{ "day": "2026-11-05", "text": "Version 8.2" }]));
    put(&writer, "open", "2026-11-05", "").await.done();
    assert_eq!(kit.fetch(&reader, &format!("/sites/open/notes?{NOVEMBER}")).await.done()["notes"], json!([]));
}

#[tokio::test]
async fn public_figures_are_rate_limited_and_staff_are_not() {
    let kit = kit_with_figures().await;
    let mut last = 0;
    for _ in 0..125 {
        last = kit.fetch("", "/sites/open/now").await.status;
    }
    assert_eq!(last, 429);
    let token = kit.token("ada", "visits:read").await;
    kit.fetch(&token, "/sites/open/now").await.done();
}

#[tokio::test]
async fn suppressed_rows_are_in_no_response() {
    let kit = Kit::open().await;
    let site = site(&kit.app.db, "small", false).await;
    let row = |value: &str, views| Row { value: value.to_owned(), figures: Figures { views, visitors: 5 } };
    let of_page = |dimension| Table {
        dimension,
        total: Figures { views: 60, visitors: 20 },
        rows: if dimension == Dimension::Page { vec![row("/a", 25), row("/b", 20)] } else { Vec::new() },
        evicted_views: 15,
        days: 1,
    };
    let tables = |_, _| vec![of_page(Dimension::Page)];
    fill_with(&kit.app.db, &site, date("2026-11-01"), date("2026-11-02"), tables).await;
    let token = kit.token("ada", "visits:read").await;
    let table = kit.fetch(&token, &format!("/sites/small/page?{NOVEMBER}")).await.done();
    assert_eq!((&table["total"], &table["other"]), (&json!({ "views": 120, "visitors": 40 }), &json!(30)));
    assert_eq!(
        (&table["overflow"], &table["days"], &table["total_rows"]),
        (&json!(30), &json!(2), &json!(2))
    );
    assert_eq!(table["rows"][0], json!({ "value": "/a", "views": 50, "visitors": 10 }));
}
