//! Messages that are passed by for now, each with the time of its next try.

use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

const FIRST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// The messages of one folder that could not be taken or put away. In memory alone: after a start all are tried.
#[derive(Default)]
pub struct Aside {
    validity: u32,
    messages: BTreeMap<u32, (Instant, Duration)>,
}

impl Aside {
    /// The folder as it is now: made anew, its numbers mean other messages.
    pub fn of(&mut self, validity: u32) {
        if self.validity != validity {
            *self = Self { validity, messages: BTreeMap::new() };
        }
    }

    /// Forgets those that are gone.
    pub fn keep(&mut self, there: &[u32]) {
        self.messages.retain(|uid, _| there.binary_search(uid).is_ok());
    }

    pub fn is_due(&self, uid: u32) -> bool {
        self.messages.get(&uid).is_none_or(|(at, _)| *at <= Instant::now())
    }

    /// It failed: later again, with longer and longer pauses.
    pub fn later(&mut self, uid: u32) {
        let pause = self.messages.get(&uid).map_or(FIRST, |(_, last)| (*last * 4).min(LONGEST));
        self.messages.insert(uid, (Instant::now() + pause, pause));
    }

    pub fn done(&mut self, uid: u32) {
        self.messages.remove(&uid);
    }

    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// When the next is due.
    pub fn next(&self) -> Option<Instant> {
        self.messages.values().map(|(at, _)| *at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_that_fails_is_passed_by_and_tried_again_later() {
        let mut aside = Aside::default();
        aside.of(7);
        assert!(aside.is_due(3));
        aside.later(3);
        assert!(!aside.is_due(3) && aside.is_due(4));
        tokio::time::advance(FIRST).await;
        assert!(aside.is_due(3));
        aside.later(3);
        tokio::time::advance(FIRST).await;
        assert!(!aside.is_due(3), "the second pause is longer");
        assert_eq!(aside.len(), 1);
    }

    #[tokio::test]
    async fn what_is_gone_or_of_an_earlier_folder_is_forgotten() {
        let mut aside = Aside::default();
        aside.of(7);
        aside.later(3);
        aside.later(9);
        aside.keep(&[1, 9]);
        assert_eq!(aside.len(), 1);
        aside.of(7);
        assert_eq!(aside.len(), 1);
        aside.of(8);
        assert_eq!((aside.len(), aside.next()), (0, None));
    }
}
