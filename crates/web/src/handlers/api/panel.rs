//! Beside a thread: the customer, and what staff do for them from there.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::conversations::customer_context::{Extend, ResendKeys, Revoke, Show, StartErasure};
use domain::conversations::{LONGEST_MESSAGE, read_number};
use domain::day;
use domain::erasure::intent::Agreed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::change::done;
use super::description::{ChangeProblems, Problems};
use super::fields::{Checked, Id, Sent, line, text};
use super::problem::{Kind, Problem};
use super::shapes::Panel;
use super::staff::{CustomersRead, CustomersWrite, Staff};
use crate::app::Shared;

/// `GET /api/v1/threads/{id}/panel`: the customer's licences with their renewals, their orders, earlier threads. The
/// journal keeps who opened them.
#[utoipa::path(get, path = "/api/v1/threads/{id}/panel", tag = "customers",
    params(("id" = String, Path, description = "The thread's 8 symbols")),
    responses((status = 200, description = "What is known", body = Panel), Problems),
    security(("bearer" = ["customers:read"])))]
pub async fn show(
    State(app): State<Shared>,
    staff: Staff<CustomersRead>,
    Id(id): Id,
) -> Result<Json<Panel>, Problem> {
    let panel = app.db.write(&Show { id, who: &staff.who }).await?.ok_or_else(Problem::no_thread)?;
    Ok(Json(panel.into()))
}

/// `POST /api/v1/threads/{id}/panel/resend-keys`: sends the customer the link to their own page, where their keys are;
/// once for each message of theirs.
#[utoipa::path(post, path = "/api/v1/threads/{id}/panel/resend-keys", tag = "customers",
    params(("id" = String, Path, description = "The thread's 8 symbols")),
    responses((status = 204, description = "The letter waits to be sent"), Problems, ChangeProblems),
    security(("bearer" = ["customers:write"])))]
pub async fn resend_keys(
    State(app): State<Shared>,
    staff: Staff<CustomersWrite>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    let sent = app.db.write(&ResendKeys { id, who: &staff.who, house: &app.house }).await?;
    app.bell.notify_one();
    done(sent)
}

/// A licence, and for how long.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Longer {
    /// The licence's 8 symbols: one of the customer's, or the one that was named.
    #[schema(min_length = 1, max_length = 32)]
    licence: String,
    /// Months.
    #[schema(minimum = 1, maximum = 120)]
    months: i64,
}

impl Checked for Longer {
    fn check(&self) -> Result<(), String> {
        if !(1..=120).contains(&self.months) {
            return Err("`months`: expected 1 to 120".to_owned());
        }
        line("licence", &self.licence, 32)
    }
}

fn no_licence() -> Problem {
    Problem::new(Kind::Refused, "This is no licence's number: expected 8 symbols such as 7K3M-9QXD.")
}

/// `POST /api/v1/threads/{id}/panel/extend`: extends a licence of the thread's customer.
#[utoipa::path(post, path = "/api/v1/threads/{id}/panel/extend", tag = "customers",
    params(("id" = String, Path, description = "The thread's 8 symbols")), request_body = Longer,
    responses((status = 204, description = "It is extended"), Problems, ChangeProblems),
    security(("bearer" = ["customers:write"])))]
pub async fn extend(
    State(app): State<Shared>,
    staff: Staff<CustomersWrite>,
    Id(id): Id,
    Sent(sent): Sent<Longer>,
) -> Result<StatusCode, Problem> {
    let serial = read_number(&sent.licence).ok_or_else(no_licence)?;
    done(app.db.write(&Extend { id, serial, months: sent.months, who: &staff.who }).await?)
}

/// A licence, and whether it is revoked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// The licence's 8 symbols: one of the customer's, or the one that was named.
    #[schema(min_length = 1, max_length = 32)]
    licence: String,
    /// False takes a revocation back.
    #[serde(default = "yes")]
    revoked: bool,
}

fn yes() -> bool {
    true
}

impl Checked for Revocation {
    fn check(&self) -> Result<(), String> {
        line("licence", &self.licence, 32)
    }
}

/// `POST /api/v1/threads/{id}/panel/revoke`: revokes a licence of the thread's customer, or takes that back.
#[utoipa::path(post, path = "/api/v1/threads/{id}/panel/revoke", tag = "customers",
    params(("id" = String, Path, description = "The thread's 8 symbols")), request_body = Revocation,
    responses((status = 204, description = "It is done"), Problems, ChangeProblems),
    security(("bearer" = ["customers:write"])))]
pub async fn revoke(
    State(app): State<Shared>,
    staff: Staff<CustomersWrite>,
    Id(id): Id,
    Sent(sent): Sent<Revocation>,
) -> Result<StatusCode, Problem> {
    let serial = read_number(&sent.licence).ok_or_else(no_licence)?;
    done(app.db.write(&Revoke { id, serial, revoked: sent.revoked, who: &staff.who }).await?)
}

/// The customer's agreement to be erased.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgreement {
    /// Its text, as they gave it in the thread; only its hash is kept.
    #[schema(min_length = 1, max_length = 100_000)]
    agreement: String,
}

impl Checked for NewAgreement {
    fn check(&self) -> Result<(), String> {
        text("agreement", &self.agreement, LONGEST_MESSAGE)
    }
}

/// An erasure that was started.
#[derive(Serialize, ToSchema)]
pub struct Started {
    /// The code with which the person fetches the receipt: give it to them before the thread is gone.
    pub code: String,
    /// The day on which it falls due, until which the person can take it back; null where it is done at once.
    pub due: Option<String>,
}

/// `POST /api/v1/threads/{id}/panel/erase`: starts the erasure of the customer, who agreed to it. With them goes the
/// thread.
#[utoipa::path(post, path = "/api/v1/threads/{id}/panel/erase", tag = "customers",
    params(("id" = String, Path, description = "The thread's 8 symbols")), request_body = NewAgreement,
    responses((status = 200, description = "It is started", body = Started), Problems, ChangeProblems),
    security(("bearer" = ["customers:write"])))]
pub async fn erase(
    State(app): State<Shared>,
    staff: Staff<CustomersWrite>,
    Id(id): Id,
    Sent(sent): Sent<NewAgreement>,
) -> Result<Json<Started>, Problem> {
    if app.db.read().await?.thread(id).await?.is_none() {
        return Err(Problem::no_thread());
    }
    let (agreement, who, house) = (&*sent.agreement, &staff.who, &*app.house);
    let agreed = app.db.write(&StartErasure { id, agreement, who, house }).await?;
    app.bell.notify_one();
    match agreed {
        Some(Agreed::Erasing { code }) => Ok(Json(Started { code, due: None })),
        Some(Agreed::Cooling { day, code }) => Ok(Json(Started { code, due: Some(day::text(day)) })),
        Some(Agreed::Nobody) | None => {
            Err(Problem::new(Kind::Refused, "The thread is tied to no customer: there is nobody to erase."))
        }
    }
}
