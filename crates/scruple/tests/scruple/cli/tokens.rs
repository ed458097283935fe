//! `scruple tokens`.

use crate::cli::shop::Shop;

#[test]
fn a_token_is_printed_once_and_kept_as_a_hash() {
    let shop = Shop::new();
    let made =
        shop.run("--as grace tokens add --name console --staff ada --scopes conversations:read --days 7");
    assert!(made.err.contains("acts for ada until"), "{}", made.err);
    let token = made.done();
    assert!(token.starts_with("scruple_") && token.trim().len() == 51, "{} characters", token.len());
    let listed = shop.run("tokens list").done();
    assert!(listed.contains("console") && listed.contains("ada") && !listed.contains(token.trim()));
    let listed = shop.run("tokens list --json").json();
    assert_eq!(
        (&listed["tokens"][0]["name"], &listed["tokens"][0]["scopes"][0]),
        (&"console".into(), &"conversations:read".into())
    );
    if shop.url().is_empty() {
        let data = std::fs::read(shop.path("scruple-data/scruple.db")).unwrap();
        assert!(memchr::memmem::find(&data, token.trim().as_bytes()).is_none(), "it is in the database");
    }
    let audit_log = shop.run("audit show").done();
    assert!(audit_log.contains("API token added") && !audit_log.contains(token.trim()));
}

#[test]
fn one_name_has_one_token_until_it_is_revoked() {
    let shop = Shop::new();
    let add = "tokens add --name console --staff ada --scopes conversations:read,customers:write";
    shop.run(add).done();
    shop.run(add).refused(1, "already");
    shop.run("tokens revoke --name console").done();
    shop.run("tokens revoke --name console").refused(1, "no token named console");
    assert_eq!(shop.run("tokens list").done(), "There are no tokens.\n");
    shop.run(add).done();
}

#[test]
fn a_token_has_known_scopes_a_staff_member_and_an_end() {
    let shop = Shop::new();
    for wrong in [
        "tokens add --name a --staff ada --scopes all",
        "tokens add --name a --staff ada --scopes conversations:read --days 366",
        "tokens add --name a --staff ada --scopes conversations:read --days 0",
        "tokens add --name a --staff system --scopes conversations:read",
        "tokens add --name a --scopes conversations:read",
    ] {
        assert_eq!(shop.run(wrong).code, 2, "{wrong}");
    }
}
