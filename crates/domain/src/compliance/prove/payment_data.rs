//! No card number is stored, and buyers pay at the provider (`payment.direct`). Of a payment only its kind and four
//! digits are stored (`payment.partial`).

use paypro::card_number::looks_like_card;
use policy::Holds;
use store::{Error, SealedColumnReport, Tx};

use super::findings::payment_data::{Fault, Observation, Violation};
use super::findings::{Evidence, count};
use crate::settings::VendorSettings;

/// Tells whether an opened value holds no card number. Each line is tested alone, because two order numbers on two
/// lines are not one number.
pub(crate) fn holds_no_card(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(is_no_card)
}

fn is_no_card(text: &str) -> bool {
    text.lines().all(|line| !looks_like_card(&without_hashes(line)))
}

/// Replaces hashes, ids and signatures, which hold digits by chance. No card number has 32 digits.
fn without_hashes(line: &str) -> String {
    let is_hash = |word: &str| word.len() >= 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
    line.split(' ').map(|word| if is_hash(word) { "x" } else { word }).collect::<Vec<_>>().join(" ")
}

/// Searches every unencrypted and every opened value for card numbers, and checks the address of the checkout.
pub(crate) async fn evidence(
    tx: &mut Tx,
    settings: &VendorSettings,
    sealed: &[SealedColumnReport],
) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let mut clear = 0;
    for found in tx.examine_clear(is_no_card).await? {
        // The lower bound of a bucket is part of a hash: 19 digits by chance.
        if (found.column.table, found.column.column) == ("index_bucket", "low") {
            continue;
        }
        clear += found.values;
        let fault = Fault::CardNumber { column: found.column.to_string() };
        evidence.expect_zero(count(found.failing), fault);
    }
    let personal = || sealed.iter().filter(|v| v.column.holds == Holds::Personal);
    for found in personal() {
        let fault = Fault::SealedCardNumber { column: found.column.to_string() };
        evidence.expect_zero(count(found.failing), fault);
    }
    evidence.observed(Observation::Searched { clear, sealed: personal().map(|v| v.open).sum() });
    let page = settings.checkout_page.as_deref().unwrap_or(paypro::checkout::CHECKOUT).to_owned();
    if page.starts_with("https://") {
        evidence.observed(Observation::Checkout { page });
    } else if is_local(&page) {
        evidence.observed(Observation::DemoCheckout { page });
    } else {
        evidence.violation(Violation::UnencryptedCheckout { page });
    }
    Ok(evidence)
}

fn is_local(page: &str) -> bool {
    let host = page.strip_prefix("http://").unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|local| {
        host.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    })
}

/// Checks that each payment holds only its kind and at most four digits.
pub(crate) async fn payments(tx: &mut Tx) -> Result<Evidence, Error> {
    let mut evidence = Evidence::default();
    let found = tx.examine_payments(is_partial).await?;
    evidence.expect_zero(count(found.failing), Fault::MoreThanFourDigits);
    evidence.observed(Observation::Payments { payments: found.open });
    Ok(evidence)
}

/// Tells whether a payment has two lines: PAYMENT_METHOD_ID, and the last four digits.
fn is_partial(bytes: &[u8]) -> bool {
    let digits = |line: &str, most| line.len() <= most && line.bytes().all(|b| b.is_ascii_digit());
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    match text.split('\n').collect::<Vec<_>>()[..] {
        [kind, last4] => digits(kind, 9) && digits(last4, 4),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_order_numbers_on_two_lines_are_no_card_and_a_card_is_found_in_any_line() {
        assert!(holds_no_card(b"41111111\n11111111\n\n"));
        assert!(!holds_no_card(b"name=Ada\nx-note=4111 1111 1111 1111"));
        assert!(!holds_no_card(b"\xff\xfe"));
    }

    #[test]
    fn a_signature_is_no_card_whatever_its_digits_are() {
        let hash = "a4111111111111111f0000000000000000";
        assert!(looks_like_card(hash) && is_no_card(hash));
        assert!(!is_no_card(&format!("{hash} 4111111111111111")));
    }

    #[test]
    fn a_payment_is_its_kind_and_four_digits() {
        assert!(is_partial(b"1\n4242") && is_partial(b"14\n") && is_partial(b"\n"));
        assert!(!is_partial(b"1\n424242") && !is_partial(b"1\n4242\n12/29") && !is_partial(b"Visa\n4242"));
    }

    #[test]
    fn only_a_local_checkout_may_be_unencrypted() {
        assert!(is_local("http://127.0.0.1:8470/checkout") && is_local("http://localhost"));
        assert!(!is_local("http://localhost.example.com/") && !is_local("http://example.com"));
    }
}
