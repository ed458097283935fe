//! The search of the staff over open threads: in memory only, nothing of it on disk.

pub mod index;
