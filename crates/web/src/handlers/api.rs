//! The staff API: JSON under `/api/v1`, with the same operations as the command line. Requests authenticate with a bearer
//! token. The statistics of a public site need no token.

pub mod auth;
pub mod canned;
pub mod conversations;
pub mod customer;
pub mod description;
pub mod examples;
pub mod extract;
pub mod files;
pub mod messages;
pub mod problem;
pub mod search;
pub mod sites;
pub mod types;
pub mod update;
