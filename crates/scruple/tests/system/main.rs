//! The released program as a whole: `scruple serve` as a process, over HTTP, on either engine, killed, copied, searched
//! and lied to. TESTING.md says what each module shows and how to run the long forms.

mod away;
mod canary;
mod count;
mod fault;
mod imports;
mod kill;
mod kit;
mod letters;
mod malformed;
mod memory;
mod picture;
mod search;
mod start;
mod time;
mod together;
mod year;
