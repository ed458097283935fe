//! The hands of a shop's clock: its programs see another time, by `libfaketime` before the system's own functions. Days
//! begin and end when a test says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use store::Clock;

use super::{Beside, Shop, skipped};

/// Where Debian puts it.
const FOUND: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

/// How far the programs of a shop are ahead.
pub struct FakeClock {
    file: PathBuf,
    ahead: AtomicI64,
    /// What the books beside go by: the second to which the clock was last set.
    set: Arc<AtomicI64>,
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("this century")
}

impl FakeClock {
    /// Puts a clock into a shop, at noon (UTC) of the next day; says so and gives nothing where there is no library for it.
    pub fn of(shop: Shop) -> Option<(Shop, Self)> {
        let named = std::env::var("SCRUPLE_TEST_FAKETIME").ok();
        let mut known = named.iter().map(String::as_str).chain(FOUND);
        let Some(library) = known.find(|path| Path::new(path).exists()) else {
            let required = std::env::var_os("SCRUPLE_TEST_REQUIRE").is_some_and(|value| value == "1");
            assert!(!required, "SCRUPLE_TEST_FAKETIME leads to no libfaketime");
            skipped("SCRUPLE_TEST_FAKETIME leads to no libfaketime");
            return None;
        };
        let file = shop.folder().join("hands");
        let path = file.to_str().expect("UTF-8").to_owned();
        let shop = shop
            .with("LD_PRELOAD", library)
            .with("FAKETIME_TIMESTAMP_FILE", &path)
            .with("FAKETIME_NO_CACHE", "1")
            // Whoever waits so many seconds waits them, and files keep their times.
            .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .with("NO_FAKE_STAT", "1");
        let hands = Self { file, ahead: AtomicI64::new(0), set: Arc::default() };
        hands.set((now() / 86_400 + 1) * 86_400 + 43_200);
        Some((shop, hands))
    }

    /// Sets the clock to a second since 1970; it goes on from there.
    pub fn set(&self, second: i64) {
        let ahead = second - now();
        let beside = self.file.with_extension("new");
        fs::write(&beside, format!("{ahead:+}\n")).expect("a file");
        fs::rename(beside, &self.file).expect("its place");
        self.ahead.store(ahead, Ordering::SeqCst);
        self.set.store(second, Ordering::SeqCst);
    }

    /// What the shop's programs see.
    pub fn now(&self) -> i64 {
        now() + self.ahead.load(Ordering::SeqCst)
    }

    /// Days since 1970 in UTC, as the shop's programs see them.
    pub fn today(&self) -> i32 {
        i32::try_from(self.now().div_euclid(86_400)).expect("this century")
    }

    /// Turns the clock to a second of today.
    pub fn turn(&self, second: i64) {
        self.set(i64::from(self.today()) * 86_400 + second);
    }

    /// Five minutes past midnight: whoever counted yesterday has ended or counts as crashed.
    pub fn midnight(&self) {
        self.turn(86_400 + 300);
    }

    /// Opens a shop's books at this time, which goes on when the clock is set again.
    pub fn beside(&self, shop: &Shop) -> Beside {
        let mut beside = shop.beside();
        beside.db.clock = Clock::Fixed(Arc::clone(&self.set));
        beside
    }
}
