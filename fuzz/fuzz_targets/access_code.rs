//! See [`fuzz::access_code`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::access_code(input));
