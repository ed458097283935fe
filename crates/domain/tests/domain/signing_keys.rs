//! The vendor's signing keys: each id once, one of them current, and a restore that is whole or does nothing.

use domain::licensing::issue::Signers;
use domain::licensing::refresh::{RefreshOutcome, refresh_key};
use domain::licensing::signing_keys::{
    AddSigningKey, BackUpSigningKeys, RestoreSigningKeys, RetireSigningKey, RetirementOutcome,
    SigningKeyBackup,
};

use crate::kit::{Shop, products, staff};

async fn add(shop: &Shop) -> Option<u8> {
    shop.execute(AddSigningKey { actor: &staff() }).await
}

async fn retire(shop: &Shop, id: u8) -> RetirementOutcome {
    shop.execute(RetireSigningKey { id, actor: &staff() }).await
}

async fn back_up(shop: &Shop) -> Vec<SigningKeyBackup> {
    shop.execute(BackUpSigningKeys { actor: &staff() }).await
}

/// The id of the key that signs, and of all public keys.
async fn ids(shop: &Shop) -> (u8, Vec<u8>) {
    let mut tx = shop.db().read().await.unwrap();
    let signers = Signers::load(&mut tx).await.unwrap();
    (signers.current(), signers.public.iter().map(licence::PublicKey::id).collect())
}

/// The key that a program gets for its own.
async fn refreshed(shop: &Shop, key: &str) -> String {
    let mut tx = shop.db().read().await.unwrap();
    match refresh_key(&mut tx, key).await.unwrap() {
        RefreshOutcome::Current(text) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn there_are_sixteen_signing_keys_at_most_and_the_newest_signs() {
    let shop = Shop::open().await;
    let old = shop.keys(&shop.purchase("1", products::EDITOR, "ada@example.org")).await;
    for id in 1..16 {
        assert_eq!(add(&shop).await, Some(id));
        assert_eq!(ids(&shop).await, (id, (0..=id).collect()));
    }
    assert_eq!(add(&shop).await, None);
    assert_eq!(shop.staff_changes().await, ["signing key added"; 15]);
    let new = shop.keys(&shop.purchase("2", products::EDITOR, "ada@example.org")).await;
    assert_eq!(shop.claims(&new[0]).await.signing_key, 15);
    assert_eq!(shop.claims(&old[0]).await.signing_key, 0);
    assert_eq!(refreshed(&shop, &old[0]).await, old[0], "a new signing key changes no issued key");
}

#[tokio::test]
async fn only_a_current_key_that_is_not_the_last_one_is_retired() {
    let shop = Shop::open().await;
    assert_eq!(retire(&shop, 0).await, RetirementOutcome::LastCurrentKey);
    for unknown in [1, 15, 16, 255] {
        assert_eq!(retire(&shop, unknown).await, RetirementOutcome::NoSuchKey, "{unknown}");
    }
    add(&shop).await;
    add(&shop).await;
    assert_eq!(retire(&shop, 1).await, RetirementOutcome::Retired);
    assert_eq!(retire(&shop, 1).await, RetirementOutcome::NoSuchKey, "it is retired already");
    assert_eq!(retire(&shop, 2).await, RetirementOutcome::Retired);
    assert_eq!(ids(&shop).await, (0, vec![0, 1, 2]), "an older key signs again, and all verify");
    assert_eq!(retire(&shop, 0).await, RetirementOutcome::LastCurrentKey);
    let changes = ["signing key added", "signing key added", "signing key retired", "signing key retired"];
    assert_eq!(shop.staff_changes().await, changes);
}

#[tokio::test]
async fn a_key_of_a_retired_signing_key_is_still_genuine_and_refreshed_as_it_was() {
    let shop = Shop::open().await;
    let key = shop.keys(&shop.purchase("1", products::EDITOR, "ada@example.org")).await.remove(0);
    add(&shop).await;
    retire(&shop, 0).await;
    assert_eq!(refreshed(&shop, &key).await, key);
    assert_eq!(shop.claims(&key).await.signing_key, 0);
}

#[tokio::test]
async fn a_backup_holds_each_key_and_its_restore_makes_another_store_sign_alike() {
    let (shop, other) = (Shop::open().await, Shop::open().await);
    add(&shop).await;
    retire(&shop, 1).await;
    let key = shop.keys(&shop.purchase("1", products::EDITOR, "ada@example.org")).await.remove(0);
    let keys = back_up(&shop).await;
    assert_eq!(keys.iter().map(|key| (key.id, key.current)).collect::<Vec<_>>(), [(0, true), (1, false)]);
    assert!(keys[0].seed != keys[1].seed);

    let parsed = licence::Key::parse(&key).unwrap();
    let genuine = async |shop: &Shop| {
        let mut tx = shop.db().read().await.unwrap();
        licence::verify(&parsed, &Signers::load(&mut tx).await.unwrap().public).is_ok()
    };
    assert!(!genuine(&other).await, "another store has other keys");
    other.execute(RestoreSigningKeys { keys: &keys, actor: &staff() }).await;
    assert!(genuine(&other).await);
    assert_eq!(ids(&other).await, (0, vec![0, 1]));
    assert_eq!(other.staff_changes().await, ["signing keys restored from their backup"]);
    assert!(shop.staff_changes().await.contains(&"signing keys backed up".to_owned()));
}

#[tokio::test]
async fn a_restore_without_a_current_key_or_with_an_impossible_id_changes_nothing() {
    let shop = Shop::open().await;
    let before = back_up(&shop).await;
    let key = |id, current| SigningKeyBackup { id, seed: [7; 32], current };
    for keys in [
        // The only current key would be replaced by one that doesn't sign.
        vec![key(0, false)],
        vec![key(0, false), key(3, false)],
        vec![key(3, true), key(16, true)],
        vec![key(255, true)],
    ] {
        let restore = RestoreSigningKeys { keys: &keys, actor: &staff() };
        assert!(shop.db().execute(&restore).await.is_err(), "{}", keys[0].id);
        assert_eq!(ids(&shop).await, (0, vec![0]));
        assert!(back_up(&shop).await[0].seed == before[0].seed);
    }
    assert!(!shop.staff_changes().await.iter().any(|name| name.contains("restored")));
    shop.execute(RestoreSigningKeys { keys: &[key(3, true)], actor: &staff() }).await;
    assert_eq!(ids(&shop).await, (3, vec![0, 3]), "others than those of the backup stay");
}
