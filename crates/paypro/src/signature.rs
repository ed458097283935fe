//! Is a notice genuine?

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    notice::Notice,
    personal::{Personal, Secret},
    reading,
    unreadable::Unreadable,
};

/// Where the provider's notices come from.
pub const SOURCES: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(198, 199, 123, 239)),
    IpAddr::V4(Ipv4Addr::new(157, 230, 8, 40)),
    IpAddr::V6(Ipv6Addr::new(0x2604, 0xa880, 0x400, 0xd0, 0, 0, 0x1843, 0x7001)),
    IpAddr::V6(Ipv6Addr::new(0x2604, 0xa880, 0x400, 0xd1, 0, 0, 0x0b6c, 0xc001)),
];

/// The values that are signed, as sent, before any trimming; an absent one is empty.
#[derive(Clone, Copy)]
pub struct Signed<'a> {
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

/// The provider's signature: SHA-256 over the values and the validation key, one after the other with nothing between
/// them, as 64 lower-case hex digits.
pub fn sign(signed: &Signed<'_>, key: &Secret) -> String {
    HEXLOWER.encode(&digest(signed, key))
}

fn digest(signed: &Signed<'_>, key: &Secret) -> [u8; 32] {
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

/// A notice that anybody may have sent: it shows nothing until it is verified.
pub struct Unverified {
    pub(crate) notice: Notice,
    pub(crate) envelope: Envelope,
}

/// What is needed to verify and is gone afterwards, even where the kind of notice keeps nothing.
pub(crate) struct Envelope {
    pub order: Personal,
    pub status: Personal,
    pub total: Personal,
    pub email: Personal,
    pub test: Personal,
    pub type_name: Personal,
    pub signature: Personal,
}

impl Unverified {
    /// Reads the body of a notice (`application/x-www-form-urlencoded`, UTF-8).
    ///
    /// # Errors
    /// [`Unreadable`] when it can't be read, contradicts itself, or lacks what its kind needs: the answer is 400.
    pub fn parse(body: &[u8]) -> Result<Self, Unreadable> {
        reading::read(body)
    }

    /// Hands the notice out if its `SIGNATURE` was made with this validation key. Takes the same time wherever the
    /// signature differs. A signature never expires and covers neither product nor quantity nor names.
    ///
    /// # Errors
    /// [`Forged`] when the signature is absent, malformed or another one: the answer is 403.
    pub fn verify(self, key: &Secret) -> Result<Notice, Forged> {
        let Envelope { order, status, total, email, test, type_name, signature } = &self.envelope;
        let signed = Signed {
            order: order.expose(),
            status: status.expose(),
            total: total.expose(),
            email: email.expose(),
            test: test.expose(),
            type_name: type_name.expose(),
        };
        let given = HEXLOWER_PERMISSIVE.decode(signature.expose().trim().as_bytes()).map_err(|_| Forged)?;
        let genuine: bool = digest(&signed, key).as_slice().ct_eq(&given).into();
        if genuine { Ok(self.notice) } else { Err(Forged) }
    }
}

/// The signature is not the provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forged;

impl fmt::Display for Forged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the signature doesn't belong to this notice")
    }
}

impl std::error::Error for Forged {}
