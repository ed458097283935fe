//! The class of a screen's width, and no width.

/// The classes, narrowest first, each with the width in CSS pixels at which the next one begins.
const CLASSES: [(&str, u32); 5] =
    [("phone", 600), ("tablet", 1_024), ("laptop", 1_440), ("desktop", 2_200), ("wide", u32::MAX)];

/// Empty for widths that no screen has.
pub(crate) fn class(width: Option<u32>) -> &'static str {
    let Some(width @ 100..=20_000) = width else { return "" };
    CLASSES.iter().find(|(_, end)| width < *end).map_or("", |(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn a_width_becomes_one_of_five_classes_or_nothing() {
        let widths =
            [0, 99, 100, 375, 599, 600, 1_023, 1_024, 1_439, 1_440, 2_199, 2_200, 7_680, 20_001, u32::MAX];
        let classes = widths.map(|width| class(Some(width)));
        let (p, t, l, d, w) = ("phone", "tablet", "laptop", "desktop", "wide");
        assert_eq!(classes, ["", "", p, p, p, t, t, l, l, d, d, w, w, "", ""]);
        assert_eq!(class(None), "");
    }
}
