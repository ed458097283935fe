//! See [`fuzz::email`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::email(input));
