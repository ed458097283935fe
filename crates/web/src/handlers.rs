//! The doors: one file each. A door reads what came, lets a deed happen, and turns what it returned into an answer.

pub mod address;
pub mod api;
pub mod ask;
pub mod code;
pub mod contact;
pub mod count;
pub mod erase;
pub mod fields;
pub mod intake;
pub mod multipart;
pub mod notice;
pub mod open;
pub mod page;
pub mod receipt;
pub mod refresh;
pub mod refusal;
pub mod site;
pub mod statistics;
pub mod thread;
pub mod visitor;
