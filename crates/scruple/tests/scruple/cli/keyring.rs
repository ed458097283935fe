//! `scruple keyring`, and the errors for a wrong, old or missing keyring.

use crate::cli::shop::{Shop, block_on, copy};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const ADA: &str = "ada@example.com";

fn erase(shop: &Shop, address: &str) -> crate::cli::shop::CommandOutput {
    shop.run_with_input("person erase --channel email", &format!("{address}\nI agree."))
}

#[test]
fn the_status_lists_replicas_and_warnings() {
    let shop = Shop::selling();
    let status = shop.run("keyring status --json").json();
    assert_eq!((&status["epoch"], &status["forgotten"]), (&1.into(), &0.into()));
    let replica = shop.replica().display().to_string();
    assert_eq!(
        (&status["replicas"][0]["path"], &status["replicas"][0]["lag"]),
        (&replica.as_str().into(), &0.into())
    );
    assert!(status["warnings"][0].as_str().is_some_and(|warning| warning.contains("single replica")));
    let output = shop.run("keyring status").done();
    assert!(output.contains(&replica) && output.contains("warning: "), "{output}");
}

#[test]
fn a_keyring_is_transferred_once_and_the_old_replica_is_refused_then() {
    let mut shop = Shop::selling();
    for address in [ADA, "bea@example.com"] {
        shop.issue("", address);
    }
    let new = shop.path("new").join("keyring").display().to_string();
    let old = shop.replica().display().to_string();

    shop.set("SCRUPLE_KEYRING_REPLICAS", &new);
    shop.run("keyring transfer import carried").refused(1, "keyring transfer request");
    let requested = shop.run("keyring transfer request");
    assert!(
        requested.out.starts_with("scruple-transfer-request-1-")
            && requested.err.contains("keyring transfer export"),
        "{}",
        requested.out
    );
    assert_eq!(shop.mode("new/keyring.transfer-request"), 0o600);
    shop.run("keyring transfer request").refused(1, "open already");

    shop.set("SCRUPLE_KEYRING_REPLICAS", &old);
    shop.run("keyring transfer export --to nonsense carried").refused(1, "transfer request");
    let mistyped = requested.out.trim().split_at(60);
    let mistyped = format!("{}{}", mistyped.0, &mistyped.1[1..]);
    shop.run(&format!("keyring transfer export --to {mistyped} carried")).refused(1, "mistyped");
    assert!(!shop.path("carried").exists());
    assert!(
        shop.run(&format!("keyring transfer export --to {} carried", requested.out.trim()))
            .done()
            .contains(&old)
    );
    assert_eq!(shop.mode("carried"), 0o600);
    shop.run(&format!("keyring transfer export --to {} carried", requested.out.trim()))
        .refused(2, "exists already");

    shop.set("SCRUPLE_KEYRING_REPLICAS", &new);
    let mut damaged = fs::read(shop.path("carried")).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(shop.path("damaged"), damaged).unwrap();
    shop.run("keyring transfer import damaged").refused(1, "damaged or truncated");
    assert!(shop.run("keyring transfer import carried").done().contains("useless"));
    assert!(!shop.path("new/keyring.transfer-request").exists());
    shop.run("keyring transfer import carried").refused(1, "keyring transfer request");
    assert_eq!(shop.run_with_input("person export --case moved", ADA).json()["email"], ADA);
    erase(&shop, ADA).done();

    shop.set("SCRUPLE_KEYRING_REPLICAS", &old);
    shop.run_with_input("person export --case x", "bea@example.com").refused(1, "an old copy was restored");
}

