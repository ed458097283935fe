//! Numbers as English writes them.

/// Returns a number with a comma between thousands.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a number of bytes in MB of 1024 × 1024 bytes, as browsers and file managers show it.
pub(super) fn megabytes(bytes: i64) -> String {
    format!("{} MB", bytes / (1024 * 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let numbers = [0, 7, 999, 1_000, 12_345, 100_000, 1_234_567];
        let expected = ["0", "7", "999", "1,000", "12,345", "100,000", "1,234,567"];
        assert_eq!(numbers.map(grouped), expected);
        assert_eq!(megabytes(25 * 1024 * 1024), "25 MB");
    }
}
