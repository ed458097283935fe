//! The whole program: command line, configuration, pages in a browser, mail, and the running server as a process.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod cli;
mod config;
mod config_example;
mod demo;
mod demo_process;
mod mail;
mod signal;
mod source;
mod system;

#[path = "../../../web/tests/web/http.rs"]
mod http;
#[allow(dead_code, reason = "the tests of `web` use more of it")]
#[path = "../../../web/tests/web/kit.rs"]
mod kit;
#[path = "../../../web/tests/web/sample_figures.rs"]
mod sample_figures;
