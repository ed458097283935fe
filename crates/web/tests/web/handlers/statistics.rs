//! Pages of visitor statistics: private with HTTP Basic authentication, public with a higher threshold.

use calendar::Day;
use data_encoding::BASE64;
use domain::api_token::{AddApiToken, Scopes};
use domain::statistics::Annotate;
use store::Actor;

use crate::http::Answer;
use crate::kit::Kit;
use crate::sample_figures::{SampleSite, fill, site};

fn date(text: &str) -> Day {
    text.parse::<Day>().unwrap()
}

async fn kit_with_figures() -> Kit {
    let kit = Kit::open().await;
    for (name, public) in [("private", false), ("open", true)] {
        let site = site(&kit.app.db, name, public).await;
        fill(
            &kit.app.db,
            &site,
            SampleSite { pages: 900, views: 60_000 },
            date("2026-09-01"),
            date("2026-11-21"),
        )
        .await;
    }
    site(&kit.app.db, "new", false).await;
    kit
}

pub async fn token(kit: &Kit, scopes: &str) -> String {
    let scopes: Scopes = scopes.parse().unwrap();
    let add =
        AddApiToken { name: &scopes.text(), staff: "ada", scopes: &scopes, days: 7, actor: &Actor::System };
    kit.app.db.execute(&add).await.unwrap().unwrap().0.text().to_owned()
}

pub async fn get_page(kit: &Kit, pair: &str, path: &str) -> Answer {
    let basic = format!("Basic {}", BASE64.encode(pair.as_bytes()));
    let headers = if pair.is_empty() { vec![] } else { vec![("Authorization", &*basic)] };
    let answer = kit.send("GET", path, &headers, "").await;
    assert_eq!(answer.header("set-cookie"), "", "{path} sets no cookie");
    answer
}

#[tokio::test]
async fn a_private_page_needs_a_token_and_reveals_nothing_without_one() {
    let kit = kit_with_figures().await;
    let right = token(&kit, "visits:read").await;
    let other = token(&kit, "conversations:read").await;
    for path in [
        "/statistics",
        "/statistics/private",
        "/statistics/private/page",
        "/statistics/private/day?format=csv",
    ] {
        for pair in
            ["", "ada:wrong", &format!("ada:scruple_{}", "A".repeat(43)), &format!("ada:{other}"), &right]
        {
            let answer = get_page(&kit, pair, path).await;
            assert_eq!(answer.status, 401, "{path}");
            assert!(answer.header("www-authenticate").starts_with("Basic realm="), "{path}");
            assert!(
                !answer.body.contains("private.example.org") && !answer.body.contains("page-0"),
                "{path}"
            );
        }
        let answer = get_page(&kit, &format!("anyone:{right}"), path).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let bearer = format!("Bearer {right}");
    let answer = kit.send("GET", "/statistics/private", &[("Authorization", &bearer)], "").await;
    assert_eq!(answer.status, 401, "a page of another site can't send that, and a browser doesn't");
    let (private, nowhere) =
        (get_page(&kit, "", "/statistics/private").await, get_page(&kit, "", "/statistics/nowhere").await);
    assert_eq!(private.but_the_date(), nowhere.but_the_date());
    assert_eq!(get_page(&kit, &format!(":{right}"), "/statistics/nowhere").await.status, 404);
}

#[tokio::test]
async fn the_public_sees_a_public_page_with_the_higher_threshold() {
    let kit = kit_with_figures().await;
    let right = format!("ada:{}", token(&kit, "visits:read").await);
    let public = get_page(&kit, "", "/statistics/open").await;
    assert_eq!(public.status, 200);
    assert!(public.body.contains("multiple of 10") && public.body.contains("fewer than 10 visitors"));
    assert!(!public.body.contains("All sites"));
    let own = get_page(&kit, &right, "/statistics/open").await;
    assert!(own.body.contains("multiple of 5") && own.body.contains("All sites"));
    assert_eq!(
        get_page(&kit, "ada:wrong", "/statistics/open").await.status,
        401,
        "a wrong token is reported"
    );
    let of = |answer: &Answer| answer.body.matches("\r\n").count();
    let own = get_page(&kit, &right, "/statistics/open/page?format=csv").await;
    let public = get_page(&kit, "", "/statistics/open/page?format=csv").await;
    assert!(of(&public) > 10 && of(&public) < of(&own), "{} and {} rows", of(&public), of(&own));
}

#[tokio::test]
async fn charts_have_tables_and_need_only_the_style_sheet() {
    let kit = kit_with_figures().await;
    let right = format!("ada:{}", token(&kit, "visits:read").await);
    let private = kit.app.db.read().await.unwrap().site("private").await.unwrap().unwrap();
    let note =
        Annotate { site: private.id, date: date("2026-11-05"), text: "Version <8.2>", actor: &Actor::System };
    kit.app.db.execute(&note).await.unwrap();
    for query in
        ["", "?period=7d", "?period=90d", "?period=12m", "?period=all", "?from=2026-11-20&to=2026-11-20"]
    {
        let answer = get_page(&kit, &right, &format!("/statistics/private{query}")).await;
        assert_eq!(answer.status, 200, "{query}");
        let body = &answer.body;
        assert_eq!(body.matches("<svg class=\"chart\"").count(), 2, "{query}");
        assert!(body.matches("<table>").count() >= 10, "{query}");
        for refused in [" style=", "<style", "<script", "NaN", "javascript:", "<b>bold"] {
            assert!(!body.contains(refused), "{query} has {refused}");
        }
        assert!(body.contains("&#60;b&#62;bold&#60;/b&#62;"), "{query}: a word of strangers is text");
        assert!(body.contains("Do Not Track") && body.contains("requests of bots"), "{query}");
    }
    let month = get_page(&kit, &right, "/statistics/private").await.body;
    assert!(month.contains("23 October to 21 November 2026, compared with 23 September to 22 October 2026"));
    assert!(month.contains("Version &#60;8.2&#62;") && month.contains("than before"));
    assert!(month.contains("visits of 5 seconds may be missing"), "the 13th lost 5 seconds");
    assert!(month.contains("No figures for: Missing pages."));
    let day = get_page(&kit, &right, "/statistics/private?from=2026-11-05&to=2026-11-05").await.body;
    let number = day.split("<text class=\"number\" ").nth(1).unwrap();
    assert!(number.starts_with("x=\"2.08%\""), "a day's note stands at its first hour");
    let alone = get_page(&kit, &right, "/statistics/private?compare=none").await.body;
    assert!(!alone.contains("than before") && !alone.contains("past"));
    let sites = get_page(&kit, &right, "/statistics").await.body;
    assert!(sites.contains("href=\"/statistics/open\"") && sites.contains("<polyline"));
    assert_eq!(get_page(&kit, "", "/statistics.css").await.header("content-type"), "text/css; charset=utf-8");
}

#[tokio::test]
async fn a_site_without_figures_says_so() {
    let kit = kit_with_figures().await;
    let right = format!("ada:{}", token(&kit, "visits:read").await);
    for query in ["", "?period=all"] {
        let answer = get_page(&kit, &right, &format!("/statistics/new{query}")).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("There are no figures for these days"));
    }
}

