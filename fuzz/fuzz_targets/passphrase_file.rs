//! See [`fuzz::passphrase_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::passphrase_file(input));
