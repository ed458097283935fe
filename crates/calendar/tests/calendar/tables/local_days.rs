//! Reads `local_days.tsv`. Tests of other crates include this file.

use std::ops::Range;

use calendar::{Day, Timestamp};

/// A day in a time zone.
pub(super) struct LocalDay {
    /// The row of the table, for messages.
    pub row: &'static str,
    pub zone: &'static str,
    pub day: Day,
    /// The day's seconds, and the hours of the first and the last one. None for a day that the zone skipped.
    pub seconds: Option<(Range<Timestamp>, [u8; 2])>,
}

/// All rows of the table, by zone and day.
pub(super) fn local_days() -> Vec<LocalDay> {
    let rows = include_str!("local_days.tsv").lines().filter(|row| !row.starts_with('#'));
    rows.map(|row| {
        let [zone, day, first, last, length] = row.split('\t').collect::<Vec<_>>().try_into().expect(row);
        let seconds = (first != "-").then(|| {
            let ((first, begin), (last, end)) = (moment(first), moment(last));
            let minutes =
                length[..2].parse::<i64>().expect(row) * 60 + length[3..].parse::<i64>().expect(row);
            assert_eq!(last + 1 - first, minutes * 60, "the ends and the length of {row}");
            (first..last + 1, [begin, end])
        });
        LocalDay { row, zone, day: day.parse().expect(row), seconds }
    })
    .collect()
}

/// The moment and the hour on the local clock of a text like `2026-03-29T00:00:00+01:00`.
fn moment(text: &str) -> (Timestamp, u8) {
    let number = |at: Range<usize>| text[at].parse::<i64>().expect(text);
    let day: Day = text[..10].parse().expect(text);
    let (hour, offset) = (number(11..13), number(20..22) * 3_600 + number(23..25) * 60);
    let local = day.to_unix_days() * 86_400 + hour * 3_600 + number(14..16) * 60 + number(17..19);
    let unix = if &text[19..20] == "-" { local + offset } else { local - offset };
    (Timestamp::from_unix_seconds(unix), u8::try_from(hour).expect(text))
}
