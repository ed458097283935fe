//! See [`fuzz::transfer_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::transfer_file(input));
