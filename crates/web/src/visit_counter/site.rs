//! A site whose visits this process counts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use analytics::{Classifier, CurrentVisitors, DayKey, Tally, Visitor};
use arc_swap::ArcSwap;
use calendar::{Day, TimeZone, Timestamp};

use super::counted_day::CountedDay;
use super::list_snapshot::ListSnapshot;

/// A site with its open days.
pub struct Site {
    /// The site's row.
    pub(super) row: store::Site,
    pub(super) zone: TimeZone,
    pub(super) classifier: Classifier,
    /// Shared between the versions of a site before and after an edit.
    pub(super) days: Arc<Days>,
}

#[derive(Default)]
pub(super) struct Days {
    /// Today; the day before, for a minute in which late visits arrive; and the next day, shortly before it begins.
    open: ArcSwap<Vec<Span>>,
    /// A day that another process had closed already when it was to be opened.
    closed_date: Mutex<Option<Day>>,
    /// Number of visits for which no day was open. They are counted in the next day.
    late: AtomicU64,
    now: Mutex<CurrentVisitors>,
}

/// A day with its first second and its end.
#[derive(Clone)]
pub(super) struct Span {
    begins: Timestamp,
    ends: Timestamp,
    pub(super) day: Arc<CountedDay>,
}

/// A day that has to be opened.
pub(super) struct DayToOpen {
    pub(super) date: Day,
    begins: Timestamp,
    ends: Timestamp,
}

impl Site {
    /// Returns whether a URL belongs to one of the site's hosts. `None` if it names no host.
    #[must_use]
    pub fn owns(&self, url: &str) -> Option<bool> {
        self.classifier.is_own_url(url)
    }

    /// Returns the open day of this second.
    pub(super) fn span(&self, at: Timestamp) -> Option<ListSnapshot<Span>> {
        ListSnapshot::of(&self.days.open, |span| (span.begins..span.ends).contains(&at))
    }

    pub(super) fn count(&self, day: &CountedDay, one: impl FnOnce(&mut Tally)) {
        if !day.count(one) {
            self.late(1);
        }
    }

    pub(super) fn late(&self, visits: u64) {
        self.days.late.fetch_add(visits, Ordering::Relaxed);
    }

    /// Counts late visits in the day of this second, if it is open.
    pub(super) fn count_late(&self, at: Timestamp) {
        if self.days.late.load(Ordering::Relaxed) == 0 {
            return;
        }
        let Some(day) = self.span(at) else { return };
        let late = self.days.late.swap(0, Ordering::Relaxed);
        self.count(&day.day, |tally| tally.count_late(late));
    }

    pub(super) fn record_presence(&self, at: Timestamp, visitor: Visitor) {
        self.days.now.lock().unwrap_or_else(PoisonError::into_inner).record(at, visitor);
    }

    pub(super) fn visitors_now(&self, at: Timestamp, step: u64) -> u64 {
        self.days.now.lock().unwrap_or_else(PoisonError::into_inner).visitors(at, step)
    }

    /// Returns the day of this second, unless it is open or already closed.
    pub(super) fn day_to_open(&self, at: Timestamp) -> Option<DayToOpen> {
        let open = self.days.open.load();
        if open.iter().any(|span| (span.begins..span.ends).contains(&at)) {
            return None;
        }
        let date = self.zone.day_and_hour(at).0;
        if *self.days.closed_date.lock().unwrap_or_else(PoisonError::into_inner) == Some(date) {
            return None;
        }
        // After a change of the time zone, a day begins when the last day of the old zone ends.
        let before =
            open.iter().map(|span| span.ends).filter(|ends| *ends <= at).max().unwrap_or(Timestamp::MIN);
        let (begins, ends) = (self.zone.start_of_day(date), self.zone.start_of_day(date + 1));
        Some(DayToOpen { date, begins: begins.max(before), ends })
    }

    /// Opens a day. If it is open already, a change of the time zone has moved its end.
    pub(super) fn open(&self, day_to_open: &DayToOpen, node: i64, key: DayKey) {
        let day = Arc::new(CountedDay::new(day_to_open.date, node, key));
        self.days.open.rcu(|open| {
            let mut open = Vec::clone(open);
            match open.iter_mut().find(|span| span.day.date == day_to_open.date && !span.day.has_ended()) {
                Some(span) => span.ends = day_to_open.ends,
                None => {
                    open.push(Span {
                        begins: day_to_open.begins,
                        ends: day_to_open.ends,
                        day: Arc::clone(&day),
                    });
                }
            }
            open
        });
    }

    pub(super) fn mark_closed(&self, date: Day) {
        *self.days.closed_date.lock().unwrap_or_else(PoisonError::into_inner) = Some(date);
    }

    /// Ends the days that were over `grace` seconds before `at`.
    pub(super) fn end(&self, at: Timestamp, grace: i64) {
        let open = self.days.open.load();
        open.iter().filter(|span| span.ends + grace <= at).for_each(|span| span.day.end());
    }

    /// Returns the open days that have begun.
    pub(super) fn started_days(&self, at: Timestamp) -> Vec<Arc<CountedDay>> {
        let open = self.days.open.load();
        open.iter().filter(|span| span.begins <= at).map(|span| Arc::clone(&span.day)).collect()
    }

    /// Drops the days whose last tally was stored. Returns whether there were any.
    pub(super) fn drop_finished_days(&self) -> bool {
        let finished = |span: &Span| span.day.is_finished();
        let some = self.days.open.load().iter().any(finished);
        if some {
            self.days
                .open
                .rcu(|open| open.iter().filter(|span| !finished(span)).cloned().collect::<Vec<_>>());
        }
        some
    }
}
