use keyring::{Address, address::NotAnAddress};

/// What somebody typed as an address, or a notice brought. Reading never panics, and what was read can be written down
/// and read again without becoming another address: or an erased person would not be found.
pub fn address(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(address) = Address::parse(&text) else { return };
    let again = Address::parse(address.spelled()).expect("a spelled address reads");
    assert_eq!(again.spelled(), address.spelled());
    assert_eq!(again.folded(), address.folded());
    match Address::parse(address.folded()) {
        Ok(folded) => assert_eq!(folded.folded(), address.folded(), "folding twice folds more"),
        // Lower case can be longer than upper case.
        Err(error) => assert_eq!(error, NotAnAddress::TooLong),
    }
    let seen = address.spelled();
    assert!(
        !seen.chars().any(|c| c.is_control() || c.is_whitespace()),
        "a line break in a header of a letter"
    );
    assert!(seen.len() <= 254, "longer than mail allows");
}
