//! See [`fuzz::key_text`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::key_text(input));
