//! Conversations, through a real store on either engine.

#[path = "../kit/mod.rs"]
mod kit;

mod anonymous;
mod desk_of;
mod mail;
