//! `scruple doctor` and `scruple prove`.

use crate::cli::shop::Shop;
use serde_json::Value;

#[test]
fn a_fresh_shop_proves_its_promises() {
    let shop = Shop::selling();
    shop.issue("", "ada@example.com");
    let output = shop.run("prove").done();
    assert!(output.contains("details.secure") && output.contains("The promises are kept."), "{output}");
    let proof = shop.run("prove --json").json();
    let promises = proof["promises"].as_array().unwrap();
    assert_eq!(promises.len(), policy::promise::ALL.len());
    assert!(promises.iter().all(|finding| finding["verdict"] != "broken"));
    assert!(!output.contains("ada@example.com"));
}

#[test]
fn a_lookup_with_the_login_name_breaks_no_promise() {
    let shop = Shop::selling();
    shop.issue("", "ada@example.com");
    shop.run_with_input("lookup --email --case 'ticket 1'", "ada@example.com").done();
    shop.run("prove").done();
}

#[test]
fn a_card_number_in_a_products_name_breaks_the_promise() {
    let shop = Shop::new();
    shop.run("product add --id 1 --name '4111 1111 1111 1111' --kind perpetual").done();
    let proof = shop.run("prove");
    assert_eq!(proof.code, 1, "{}", proof.err);
    assert!(proof.out.contains("payment.direct: BROKEN"), "{}", proof.out);
    assert!(!proof.out.contains("4111"));
}

#[test]
fn doctor_reports_what_is_missing_and_what_to_do() {
    let shop = Shop::selling();
    let advice = shop.run("doctor --json");
    let advice: Value = serde_json::from_str(&advice.out).unwrap();
    let advice = advice["findings"].as_array().unwrap();
    assert!(advice.iter().all(|one| one["level"].is_string() && one["message"].is_string()));
    assert!(
        advice.iter().any(|one| one["action"].as_str().is_some_and(|action| action.contains("mail.smtp")))
    );
    let output = shop.run("doctor").out;
    assert!(output.contains("mail.smtp"), "{output}");
    assert!(
        shop.with("SCRUPLE_PAYPRO_VALIDATION_KEY", "").run("doctor").out.contains("paypro.validation_key")
    );
}
