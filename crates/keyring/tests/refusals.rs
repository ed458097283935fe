//! What is refused, and that each refusal says what to do.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stands in for the journal, and may panic"
)]

mod ring;

use std::fs;
use std::path::Path;

use keyring::{KeyringError, KeyringId, Opening, StaticShare, Vault, Warning};
use ring::*;
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
fn all_that_a_keyring_makes_is_for_its_owner_alone() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 1);
    let vault = create(&places);
    vault.forget(&forgetting(&[&arrive(&vault)])).unwrap();
    vault.set_anchor(1, [0; 32]).unwrap();
    let mut todo = vec![places[0].clone()];
    while let Some(path) = todo.pop() {
        assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        if path.is_dir() {
            todo.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        }
    }
}

#[cfg(unix)]
#[test]
fn a_place_that_others_may_read_is_refused_with_the_command_that_closes_it() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 1);
    drop(create(&places));
    for (name, loose, tight) in
        [("", 0o750, "700"), ("nodes", 0o711, "700"), ("root", 0o640, "600"), ("lease", 0o604, "600")]
    {
        let path = places[0].join(name);
        let before = mode(&path);
        chmod(&path, loose);
        let error = refused(opening(&places, 0));
        assert!(matches!(&error, KeyringError::Loose { mode, .. } if *mode == loose), "{error}");
        assert!(error.to_string().contains(&format!("chmod {tight} ")), "{error}");
        chmod(&path, before);
    }
    drop(open(&places));
}

#[test]
fn a_keyring_of_which_nothing_is_left_is_lost_and_says_what_that_means() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 2);
    let error = refused(opening(&places, 0));
    assert!(matches!(error, KeyringError::Lost { .. }));
    assert!(
        error.to_string().contains("mount it") && error.to_string().contains("licences go on"),
        "{error}"
    );
    drop(create(&places));
    for place in &places {
        fs::write(place.join("root"), b"torn").unwrap();
    }
    assert!(matches!(refused(opening(&places, 0)), KeyringError::Lost { .. }));
}

#[test]
fn a_foreign_keyring_is_named_beside_the_expected_one() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 2);
    let own = create(&places[..1]).keyring_id();
    let other = create(&places[1..]).keyring_id();
    let opening = |places, keyring| Opening { keyring, ..opening(places, 0) };
    for error in [refused(opening(&places, None)), refused(opening(&places[1..], Some(own)))] {
        assert!(
            matches!(error, KeyringError::Foreign { expected, found, .. } if (expected, found) == (own, other))
        );
        assert!(error.to_string().contains("keyring.places"), "{error}");
    }
    let nobody = Some(KeyringId([0; 16]));
    assert!(matches!(refused(opening(&places, nobody)), KeyringError::Foreign { .. }));
}

#[test]
fn an_old_copy_that_was_put_back_is_refused() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 1);
    let old = dir.path().join("old");
    let vault = create(&places);
    let person = arrive(&vault);
    copy(&places[0], &old);
    vault.forget(&forgetting(&[&person])).unwrap();

    let error = refused(opening(std::slice::from_ref(&old), 2));
    assert!(matches!(error, KeyringError::Older { found: 1, seen: 2 }), "{error}");
    // The same under a running program.
    fs::remove_dir_all(&places[0]).unwrap();
    copy(&old, &places[0]);
    assert!(matches!(vault.epoch(), Err(KeyringError::Older { found: 1, seen: 2 })));
}

#[test]
fn a_newer_format_asks_for_the_newer_version() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 1);
    drop(create(&places));
    for name in ["root", "place"] {
        let path = places[0].join(name);
        let before = fs::read(&path).unwrap();
        let mut newer = before.clone();
        newer[8] = 2;
        fs::write(&path, newer).unwrap();
        let error = refused(opening(&places, 0));
        assert!(matches!(error, KeyringError::TooNew { format: 2, .. }), "{error}");
        fs::write(&path, before).unwrap();
    }
}

#[test]
fn a_wrong_passphrase_or_share_is_told_from_damage() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 1);
    drop(Vault::create(&places, StaticShare::from_passphrase("open sesame\n"), STORE).unwrap());
    let opening = |share| Opening { share, ..opening(&places, 0) };
    assert!(Vault::open(opening(StaticShare::from_passphrase("open sesame"))).is_ok());
    for share in
        [StaticShare::from_passphrase("sesame"), StaticShare::none(), StaticShare::from_bytes(b"open sesame")]
    {
        let error = refused(opening(share));
        assert!(matches!(error, KeyringError::WrongShare), "{error}");
        assert!(!error.to_string().contains("sesame"));
    }
}

