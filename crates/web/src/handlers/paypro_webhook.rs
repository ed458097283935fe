//! The webhook of the payment provider (PayPro calls its notifications IPN). A request for a licence key is answered
//! with the key.

use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::licensing::purchase::{NotificationReply, OrderNotification};
use paypro::UnverifiedNotification;

use crate::app::{App, Shared};
use crate::extract::client_ip::ClientIp;
use crate::page_error::RETRY_AFTER;
use crate::rate_limit::RateLimitKey;

/// `POST /paypro`: verifies a notification and processes it. A forged webhook is refused here with 403.
pub async fn receive(State(app): State<Shared>, ClientIp(ip): ClientIp, body: Bytes) -> Response {
    if !app.provider_networks.is_empty() && !app.provider_networks.iter().any(|net| net.contains(&ip)) {
        return refuse(&app, ip, StatusCode::FORBIDDEN, "this address is not one of the provider's");
    }
    let Some(key) = &app.validation_key else {
        return retry_later("no validation key is configured yet");
    };
    let unverified = match UnverifiedNotification::parse(&body) {
        Ok(unverified) => unverified,
        Err(reason) => return refuse(&app, ip, StatusCode::BAD_REQUEST, &reason.to_string()),
    };
    let Ok(notification) = unverified.verify(key) else {
        return refuse(&app, ip, StatusCode::FORBIDDEN, "the signature is wrong");
    };
    if notification.test() && !app.allow_test_orders {
        let reason = "test orders are not accepted (paypro.allow_test_orders)";
        return refuse(&app, ip, StatusCode::FORBIDDEN, reason);
    }
    let notification = OrderNotification::of(&notification, &app.keep_custom, app.db.clock.today());
    match app.notifications.process(notification).await {
        Err(_) => retry_later("too many notifications at once"),
        Ok(Err(error)) => {
            tracing::warn!(cause = %error, "a notification was not processed; the provider sends it again");
            retry_later("the database is unavailable")
        }
        Ok(Ok(reply)) => respond(reply),
    }
}

fn respond(reply: NotificationReply) -> Response {
    match reply {
        NotificationReply::Accepted => StatusCode::OK.into_response(),
        NotificationReply::Keys(keys) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], keys.join("\n")).into_response()
        }
        NotificationReply::UnknownProduct => {
            retry_later("this product is not configured yet; the order is kept")
        }
        NotificationReply::OnHold => retry_later("this order is on hold until staff have checked it"),
        NotificationReply::Revoked => plain_text(StatusCode::CONFLICT, "this licence was revoked"),
        NotificationReply::Gone => plain_text(StatusCode::GONE, "this order was erased"),
    }
}

fn plain_text(status: StatusCode, text: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{text}\n")).into_response()
}

/// Answers with 503, so that the provider sends the notification again.
fn retry_later(reason: &str) -> Response {
    let mut response = plain_text(StatusCode::SERVICE_UNAVAILABLE, reason);
    response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    response
}

/// Refuses a notification. Above the rate limit, the answer gives no reason. Valid notifications are never limited.
fn refuse(app: &App, ip: IpAddr, status: StatusCode, reason: &str) -> Response {
    if app.rate_limiter.allow(RateLimitKey::RefusedNotification, ip) {
        plain_text(status, reason)
    } else {
        StatusCode::TOO_MANY_REQUESTS.into_response()
    }
}
