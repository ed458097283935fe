//! Sparklines and bars for a terminal.

/// Returns one character for each number. The largest number has the full height, 0 the lowest. A missing number is a dot.
#[must_use]
pub fn sparkline(numbers: &[Option<u64>]) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let largest = numbers.iter().flatten().copied().max().unwrap_or(0).max(1);
    let height = |number: u64| {
        // Rounded up, so that only 0 has the lowest character.
        let height = (u128::from(number) * 7).div_ceil(u128::from(largest));
        HEIGHTS[usize::try_from(height).unwrap_or(7).min(7)]
    };
    numbers.iter().map(|number| number.map_or('·', height)).collect()
}

/// Returns a bar of up to 24 characters, with the last one in eighths.
#[must_use]
pub fn bar(number: u64, largest: u64) -> String {
    const LAST: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = u128::from(number) * 24 * 8 / u128::from(largest.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(0);
    "█".repeat(eighths / 8) + LAST[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::{bar, sparkline};

    #[test]
    fn a_bar_is_proportional_to_its_number() {
        assert_eq!(bar(10, 10), "█".repeat(24));
        assert_eq!((bar(5, 10), bar(0, 10), bar(0, 0)), ("█".repeat(12), String::new(), String::new()));
        assert_eq!(bar(1, 48), "▌");
        assert_eq!(bar(u64::MAX, u64::MAX), "█".repeat(24));
    }

    #[test]
    fn the_largest_number_is_highest_and_only_zero_is_lowest() {
        assert_eq!(sparkline(&[0, 1, 50, 100].map(Some)), "▁▂▅█");
        assert_eq!(sparkline(&[Some(5), None, Some(5)]), "█·█");
        assert_eq!(sparkline(&[0, 0].map(Some)), "▁▁");
        assert_eq!(sparkline(&[Some(u64::MAX), Some(1)]), "█▂");
        assert_eq!(sparkline(&[]), "");
    }
}
