use keyring::{Address, address::AddressError};

/// Parses a typed or received e-mail address. It never panics. A parsed address parses again to the same address:
/// otherwise an erased person would not be found.
pub fn address(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(address) = Address::parse(&text) else { return };
    let again = Address::parse(address.as_written()).expect("a parsed address parses again");
    assert_eq!(again.as_written(), address.as_written());
    assert_eq!(again.canonical(), address.canonical());
    match Address::parse(address.canonical()) {
        Ok(canonical) => {
            assert_eq!(canonical.canonical(), address.canonical(), "canonical form is not stable")
        }
        // Lower case can be longer than upper case.
        Err(error) => assert_eq!(error, AddressError::TooLong),
    }
    let written = address.as_written();
    assert!(
        !written.chars().any(|c| c.is_control() || c.is_whitespace()),
        "a line break in the header of an e-mail"
    );
    assert!(written.len() <= 254, "longer than SMTP allows");
}
