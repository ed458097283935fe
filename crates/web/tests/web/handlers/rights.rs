//! Who may use which route. The rows come from the route table, so no route is left out.

use axum::http::Method;
use web::route::Access;
use web::routes::ROUTES;

use crate::http::{Answer, form};
use crate::kit::Kit;

/// Returns whether a response refuses a stranger, in the way that the route requires.
fn is_refused(answer: &Answer, access: Access) -> bool {
    match access {
        Access::Provider => answer.status == 403,
        Access::LicenceKey | Access::AccessCode => answer.status == 400,
        Access::EmailLink => answer.status == 410,
        Access::Staff(_) | Access::StaffUnlessPublic(_) => answer.status == 401,
        Access::Customer => (answer.status, answer.header("location")) == (303, "/licence?signed-out"),
        Access::Demo => answer.status == 404,
        Access::Anyone => false,
    }
}

/// Routes of `scruple demo` alone. A real server answers them with 404.
const DEMO: [(Method, &str); 4] = [
    (Method::GET, "/demo"),
    (Method::GET, "/demo/emails"),
    (Method::GET, "/demo/checkout"),
    (Method::POST, "/demo/checkout"),
];

fn rows() -> Vec<(Method, &'static str, Access)> {
    let demo = DEMO.into_iter().map(|(method, path)| (method, path, Access::Demo));
    ROUTES.iter().map(|row| (row.method.clone(), row.path, row.access)).chain(demo).collect()
}

#[test]
fn no_route_is_in_the_table_twice() {
    let mut rows: Vec<_> = ROUTES.iter().map(|row| (row.method.to_string(), row.path)).collect();
    rows.sort_unstable();
    let all = rows.len();
    rows.dedup();
    assert_eq!(rows.len(), all);
}

const STRANGERS: [&str; 4] = [
    "",
    "scruple_session=",
    "scruple_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "scruple_session=' OR 1=1 --",
];

fn body_for(path: &str) -> String {
    match path {
        "/paypro" => paypro::Shop::new(paypro::Secret::new("a guess").unwrap())
            .charged(&paypro::Purchase::new(
                "1",
                "4711",
                paypro::simulator::Party::new("eve@example.com", "Eve"),
            ))
            .body(),
        "/licence/refresh" => "200G2-0010G".into(),
        _ => form(&[
            ("email", "eve@example.com"),
            ("agree", "yes"),
            ("confirmation", "ERASE"),
            ("code", "0"),
            ("file", "7"),
            ("confirm", "yes"),
        ]),
    }
}

#[tokio::test]
async fn a_stranger_is_refused_by_every_route_that_is_not_for_anyone() {
    let kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    for (method, path, access) in rows() {
        let at = path.replace("{token}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").replace("{id}", "7");
        let (cookies, body) = if access == Access::Customer {
            (&STRANGERS[..], form(&[]))
        } else {
            (&STRANGERS[..1], body_for(path))
        };
        for cookie in cookies {
            let headers = [("Cookie", *cookie), crate::http::FORM];
            let answer = kit.send(method.as_str(), &at, &headers, &body).await;
            let refused = is_refused(&answer, access);
            assert_eq!(refused, access != Access::Anyone, "{method} {path} answered {}", answer.status);
            assert_eq!(answer.header("set-cookie"), "", "{method} {path} set a cookie");
        }
    }
}

#[tokio::test]
async fn a_customer_with_a_session_sees_every_portal_page_and_no_other_person() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    kit.sell("2", "grace@example.net", "Grace Hopper").await;
    let cookie = kit.sign_in("ada@example.com").await;
    let pages = ROUTES.iter().filter(|row| row.method == Method::GET && row.access == Access::Customer);
    for row in pages.filter(|row| !row.path.contains('{')) {
        let answer = kit.get(row.path, &cookie).await;
        assert_eq!(answer.status, 200, "{}", row.path);
        assert!(!answer.body.contains("grace") && !answer.body.contains("Hopper"), "{}", row.path);
    }
    assert!(kit.get("/licence/data", &cookie).await.body.contains("Ada Lovelace"));
}

#[tokio::test]
async fn a_link_for_one_purpose_works_on_no_other_route() {
    let mut kit = Kit::open().await;
    kit.sell("1", "ada@example.com", "Ada Lovelace").await;
    let link = kit.link("ada@example.com").await;
    let elsewhere = link.replace("/licence/open/", "/licence/address/");
    assert_eq!(kit.get(&elsewhere, "").await.status, 410);
    assert_eq!(kit.post(&elsewhere, &[], "").await.status, 410);
    assert_eq!(kit.get(&link, "").await.status, 200, "the link is not used up");
}
