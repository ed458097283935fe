use inbound_mail::code::{read, shown};

/// The code of a thread, as somebody types it. Reading never panics, and a code that was read is shown as one that reads
/// the same.
pub fn code(input: &[u8]) {
    let Ok(symbols) = read(&String::from_utf8_lossy(input)) else { return };
    assert!(symbols.iter().all(|symbol| *symbol < 32));
    assert!(read(&shown(&symbols)).is_ok_and(|again| again == symbols), "shown, it is another code");
}
