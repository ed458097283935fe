//! Verifies the signature of a notification. Here a forged webhook is refused.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    notification::Notification,
    personal::{Personal, Secret},
};

/// The IP addresses from which the provider sends notifications.
pub const SOURCE_ADDRESSES: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(198, 199, 123, 239)),
    IpAddr::V4(Ipv4Addr::new(157, 230, 8, 40)),
    IpAddr::V6(Ipv6Addr::new(0x2604, 0xa880, 0x400, 0xd0, 0, 0, 0x1843, 0x7001)),
    IpAddr::V6(Ipv6Addr::new(0x2604, 0xa880, 0x400, 0xd1, 0, 0, 0x0b6c, 0xc001)),
];

/// The signed values, as sent, before any trimming; an absent value is empty.
#[derive(Clone, Copy)]
pub struct SignedFields<'a> {
    /// `ORDER_ID`
    pub order: &'a str,
    /// `ORDER_STATUS`
    pub status: &'a str,
    /// `ORDER_TOTAL_AMOUNT`
    pub total: &'a str,
    /// `CUSTOMER_EMAIL`
    pub email: &'a str,
    /// `TEST_MODE`
    pub test: &'a str,
    /// `IPN_TYPE_NAME`
    pub type_name: &'a str,
}

/// Computes the provider's signature: SHA-256 over the values and the validation key, concatenated without
/// separators, as 64 lower-case hex digits.
pub fn compute_signature(signed: &SignedFields<'_>, key: &Secret) -> String {
    HEXLOWER.encode(&digest(signed, key))
}

fn digest(signed: &SignedFields<'_>, key: &Secret) -> [u8; 32] {
    let parts = [
        signed.order,
        signed.status,
        signed.total,
        signed.email,
        key.expose(),
        signed.test,
        signed.type_name,
    ];
    let mut hash = Sha256::new();
    parts.into_iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// A notification that anyone may have sent. It shows nothing until it is verified.
pub struct UnverifiedNotification {
    pub(crate) notification: Notification,
    pub(crate) signature_fields: SignatureFields,
}

/// The values needed for verification. They are dropped afterwards, even where the kind of notification keeps
/// nothing.
pub(crate) struct SignatureFields {
    pub order: Personal,
    pub status: Personal,
    pub total: Personal,
    pub email: Personal,
    pub test: Personal,
    pub type_name: Personal,
    pub signature: Personal,
}

impl UnverifiedNotification {
    /// Returns the notification if its `SIGNATURE` was computed with this validation key. Uses a constant-time
    /// comparison. A signature never expires, and covers neither product nor quantity nor names.
    ///
    /// # Errors
    /// [`InvalidSignature`] when the signature is absent, malformed or different. The HTTP status is then 403.
    pub fn verify(self, key: &Secret) -> Result<Notification, InvalidSignature> {
        let SignatureFields { order, status, total, email, test, type_name, signature } =
            &self.signature_fields;
        let signed = SignedFields {
            order: order.expose(),
            status: status.expose(),
            total: total.expose(),
            email: email.expose(),
            test: test.expose(),
            type_name: type_name.expose(),
        };
        let given =
            HEXLOWER_PERMISSIVE.decode(signature.expose().trim().as_bytes()).map_err(|_| InvalidSignature)?;
        let genuine: bool = digest(&signed, key).as_slice().ct_eq(&given).into();
        if genuine { Ok(self.notification) } else { Err(InvalidSignature) }
    }
}

/// The signature is not the provider's: the notification is forged or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSignature;

impl fmt::Display for InvalidSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the signature doesn't match this notification")
    }
}

impl std::error::Error for InvalidSignature {}
