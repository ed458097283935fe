//! How visits come in: an image, a beacon, and the script that sends it. Whoever asks is answered the same whether the
//! visit is counted or left out, and no cookie is ever set.

mod said;
mod script;

pub use script::script;

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::app::{App, Shared};
use crate::count::Site;
use crate::handlers::visitor::origin;
use said::Said;

/// One transparent point.
const GIF: &[u8; 43] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
/// Bytes of a beacon.
const LARGEST: usize = 8 * 1024;
/// For a beacon to arrive, once its head has.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why nothing was counted, in words for whoever puts the counter on a page.
#[derive(Debug)]
enum Refused {
    NoSite,
    Elsewhere,
    Large,
    Unreadable(&'static str),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, says) = match self {
            Self::NoSite => (
                StatusCode::NOT_FOUND,
                "No site has this id. `scruple site list` shows those that there are, `scruple site add` makes one.\n",
            ),
            Self::Elsewhere => (
                StatusCode::FORBIDDEN,
                "This page is on none of the site's hosts. `scruple site edit --id ID --host HOST,HOST` names them all.\n",
            ),
            Self::Large => (StatusCode::PAYLOAD_TOO_LARGE, "A visit is told in 8 kB at most.\n"),
            Self::Unreadable(says) => (StatusCode::BAD_REQUEST, says),
        };
        let mut answer = Response::new(Body::from(says));
        *answer.status_mut() = status;
        let head = answer.headers_mut();
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        head.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        head.insert(header::CACHE_CONTROL, NEVER_KEPT);
        answer
    }
}

const NEVER_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// Pages of any origin may show it, also those that insist on being asked.
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const GPC: HeaderName = HeaderName::from_static("sec-gpc");
/// In which of these a browser says that nobody looks yet, depends on the browser.
const AHEAD: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];

/// `GET /count.gif?s=SITE&p=PATH&r=REFERRER&w=WIDTH&k=view|event|download|404&n=NAME`: a visit, by an image without
/// script. Without `p` the page is the `Referer`.
pub async fn image(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let seen = request.method() == Method::GET;
    let said = said::form(request.uri().query().unwrap_or("").as_bytes());
    let taken = said.map_err(Refused::Unreadable).and_then(|said| {
        let site = app.counter.site(&said.site).ok_or(Refused::NoSite)?;
        if seen { take(&app, &site, &said, request.headers(), peer, app.db.clock.now()) } else { Ok(()) }
    });
    if let Err(refused) = taken {
        return refused.into_response();
    }
    let mut answer = Response::new(Body::from(Bytes::from_static(GIF)));
    let head = answer.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/gif"));
    head.insert(CORP, HeaderValue::from_static("cross-origin"));
    head.insert(header::CACHE_CONTROL, NEVER_KEPT);
    answer
}

/// `POST /count`: the same, in a body: JSON, whatever a browser calls it, or a form.
pub async fn beacon(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    // A visit is of the moment at which it began to arrive.
    let at = app.db.clock.now();
    let (head, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err(refused) => return refused.into_response(),
    };
    let (mut site, headers) = (None, &head.headers);
    let said = said::body(text(headers, header::CONTENT_TYPE), &body);
    let taken = said.map_err(Refused::Unreadable).and_then(|said| {
        let site = site.insert(app.counter.site(&said.site).ok_or(Refused::NoSite)?);
        take(&app, site, &said, headers, peer, at)
    });
    let mut answer = match taken {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => refused.into_response(),
    };
    share(answer.headers_mut(), headers, |origin| site.is_some_and(|site| site.owns(origin) == Some(true)));
    answer
}

async fn read(body: Body) -> Result<Bytes, Refused> {
    match timeout(PATIENCE, Limited::new(body, LARGEST).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refused::Large),
        Ok(Err(_)) | Err(_) => Err(Refused::Unreadable("The visit did not arrive whole.\n")),
    }
}

/// `OPTIONS /count`: a browser asks whether a page of this origin may send JSON. For which site it doesn't say yet.
pub async fn preflight(State(app): State<Shared>, request: Request) -> Response {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    let head = answer.headers_mut();
    share(head, request.headers(), |origin| app.counter.owns(origin));
    if head.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        head.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        head.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        head.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    answer
}

/// Lets pages of an origin read the answer, if it is one of ours. Cookies are never allowed along.
fn share(answer: &mut HeaderMap, asked: &HeaderMap, ours: impl FnOnce(&str) -> bool) {
    answer.insert(header::VARY, HeaderValue::from_static("origin"));
    let Some(origin) = asked.get(header::ORIGIN) else { return };
    if origin.to_str().is_ok_and(ours) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}

/// A header's text; empty where there is none.
fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> &str {
    headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).unwrap_or("")
}

/// Hands a visit to the counter. What is refused here doesn't depend on the person: whoever objects, comes too often or is
/// a machine gets everybody's answer.
fn take(
    app: &App,
    site: &Site,
    said: &Said<'_>,
    headers: &HeaderMap,
    peer: SocketAddr,
    at: i64,
) -> Result<(), Refused> {
    let referer = text(headers, header::REFERER);
    let page = match &said.page {
        Some(page) => page,
        None if !referer.is_empty() => referer,
        None => {
            return Err(Refused::Unreadable("No page: name it with p, or let the browser send a Referer.\n"));
        }
    };
    let from = match text(headers, header::ORIGIN) {
        "" | "null" => referer,
        origin => origin,
    };
    let ours = site.owns(page);
    if ours == Some(false) || (!from.is_empty() && site.owns(from) == Some(false)) {
        app.counter.refuse(site, at);
        return Err(Refused::Elsewhere);
    }
    if ours.is_none() && !page.starts_with('/') {
        return Err(Refused::Unreadable("p is the path of a page, or its whole address.\n"));
    }
    let ahead = AHEAD.iter().map(|name| text(headers, name)).find(|purpose| !purpose.is_empty());
    let visit = analytics::Request {
        address: origin(app, peer.ip(), headers),
        agent: text(headers, header::USER_AGENT),
        languages: text(headers, header::ACCEPT_LANGUAGE),
        page,
        referrer: said.referrer.as_deref(),
        width: said.width,
        dnt: text(headers, header::DNT),
        gpc: text(headers, &GPC),
        purpose: ahead.unwrap_or(""),
        kind: said.kind,
        name: &said.name,
    };
    app.counter.take(site, &visit, at);
    Ok(())
}
