//! Calendar spans, and the fewest of them that make up a range of days.

use analytics::Date;
use store::Span;

/// Consecutive spans of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpanRun {
    /// Their kind.
    pub span: Span,
    /// First day of the first.
    pub first: Date,
    /// First day of the last.
    pub last: Date,
}

/// From the longest, which wins where two ways are equally short.
const SPANS: [Span; 4] = [Span::Year, Span::Month, Span::Week, Span::Day];

/// The first day of the span in which `date` lies.
#[must_use]
pub fn begin(span: Span, date: Date) -> Date {
    Date(span.start(date.0))
}

/// The first day of the span that follows the one that begins on `first`.
#[must_use]
pub fn next(span: Span, first: Date) -> Date {
    match span {
        Span::Day => Date(first.0 + 1),
        Span::Week => Date(first.0 + 7),
        Span::Month => Date(first.0 + 31).month(),
        Span::Year => Date(first.0 + 366).year(),
    }
}

/// The fewest spans that make up all days from `from` to `to`, both of them included, in their order. Nothing where `to`
/// lies before `from`.
#[must_use]
pub fn cover(from: Date, to: Date) -> Vec<SpanRun> {
    let days = usize::try_from(i64::from(to.0) - i64::from(from.0) + 1).unwrap_or(0);
    let ways = shortest_ways(from, days);
    let mut stretches: Vec<SpanRun> = Vec::new();
    let mut at = 0;
    while let Some((_, span, length)) = ways.get(at).filter(|_| at < days) {
        let first = Date(from.0 + at as i32);
        match stretches.last_mut() {
            Some(stretch) if stretch.span == *span => stretch.last = first,
            _ => stretches.push(SpanRun { span: *span, first, last: first }),
        }
        at += length;
    }
    stretches
}

/// For each day: how many spans make up the range from it to the end, and the first of them with its days.
fn shortest_ways(from: Date, days: usize) -> Vec<(usize, Span, usize)> {
    let mut ways = vec![(0, Span::Day, 1); days + 1];
    for at in (0..days).rev() {
        let date = Date(from.0 + at as i32);
        let mut best = (usize::MAX, Span::Day, 1);
        for span in SPANS.into_iter().filter(|span| begin(*span, date) == date) {
            let length = (next(span, date).0 - date.0) as usize;
            if at + length <= days && ways[at + length].0 + 1 < best.0 {
                best = (ways[at + length].0 + 1, span, length);
            }
        }
        ways[at] = best;
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn days_of(stretches: &[SpanRun]) -> (Vec<i32>, usize) {
        let (mut days, mut spans) = (Vec::new(), 0);
        for stretch in stretches {
            let mut first = stretch.first;
            while first <= stretch.last {
                assert_eq!(begin(stretch.span, first), first);
                days.extend(first.0..next(stretch.span, first).0);
                spans += 1;
                first = next(stretch.span, first);
            }
        }
        (days, spans)
    }

    #[test]
    fn ten_years_are_ten_rows_and_a_month_is_one() {
        let decade = cover(date("2016-01-01"), date("2025-12-31"));
        assert_eq!(
            decade,
            [SpanRun { span: Span::Year, first: date("2016-01-01"), last: date("2025-01-01") }]
        );
        assert_eq!(days_of(&cover(date("2026-02-01"), date("2026-02-28"))).1, 1);
        assert!(cover(date("2026-02-02"), date("2026-02-01")).is_empty());
    }

    #[test]
    fn every_range_is_made_up_of_each_of_its_days_once() {
        let start = date("2023-11-20");
        for first in (0..430).step_by(7) {
            for length in (1..800).step_by(13) {
                let (from, to) = (start.0 + first, start.0 + first + length - 1);
                let (days, spans) = days_of(&cover(Date(from), Date(to)));
                assert_eq!(days, (from..=to).collect::<Vec<_>>());
                // At worst: six days and four weeks before, eleven months, a year or two, and as much behind.
                assert!(spans <= 2 * (6 + 4 + 11) + 2, "{spans} spans for {length} days");
            }
        }
    }

    #[test]
    fn a_week_across_two_months_is_taken_where_that_is_shorter() {
        // Six days of January 2040 and a February of 29 days that ends on a Wednesday.
        let (_, spans) = days_of(&cover(date("2040-01-30"), date("2040-02-26")));
        assert_eq!(spans, 4, "four weeks, for the month is not whole");
    }
}