#[tokio::test]
async fn a_long_table_has_pages_and_ends_with_the_suppressed_rows() {
    let kit = kit_with_figures().await;
    let right = format!("ada:{}", token(&kit, "visits:read").await);
    let first = get_page(&kit, &right, "/statistics/private/page?period=30d").await.body;
    assert!(first.contains("page 1 of ") && first.contains("rel=\"next\"") && !first.contains("<tfoot>"));
    let pages: usize = first.split("page 1 of ").nth(1).unwrap().split('<').next().unwrap().parse().unwrap();
    let last =
        get_page(&kit, &right, &format!("/statistics/private/page?period=30d&page={pages}")).await.body;
    assert!(last.contains("<tfoot>") && last.contains("Other: rounded off, or fewer than 5 visitors a day"));
    assert!(!last.contains("rel=\"next\"") && last.contains("rel=\"prev\""));
    let beyond =
        get_page(&kit, &right, &format!("/statistics/private/page?period=30d&page={}", pages + 1)).await;
    assert_eq!(beyond.status, 404);
    let days =
        get_page(&kit, &right, "/statistics/private/day?from=2026-11-01&to=2026-11-03&format=csv").await;
    assert_eq!(days.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(days.body.split("\r\n").count(), 5, "{}", days.body);
}

#[tokio::test]
async fn invalid_queries_are_explained() {
    let kit = kit_with_figures().await;
    let right = format!("ada:{}", token(&kit, "visits:read").await);
    for (query, says) in [
        ("from=2026-11-20&to=2026-11-01", "swap them"),
        ("from=2026-11-31&to=2026-12-01", "expected a date"),
        ("from=2026-11-01", "Choose a period"),
        ("period=1d", "12m"),
        ("period=7d&from=2026-11-01&to=2026-11-02", "Choose a period"),
        ("compare=everything", "before or none"),
    ] {
        let answer = get_page(&kit, &right, &format!("/statistics/private?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body.contains(says) && answer.body.contains("href=\"/statistics\""), "{query}");
    }
    assert_eq!(get_page(&kit, &right, "/statistics/private/shoe-size").await.status, 404);
    assert_eq!(get_page(&kit, &right, "/statistics/private/page?page=0").await.status, 400);
    assert_eq!(get_page(&kit, &right, "/statistics/private/page?format=xml").await.status, 400);
}