#[test]
fn a_new_keyring_is_made_in_an_empty_folder_only() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 1);
    drop(create(&places));
    let again = |places: &[_]| Vault::create(places, StaticShare::none(), STORE).err().unwrap();
    assert!(matches!(again(&places), KeyringError::Taken { .. }));
    assert!(matches!(again(&[dir.path().to_owned()]), KeyringError::Taken { .. }));
    assert!(matches!(again(&[]), KeyringError::NoPlaces));
}

#[test]
fn two_places_that_went_apart_are_not_guessed_about() {
    let dir = TempDir::new().unwrap();
    let both = places(&dir, 2);
    let vault = create(&both);
    let (a, b) = (arrive(&vault), arrive(&vault));
    let apart = [dir.path().join("copy0"), dir.path().join("copy1")];
    both.iter().zip(&apart).for_each(|(from, to)| copy(from, to));
    vault.forget(&forgetting(&[&a])).unwrap();
    open(&apart).forget(&forgetting(&[&b])).unwrap();
    let error = refused(opening(&[both[0].clone(), apart[1].clone()], 0));
    assert!(matches!(error, KeyringError::Diverged { .. }), "{error}");
}

#[test]
fn a_place_that_is_away_stops_forgetting_before_anything_is_written() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 2);
    let vault = create(&places);
    let person = arrive(&vault);
    let hidden = dir.path().join("hidden");
    fs::rename(&places[1], &hidden).unwrap();
    // An unmounted disk looks like an empty folder.
    fs::create_dir(&places[1]).unwrap();
    let before = files(&places[0]);
    let error = vault.forget(&forgetting(&[&person])).unwrap_err();
    assert!(matches!(&error, KeyringError::Unreachable { places: away } if *away == places[1..]), "{error}");
    assert_eq!(files(&places[0]), before);
    assert_eq!(fs::read_dir(&places[1]).unwrap().count(), 0, "nothing is written to what may be no disk");
    assert!(opens(&vault, &person) && opens(&vault, &arrive(&vault)), "reading and selling go on");

    fs::remove_dir(&places[1]).unwrap();
    fs::rename(&hidden, &places[1]).unwrap();
    assert_eq!(vault.forget(&forgetting(&[&person])).unwrap().places, 2);
    assert_eq!(files(&places[0]), files(&places[1]));
}

#[test]
fn a_place_that_fell_out_of_the_configuration_is_missed_until_it_is_given_up() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 2);
    drop(create(&places));
    let vault = open(&places[..1]);
    let person = arrive(&vault);
    let error = vault.forget(&forgetting(&[&person])).unwrap_err();
    assert!(matches!(&error, KeyringError::Unreachable { places: away } if *away == places[1..]), "{error}");
    assert!(vault.status().unwrap().warnings.contains(&Warning::Unconfigured(places[1].clone())));
    assert!(matches!(vault.drop_place(&places[0]), Err(KeyringError::StillConfigured { .. })));
    vault.drop_place(&places[1]).unwrap();
    assert_eq!(vault.forget(&forgetting(&[&person])).unwrap().places, 1);
}

#[test]
fn an_emptied_place_is_renewed_from_the_others() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 2);
    let vault = create(&places);
    let (gone, staying) = (arrive(&vault), arrive(&vault));
    vault.forget(&forgetting(&[&gone])).unwrap();
    fs::remove_dir_all(&places[1]).unwrap();
    assert_eq!(vault.status().unwrap().places[1].epoch, None);
    vault.renew_place(&places[1]).unwrap();
    assert_eq!(files(&places[0]), files(&places[1]));
    assert_eq!(vault.forget(&forgetting(&[&gone])).unwrap().places, 2);
    let alone = open(&places[1..]);
    assert!(opens(&alone, &staying) && !opens(&alone, &gone));
    assert!(matches!(vault.renew_place(dir.path()), Err(KeyringError::NotConfigured { .. })));
}

#[test]
fn the_status_tells_what_a_keyring_is_and_what_could_go_wrong() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 2);
    let single = create(&places[..1]);
    assert!(single.status().unwrap().warnings.contains(&Warning::SinglePlace));
    assert_eq!(single.status().unwrap().nodes, 0, "nothing forgotten: 32 bytes and a counter");
    drop(single);
    let vault = open(&places);
    vault.renew_place(&places[1]).unwrap();
    vault.forget(&forgetting(&[&arrive(&vault)])).unwrap();
    let status = vault.status().unwrap();
    assert_eq!((status.epoch, status.nodes, status.forgotten), (2, 3, 1));
    assert!(status.places.iter().all(|p| p.epoch == Some(2) && p.lag == 0 && p.why.is_none()));
    #[cfg(unix)]
    assert!(status.warnings.contains(&Warning::SameDevice(places[0].clone(), places[1].clone())));
}
