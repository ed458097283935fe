//! The payment provider's language.
//!
//! [`notice`] reads what the provider posts, [`signature`] tells whether it is genuine, [`fields`] says of each of
//! the 155 fields whether and why it is kept, [`checkout`] writes the links that a buyer follows, [`pan`] finds card
//! numbers where none belong, and [`simulator`] makes signed notices. Nothing here reads or writes anything outside
//! memory.
//!
//! ```
//! use paypro::{Kind, Secret, Simulator, Unverified};
//!
//! let key = Secret::new("validation key").expect("a key that isn't empty");
//! let body = Simulator::new(key.clone()).notice(Kind::OrderCharged).body();
//!
//! let notice = Unverified::parse(body.as_bytes())?.verify(&key)?;
//! assert_eq!(notice.kind(), Kind::OrderCharged);
//! assert_eq!(notice.quantity(), Some(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod checkout;
mod custom;
pub mod dynamic;
pub mod fields;
mod form;
mod identity;
pub mod kind;
pub mod moment;
pub mod notice;
pub mod pan;
pub mod personal;
mod reading;
pub mod signature;
pub mod simulator;
mod unreadable;

pub use checkout::{BadLink, Checkout};
pub use custom::Custom;
pub use dynamic::{Dynamic, DynamicKey, DynamicKeyError};
pub use fields::{Class, FIELDS, Field};
pub use form::{MAX_BODY, MAX_FIELDS, MAX_VALUE};
pub use kind::{Keeps, Kind};
pub use moment::Moment;
pub use notice::{Buyer, Licensee, Notice, Payment};
pub use personal::{Personal, Secret};
pub use signature::{Forged, SOURCES, Unverified};
pub use simulator::{Draft, Purchase, Shop, Simulator};
pub use unreadable::{Fault, Unreadable};
