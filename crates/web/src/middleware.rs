//! Middleware: what happens to every request, before and after its handler.

pub mod csrf;
pub mod security_headers;
