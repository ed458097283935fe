//! Handlers: each reads a request, executes one operation of the domain, and answers with its result.

pub mod address;
pub mod api;
pub mod collect;
pub mod contact;
pub mod conversation;
pub mod erase;
pub mod paypro_webhook;
pub mod portal;
pub mod receipt;
pub mod redeem_magic_link;
pub mod refresh;
pub mod request_magic_link;
pub mod root;
pub mod statistics;
