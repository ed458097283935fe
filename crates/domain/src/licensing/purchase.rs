//! Processes the payment provider's notifications (webhooks; PayPro calls them IPN). Each notification has its
//! effect exactly once (idempotency), and the buyer gets the licence key.

mod apply;
mod new_order;
mod on_erased_order;
mod on_known_order;
mod on_unknown_product;
pub(crate) mod order_match;
mod order_notification;
mod parties;
mod processor;
mod reassign_order;
pub mod transitions;

pub use new_order::{RENEWED_REVOKED_LICENCE, UNPROVED_DISCOUNT};
pub(crate) use on_erased_order::processed_tag;
pub use order_notification::{OrderNotification, PartyDetails, RENEWAL_FIELD};
pub(crate) use parties::address_tag;

pub(crate) use processor::NotificationProcessor;
pub use processor::{NotificationReply, ProcessNotifications};
