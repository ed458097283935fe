//! See [`fuzz::log_line`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::log_line(input));