#[test]
fn erasures_wait_for_an_unreachable_replica_until_it_is_renewed() {
    let mut shop = Shop::selling();
    shop.issue("", ADA);
    let (one, two) = (shop.replica(), shop.path("second"));
    shop.set("SCRUPLE_KEYRING_REPLICAS", &format!("{},{}", one.display(), two.display()));
    shop.run(&format!("keyring replica renew {}", two.display())).done();
    assert_eq!(shop.run("keyring status --json").json()["replicas"][1]["epoch"], 1);

    fs::rename(&two, shop.path("unplugged")).unwrap();
    let waiting = erase(&shop, ADA);
    assert_eq!(waiting.code, 0, "{}", waiting.err);
    assert!(waiting.out.contains("code") && waiting.err.contains("second"), "{}{}", waiting.out, waiting.err);
    shop.run_with_input("person export --case x", ADA).refused(1, "no customer");
    assert!(shop.run("product list").err.contains("erasures are pending"));

    fs::create_dir(&two).unwrap();
    fs::set_permissions(&two, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(shop.run("keyring replica renew second").done().contains("1 pending erasure is complete"));
    assert_eq!(shop.run("product list").err, "");
}

#[test]
fn pending_erasures_are_completed_when_the_replica_is_given_up() {
    let mut shop = Shop::selling();
    shop.issue("", ADA);
    let (one, two) = (shop.replica(), shop.path("second"));
    let both = format!("{},{}", one.display(), two.display());
    shop.set("SCRUPLE_KEYRING_REPLICAS", &both);
    shop.run("keyring replica renew second").done();
    shop.run("keyring replica drop second").refused(1, "still in keyring.replicas");
    shop.run("keyring replica renew third").refused(1, "keyring.replicas");

    fs::remove_dir_all(&two).unwrap();
    assert_eq!(erase(&shop, ADA).code, 0);
    shop.set("SCRUPLE_KEYRING_REPLICAS", &one.display().to_string());
    let dropped = shop.run("keyring replica drop second").done();
    assert!(dropped.contains("1 pending erasure is complete") && dropped.contains("destroy it"), "{dropped}");
    assert_eq!(shop.run("keyring status --json").json()["epoch"], 2);
}

#[test]
fn the_error_for_a_lost_keyring_says_what_still_works() {
    let shop = Shop::selling();
    fs::rename(shop.path("state"), shop.path("elsewhere")).unwrap();
    let lost = shop.run("doctor");
    lost.refused(1, "mount it");
    assert!(lost.err.contains("licences continue") && lost.err.contains("keyring.replicas"), "{}", lost.err);
}

#[test]
fn a_foreign_keyring_is_refused_by_its_name() {
    let (mut shop, other) = (Shop::selling(), Shop::selling());
    shop.set("SCRUPLE_KEYRING_REPLICAS", &other.replica().display().to_string());
    shop.run("product list").refused(1, "belongs to keyring");
}

#[test]
fn a_keyring_without_its_data_is_not_used_for_a_new_database() {
    let other = Shop::selling();
    let shop = Shop::new().with("SCRUPLE_KEYRING_REPLICAS", &other.replica().display().to_string());
    shop.run("product list").refused(1, "scruple restore FILE");
}

#[test]
fn an_older_copy_of_the_keyring_is_refused() {
    let shop = Shop::selling();
    shop.issue("", ADA);
    let replica = shop.replica();
    copy(&replica, &shop.path("old"));
    erase(&shop, ADA).done();
    fs::remove_dir_all(&replica).unwrap();
    copy(&shop.path("old"), &replica);
    shop.run("product list").refused(1, "Restore the newest copy");
}

#[test]
fn files_that_others_can_read_are_refused_with_the_chmod_command() {
    let shop = Shop::selling();
    let replica = shop.replica();
    let open = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    open(&replica.join("root"), 0o644);
    shop.run("product list").refused(1, "chmod 600");
    open(&replica.join("root"), 0o600);
    open(&replica, 0o755);
    shop.run("product list").refused(1, "chmod 700");
    open(&replica, 0o700);
    open(&shop.path("scruple-data"), 0o750);
    shop.run("product list").refused(1, "chmod 700");
    open(&shop.path("scruple-data"), 0o700);
    shop.run("product list").done();
}

#[test]
fn a_keyring_with_a_passphrase_needs_it() {
    let mut shop = Shop::new();
    shop.write("passphrase", "correct horse battery staple\n");
    fs::set_permissions(shop.path("passphrase"), fs::Permissions::from_mode(0o600)).unwrap();
    shop.set("SCRUPLE_KEYRING_PASSPHRASE_FILE", "passphrase");
    shop.run("product list").done();
    shop.set("SCRUPLE_KEYRING_PASSPHRASE_FILE", "");
    shop.run("product list").refused(1, "keyring.passphrase_file");
}

#[test]
fn a_schema_of_a_newer_program_is_refused() {
    let shop = Shop::selling();
    block_on(async {
        let store = store::Store::connect(&shop.path("scruple-data"), shop.url()).await.unwrap();
        store.set_fact("schema", "99").await.unwrap();
    });
    shop.run("product list").refused(1, "use the newer program");
}
