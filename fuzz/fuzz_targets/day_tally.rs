//! See [`fuzz::day_tally`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::day_tally(input));
