//! The thief who kept every version of every file.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stands in for the journal, and may panic"
)]

mod ring;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyring::testing::RecordingDisk;
use keyring::{KeyringError, OpenError, StaticShare, Vault};
use ring::*;
use tempfile::TempDir;

const HEAD: usize = 34;

/// A life of a keyring: people come and go, one at each epoch, and the thief keeps everything.
struct Life {
    dir: TempDir,
    people: Vec<Person>,
    /// Every version of every file, by its name within the place.
    versions: BTreeMap<PathBuf, Vec<Vec<u8>>>,
}

impl Life {
    fn lived() -> Self {
        let dir = TempDir::new().unwrap();
        let places = places(&dir, 1);
        let disk = Arc::new(RecordingDisk::default());
        let vault = Vault::create_on(disk.clone(), &places, StaticShare::none(), STORE).unwrap();
        let mut people: Vec<_> = (0..8).map(|_| arrive(&vault)).collect();
        for i in 0..6 {
            vault.forget(&forgetting(&[&people[i]])).unwrap();
            people.push(arrive(&vault));
        }
        let within =
            |(path, versions): (PathBuf, _)| (path.strip_prefix(&places[0]).unwrap().to_owned(), versions);
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

    /// A place put together of this root and every node that ever was.
    fn assembled(&self, name: &str, root: &[u8]) -> Result<Vault, KeyringError> {
        let place = self.dir.path().join(name);
        copy(&self.dir.path().join("place0"), &place);
        for (path, bytes) in self.nodes() {
            fs::write(place.join(path), bytes).unwrap();
            owned(&place.join(path));
        }
        fs::write(place.join("root"), root).unwrap();
        Vault::open(opening(&[place], 0))
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
fn with_all_versions_and_the_current_root_nothing_of_the_forgotten_opens() {
    let life = Life::lived();
    let vault = life.assembled("now", life.roots().last().unwrap()).unwrap();
    for (i, person) in life.people.iter().enumerate() {
        assert_eq!(opens(&vault, person), i >= 6, "person {i}");
    }
}

#[test]
fn with_an_old_root_exactly_those_open_who_were_not_yet_forgotten_then() {
    let life = Life::lived();
    assert_eq!(life.roots().len(), 7);
    for (i, root) in life.roots().iter().enumerate() {
        let vault = life.assembled(&format!("then{i}"), root).unwrap();
        for (j, person) in life.people.iter().enumerate() {
            assert_eq!(opens(&vault, person), j >= i, "root {i}, person {j}");
        }
    }
}

#[test]
fn the_current_share_opens_no_earlier_top_record_whatever_epoch_it_is_told() {
    let life = Life::lived();
    let roots = life.roots();
    let share = &roots.last().unwrap()[HEAD..HEAD + 32];
    let mut tried = 0;
    for (i, top) in roots.iter().enumerate() {
        for (j, head) in roots.iter().enumerate() {
            let mixed = with_checksum([&head[..HEAD], share, &top[HEAD + 32..top.len() - 32]].concat());
            let opened = life.assembled(&format!("mixed{i}-{j}"), &mixed);
            assert_eq!(opened.is_ok(), (i, j) == (6, 6), "top {i}, head {j}");
            tried += 1;
        }
    }
    assert_eq!(tried, 49);
}

#[test]
fn an_old_node_opens_under_no_name_that_the_current_root_knows() {
    let life = Life::lived();
    let current: Vec<_> =
        fs::read_dir(life.dir.path().join("place0/nodes")).unwrap().map(|e| e.unwrap().file_name()).collect();
    let place = life.dir.path().join("swapped");
    let mut tried = 0;
    for (path, old) in life.nodes() {
        for name in current.iter().filter(|name| Some(name.as_os_str()) != path.file_name()) {
            if place.exists() {
                fs::remove_dir_all(&place).unwrap();
            }
            copy(&life.dir.path().join("place0"), &place);
            fs::write(place.join("nodes").join(name), old).unwrap();
            let vault = Vault::open(opening(std::slice::from_ref(&place), 0)).unwrap();
            // The one at the top is on everyone's path; below it the others may stay readable.
            let outcomes = life.people.iter().map(|p| {
                vault.open_field(
                    p.slot,
                    b"row",
                    &p.email,
                    &keyring::Permit::<policy::purpose::Writing>::journalled(),
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
            assert!(damaged > 0, "a foreign node was taken for {name:?}");
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn no_node_is_ever_written_twice() {
    // A second version under the same key would leave the first one open to whoever kept it.
    let life = Life::lived();
    let names: std::collections::BTreeSet<_> = life.nodes().map(|(path, _)| path).collect();
    assert!(names.len() > 10);
    assert_eq!(life.nodes().count(), names.len());
}

#[test]
fn a_value_sealed_before_many_forgettings_opens_after_them() {
    let life = Life::lived();
    let vault = open(&places(&life.dir, 1));
    assert!(opens(&vault, &life.people[6]) && opens(&vault, &life.people[7]));
}
