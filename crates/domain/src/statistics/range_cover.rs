//! Calendar spans, and the smallest set of them that covers a range of days.

use analytics::Date;
use store::Span;

/// Consecutive spans of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpanRun {
    /// Kind of the spans.
    pub span: Span,
    /// First day of the first span.
    pub first: Date,
    /// First day of the last span.
    pub last: Date,
}

/// Longest first: the longer span wins between covers of equal size.
const SPANS: [Span; 4] = [Span::Year, Span::Month, Span::Week, Span::Day];

/// Returns the first day of the span that contains `date`.
#[must_use]
pub fn begin(span: Span, date: Date) -> Date {
    Date(span.start(date.0))
}

/// Returns the first day of the span after the one that begins on `first`.
#[must_use]
pub fn next(span: Span, first: Date) -> Date {
    match span {
        Span::Day => Date(first.0 + 1),
        Span::Week => Date(first.0 + 7),
        Span::Month => Date(first.0 + 31).month(),
        Span::Year => Date(first.0 + 366).year(),
    }
}

/// Returns the fewest spans that cover all days from `from` to `to`, both included, in order. Empty if `to` is before
/// `from`.
#[must_use]
pub fn cover(from: Date, to: Date) -> Vec<SpanRun> {
    let days = usize::try_from(i64::from(to.0) - i64::from(from.0) + 1).unwrap_or(0);
    let covers = shortest_covers(from, days);
    let mut runs: Vec<SpanRun> = Vec::new();
    let mut at = 0;
    while let Some((_, span, length)) = covers.get(at).filter(|_| at < days) {
        let first = Date(from.0 + at as i32);
        match runs.last_mut() {
            Some(run) if run.span == *span => run.last = first,
            _ => runs.push(SpanRun { span: *span, first, last: first }),
        }
        at += length;
    }
    runs
}

/// Computes the shortest cover from each day to the end of the range (dynamic programming): its number of spans, its
/// first span, and the days of that span.
fn shortest_covers(from: Date, days: usize) -> Vec<(usize, Span, usize)> {
    let mut covers = vec![(0, Span::Day, 1); days + 1];
    for at in (0..days).rev() {
        let date = Date(from.0 + at as i32);
        let mut best = (usize::MAX, Span::Day, 1);
        for span in SPANS.into_iter().filter(|span| begin(*span, date) == date) {
            let length = (next(span, date).0 - date.0) as usize;
            if at + length <= days && covers[at + length].0 + 1 < best.0 {
                best = (covers[at + length].0 + 1, span, length);
            }
        }
        covers[at] = best;
    }
    covers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn days_of(runs: &[SpanRun]) -> (Vec<i32>, usize) {
        let (mut days, mut spans) = (Vec::new(), 0);
        for run in runs {
            let mut first = run.first;
            while first <= run.last {
                assert_eq!(begin(run.span, first), first);
                days.extend(first.0..next(run.span, first).0);
                spans += 1;
                first = next(run.span, first);
            }
        }
        (days, spans)
    }

    #[test]
    fn ten_years_are_one_run_and_a_month_is_one_span() {
        let decade = cover(date("2016-01-01"), date("2025-12-31"));
        assert_eq!(
            decade,
            [SpanRun { span: Span::Year, first: date("2016-01-01"), last: date("2025-01-01") }]
        );
        assert_eq!(days_of(&cover(date("2026-02-01"), date("2026-02-28"))).1, 1);
        assert!(cover(date("2026-02-02"), date("2026-02-01")).is_empty());
    }

    #[test]
    fn a_cover_has_each_day_of_its_range_once() {
        let start = date("2023-11-20");
        for first in (0..430).step_by(7) {
            for length in (1..800).step_by(13) {
                let (from, to) = (start.0 + first, start.0 + first + length - 1);
                let (days, spans) = days_of(&cover(Date(from), Date(to)));
                assert_eq!(days, (from..=to).collect::<Vec<_>>());
                // Worst case: 6 days, 4 weeks and 11 months at each end, and 2 years between.
                assert!(spans <= 2 * (6 + 4 + 11) + 2, "{spans} spans for {length} days");
            }
        }
    }

    #[test]
    fn weeks_across_two_months_win_if_they_are_fewer() {
        // The range starts on a Monday in January 2040 and ends on a Sunday in February.
        let (_, spans) = days_of(&cover(date("2040-01-30"), date("2040-02-26")));
        assert_eq!(spans, 4, "four weeks, because the month is not complete");
    }
}
