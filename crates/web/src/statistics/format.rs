//! Formats numbers and dates for people.

use calendar::Day;
use domain::statistics::{Exclusions, Point, Step};

use super::Period;

/// Formats a number: `12,345`.
#[must_use]
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats the mean of some days: one decimal below 10, none above.
#[must_use]
pub fn mean(sum: u64, days: u32) -> String {
    let Some(tenths) = (u128::from(sum) * 10 + u128::from(days) / 2).checked_div(u128::from(days)) else {
        return "–".to_owned();
    };
    if tenths >= 100 || tenths.is_multiple_of(10) {
        number(u64::try_from((tenths + 5) / 10).unwrap_or(u64::MAX))
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// Describes the change between two daily means: `12 % more than before`. Each argument is a sum and its number of days.
/// `None` if there is nothing to compare with.
#[must_use]
pub fn change(now: (u64, u32), before: (u64, u32)) -> Option<String> {
    let (current, previous) =
        (u128::from(now.0) * u128::from(before.1), u128::from(before.0) * u128::from(now.1));
    if previous == 0 || now.1 == 0 {
        return None;
    }
    let percent = |difference: u128| {
        number(u64::try_from((difference * 100 + previous / 2) / previous).unwrap_or(u64::MAX))
    };
    let (more, less) = (percent(current.saturating_sub(previous)), percent(previous.saturating_sub(current)));
    Some(match (&*more, &*less) {
        ("0", "0") => "no change".to_owned(),
        (_, "0") => format!("{more} % more than before"),
        _ => format!("{less} % fewer than before"),
    })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Returns the name of a day's month.
fn month(date: Day) -> &'static str {
    MONTHS[(date.to_date().1 as usize + 11) % 12]
}

/// Formats a date: `5 January 2026`.
#[must_use]
pub fn day(date: Day) -> String {
    let (year, _, day) = date.to_date();
    format!("{day} {} {year}", month(date))
}

/// Formats a period in its shortest form: `1 to 30 November 2026`.
#[must_use]
pub fn period(period: Period) -> String {
    let (from, to) = (period.from(), period.to());
    let ((year, of, first), (last_year, last_of, _)) = (from.to_date(), to.to_date());
    match () {
        () if from == to => day(to),
        () if (year, of) == (last_year, last_of) => format!("{first} to {}", day(to)),
        () if year == last_year => format!("{first} {} to {}", month(from), day(to)),
        () => format!("{} to {}", day(from), day(to)),
    }
}

/// Formats a point of a chart in full.
#[must_use]
pub(crate) fn step_label(point: &Point, step: Step) -> String {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let start = point.start;
    match step {
        Step::Hour => format!("{}, {:02}:00", day(start), point.hour.unwrap_or(0)),
        Step::Day => format!("{}, {}", DAYS[(start - start.monday()) as usize % 7], day(start)),
        Step::Week => format!("Week of {}", day(start)),
        Step::Month => format!("{} {}", month(start), start.to_date().0),
        Step::Year => start.to_date().0.to_string(),
    }
}

/// Formats a point of a chart for the axis.
#[must_use]
pub(crate) fn axis_label(point: &Point, step: Step) -> String {
    let (year, _, day) = point.start.to_date();
    match step {
        Step::Hour => format!("{:02}:00", point.hour.unwrap_or(0)),
        Step::Day | Step::Week => format!("{day} {}", &month(point.start)[..3]),
        Step::Month => format!("{} {year}", &month(point.start)[..3]),
        Step::Year => year.to_string(),
    }
}

/// Describes what the figures leave out, and why.
#[must_use]
pub fn left_out(left_out_counts: &Exclusions) -> String {
    let mut parts =
        vec!["visitors who ask not to be counted (Do Not Track, Global Privacy Control)".to_owned()];
    for (amount, one) in [
        (left_out_counts.bots, "requests of bots"),
        (left_out_counts.refused, "requests that were not visits"),
        (left_out_counts.late, "visits that arrived after their day was closed"),
    ] {
        if amount > 0 {
            parts.push(format!("about {} {one}", number(amount)));
        }
    }
    let missing = match left_out_counts.missing {
        0 => String::new(),
        seconds => format!(
            " A server stopped unexpectedly, so visits of {} seconds may be missing.",
            number(seconds)
        ),
    };
    format!("Not counted: {}.{missing}", parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Day {
        text.parse::<Day>().unwrap()
    }

    #[test]
    fn numbers_have_commas_and_small_means_one_decimal() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(mean(45, 30), "1.5");
        assert_eq!(mean(60, 30), "2");
        assert_eq!(mean(299, 30), "10");
        assert_eq!(mean(45_000, 30), "1,500");
        assert_eq!(mean(0, 30), "0");
        assert_eq!(mean(5, 0), "–");
    }

    #[test]
    fn a_change_compares_daily_means() {
        assert_eq!(change((110, 10), (100, 10)).unwrap(), "10 % more than before");
        assert_eq!(change((50, 10), (100, 10)).unwrap(), "50 % fewer than before");
        assert_eq!(change((100, 10), (50, 5)).unwrap(), "no change");
        assert_eq!(change((1_001, 10), (1_000, 10)).unwrap(), "no change");
        assert_eq!(change((0, 10), (100, 10)).unwrap(), "100 % fewer than before");
        assert_eq!(change((5_000_000, 1), (100, 1)).unwrap(), "4,999,900 % more than before");
        assert_eq!(
            (change((5, 1), (0, 1)), change((5, 1), (0, 0)), change((0, 0), (5, 1))),
            (None, None, None)
        );
    }

    #[test]
    fn the_text_lists_what_was_left_out() {
        let none = left_out(&Exclusions::default());
        assert!(none.contains("Do Not Track") && !none.contains("bots") && !none.contains("missing"));
        let all = left_out(&Exclusions { days: 2, bots: 1_250, late: 50, refused: 0, missing: 86_400 });
        assert!(all.contains("1,250 requests of bots; about 50 visits that arrived after"), "{all}");
        assert!(all.contains("visits of 86,400 seconds may be missing"), "{all}");
    }

    #[test]
    fn dates_and_periods_are_formatted() {
        let of = |from, to| period(Period::new(date(from), date(to)).unwrap());
        assert_eq!(of("2026-11-01", "2026-11-30"), "1 to 30 November 2026");
        assert_eq!(of("2026-10-24", "2026-11-22"), "24 October to 22 November 2026");
        assert_eq!(of("2025-11-23", "2026-11-22"), "23 November 2025 to 22 November 2026");
        assert_eq!(of("2026-11-22", "2026-11-22"), "22 November 2026");
        let at =
            |text, hour| Point { start: date(text), hour, figures: analytics::Figures::default(), days: 1 };
        assert_eq!(step_label(&at("2026-11-22", None), Step::Day), "Sunday, 22 November 2026");
        assert_eq!(step_label(&at("2026-11-16", None), Step::Week), "Week of 16 November 2026");
        assert_eq!(step_label(&at("2026-11-01", None), Step::Month), "November 2026");
        assert_eq!(step_label(&at("2026-11-01", Some(7)), Step::Hour), "1 November 2026, 07:00");
        assert_eq!(axis_label(&at("2026-09-01", None), Step::Month), "Sep 2026");
        assert_eq!(axis_label(&at("2026-11-16", None), Step::Week), "16 Nov");
        assert_eq!(axis_label(&at("2026-01-01", None), Step::Year), "2026");
        assert_eq!(axis_label(&at("2026-01-01", Some(23)), Step::Hour), "23:00");
    }
}
