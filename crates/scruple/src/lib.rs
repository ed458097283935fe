//! The binary `scruple`: configuration, command line, server, jobs and demo.

pub mod boot;
pub mod commands;
pub mod config;
pub mod demo;
pub mod fault;
pub mod jobs;
pub mod serve;
