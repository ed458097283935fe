//! The doors from outside: what each answers, to whom, and how often.

mod answers;
mod erasure;
mod http;
mod kit;
mod limits;
mod links;
mod rights;
