//! Tests of the staff API: access, responses, and entries of the audit log.

pub mod client;
mod conversations;
mod customer;
mod description;
mod field_limits;
mod files;
mod refused;
mod rights;
mod search;
mod sites;
mod tokens;
