//! See [`fuzz::archived_table`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::archived_table(input));
