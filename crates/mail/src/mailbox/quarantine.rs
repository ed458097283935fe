//! Messages that failed, each with the time of its next attempt.

use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3600);

/// The messages of one folder that could not be received or moved. In memory only: after a restart all are tried.
#[derive(Default)]
pub(super) struct Quarantine {
    validity: u32,
    messages: BTreeMap<u32, (Instant, Duration)>,
}

impl Quarantine {
    /// Sets the UIDVALIDITY of the folder. If it changed, the UIDs mean other messages, so the quarantine is emptied.
    pub(crate) fn set_validity(&mut self, validity: u32) {
        if self.validity != validity {
            *self = Self { validity, messages: BTreeMap::new() };
        }
    }

    /// Removes messages that no longer exist.
    pub(super) fn retain(&mut self, existing: &[u32]) {
        self.messages.retain(|uid, _| existing.binary_search(uid).is_ok());
    }

    pub(crate) fn is_due(&self, uid: u32) -> bool {
        self.messages.get(&uid).is_none_or(|(at, _)| *at <= Instant::now())
    }

    /// Schedules the next attempt of a failed message, with growing pauses (backoff).
    pub(super) fn retry_later(&mut self, uid: u32) {
        let pause = self.messages.get(&uid).map_or(FIRST_PAUSE, |(_, last)| (*last * 4).min(LONGEST_PAUSE));
        self.messages.insert(uid, (Instant::now() + pause, pause));
    }

    pub(super) fn remove(&mut self, uid: u32) {
        self.messages.remove(&uid);
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// The time of the next attempt.
    pub(crate) fn next_attempt(&self) -> Option<Instant> {
        self.messages.values().map(|(at, _)| *at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_message_that_fails_is_tried_again_later() {
        let mut quarantine = Quarantine::default();
        quarantine.set_validity(7);
        assert!(quarantine.is_due(3));
        quarantine.retry_later(3);
        assert!(!quarantine.is_due(3) && quarantine.is_due(4));
        tokio::time::advance(FIRST_PAUSE).await;
        assert!(quarantine.is_due(3));
        quarantine.retry_later(3);
        tokio::time::advance(FIRST_PAUSE).await;
        assert!(!quarantine.is_due(3), "the second pause is longer");
        assert_eq!(quarantine.len(), 1);
    }

    #[tokio::test]
    async fn missing_messages_and_those_of_an_earlier_folder_are_removed() {
        let mut quarantine = Quarantine::default();
        quarantine.set_validity(7);
        quarantine.retry_later(3);
        quarantine.retry_later(9);
        quarantine.retain(&[1, 9]);
        assert_eq!(quarantine.len(), 1);
        quarantine.set_validity(7);
        assert_eq!(quarantine.len(), 1);
        quarantine.set_validity(8);
        assert_eq!((quarantine.len(), quarantine.next_attempt()), (0, None));
    }
}
