//! Notifications of the payment provider PayPro Global (webhooks; PayPro calls them IPN, instant payment
//! notifications).
//!
//! - [`notification`] reads what the provider posts, and [`signature`] verifies it.
//! - [`fields`] classifies each of the 155 fields: whether it is kept, and why.
//! - [`checkout`] writes the links to the checkout that a buyer follows.
//! - [`card_number`] finds card numbers (PAN) in text where none belong.
//! - [`simulator`] makes signed notifications.
//!
//! The crate does no I/O.
//!
//! ```
//! use paypro::{NotificationKind, Secret, Simulator, UnverifiedNotification};
//!
//! let key = Secret::new("validation key").expect("a key that isn't empty");
//! let body = Simulator::new(key.clone()).notification(NotificationKind::OrderCharged).body();
//!
//! let notification = UnverifiedNotification::parse(body.as_bytes())?.verify(&key)?;
//! assert_eq!(notification.kind(), NotificationKind::OrderCharged);
//! assert_eq!(notification.quantity(), Some(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]
#![deny(unreachable_pub)]

pub mod card_number;
pub mod checkout;
mod custom_field;
pub mod date_text;
pub mod dynamic_settings;
pub mod fields;
mod form;
mod idempotency;
pub mod kind;
mod limits;
pub mod notification;
mod parse_error;
mod parser;
pub mod personal;
pub mod signature;
pub mod simulator;

pub use checkout::{CheckoutLink, CheckoutLinkError};
pub use custom_field::CustomField;
pub use dynamic_settings::{DynamicKey, DynamicKeyError, DynamicSettings};
pub use fields::{FIELDS, FieldClass, NotificationField};
pub use kind::{NotificationKind, RetainedData};
pub use limits::{MAX_BODY, MAX_FIELDS, MAX_VALUE};
pub use notification::{Buyer, Licensee, Notification, Payment};
pub use parse_error::{ParseError, ParseFault};
pub use personal::{Personal, Secret};
pub use signature::{InvalidSignature, SOURCE_ADDRESSES, UnverifiedNotification};
pub use simulator::{Draft, Purchase, Shop, Simulator};
