//! The binary `scruple`: configuration, command line, doors and mail.

pub mod commands;
pub mod config;
pub mod mail;
