//! The released program as a whole: `scruple serve` as a process, over HTTP, on either engine, killed, copied, searched
//! and lied to. TESTING.md says what each module shows and how to run the long forms.

mod away;
mod canary;
mod connections;
mod count;
mod emails;
mod imports;
mod kill;
mod kit;
mod malformed;
mod memory;
mod panic_log;
mod picture;
mod search;
mod start;
mod time;
mod together;
mod year;
