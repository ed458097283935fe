//! Extractors: typed and validated parts of a request, as axum passes them to handlers.

pub mod access_code;
pub mod client_ip;
pub mod form;
pub mod link_token;
pub mod multipart;
pub mod session;
pub mod upload_form;
