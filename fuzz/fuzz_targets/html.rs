//! See [`fuzz::html`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::html(input));
