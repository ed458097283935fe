//! Takes the payment provider's notices; answers a request for a key with the key.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::licensing::purchase::{Answer, OrderNotification};
use paypro::Unverified;

use crate::app::{App, Shared};
use crate::handlers::refusal::RETRY_AFTER;
use crate::handlers::visitor::From;
use crate::limits::Door;

/// `POST /paypro`
pub async fn take(State(app): State<Shared>, From(from): From, body: Bytes) -> Response {
    if !app.sources.is_empty() && !app.sources.iter().any(|net| net.contains(&from)) {
        return refuse(&app, from, StatusCode::FORBIDDEN, "this address is not one of the provider's");
    }
    let Some(key) = &app.validation_key else {
        return later("no validation key is configured yet");
    };
    let unverified = match Unverified::parse(&body) {
        Ok(unverified) => unverified,
        Err(reason) => return refuse(&app, from, StatusCode::BAD_REQUEST, &reason.to_string()),
    };
    let Ok(notice) = unverified.verify(key) else {
        return refuse(&app, from, StatusCode::FORBIDDEN, "the signature is wrong");
    };
    if notice.test() && !app.allow_test_orders {
        return refuse(
            &app,
            from,
            StatusCode::FORBIDDEN,
            "test orders are not taken here (paypro.allow_test_orders)",
        );
    }
    let arrival = OrderNotification::of(&notice, &app.keep_custom, app.db.clock.today());
    match app.notices.take(arrival).await {
        Err(_) => later("too many notices at once"),
        Ok(Err(error)) => {
            tracing::warn!(cause = %error, "a notice was put off");
            later("the database is away")
        }
        Ok(Ok(answer)) => say(answer),
    }
}

fn say(answer: Answer) -> Response {
    match answer {
        Answer::Taken => StatusCode::OK.into_response(),
        Answer::Keys(keys) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], keys.join("\n")).into_response()
        }
        Answer::UnknownProduct => later("this product is not in the shop yet; the order is kept"),
        Answer::Held => later("this order waits for a member of staff"),
        Answer::Revoked => plain(StatusCode::CONFLICT, "this licence was revoked"),
        Answer::Gone => plain(StatusCode::GONE, "nothing is known of this order any more"),
    }
}

fn plain(status: StatusCode, says: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{says}\n")).into_response()
}

/// The provider tries again on its own.
fn later(says: &str) -> Response {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, says);
    response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    response
}

/// Whoever is refused too often gets no more reasons. A notice that is right is never limited.
fn refuse(app: &App, from: std::net::IpAddr, status: StatusCode, says: &str) -> Response {
    if app.limits.allow(Door::Notice, from) {
        plain(status, says)
    } else {
        StatusCode::TOO_MANY_REQUESTS.into_response()
    }
}
