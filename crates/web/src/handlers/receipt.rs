//! The download of an erasure receipt with its receipt code.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::erasure::receipt::{ReceiptStatus, fetch_receipt};
use domain::token::{ReceiptCode, Token};
use serde::Deserialize;

use crate::app::Shared;
use crate::extract::client_ip::ClientIp;
use crate::extract::form::Fields;
use crate::page_error::PageError;
use crate::rate_limit::RateLimitKey;
use crate::templates;

/// `GET /receipt`: the form for a receipt code.
pub async fn form(State(app): State<Shared>) -> Response {
    templates::receipt(&app.settings.vendor, "").into_response()
}

/// The fields of the form.
#[derive(Deserialize)]
pub struct ReceiptForm {
    code: Token<ReceiptCode>,
}

/// `POST /receipt`: the receipt as a text file.
pub async fn download(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    Fields(form): Fields<ReceiptForm>,
) -> Result<Response, PageError> {
    let status = fetch_receipt(&mut app.db.read().await?, &form.code).await?;
    if status == ReceiptStatus::Unknown && !app.rate_limiter.allow(RateLimitKey::Token, ip) {
        return Ok(templates::rate_limited());
    }
    let vendor = &app.settings.vendor;
    Ok(match status {
        ReceiptStatus::Ready(text) => {
            let name = "attachment; filename=\"erasure-receipt.txt\"";
            ([(header::CONTENT_DISPOSITION, name)], text).into_response()
        }
        ReceiptStatus::Pending => {
            let problem = "Your erasure is not complete yet. Either its day has not come, or one of the stores of our encryption keys has not confirmed it. Try again later with the same code.";
            (StatusCode::ACCEPTED, templates::receipt(vendor, problem)).into_response()
        }
        ReceiptStatus::Unknown => {
            let problem = "There is no receipt for this code. We keep receipts for 30 days.";
            (StatusCode::NOT_FOUND, templates::receipt(vendor, problem)).into_response()
        }
    })
}
