//! What is the same for all commands.

use crate::cli::shop::Shop;

#[test]
fn the_first_command_creates_a_store_that_only_its_owner_can_read() {
    let shop = Shop::new();
    shop.run("product list").done();
    assert_eq!(shop.mode("scruple-data"), 0o700);
    assert!(!shop.replica().starts_with(shop.path("scruple-data")));
    if shop.url().is_empty() {
        assert_eq!(shop.mode("scruple-data/scruple.db"), 0o600);
    }
}

#[test]
fn a_wrong_configuration_is_misuse_and_creates_no_store() {
    let shop = Shop::new();
    shop.write("scruple.toml", "[server]\nlisten = \"nowhere\"\nlistens = 1\n");
    let refused = shop.run("product list");
    refused.refused(2, "server.listen");
    assert!(refused.err.contains("server.listens"), "{}", refused.err);
    assert!(!shop.path("scruple-data").exists());
    shop.run("--config absent.toml product list").refused(2, "absent.toml");
}

#[test]
fn the_audit_log_names_the_actor_and_never_the_program() {
    let shop = Shop::new();
    shop.run("--as grace product add --id 1 --name A --kind perpetual").done();
    shop.run("product add --id 2 --name B --kind perpetual").done();
    let lines = shop.run("audit show --json").done();
    let actor: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|line| line["subject"] == "product added")
        .map(|line| line["actor"].as_str().unwrap().to_owned())
        .collect();
    assert!(actor.contains(&"grace".to_owned()) && actor.iter().all(|name| name != "system"), "{actor:?}");
    for reserved in ["system", "person"] {
        assert_eq!(shop.run(&format!("--as {reserved} product list")).code, 2);
    }
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let shop = Shop::new();
    let line = format!(
        "cd '{}' && XDG_STATE_HOME=state '{}' product list | true; exit ${{PIPESTATUS[0]}}",
        shop.path("").display(),
        env!("CARGO_BIN_EXE_scruple")
    );
    let ended = std::process::Command::new("bash").args(["-c", &line]).status().unwrap();
    assert_eq!(ended.code(), Some(0));
}
