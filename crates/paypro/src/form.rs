//! From the bytes of a request to the few fields that are read at all.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use percent_encoding::percent_decode;
use sha2::{Digest, Sha256};

use crate::{
    fields::{self, Class},
    personal::Personal,
    unreadable::{Fault, Unreadable},
};

/// The longest body of a notice, in bytes.
pub const MAX_BODY: usize = 64 * 1024;
/// The most fields in a notice.
pub const MAX_FIELDS: usize = 400;
/// The longest value of a field that is read, in bytes, decoded.
pub const MAX_VALUE: usize = 4 * 1024;

/// The fields that anything here asks for. Values of all others are never decoded, so nothing in them can refuse a
/// purchase either: the keys in `ORDER_ITEM_LICENSES` alone can be longer than [`MAX_VALUE`].
pub(crate) const READ: [&str; 30] = [
    "IPN_TYPE_ID",
    "IPN_TYPE_NAME",
    "IS_RESENT",
    "SIGNATURE",
    "TEST_MODE",
    "ORDER_ID",
    "ORDER_STATUS",
    "ORDER_STATUS_ID",
    "ORDER_TOTAL_AMOUNT",
    "ORDER_PLACED_TIME_UTC",
    "ORDER_ITEM_ID",
    "ORDER_ITEM_DYNAMIC_DISCOUNT",
    "ORDER_CUSTOM_FIELDS",
    "CUSTOM_LICENSE_INFO",
    "PRODUCT_ID",
    "PRODUCT_QUANTITY",
    "SUBSCRIPTION_ID",
    "SUBSCRIPTION_INITIAL_ORDER_ID",
    "SUBSCRIPTION_STATUS_ID",
    "SUBSCRIPTION_NEXT_CHARGE_DATE",
    "SUBSCRIPTION_FINISH_DATE",
    "TRIAL_PERIOD_TILL",
    "CREDIT_CARD_LAST4",
    "PAYMENT_METHOD_ID",
    "CUSTOMER_EMAIL",
    "CUSTOMER_NAME",
    "CUSTOMER_LANGUAGE_CODE",
    "COMPANY_NAME",
    "LICENSED_TO_EMAIL",
    "LICENSED_TO_NAME",
];

/// Tells two partial refunds of one order item apart. The amount is of class DROP: only its fingerprint stays.
const REFUNDED: &str = "ORDER_ITEM_REFUNDED";

/// What is left of a body.
pub(crate) struct Form {
    values: HashMap<&'static str, Personal>,
    /// Fields whose names we don't know.
    pub unknown: usize,
    /// SHA-256 of the refunded amount as sent, None when there is none.
    pub refunded: Option<[u8; 32]>,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded` in UTF-8.
    pub fn read(body: &[u8]) -> Result<Self, Unreadable> {
        if body.len() > MAX_BODY {
            return Err(Unreadable::whole(Fault::BodyTooLong));
        }
        let mut form = Self { values: HashMap::new(), unknown: 0, refunded: None };
        let mut seen = HashSet::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if seen.len() == MAX_FIELDS {
                return Err(Unreadable::whole(Fault::TooManyFields));
            }
            let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let raw = pair.get(end + 1..).unwrap_or_default();
            let name =
                String::from_utf8(decode(&pair[..end])).map_err(|_| Unreadable::at(None, Fault::NotUtf8))?;
            let field = fields::find(&name);
            if !seen.insert(name) {
                return Err(Unreadable::at(field.map(|field| field.name), Fault::Twice));
            }
            match field {
                None => form.unknown += 1,
                Some(field) if field.name == REFUNDED && !raw.is_empty() => {
                    form.refunded = Some(Sha256::digest(raw).into());
                }
                Some(field) if field.class != Class::Drop && READ.contains(&field.name) => {
                    form.values.insert(field.name, value(field.name, raw)?);
                }
                Some(_) => {}
            }
        }
        Ok(form)
    }

    /// The value as sent, empty when absent: that is how the signature counts it.
    pub fn raw(&self, name: &'static str) -> &str {
        self.values.get(name).map_or("", Personal::expose)
    }

    /// The value without white space around it, None when nothing is left.
    pub fn get(&self, name: &'static str) -> Option<&str> {
        Some(self.raw(name).trim()).filter(|text| !text.is_empty())
    }
}

fn value(name: &'static str, raw: &[u8]) -> Result<Personal, Unreadable> {
    let fault = |fault| Unreadable::at(Some(name), fault);
    let text = Personal::new(String::from_utf8(decode(raw)).map_err(|_| fault(Fault::NotUtf8))?);
    if text.expose().len() > MAX_VALUE {
        return Err(fault(Fault::TooLong));
    }
    if text.expose().chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err(fault(Fault::ControlCharacter));
    }
    Ok(text)
}

/// `+` is a space, `%XX` a byte.
fn decode(raw: &[u8]) -> Vec<u8> {
    let spaced: Cow<'_, [u8]> = if raw.contains(&b'+') {
        raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect()
    } else {
        raw.into()
    };
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_read_is_known_and_none_is_of_class_drop() {
        for name in READ {
            assert_ne!(fields::find(name).expect(name).class, Class::Drop, "{name}");
        }
        assert_eq!(fields::find(REFUNDED).expect(REFUNDED).class, Class::Drop);
    }
}
