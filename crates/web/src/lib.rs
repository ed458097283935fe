//! HTTP: routes, handlers, pages, the staff API and the statistics.

pub mod app;
pub mod connections;
pub mod cookies;
pub mod count;
pub mod files;
pub mod handlers;
pub mod limits;
pub mod notices;
pub mod routes;
pub mod search;
pub mod spam;
pub mod statistics;
pub mod templates;
