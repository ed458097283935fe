//! A clock that a test controls: `libfaketime` gives the shop's processes another time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use calendar::Day;
use store::Clock;

use super::{OpenStore, Shop};

/// The paths of libfaketime in Debian.
const LIBRARIES: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

/// The clock of a shop's processes.
pub struct FakeClock {
    file: PathBuf,
    /// Seconds that the processes are ahead of the real time.
    ahead: AtomicI64,
    /// The second to which the clock was last set. The test's own `OpenStore` uses it.
    set: Arc<AtomicI64>,
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("this century")
}

impl FakeClock {
    /// Adds a clock to a shop, set to noon (UTC) of the next day.
    pub fn of(shop: Shop) -> (Shop, Self) {
        let named = std::env::var("SCRUPLE_TEST_FAKETIME").ok();
        let mut known = named.iter().map(String::as_str).chain(LIBRARIES);
        let library = known.find(|path| Path::new(path).exists());
        let library = library.expect("SCRUPLE_TEST_FAKETIME leads to no libfaketime");
        let file = shop.folder().join("clock");
        let path = file.to_str().expect("UTF-8").to_owned();
        let shop = shop
            .with("LD_PRELOAD", library)
            .with("FAKETIME_TIMESTAMP_FILE", &path)
            .with("FAKETIME_NO_CACHE", "1")
            // Waiting times stay real, and so do the times of files.
            .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .with("NO_FAKE_STAT", "1");
        let clock = Self { file, ahead: AtomicI64::new(0), set: Arc::default() };
        clock.set((now() / 86_400 + 1) * 86_400 + 43_200);
        (shop, clock)
    }

    /// Sets the clock to a second since 1970. It runs on from there.
    pub fn set(&self, second: i64) {
        let ahead = second - now();
        let new_file = self.file.with_extension("new");
        fs::write(&new_file, format!("{ahead:+}\n")).expect("a file");
        fs::rename(new_file, &self.file).expect("our file");
        self.ahead.store(ahead, Ordering::SeqCst);
        self.set.store(second, Ordering::SeqCst);
    }

    /// Returns the time that the shop's processes see.
    pub fn now(&self) -> i64 {
        now() + self.ahead.load(Ordering::SeqCst)
    }

    /// Returns the day in UTC, as the shop's processes see them.
    pub fn today(&self) -> Day {
        Day::from_unix_days(self.now().div_euclid(86_400))
    }

    /// Sets the clock to a second of today.
    pub fn set_second_of_day(&self, second: i64) {
        self.set(self.today().to_unix_days() * 86_400 + second);
    }

    /// Sets the clock to five minutes past midnight. A server that still counts yesterday is then taken as crashed.
    pub fn midnight(&self) {
        self.set_second_of_day(86_400 + 300);
    }

    /// Opens a shop's database at this time. Its time changes when the clock is set again.
    pub fn open_store(&self, shop: &Shop) -> OpenStore {
        let mut store = shop.open_store();
        store.db.clock = Clock::Fixed(Arc::clone(&self.set));
        store
    }
}
