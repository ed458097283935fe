//! Reduces the width of a screen to a class; the width itself is not kept.

/// The classes, narrowest first, each with its exclusive upper bound in CSS pixels.
const WIDTH_CLASSES: [(&str, u32); 5] =
    [("phone", 600), ("tablet", 1_024), ("laptop", 1_440), ("desktop", 2_200), ("wide", u32::MAX)];

/// Returns an empty class for implausible widths.
pub(crate) fn width_class(width: Option<u32>) -> &'static str {
    let Some(width @ 100..=20_000) = width else { return "" };
    WIDTH_CLASSES.iter().find(|(_, end)| width < *end).map_or("", |(width_class, _)| width_class)
}

#[cfg(test)]
mod tests {
    use super::width_class;

    #[test]
    fn a_width_becomes_one_of_five_classes_or_nothing() {
        let widths =
            [0, 99, 100, 375, 599, 600, 1_023, 1_024, 1_439, 1_440, 2_199, 2_200, 7_680, 20_001, u32::MAX];
        let classes = widths.map(|width| width_class(Some(width)));
        let (p, t, l, d, w) = ("phone", "tablet", "laptop", "desktop", "wide");
        assert_eq!(classes, ["", "", p, p, p, t, t, l, l, d, d, w, w, "", ""]);
        assert_eq!(width_class(None), "");
    }
}
