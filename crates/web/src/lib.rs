//! HTTP: routes, handlers, pages, the staff API and the statistics.
#![deny(unreachable_pub)]

pub mod app;
pub mod cookie_check;
pub mod extract;
pub mod files;
pub mod handlers;
pub mod http_server;
pub mod middleware;
pub mod notification_queue;
pub mod page_error;
pub mod rate_limit;
pub mod route;
pub mod routes;
pub mod search;
pub mod spam;
pub mod statistics;
pub mod templates;
pub mod visit_counter;
