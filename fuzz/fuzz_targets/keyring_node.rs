//! See [`fuzz::keyring_node`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::keyring_node(input));
