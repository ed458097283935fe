//! Conditions that are refused, and error texts that say what to do.

use std::fs;
use std::path::Path;

use crate::kit::*;
use keyring::{Keyring, KeyringConfig, KeyringError, KeyringId, KeyringWarning, StaticShare};
use tempfile::TempDir;

#[cfg(unix)]
fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
}

#[cfg(unix)]
#[test]
fn files_and_folders_of_a_keyring_are_readable_by_the_owner_only() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 1);
    let keyring = create(&replicas);
    keyring.forget(&forget_request(&[&add_person(&keyring)])).unwrap();
    keyring.set_anchor(1, [0; 32]).unwrap();
    let mut todo = vec![replicas[0].clone()];
    while let Some(path) = todo.pop() {
        assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        if path.is_dir() {
            todo.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        }
    }
}

#[cfg(unix)]
#[test]
fn a_replica_readable_by_others_is_refused_with_the_chmod_command() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 1);
    drop(create(&replicas));
    for (name, loose, tight) in
        [("", 0o750, "700"), ("nodes", 0o711, "700"), ("root", 0o640, "600"), ("lease", 0o604, "600")]
    {
        let path = replicas[0].join(name);
        let before = mode(&path);
        chmod(&path, loose);
        let error = refused(opening(&replicas, 0));
        assert!(matches!(&error, KeyringError::LoosePermissions { mode, .. } if *mode == loose), "{error}");
        assert!(error.to_string().contains(&format!("chmod {tight} ")), "{error}");
        chmod(&path, before);
    }
    drop(open(&replicas));
}

#[test]
fn a_keyring_without_a_usable_replica_says_what_that_means() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let error = refused(opening(&replicas, 0));
    assert!(matches!(error, KeyringError::NoUsableReplica { .. }));
    assert!(
        error.to_string().contains("mount it") && error.to_string().contains("licences continue"),
        "{error}"
    );
    drop(create(&replicas));
    for replica in &replicas {
        fs::write(replica.join("root"), b"torn").unwrap();
    }
    assert!(matches!(refused(opening(&replicas, 0)), KeyringError::NoUsableReplica { .. }));
}

#[test]
fn an_error_about_another_keyring_names_both_ids() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let own = create(&replicas[..1]).keyring_id();
    let other = create(&replicas[1..]).keyring_id();
    let opening = |replicas, keyring| KeyringConfig { keyring_id: keyring, ..opening(replicas, 0) };
    for error in [refused(opening(&replicas, None)), refused(opening(&replicas[1..], Some(own)))] {
        assert!(
            matches!(error, KeyringError::OtherKeyring { expected, found, .. } if (expected, found) == (own, other))
        );
        assert!(error.to_string().contains("keyring.replicas"), "{error}");
    }
    let unknown = Some(KeyringId([0; 16]));
    assert!(matches!(refused(opening(&replicas, unknown)), KeyringError::OtherKeyring { .. }));
}

#[test]
fn a_restored_old_copy_is_refused() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 1);
    let old = dir.path().join("old");
    let keyring = create(&replicas);
    let person = add_person(&keyring);
    copy(&replicas[0], &old);
    keyring.forget(&forget_request(&[&person])).unwrap();

    let error = refused(opening(std::slice::from_ref(&old), 2));
    assert!(matches!(error, KeyringError::RolledBack { found: 1, seen: 2 }), "{error}");
    // The same happens while a program is running.
    fs::remove_dir_all(&replicas[0]).unwrap();
    copy(&old, &replicas[0]);
    assert!(matches!(keyring.epoch(), Err(KeyringError::RolledBack { found: 1, seen: 2 })));
}

#[test]
fn a_newer_format_asks_for_the_newer_version_of_the_program() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 1);
    drop(create(&replicas));
    for name in ["root", "replica"] {
        let path = replicas[0].join(name);
        let before = fs::read(&path).unwrap();
        let mut newer = before.clone();
        newer[8] = 2;
        fs::write(&path, newer).unwrap();
        let error = refused(opening(&replicas, 0));
        assert!(matches!(error, KeyringError::TooNew { format: 2, .. }), "{error}");
        fs::write(&path, before).unwrap();
    }
}

#[test]
fn a_wrong_passphrase_or_share_is_distinguished_from_damage() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 1);
    drop(Keyring::create(&replicas, StaticShare::from_passphrase("open sesame\n"), STORE).unwrap());
    let opening = |share| KeyringConfig { share, ..opening(&replicas, 0) };
    assert!(Keyring::open(opening(StaticShare::from_passphrase("open sesame"))).is_ok());
    for share in
        [StaticShare::from_passphrase("sesame"), StaticShare::none(), StaticShare::from_bytes(b"open sesame")]
    {
        let error = refused(opening(share));
        assert!(matches!(error, KeyringError::WrongShare), "{error}");
        assert!(!error.to_string().contains("sesame"));
    }
}

