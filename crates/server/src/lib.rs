//! The binary `scruple`: configuration, command line, doors and mail.

pub mod app;
pub mod boot;
pub mod commands;
pub mod config;
pub mod connections;
pub mod cookies;
pub mod count;
pub mod demo;
pub mod doors;
pub mod fault;
pub mod files;
pub mod import;
pub mod jobs;
pub mod limits;
pub mod mail;
pub mod notices;
pub mod pages;
pub mod routes;
pub mod search;
pub mod serve;
pub mod spam;
pub mod statistics;
