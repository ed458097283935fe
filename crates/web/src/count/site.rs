//! A site as a process counts it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use analytics::{Classifier, Date, DayKey, Now, Tally, Visitor, Zone};
use arc_swap::ArcSwap;

use super::day::Day;
use super::nth::ListSnapshot;

/// A site, with the days that are open here.
pub struct Site {
    /// As it is written.
    pub(super) row: store::Site,
    pub(super) zone: Zone,
    pub(super) classifier: Classifier,
    /// The same when the site is edited.
    pub(super) days: Arc<Days>,
}

#[derive(Default)]
pub(super) struct Days {
    /// Today, the day before for the minute in which visits come late, and tomorrow shortly before it begins.
    open: ArcSwap<Vec<Span>>,
    /// A day that was closed when it was to be opened.
    closed: Mutex<Option<Date>>,
    /// Visits for which no day was open, to be counted in the next one.
    late: AtomicU64,
    now: Mutex<Now>,
}

/// The seconds since 1970 that count for a day.
#[derive(Clone)]
pub(super) struct Span {
    begins: i64,
    ends: i64,
    pub(super) day: Arc<Day>,
}

/// A day to be opened.
pub(super) struct Wanted {
    pub(super) date: Date,
    begins: i64,
    ends: i64,
}

impl Site {
    /// Whether a URL is of one of the site's hosts; none for what names no host.
    #[must_use]
    pub fn owns(&self, url: &str) -> Option<bool> {
        self.classifier.owns(url)
    }

    /// The open day for which this second counts.
    pub(super) fn span(&self, at: i64) -> Option<ListSnapshot<Span>> {
        ListSnapshot::of(&self.days.open, |span| (span.begins..span.ends).contains(&at))
    }

    pub(super) fn count(&self, day: &Day, one: impl FnOnce(&mut Tally)) {
        if !day.count(one) {
            self.late(1);
        }
    }

    pub(super) fn late(&self, visits: u64) {
        self.days.late.fetch_add(visits, Ordering::Relaxed);
    }

    /// Counts late visits in the day of this second, if it is open.
    pub(super) fn count_late(&self, at: i64) {
        if self.days.late.load(Ordering::Relaxed) == 0 {
            return;
        }
        let Some(day) = self.span(at) else { return };
        let late = self.days.late.swap(0, Ordering::Relaxed);
        self.count(&day.day, |tally| tally.count_late(late));
    }

    pub(super) fn seen(&self, at: i64, visitor: Visitor) {
        let minute = at.div_euclid(60).cast_unsigned();
        self.days.now.lock().unwrap_or_else(PoisonError::into_inner).seen(minute, visitor);
    }

    pub(super) fn here(&self, at: i64, step: u64) -> u64 {
        let minute = at.div_euclid(60).cast_unsigned();
        self.days.now.lock().unwrap_or_else(PoisonError::into_inner).visitors(minute, step)
    }

    /// The day of this second, unless it is open or was found closed.
    pub(super) fn wanted(&self, at: i64) -> Option<Wanted> {
        let open = self.days.open.load();
        if open.iter().any(|span| (span.begins..span.ends).contains(&at)) {
            return None;
        }
        let date = self.zone.at(at).0;
        if *self.days.closed.lock().unwrap_or_else(PoisonError::into_inner) == Some(date) {
            return None;
        }
        // Where the time zone was changed, a day begins when the one of the old zone ends.
        let before = open.iter().map(|span| span.ends).filter(|ends| *ends <= at).max().unwrap_or(0);
        let (begins, ends) = (self.zone.begin(date), self.zone.begin(Date(date.0 + 1)));
        Some(Wanted { date, begins: begins.max(before), ends })
    }

    /// Counts for a day from now on. A day that is open already goes on: the zone moved its end.
    pub(super) fn open(&self, wanted: &Wanted, node: i64, key: DayKey) {
        let day = Arc::new(Day::new(wanted.date, node, key));
        self.days.open.rcu(|open| {
            let mut open = Vec::clone(open);
            match open.iter_mut().find(|span| span.day.date == wanted.date && !span.day.has_ended()) {
                Some(span) => span.ends = wanted.ends,
                None => {
                    open.push(Span { begins: wanted.begins, ends: wanted.ends, day: Arc::clone(&day) });
                }
            }
            open
        });
    }

    pub(super) fn is_closed(&self, date: Date) {
        *self.days.closed.lock().unwrap_or_else(PoisonError::into_inner) = Some(date);
    }

    /// Ends the days that were over `grace` seconds before `at`.
    pub(super) fn end(&self, at: i64, grace: i64) {
        let open = self.days.open.load();
        open.iter().filter(|span| span.ends.saturating_add(grace) <= at).for_each(|span| span.day.end());
    }

    /// Open days that have begun.
    pub(super) fn begun(&self, at: i64) -> Vec<Arc<Day>> {
        let open = self.days.open.load();
        open.iter().filter(|span| span.begins <= at).map(|span| Arc::clone(&span.day)).collect()
    }

    /// Lets go of days whose last counts are sealed, and says whether there were any.
    pub(super) fn drop_gone(&self) -> bool {
        let goes = |span: &Span| span.day.is_gone();
        let some = self.days.open.load().iter().any(goes);
        if some {
            self.days.open.rcu(|open| open.iter().filter(|span| !goes(span)).cloned().collect::<Vec<_>>());
        }
        some
    }
}
