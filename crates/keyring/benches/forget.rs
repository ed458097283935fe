//! The cost of sealing, opening and forgetting, beside a bare fsync of as many files in the same run.
//!
//! `cargo bench -p keyring`; `KEYRING_BENCH_DIR` chooses the disk.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints"
)]

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use keyring::disk::{Disk, SystemDisk};
use keyring::{ForgetRequest, Keyring, Permit, Slot, StaticShare, StoreId};
use policy::inventory::sealed::PersonEmail;
use policy::purpose::Writing;

/// Counts written bytes and syncs.
#[derive(Default)]
struct CountingDisk {
    bytes: AtomicU64,
    syncs: AtomicU64,
}

impl Disk for CountingDisk {
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.bytes.fetch_add(bytes.len() as u64, Relaxed);
        SystemDisk.write(path, bytes)
    }

    fn append(&self, path: &Path, keep: u64, bytes: &[u8]) -> io::Result<()> {
        self.bytes.fetch_add(bytes.len() as u64, Relaxed);
        SystemDisk.append(path, keep, bytes)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.syncs.fetch_add(1, Relaxed);
        SystemDisk.sync(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.syncs.fetch_add(1, Relaxed);
        SystemDisk.sync_folder(folder)
    }

    fn wipe(&self, file: File, path: &Path) -> io::Result<()> {
        self.syncs.fetch_add(1, Relaxed);
        SystemDisk.wipe(file, path)
    }
}

impl CountingDisk {
    fn take_counts(&self) -> (u64, u64) {
        (self.bytes.swap(0, Relaxed), self.syncs.swap(0, Relaxed))
    }
}

/// The median of many timings of one call each.
fn median(times: usize, mut step: impl FnMut(usize)) -> Duration {
    let mut all: Vec<_> = (0..times)
        .map(|i| {
            let start = Instant::now();
            step(i);
            start.elapsed()
        })
        .collect();
    all.sort_unstable();
    all[times / 2]
}

/// Slots spread over the first `taken` ones, the same in every run.
fn spread(taken: u64, i: u64) -> Slot {
    Slot(Slot::FIRST_ALLOCATED.0 + (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11) % taken)
}

fn forget_request(slots: Vec<Slot>) -> ForgetRequest {
    ForgetRequest { slots, tombstones: Vec::new(), day: 0, digest: [0; 32] }
}

/// Writes and syncs `count` files of 4 kB, one after the other.
fn write_files(folder: &Path, count: u64) -> Duration {
    median(21, |i| {
        for n in 0..count {
            let path = folder.join(format!("bare{i}-{n}"));
            fs::write(&path, [7; 4096]).unwrap();
            File::open(&path).unwrap().sync_data().unwrap();
        }
    })
}

fn measure_reads(keyring: &Keyring, taken: u64, note: &str) {
    let permit = Permit::<Writing>::audited();
    let sealed: Vec<_> = (0..2000)
        .map(|i| spread(taken, 1_000_000 + i))
        .map(|slot| (slot, keyring.seal::<PersonEmail>(slot, b"row", b"somebody@example.org")))
        .filter_map(|(slot, sealed)| Some((slot, sealed.ok()?)))
        .collect();
    let open = median(sealed.len(), |i| {
        drop(keyring.open_field(sealed[i].0, b"row", &sealed[i].1, &permit).unwrap())
    });
    let seal = median(sealed.len(), |i| {
        drop(keyring.seal::<PersonEmail>(sealed[i].0, b"row", b"somebody@example.org").unwrap());
    });
    let tag = median(2000, |_| {
        keyring.tag("address", "somebody@example.org").unwrap();
    });
    println!("{taken:>11} slots {note:<22} open {open:>9.1?}  seal {seal:>9.1?}  tag {tag:>9.1?}");
}

fn measure_forgetting(keyring: &Keyring, disk: &CountingDisk, folder: &Path, taken: u64, note: &str) {
    let base = 7_000_000 + keyring.epoch().unwrap() * 1000;
    disk.take_counts();
    let time = median(21, |i| {
        keyring.forget(&forget_request(vec![spread(taken, base + i as u64)])).unwrap();
    });
    let (bytes, syncs) = disk.take_counts();
    let (bytes, syncs) = (bytes / 21, syncs / 21);
    let ceiling = write_files(folder, syncs);
    println!(
        "{taken:>11} slots {note:<22} forget {time:>9.1?}  ({bytes} bytes, {syncs} syncs)  bare {ceiling:>9.1?}  times {:.2}",
        time.as_secs_f64() / ceiling.as_secs_f64()
    );
}

fn main() {
    let root = std::env::var_os("KEYRING_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::TempDir::new_in(root).unwrap();
    for taken in [1_000, 1_000_000, 100_000_000] {
        let folder = dir.path().join(taken.to_string());
        let scratch = dir.path().join(format!("bare{taken}"));
        fs::create_dir(&scratch).unwrap();
        let disk = Arc::new(CountingDisk::default());
        let keyring =
            Keyring::create_on(disk.clone(), &[folder], StaticShare::none(), StoreId([1; 16])).unwrap();
        measure_reads(&keyring, taken, "fresh");
        measure_forgetting(&keyring, &disk, &scratch, taken, "fresh");
        measure_reads(&keyring, taken, "some forgotten");
        if taken >= 1_000_000 {
            for batch in 0..100 {
                let slots = (0..100).map(|i| spread(taken, batch * 100 + i)).collect();
                keyring.forget(&forget_request(slots)).unwrap();
            }
            measure_reads(&keyring, taken, "after 10^4 forgettings");
            measure_forgetting(&keyring, &disk, &scratch, taken, "after 10^4 forgettings");
            let replicas = keyring.replica_paths();
            let start = Instant::now();
            let opening = keyring::KeyringConfig {
                replicas: &replicas,
                share: StaticShare::none(),
                store: keyring.store_id(),
                keyring_id: None,
                seen_epoch: 0,
            };
            drop(Keyring::open(opening).unwrap());
            println!(
                "{taken:>11} slots after 10^4 forgettings start {:>9.1?}, {} nodes",
                start.elapsed(),
                keyring.status().unwrap().nodes
            );
        }
    }
}
