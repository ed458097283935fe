//! Tests of all routes over HTTP: responses, access and rate limits.

mod collect;
mod contact;
mod contact_files;
mod dates;
mod erasure;
mod form_fields;
mod hostile_values;
mod magic_links;
mod multipart;
mod rate_limit_table;
mod rate_limits;
mod refresh;
mod responses;
mod rights;
mod route_table;
mod statistics;
mod webhook;
