//! Notifications signed with one validation key.

use paypro::{
    Draft, Notification, NotificationKind, ParseError, Personal, Purchase, Secret, Simulator,
    UnverifiedNotification, simulator::Party,
};

/// The key with which the provider signs.
pub fn key() -> Secret {
    Secret::new("validation key").unwrap()
}

/// A notification of this kind with plausible values.
pub fn draft(kind: NotificationKind) -> Draft {
    Simulator::new(key()).notification(kind)
}

/// One piece of a product with a subscription.
pub fn purchase() -> Purchase {
    Purchase::new("100200", "4711", Party::new("ada@example.org", "Ada Example")).subscribed("5005", 30)
}

/// Reads and verifies a genuine notification.
pub fn open(draft: &Draft) -> Notification {
    UnverifiedNotification::parse(draft.body().as_bytes()).unwrap().verify(&key()).unwrap()
}

/// Why a body can't be read.
pub fn refusal(body: impl AsRef<[u8]>) -> Option<ParseError> {
    UnverifiedNotification::parse(body.as_ref()).err()
}

/// Whether a body is readable and genuine.
pub fn is_genuine(body: impl AsRef<[u8]>) -> bool {
    UnverifiedNotification::parse(body.as_ref()).is_ok_and(|unverified| unverified.verify(&key()).is_ok())
}

/// The text of a value, if there is one.
pub fn text(personal: Option<&Personal>) -> Option<&str> {
    personal.map(Personal::expose)
}
