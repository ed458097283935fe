//! The binary `scruple`: configuration, command line, doors and mail.

pub mod boot;
pub mod commands;
pub mod config;
pub mod mail;
