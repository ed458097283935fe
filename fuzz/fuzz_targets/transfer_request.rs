//! See [`fuzz::transfer_request`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::transfer_request(input));
