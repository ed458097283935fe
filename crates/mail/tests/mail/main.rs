//! SMTP against scripted servers and a real one.

mod smtp_failures;
mod smtp_server;
