use inbound_mail::access_code::{format_code, parse_code};

/// Parses a typed access code of a conversation. It never panics, and a parsed code formats to a text that parses to
/// the same code.
pub fn access_code(input: &[u8]) {
    let Ok(symbols) = parse_code(&String::from_utf8_lossy(input)) else { return };
    assert!(symbols.iter().all(|symbol| *symbol < 32));
    assert!(
        parse_code(&format_code(&symbols)).is_ok_and(|again| again == symbols),
        "formatting changes the code"
    );
}
