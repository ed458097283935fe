//! An attacker who kept every version of every file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::kit::*;
use keyring::testing::RecordingDisk;
use keyring::{Keyring, KeyringError, OpenError, StaticShare};
use tempfile::TempDir;

const HEADER_LENGTH: usize = 34;

/// A keyring that forgets one person at each epoch, while the attacker keeps every file.
struct History {
    dir: TempDir,
    people: Vec<Person>,
    /// Every version of every file, by its name within the replica.
    versions: BTreeMap<PathBuf, Vec<Vec<u8>>>,
}

impl History {
    fn recorded() -> Self {
        let dir = TempDir::new().unwrap();
        let replicas = replicas(&dir, 1);
        let disk = Arc::new(RecordingDisk::default());
        let keyring = Keyring::create_on(disk.clone(), &replicas, StaticShare::none(), STORE).unwrap();
        let mut people: Vec<_> = (0..8).map(|_| add_person(&keyring)).collect();
        for i in 0..6 {
            keyring.forget(&forget_request(&[&people[i]])).unwrap();
            people.push(add_person(&keyring));
        }
        let within =
            |(path, versions): (PathBuf, _)| (path.strip_prefix(&replicas[0]).unwrap().to_owned(), versions);
        let versions = disk.versions().into_iter().map(within).collect();
        Self { dir, people, versions }
    }

    fn roots(&self) -> &[Vec<u8>] {
        &self.versions[Path::new("root")]
    }

    fn nodes(&self) -> impl Iterator<Item = (&Path, &Vec<u8>)> {
        let nodes = self.versions.iter().filter(|(path, _)| path.starts_with("nodes"));
        nodes.flat_map(|(path, versions)| versions.iter().map(|v| (path.as_path(), v)))
    }

    /// A replica assembled from this root and every node that ever existed.
    fn assembled(&self, name: &str, root: &[u8]) -> Result<Keyring, KeyringError> {
        let replica = self.dir.path().join(name);
        copy(&self.dir.path().join("replica0"), &replica);
        for (path, bytes) in self.nodes() {
            fs::write(replica.join(path), bytes).unwrap();
            owned(&replica.join(path));
        }
        fs::write(replica.join("root"), root).unwrap();
        Keyring::open(opening(&[replica], 0))
    }
}

fn owned(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

fn with_checksum(mut body: Vec<u8>) -> Vec<u8> {
    let sum = blake3::hash(&body);
    body.extend_from_slice(sum.as_bytes());
    body
}

#[test]
fn with_all_versions_and_the_current_root_no_forgotten_value_opens() {
    let history = History::recorded();
    let keyring = history.assembled("now", history.roots().last().unwrap()).unwrap();
    for (i, person) in history.people.iter().enumerate() {
        assert_eq!(opens(&keyring, person), i >= 6, "person {i}");
    }
}

#[test]
fn an_old_root_opens_exactly_the_values_that_were_not_yet_forgotten_then() {
    let history = History::recorded();
    assert_eq!(history.roots().len(), 7);
    for (i, root) in history.roots().iter().enumerate() {
        let keyring = history.assembled(&format!("then{i}"), root).unwrap();
        for (j, person) in history.people.iter().enumerate() {
            assert_eq!(opens(&keyring, person), j >= i, "root {i}, person {j}");
        }
    }
}

#[test]
fn the_current_share_opens_no_earlier_top_record_under_any_epoch() {
    let history = History::recorded();
    let roots = history.roots();
    let share = &roots.last().unwrap()[HEADER_LENGTH..HEADER_LENGTH + 32];
    let mut tried = 0;
    for (i, top) in roots.iter().enumerate() {
        for (j, head) in roots.iter().enumerate() {
            let mixed = with_checksum(
                [&head[..HEADER_LENGTH], share, &top[HEADER_LENGTH + 32..top.len() - 32]].concat(),
            );
            let opened = history.assembled(&format!("mixed{i}-{j}"), &mixed);
            assert_eq!(opened.is_ok(), (i, j) == (6, 6), "top {i}, head {j}");
            tried += 1;
        }
    }
    assert_eq!(tried, 49);
}

#[test]
fn an_old_node_opens_under_no_name_of_the_current_root() {
    let history = History::recorded();
    let current: Vec<_> = fs::read_dir(history.dir.path().join("replica0/nodes"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    let replica = history.dir.path().join("swapped");
    let mut tried = 0;
    for (path, old) in history.nodes() {
        for name in current.iter().filter(|name| Some(name.as_os_str()) != path.file_name()) {
            if replica.exists() {
                fs::remove_dir_all(&replica).unwrap();
            }
            copy(&history.dir.path().join("replica0"), &replica);
            fs::write(replica.join("nodes").join(name), old).unwrap();
            let keyring = Keyring::open(opening(std::slice::from_ref(&replica), 0)).unwrap();
            // The top node is on every path; with a wrong lower node, other people's values may still open.
            let outcomes = history.people.iter().map(|p| {
                keyring.open_field(
                    p.slot,
                    b"row",
                    &p.email,
                    &keyring::Permit::<policy::purpose::Writing>::audited(),
                )
            });
            let mut damaged = 0;
            for (i, outcome) in outcomes.enumerate() {
                match outcome {
                    Ok(_) => assert!(i >= 6, "person {i} is back"),
                    Err(OpenError::Keyring(KeyringError::Damaged(_))) => damaged += 1,
                    Err(OpenError::Forgotten) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            assert!(damaged > 0, "a foreign node was accepted as {name:?}");
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn no_node_is_ever_written_twice() {
    // A second version under the same key would leave the first one readable to an attacker who kept it.
    let history = History::recorded();
    let names: std::collections::BTreeSet<_> = history.nodes().map(|(path, _)| path).collect();
    assert!(names.len() > 10);
    assert_eq!(history.nodes().count(), names.len());
}

#[test]
fn a_value_sealed_before_many_forgettings_opens_after_them() {
    let history = History::recorded();
    let keyring = open(&replicas(&history.dir, 1));
    assert!(opens(&keyring, &history.people[6]) && opens(&keyring, &history.people[7]));
}

#[test]
fn a_replica_renewed_from_an_old_copy_of_another_gives_no_slot_twice() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let keyring = create(&replicas);
    let old = dir.path().join("old");
    copy(&replicas[1], &old);
    let first = keyring.allocate_slot().unwrap();
    drop(keyring);

    // The old copy has the same epoch, but not the lease of the first block. The other replica is lost.
    for replica in &replicas {
        fs::remove_dir_all(replica).unwrap();
    }
    copy(&old, &replicas[1]);
    let keyring = open(&replicas);
    keyring.renew_replica(&replicas[0]).unwrap();
    let slots = keyring.allocate_slots(1_000).unwrap();
    assert!(!slots.contains(&first), "a slot was given twice");
}
