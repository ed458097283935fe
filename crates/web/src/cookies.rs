//! No door of visitor statistics sets a cookie: each is asked, in this process, and its answer looked at
//! (`visitors.unidentifiable`).

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use tower_service::Service as _;

use crate::app::Shared;
use crate::routes::routes;

/// The doors, with the method by which each is asked; `SITE` stands for a site's id.
const DOORS: [(&str, &str); 12] = [
    ("GET", "/count.gif?s=SITE&p=/"),
    ("GET", "/count.gif"),
    ("POST", "/count"),
    ("OPTIONS", "/count"),
    ("GET", "/count.js"),
    ("GET", "/statistics"),
    ("GET", "/statistics/SITE"),
    ("GET", "/statistics/SITE/page"),
    ("GET", "/api/v1/sites"),
    ("GET", "/api/v1/sites/SITE/page"),
    ("GET", "/api/v1/sites/SITE/series"),
    ("GET", "/api/v1/sites/SITE/now"),
];

/// What the doors answered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answers {
    /// How many were asked.
    pub asked: usize,
    /// Those that set a cookie.
    pub with_cookie: Vec<String>,
}

/// Asks all doors, for every site and for none. Nobody is counted by that: the questions come with Do Not Track.
///
/// # Errors
/// When the database is away.
pub async fn look(app: Shared) -> Result<Answers, store::Error> {
    let sites = app.db.read().await?.sites().await?;
    let mut names: Vec<String> = sites.iter().map(|site| site.name.clone()).collect();
    names.push("no-site".to_owned());
    app.counter.know(sites);
    Ok(ask_all(&mut routes(app), &names).await)
}

async fn ask_all(doors: &mut Router, sites: &[String]) -> Answers {
    let mut answers = Answers::default();
    for site in sites {
        for (method, path) in DOORS {
            let path = path.replace("SITE", site);
            // Whoever has a cookie of another door shows it here too.
            let question = Request::builder()
                .method(method)
                .uri(&path)
                .header(header::COOKIE, "scruple_page=0")
                .header(header::DNT, "1")
                .header(header::CONTENT_TYPE, "application/json")
                .extension(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))))
                .body(Body::from(format!("{{\"s\":\"{site}\",\"p\":\"/\"}}")))
                .expect("a site's id stands in an address as it is");
            let Ok(answer) = doors.call(question).await;
            answers.asked += 1;
            if answer.headers().contains_key(header::SET_COOKIE) {
                answers.with_cookie.push(format!("{method} {path} sets a cookie"));
            }
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use axum::routing::{any, get};

    use super::*;

    #[tokio::test]
    async fn a_door_that_sets_a_cookie_is_named() {
        let cookie = || async { [(header::SET_COOKIE, "known=1")] };
        let mut doors = Router::new()
            .route("/count", any(|| async {}))
            .route("/statistics/{site}", get(cookie))
            .route("/count.js", get(cookie));
        let answers = ask_all(&mut doors, &["vendor".to_owned()]).await;
        let expected = ["GET /count.js sets a cookie", "GET /statistics/vendor sets a cookie"];
        assert_eq!((answers.asked, answers.with_cookie), (12, expected.map(str::to_owned).to_vec()));
    }
}
