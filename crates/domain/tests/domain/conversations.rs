//! Conversations, with a real store on the engine under test.

mod anonymous;
mod card_numbers;
mod customer_context;
mod erasure;
mod impersonation;
mod mail;
mod random_histories;
mod retention;
mod staff;
mod support;
mod suppression;
