//! Calendar spans, and the smallest set of them that covers a range of days.

use calendar::Day;
use store::Span;

/// Consecutive spans of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpanRun {
    /// Kind of the spans.
    pub span: Span,
    pub first: Day,
    /// First day of the last span.
    pub last: Day,
}

/// Longest first: the longer span wins between covers of equal size.
const SPANS: [Span; 4] = [Span::Year, Span::Month, Span::Week, Span::Day];

/// Returns the first day of the span that contains `date`.
#[must_use]
pub fn begin(span: Span, date: Day) -> Day {
    span.start(date)
}

/// Returns the first day of the span after the one that begins on `first`.
#[must_use]
pub fn next(span: Span, first: Day) -> Day {
    match span {
        Span::Day => first + 1,
        Span::Week => first + 7,
        Span::Month => (first + 31).first_of_month(),
        Span::Year => (first + 366).first_of_year(),
    }
}

/// Returns the fewest spans that cover all days from `from` to `to`, both included, in order. Empty if `to` is before
/// `from`.
#[must_use]
pub fn cover(from: Day, to: Day) -> Vec<SpanRun> {
    let days = usize::try_from(to - from + 1).unwrap_or(0);
    let covers = shortest_covers(from, days);
    let mut runs: Vec<SpanRun> = Vec::new();
    let mut at = 0;
    while let Some((_, span, length)) = covers.get(at).filter(|_| at < days) {
        let first = from + at as i64;
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
fn shortest_covers(from: Day, days: usize) -> Vec<(usize, Span, usize)> {
    let mut covers = vec![(0, Span::Day, 1); days + 1];
    for at in (0..days).rev() {
        let date = from + at as i64;
        let mut best = (usize::MAX, Span::Day, 1);
        for span in SPANS.into_iter().filter(|span| begin(*span, date) == date) {
            let length = (next(span, date) - date) as usize;
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

    fn date(text: &str) -> Day {
        text.parse::<Day>().unwrap()
    }

    fn days_of(runs: &[SpanRun]) -> (Vec<Day>, usize) {
        let (mut days, mut spans) = (Vec::new(), 0);
        for run in runs {
            let mut first = run.first;
            while first <= run.last {
                assert_eq!(begin(run.span, first), first);
                days.extend(first.through(next(run.span, first) - 1));
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
                let (from, to) = (start + first, start + first + length - 1);
                let (days, spans) = days_of(&cover(from, to));
                assert_eq!(days, from.through(to).collect::<Vec<_>>());
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
