//! See [`fuzz::archived`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::archived(input));
