//! See [`fuzz::notice`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::notice(input));
