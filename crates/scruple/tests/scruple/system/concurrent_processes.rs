//! Several processes on one shop: two servers on one database, and commands while a server runs.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::kit::database_rows::DatabaseRows;
use super::kit::orders::{EDITOR, asks_for_key, bought_by, customer, order, paid, refunded};
use super::kit::portal::PortalSession;
use super::kit::{Shop, Stop, wait_until};

#[test]
fn data_erased_by_one_server_cannot_be_decrypted_by_the_other() {
    let shop = Shop::new();
    let (one, other) = (shop.serve(), shop.serve());
    let store = shop.open_store();
    for n in 0..8 {
        let (first, second) = if n % 2 == 0 { (&one, &other) } else { (&other, &one) };
        assert_eq!(first.post_notification(&paid(&order(n))).status, 200);
        let key = second.post_notification(&asks_for_key(&order(n)));
        assert_eq!((key.status, key.keys().len()), (200, 1));
        assert_eq!(first.post_notification(&asks_for_key(&order(n))), key, "both answer the same key");
        let email = order(n).buyer.email;
        let at_first = PortalSession::sign_in(first.address, &store, &email);
        let at_second = PortalSession::sign_in(second.address, &store, &email);
        assert!(at_second.get("/licence/data.json").text().contains(&email));
        assert_eq!(at_first.erase().expect("an answer").status, 200);
        let after = at_second.get("/licence/data.json");
        assert_eq!((after.status, after.header("location")), (303, Some("/licence?signed-out")));
        assert!(store.find(&email).is_empty());
        // Both servers still deliver the licence. A refund at one revokes it for the other.
        assert_eq!(second.post_notification(&asks_for_key(&order(n))).text(), key.text());
        let refreshed =
            first.connect().request("POST", "/licence/refresh", &[], &key.body).expect("an answer");
        assert_eq!(refreshed.status, 200);
        assert_eq!(second.post_notification(&refunded(&order(n))).status, 200);
        assert_eq!(first.post_notification(&asks_for_key(&order(n))).status, 409);
    }
    store.prove_promises();
}

#[test]
fn an_erasure_interrupted_by_a_kill_is_completed_by_the_other_server() {
    let shop = Shop::new();
    let other = shop.serve();
    let store = shop.open_store();
    for n in 0..12_u64 {
        let mut one = shop.serve();
        assert_eq!(other.post_notification(&paid(&order(n))).status, 200);
        let session = PortalSession::sign_in(one.address, &store, &order(n).buyer.email);
        let agreed = std::thread::scope(|scope| {
            let asked = scope.spawn(|| session.erase().is_ok_and(|answer| answer.status == 200));
            // A different moment each time, from before the erasure intent to after the response.
            std::thread::sleep(std::time::Duration::from_millis(2 * n));
            one.kill();
            asked.join().expect("the session")
        });
        wait_until("no erasure intent", || {
            (DatabaseRows::read(&store.db).count("erasure_intent") == 0).then_some(())
        });
        let found = store.find(&order(n).buyer.email).len();
        assert!(!agreed || found == 0, "customer {n} was told that they are erased, and is still found");
        assert_eq!(store.find_order(&order(n).order).len(), found, "customer {n} is erased in part");
        assert_eq!(other.post_notification(&asks_for_key(&order(n))).status, 200);
        assert_eq!(
            store.find(&order(n).buyer.email).len(),
            found,
            "a resent notification restored an erased person"
        );
    }
    store.prove_promises();
}

#[test]
fn commands_work_beside_a_running_server() {
    let shop = Shop::empty();
    let server = shop.serve();
    let bought = order(1);
    let waits = server.post_notification(&asks_for_key(&bought));
    assert_eq!((waits.status, waits.header("retry-after")), (503, Some("60")));
    assert_eq!(server.post_notification(&paid(&bought)).status, 200);
    let advice = shop.run(&["doctor"], "");
    let advice = String::from_utf8_lossy(&advice.stdout).into_owned();
    assert!(advice.contains(EDITOR), "doctor does not name the product that is missing: {advice}");
    let add = [
        "product",
        "add",
        "--id",
        EDITOR,
        "--name",
        "Editor",
        "--kind",
        "perpetual",
        "--updates-months",
        "12",
    ];
    shop.run_ok(&add, "");
    let key = server.post_notification(&asks_for_key(&bought));
    assert_eq!((key.status, key.keys().len()), (200, 1), "{}", key.text());
    let email = bought.buyer.email.clone();
    let found = shop.run_ok(&["lookup", "--email", "--case", "a call"], &email);
    assert!(found.contains(&email));
    let audit_log = shop.run_ok(&["audit", "show"], "");
    assert!(audit_log.contains("support") && !audit_log.contains(&email), "{audit_log}");
    assert!(shop.run_ok(&["audit", "show", "--cases"], "").contains("a call"));
    let public = shop.run_ok(&["licence", "keys", "export", "--public"], "");
    let file = shop.folder().join("public");
    std::fs::write(&file, public).expect("a file");
    let verify = ["licence", "verify", &key.text(), "--public-key", file.to_str().expect("UTF-8")];
    shop.run_ok(&verify, "");
    shop.run_ok(&["person", "erase", "--channel", "phone"], &format!("{email}\nI agree\n"));
    assert!(!shop.run(&["lookup", "--email", "--case", "a call"], &email).status.success());
    assert_eq!(server.post_notification(&asks_for_key(&bought)).text(), key.text());
    shop.run_ok(&verify, "");
    shop.run_ok(&["prove"], "");
    shop.run_ok(&["audit", "verify"], "");
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[test]
fn a_backup_made_while_notifications_arrive_is_consistent() {
    let shop = Shop::new();
    let server = shop.serve();
    let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let backups: Vec<DatabaseRows> = std::thread::scope(|scope| {
        let _stops = Stop(&stop);
        for thread in 0..4_u64 {
            let (server, stop, done) = (&server, &stop, &done);
            scope.spawn(move || {
                let mut connection = server.connect();
                for n in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let order = bought_by(thread * 100_000 + n, customer(thread));
                    assert_eq!(connection.post("/paypro", &paid(&order)).expect("an answer").status, 200);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let backups = (0..4_u64).map(|nth| {
            wait_until("some notifications", || (done.load(Ordering::Relaxed) > 20 * nth).then_some(()));
            let file = shop.folder().join(format!("backup-{nth}"));
            shop.run_ok(&["backup", file.to_str().expect("UTF-8")], "");
            DatabaseRows::parse(&std::fs::read(file).expect("a backup"))
        });
        backups.collect()
    });
    for backup in backups {
        // A backup has all rows of a transaction or none: each order has its licence, grant and holder.
        let orders = backup.count("orders");
        for table in ["licence", "grants", "term", "holder"] {
            assert_eq!(backup.count(table), orders, "{table}");
        }
    }
}
