//! `scruple demo`.

use axum::Router;

use crate::app::Shared;

/// What the demo keeps in memory.
pub struct Demo;

/// The demo's own doors.
pub fn routes(router: Router<Shared>) -> Router<Shared> {
    router
}
