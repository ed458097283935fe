//! The parts of the binary `scruple`: configuration, command line, server, jobs and demo.

pub mod cli;
pub mod config;
pub mod demo;
pub mod jobs;
mod loopback_client;
pub mod panic_hook;
pub mod serve;
pub mod startup;
