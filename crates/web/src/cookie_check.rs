//! Evidence for the promise `visitors.unidentifiable`: no route of the visitor statistics sets a cookie. Each route is
//! called in this process, and its response is checked.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use tower_service::Service as _;

use crate::app::Shared;
use crate::routes::routes;

/// The routes with their methods. `SITE` stands for the id of a site.
const ROUTES: [(&str, &str); 12] = [
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

/// The result of the check.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CookieCheck {
    /// Number of requests.
    pub requests: usize,
    /// Method and path of the requests whose response sets a cookie.
    pub with_cookie: Vec<String>,
}

/// Calls all routes, for every site and for an unknown one. The requests have Do Not Track set, so they are not counted.
pub async fn check_cookies(app: Shared) -> Result<CookieCheck, store::Error> {
    let sites = app.db.read().await?.sites().await?;
    let mut names: Vec<String> = sites.iter().map(|site| site.name.clone()).collect();
    names.push("no-site".to_owned());
    app.counter.register_sites(sites);
    Ok(call_all(&mut routes(app), &names).await)
}

async fn call_all(router: &mut Router, sites: &[String]) -> CookieCheck {
    let mut check = CookieCheck::default();
    for site in sites {
        for (method, path) in ROUTES {
            let path = path.replace("SITE", site);
            // A browser may send the cookie of another route.
            let request = Request::builder()
                .method(method)
                .uri(&path)
                .header(header::COOKIE, "scruple_session=0")
                .header(header::DNT, "1")
                .header(header::CONTENT_TYPE, "application/json")
                .extension(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))))
                .body(Body::from(format!("{{\"s\":\"{site}\",\"p\":\"/\"}}")))
                .expect("the id of a site needs no escaping in a URL");
            let Ok(response) = router.call(request).await;
            check.requests += 1;
            if response.headers().contains_key(header::SET_COOKIE) {
                check.with_cookie.push(format!("{method} {path}"));
            }
        }
    }
    check
}

#[cfg(test)]
mod tests {
    use axum::routing::{any, get};

    use super::*;

    #[tokio::test]
    async fn a_route_that_sets_a_cookie_is_reported() {
        let cookie = || async { [(header::SET_COOKIE, "known=1")] };
        let mut router = Router::new()
            .route("/count", any(|| async {}))
            .route("/statistics/{site}", get(cookie))
            .route("/count.js", get(cookie));
        let check = call_all(&mut router, &["vendor".to_owned()]).await;
        let expected = ["GET /count.js", "GET /statistics/vendor"];
        assert_eq!((check.requests, check.with_cookie), (12, expected.map(str::to_owned).to_vec()));
    }
}
