//! The customer of a conversation: their purchases, and what staff do for them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::conversations::customer_context::{
    ExtendLinkedLicence, ResendKeys, RevokeLinkedLicence, StartCustomerErasure, ViewCustomerContext,
};
use domain::conversations::{MAX_MESSAGE_CHARS, parse_serial};
use domain::erasure::request::AgreementOutcome;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{CustomersRead, CustomersWrite, Staff};
use super::description::{ChangeProblems, Problems};
use super::extract::{ConversationNumber, ValidJson, Validate, check_line, check_text};
use super::problem::{Problem, ProblemKind};
use super::types::CustomerContext;
use super::update::no_content;
use crate::app::Shared;

/// `GET /api/v1/conversations/{id}/customer`: the customer's licences, renewals, orders and earlier conversations. The audit log
/// records the access.
#[utoipa::path(get, path = "", tag = "customers",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")),
    responses((status = 200, description = "The customer", body = CustomerContext), Problems))]
pub async fn show(
    State(app): State<Shared>,
    staff: Staff<CustomersRead>,
    ConversationNumber(id): ConversationNumber,
) -> Result<Json<CustomerContext>, Problem> {
    let context = app
        .db
        .execute(&ViewCustomerContext { id, actor: &staff.actor })
        .await?
        .ok_or_else(Problem::no_conversation)?;
    Ok(Json(context.into()))
}

/// `POST /api/v1/conversations/{id}/customer/resend-keys`: sends the customer a magic link to the portal, where their keys are. It is
/// possible once for each message of the customer.
#[utoipa::path(post, path = "", tag = "customers",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")),
    responses((status = 204, description = "The e-mail waits to be sent"), Problems, ChangeProblems))]
pub(crate) async fn resend_keys(
    State(app): State<Shared>,
    staff: Staff<CustomersWrite>,
    ConversationNumber(id): ConversationNumber,
) -> Result<StatusCode, Problem> {
    let outcome = app.db.execute(&ResendKeys { id, actor: &staff.actor, settings: &app.settings }).await?;
    app.work_available.notify_one();
    no_content(outcome)
}

/// The extension of a licence.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenceExtension {
    /// The licence's number: one of the customer's, or the one that was given with the first message.
    #[schema(min_length = 1, max_length = 32)]
    licence: String,
    /// Number of months.
    #[schema(minimum = 1, maximum = 120)]
    months: i64,
}

impl Validate for LicenceExtension {
    fn validate(&self) -> Result<(), String> {
        if !(1..=120).contains(&self.months) {
            return Err("`months`: expected 1 to 120".to_owned());
        }
        check_line("licence", &self.licence, 32)
    }
}

fn no_licence() -> Problem {
    Problem::new(ProblemKind::Refused, "This is not a licence number. Expected 8 characters, like 7K3M-9QXD.")
}

/// `POST /api/v1/conversations/{id}/customer/extend`: extends a licence of the conversation's customer.
#[utoipa::path(post, path = "", tag = "customers",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")), request_body = LicenceExtension,
    responses((status = 204, description = "The licence is extended"), Problems, ChangeProblems))]
pub async fn extend(
    State(app): State<Shared>,
    staff: Staff<CustomersWrite>,
    ConversationNumber(id): ConversationNumber,
    ValidJson(body): ValidJson<LicenceExtension>,
) -> Result<StatusCode, Problem> {
    let serial = parse_serial(&body.licence).ok_or_else(no_licence)?;
    no_content(
        app.db.execute(&ExtendLinkedLicence { id, serial, months: body.months, actor: &staff.actor }).await?,
    )
}

/// The revocation of a licence, or its undoing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenceRevocation {
    /// The licence's number: one of the customer's, or the one that was given with the first message.
    #[schema(min_length = 1, max_length = 32)]
    licence: String,
    /// False undoes a revocation.
    #[serde(default = "default_revoked")]
    revoked: bool,
}

fn default_revoked() -> bool {
    true
}

impl Validate for LicenceRevocation {
    fn validate(&self) -> Result<(), String> {
        check_line("licence", &self.licence, 32)
    }
}

/// `POST /api/v1/conversations/{id}/customer/revoke`: revokes a licence of the conversation's customer, or undoes that.
#[utoipa::path(post, path = "", tag = "customers",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")), request_body = LicenceRevocation,
    responses((status = 204, description = "The licence is updated"), Problems, ChangeProblems))]
pub async fn revoke(
    State(app): State<Shared>,
    staff: Staff<CustomersWrite>,
    ConversationNumber(id): ConversationNumber,
    ValidJson(body): ValidJson<LicenceRevocation>,
) -> Result<StatusCode, Problem> {
    let serial = parse_serial(&body.licence).ok_or_else(no_licence)?;
    no_content(
        app.db
            .execute(&RevokeLinkedLicence { id, serial, revoked: body.revoked, actor: &staff.actor })
            .await?,
    )
}

/// The customer's agreement to their erasure.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgreement {
    /// The text of the agreement, as the customer wrote it. Only its hash is stored.
    #[schema(min_length = 1, max_length = 100_000)]
    agreement: String,
}

impl Validate for NewAgreement {
    fn validate(&self) -> Result<(), String> {
        check_text("agreement", &self.agreement, MAX_MESSAGE_CHARS)
    }
}

/// An erasure that has started.
#[derive(Serialize, ToSchema)]
pub struct StartedErasure {
    /// The code to download the receipt. Give it to the person before the conversation is erased.
    pub receipt_code: String,
    /// The day of the erasure, until which the person can cancel it. Null if it is carried out at once.
    pub due: Option<String>,
}

/// `POST /api/v1/conversations/{id}/customer/erase`: starts the erasure of the customer, who has agreed to it. The conversation is
/// erased too.
#[utoipa::path(post, path = "", tag = "customers",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")), request_body = NewAgreement,
    responses((status = 200, description = "The erasure has started", body = StartedErasure), Problems, ChangeProblems))]
pub async fn erase(
    State(app): State<Shared>,
    staff: Staff<CustomersWrite>,
    ConversationNumber(id): ConversationNumber,
    ValidJson(body): ValidJson<NewAgreement>,
) -> Result<Json<StartedErasure>, Problem> {
    if app.db.read().await?.conversation(id).await?.is_none() {
        return Err(Problem::no_conversation());
    }
    let (agreement, actor, settings) = (&*body.agreement, &staff.actor, &*app.settings);
    let agreed = app.db.execute(&StartCustomerErasure { id, agreement, actor, settings }).await?;
    app.work_available.notify_one();
    match agreed {
        Some(AgreementOutcome::Started { code }) => {
            Ok(Json(StartedErasure { receipt_code: code, due: None }))
        }
        Some(AgreementOutcome::CoolingOff { day, code }) => {
            Ok(Json(StartedErasure { receipt_code: code, due: Some(day.to_string()) }))
        }
        Some(AgreementOutcome::UnknownPerson) | None => Err(Problem::new(
            ProblemKind::Refused,
            "The conversation is not linked to a customer, so no customer can be erased.",
        )),
    }
}
