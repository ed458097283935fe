//! Collects visits: by an image, by a beacon, and by the script that sends the beacon. The response is the same whether a
//! visit is counted or not, and no response sets a cookie.

mod script;
mod visit_payload;

pub use script::script;

use calendar::Timestamp;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::app::{App, Shared};
use crate::extract::client_ip::client_address;
use crate::visit_counter::Site;
use visit_payload::VisitPayload;

/// One transparent pixel.
const GIF: &[u8; 43] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
/// Bytes of a beacon.
const MAX_BODY: usize = 8 * 1024;
/// Time for the body of a beacon to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a request was refused. The texts are for the person who sets up the counting.
#[derive(Debug)]
enum CollectError {
    UnknownSite,
    WrongHost,
    TooLarge,
    Malformed(&'static str),
}

impl IntoResponse for CollectError {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::UnknownSite => (
                StatusCode::NOT_FOUND,
                "No site has this id. `scruple site list` lists all sites, `scruple site add` adds one.\n",
            ),
            Self::WrongHost => (
                StatusCode::FORBIDDEN,
                "This page is on none of the site's hosts. `scruple site edit --id ID --host HOST,HOST` sets all hosts.\n",
            ),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 8 kB.\n"),
            Self::Malformed(text) => (StatusCode::BAD_REQUEST, text),
        };
        let mut answer = Response::new(Body::from(text));
        *answer.status_mut() = status;
        let head = answer.headers_mut();
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        head.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        head.insert(header::CACHE_CONTROL, NO_STORE);
        answer
    }
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Lets pages of any origin load the image and the script, also with Cross-Origin-Embedder-Policy.
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const GPC: HeaderName = HeaderName::from_static("sec-gpc");
/// Headers in which browsers announce a prefetch or a prerender.
const PREFETCH_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];

/// `GET /count.gif?s=SITE&p=PATH&r=REFERRER&w=WIDTH&k=view|event|download|404&n=NAME`: a visit, sent by an
/// image without a script. Without `p` the page is the `Referer`.
pub async fn image(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let is_get = request.method() == Method::GET;
    let payload = visit_payload::parse_form(request.uri().query().unwrap_or("").as_bytes());
    let counted = payload.map_err(CollectError::Malformed).and_then(|payload| {
        let site = app.counter.site(&payload.site).ok_or(CollectError::UnknownSite)?;
        if is_get {
            count_visit(&app, &site, &payload, request.headers(), peer, app.db.clock.now())
        } else {
            Ok(())
        }
    });
    if let Err(refused) = counted {
        return refused.into_response();
    }
    let mut answer = Response::new(Body::from(Bytes::from_static(GIF)));
    let head = answer.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/gif"));
    head.insert(CORP, HeaderValue::from_static("cross-origin"));
    head.insert(header::CACHE_CONTROL, NO_STORE);
    answer
}

/// `POST /count`: a visit, sent as JSON (with any content type) or as a form.
pub async fn beacon(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    // A visit counts for the moment at which its request began to arrive.
    let at = app.db.clock.now();
    let (head, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err(refused) => return refused.into_response(),
    };
    let (mut site, headers) = (None, &head.headers);
    let payload = visit_payload::parse_body(text(headers, header::CONTENT_TYPE), &body);
    let counted = payload.map_err(CollectError::Malformed).and_then(|payload| {
        let site = site.insert(app.counter.site(&payload.site).ok_or(CollectError::UnknownSite)?);
        count_visit(&app, site, &payload, headers, peer, at)
    });
    let mut answer = match counted {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => refused.into_response(),
    };
    add_cors_headers(answer.headers_mut(), headers, |origin| {
        site.is_some_and(|site| site.owns(origin) == Some(true))
    });
    answer
}

async fn read(body: Body) -> Result<Bytes, CollectError> {
    match timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(CollectError::TooLarge),
        Ok(Err(_)) | Err(_) => Err(CollectError::Malformed("The body was incomplete.\n")),
    }
}

/// `OPTIONS /count`: a CORS preflight request. It names the origin, but not the site.
pub(crate) async fn preflight(State(app): State<Shared>, request: Request) -> Response {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    let head = answer.headers_mut();
    add_cors_headers(head, request.headers(), |origin| app.counter.owns(origin));
    if head.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        head.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        head.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        head.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    answer
}

/// Adds the CORS headers if the origin belongs to a site. Credentials are never allowed.
fn add_cors_headers(answer: &mut HeaderMap, request: &HeaderMap, is_known: impl FnOnce(&str) -> bool) {
    answer.insert(header::VARY, HeaderValue::from_static("origin"));
    let Some(origin) = request.get(header::ORIGIN) else { return };
    if origin.to_str().is_ok_and(is_known) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}

/// Returns the text of a header. Empty if it is missing.
fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> &str {
    headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).unwrap_or("")
}

/// Passes a visit to the counter. A refusal depends only on the page and the site, never on the visitor: visitors who
/// object, send too many requests or are bots get the same answer as everyone.
fn count_visit(
    app: &App,
    site: &Site,
    payload: &VisitPayload<'_>,
    headers: &HeaderMap,
    peer: SocketAddr,
    at: Timestamp,
) -> Result<(), CollectError> {
    let referer = text(headers, header::REFERER);
    let page = match &payload.page {
        Some(page) => page,
        None if !referer.is_empty() => referer,
        None => {
            return Err(CollectError::Malformed(
                "The page is missing: send it as p, or let the browser send a Referer.\n",
            ));
        }
    };
    let from = match text(headers, header::ORIGIN) {
        "" | "null" => referer,
        origin => origin,
    };
    let is_own_page = site.owns(page);
    if is_own_page == Some(false) || (!from.is_empty() && site.owns(from) == Some(false)) {
        app.counter.record_refused(site, at);
        return Err(CollectError::WrongHost);
    }
    if is_own_page.is_none() && !page.starts_with('/') {
        return Err(CollectError::Malformed("p must be the path of a page or its full URL.\n"));
    }
    let purpose = PREFETCH_HEADERS.iter().map(|name| text(headers, name)).find(|purpose| !purpose.is_empty());
    let visit = analytics::Request {
        address: client_address(app, peer.ip(), headers),
        user_agent: text(headers, header::USER_AGENT),
        languages: text(headers, header::ACCEPT_LANGUAGE),
        page,
        referrer: payload.referrer.as_deref(),
        width: payload.width,
        dnt: text(headers, header::DNT),
        gpc: text(headers, &GPC),
        purpose: purpose.unwrap_or(""),
        kind: payload.kind,
        name: &payload.name,
    };
    app.counter.record_visit(site, &visit, at);
    Ok(())
}
