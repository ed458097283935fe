//! A row of numbers as a line of eight heights, for a terminal.

/// One symbol for each number, the largest as high as can be; a point where there is none, a line at the foot for 0.
#[must_use]
pub fn sparkline(numbers: &[Option<u64>]) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = numbers.iter().flatten().copied().max().unwrap_or(0).max(1);
    let height = |number: u64| {
        // Rounded up, so that only 0 stands at the foot: 1 to 7 for what isn't 0.
        let height = (u128::from(number) * 7).div_ceil(u128::from(most));
        HEIGHTS[usize::try_from(height).unwrap_or(7).min(7)]
    };
    numbers.iter().map(|number| number.map_or('·', height)).collect()
}

/// A number as a bar of up to 24 symbols, the last of them in eighths.
#[must_use]
pub fn bar(number: u64, most: u64) -> String {
    const LAST: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = u128::from(number) * 24 * 8 / u128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(0);
    "█".repeat(eighths / 8) + LAST[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::{bar, sparkline};

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert_eq!(bar(10, 10), "█".repeat(24));
        assert_eq!((bar(5, 10), bar(0, 10), bar(0, 0)), ("█".repeat(12), String::new(), String::new()));
        assert_eq!(bar(1, 48), "▌");
        assert_eq!(bar(u64::MAX, u64::MAX), "█".repeat(24));
    }

    #[test]
    fn the_largest_is_highest_and_only_nothing_is_lowest() {
        assert_eq!(sparkline(&[0, 1, 50, 100].map(Some)), "▁▂▅█");
        assert_eq!(sparkline(&[Some(5), None, Some(5)]), "█·█");
        assert_eq!(sparkline(&[0, 0].map(Some)), "▁▁");
        assert_eq!(sparkline(&[Some(u64::MAX), Some(1)]), "█▂");
        assert_eq!(sparkline(&[]), "");
    }
}