#[test]
fn a_keyring_is_created_only_in_an_empty_folder() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 1);
    drop(create(&replicas));
    let again = |replicas: &[_]| Keyring::create(replicas, StaticShare::none(), STORE).err().unwrap();
    assert!(matches!(again(&replicas), KeyringError::NotEmpty { .. }));
    assert!(matches!(again(&[dir.path().to_owned()]), KeyringError::NotEmpty { .. }));
    assert!(matches!(again(&[]), KeyringError::NoReplicas));
}

#[test]
fn two_diverged_replicas_are_refused() {
    let dir = TempDir::new().unwrap();
    let both = replicas(&dir, 2);
    let keyring = create(&both);
    let (a, b) = (add_person(&keyring), add_person(&keyring));
    let apart = [dir.path().join("copy0"), dir.path().join("copy1")];
    both.iter().zip(&apart).for_each(|(from, to)| copy(from, to));
    keyring.forget(&forget_request(&[&a])).unwrap();
    open(&apart).forget(&forget_request(&[&b])).unwrap();
    let error = refused(opening(&[both[0].clone(), apart[1].clone()], 0));
    assert!(matches!(error, KeyringError::Diverged { .. }), "{error}");
}

#[test]
fn an_unreachable_replica_stops_forgetting_before_anything_is_written() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let keyring = create(&replicas);
    let person = add_person(&keyring);
    let hidden = dir.path().join("hidden");
    fs::rename(&replicas[1], &hidden).unwrap();
    // An unmounted disk looks like an empty folder.
    fs::create_dir(&replicas[1]).unwrap();
    let before = files(&replicas[0]);
    let error = keyring.forget(&forget_request(&[&person])).unwrap_err();
    assert!(
        matches!(&error, KeyringError::Unreachable { replicas: unreachable } if *unreachable == replicas[1..]),
        "{error}"
    );
    assert_eq!(files(&replicas[0]), before);
    assert_eq!(fs::read_dir(&replicas[1]).unwrap().count(), 0, "nothing is written to what may be no disk");
    assert!(
        opens(&keyring, &person) && opens(&keyring, &add_person(&keyring)),
        "reading and new purchases continue"
    );

    fs::remove_dir(&replicas[1]).unwrap();
    fs::rename(&hidden, &replicas[1]).unwrap();
    assert_eq!(keyring.forget(&forget_request(&[&person])).unwrap().replicas, 2);
    assert_eq!(files(&replicas[0]), files(&replicas[1]));
}

#[test]
fn an_unconfigured_replica_blocks_forgetting_until_it_is_dropped() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    drop(create(&replicas));
    let keyring = open(&replicas[..1]);
    let person = add_person(&keyring);
    let error = keyring.forget(&forget_request(&[&person])).unwrap_err();
    assert!(
        matches!(&error, KeyringError::Unreachable { replicas: unreachable } if *unreachable == replicas[1..]),
        "{error}"
    );
    assert!(keyring.status().unwrap().warnings.contains(&KeyringWarning::Unconfigured(replicas[1].clone())));
    assert!(matches!(keyring.drop_replica(&replicas[0]), Err(KeyringError::StillConfigured { .. })));
    keyring.drop_replica(&replicas[1]).unwrap();
    assert_eq!(keyring.forget(&forget_request(&[&person])).unwrap().replicas, 1);
}

#[test]
fn an_emptied_replica_is_renewed_from_the_others() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let keyring = create(&replicas);
    let (gone, staying) = (add_person(&keyring), add_person(&keyring));
    keyring.forget(&forget_request(&[&gone])).unwrap();
    fs::remove_dir_all(&replicas[1]).unwrap();
    assert_eq!(keyring.status().unwrap().replicas[1].epoch, None);
    keyring.renew_replica(&replicas[1]).unwrap();
    assert_eq!(files(&replicas[0]), files(&replicas[1]));
    assert_eq!(keyring.forget(&forget_request(&[&gone])).unwrap().replicas, 2);
    let alone = open(&replicas[1..]);
    assert!(opens(&alone, &staying) && !opens(&alone, &gone));
    assert!(matches!(keyring.renew_replica(dir.path()), Err(KeyringError::NotConfigured { .. })));
}

#[test]
fn the_status_shows_the_state_and_the_risks_of_a_keyring() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let single = create(&replicas[..1]);
    assert!(single.status().unwrap().warnings.contains(&KeyringWarning::SingleReplica));
    assert_eq!(single.status().unwrap().nodes, 0, "nothing forgotten: 32 bytes and a counter");
    drop(single);
    let keyring = open(&replicas);
    keyring.renew_replica(&replicas[1]).unwrap();
    keyring.forget(&forget_request(&[&add_person(&keyring)])).unwrap();
    let status = keyring.status().unwrap();
    // Slots of random blocks lie deeper in the trie.
    assert_eq!((status.epoch, status.nodes, status.forgotten), (2, 9, 1));
    assert!(status.replicas.iter().all(|p| p.epoch == Some(2) && p.lag == 0 && p.problem.is_none()));
    #[cfg(unix)]
    assert!(status.warnings.contains(&KeyringWarning::SameDevice(replicas[0].clone(), replicas[1].clone())));
}
