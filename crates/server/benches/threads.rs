//! What it costs to answer people, each figure beside its ceiling in the same run: `cargo bench -p server --bench threads`.
#![allow(clippy::print_stdout, reason = "a bench speaks to whoever runs it")]
use memchr::memmem;
use server::search::index::{Index, Words};
use std::time::{Duration, Instant};

/// Words of a made-up language: a text of so many bytes, different for each seed.
fn prose(seed: u64, bytes: usize) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut text = String::with_capacity(bytes + 12);
    while text.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let letters = 2 + state % 8;
        text.extend(
            (0..letters).map(|n| char::from(b'a' + u8::try_from((state >> (8 + n * 5)) % 26).unwrap_or(0))),
        );
        text.push(' ');
    }
    text
}

fn median(mut of: impl FnMut()) -> Duration {
    let mut took: Vec<Duration> = (0..15)
        .map(|_| {
            let b = Instant::now();
            of();
            b.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[7]
}

fn main() {
    let mut index = Index::default();
    let mut whole = String::new();
    let began = Instant::now();
    for n in 0..20_000 {
        let text = prose(n, 2_000);
        index.put(n as i64, n as i64, &text);
        whole += &text;
    }
    println!("filled in {:?}, {} bytes", began.elapsed(), index.bytes());
    for typed in ["nowhereatall", "quill", "the quick nowhereatall"] {
        let ours = median(|| {
            std::hint::black_box(index.find(&Words::of(typed)));
        });
        let plain = median(|| {
            std::hint::black_box(memmem::find_iter(whole.as_bytes(), typed.as_bytes()).count());
        });
        println!("{typed:?}: ours {ours:?} plain {plain:?} hits {}", index.find(&Words::of(typed)).len());
    }
}
