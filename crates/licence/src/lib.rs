//! Licence keys that a program checks offline: no network, no account, nothing about the person.
//!
//! A shop signs the [`Claims`] of a licence and gives the buyer the text, a [`Key`]. The program contains the
//! shop's public keys, and calls [`check`] with its own product, today's day and the day of its build. The result is
//! either the claims or the exact reason of the [`Refusal`], as a sentence that can be shown.
//!
//! ```
//! use licence::{Check, Day, PublicKeys, Refusal, Term, check};
//!
//! // The file that the shop exports; a program includes it with `include_str!`.
//! let keys = PublicKeys::parse(
//!     "scruple-licence-public-key 1 1 d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
//! )?;
//! // The text that the person typed or pasted.
//! let text = "
//!     243G4-0050H-3XGWJ-4SVYM-YWN8Z-X3GS2-2562V-2SB3R-THQQT
//!     1G5NA-STGF8-YF028-ARTWY-GRQ6N-J4EK0-PGG1N-69JC3-5ZXMS
//!     38F3G-CVZNN-RYCER-WHBJ2-G7TDN-V5T1H-14
//! ";
//!
//! let mut conditions = Check { product: 7, today: "2026-03-01".parse()?, build: Some("2026-02-20".parse()?) };
//! let claims = check(text, &keys, &conditions)?;
//! assert_eq!(claims.seats, 5);
//! assert_eq!(claims.term, Term::UpdatesUntil("2026-12-31".parse()?));
//!
//! // A build that is too late for this key is refused, with the reason.
//! conditions.build = Some("2027-01-01".parse()?);
//! let refusal = check(text, &keys, &conditions).unwrap_err();
//! assert!(matches!(refusal, Refusal::UpdatesOver { .. }));
//! assert_eq!(
//!     refusal.to_string(),
//!     "this licence covers releases up to 2026-12-31, and this release is from 2027-01-01; earlier releases continue to work",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The README of this crate describes the format of a key. The test vectors are JSON files, for other
//! implementations. Signing needs the feature `sign`.
#![no_std]
#![deny(missing_docs)]
#![deny(unreachable_pub)]

extern crate alloc;

mod claims;
mod crockford;
mod day;
mod key;
mod public;
mod refusal;
mod serial;
#[cfg(feature = "sign")]
mod sign;
mod verify;

pub use claims::{CLAIMS_LENGTH, Claims, OutOfRange, Term};
pub use day::Day;
pub use key::{KEY_LENGTH, Key};
pub use public::{BadPublicKey, BadPublicKeys, PublicKey, PublicKeys};
pub use refusal::{Refusal, Unreadable};
pub use serial::Serial;
#[cfg(feature = "sign")]
pub use sign::SigningKey;
pub use verify::{Check, check, verify};

/// Compiles and runs the code of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
