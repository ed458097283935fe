//! Conversations, through a real store on either engine.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../kit/mod.rs"]
mod kit;

mod anonymous;
mod cards;
mod desk_of;
mod erasing;
mod mail;
mod panel;
mod retention;
mod rules;
mod staff;
mod stops;
mod strangers;
