//! Reads the body of a request: only the few fields that the program uses.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use percent_encoding::percent_decode;
use sha2::{Digest, Sha256};

use crate::{
    fields::{self, FieldClass},
    limits::{MAX_BODY, MAX_FIELDS, MAX_VALUE},
    parse_error::{ParseError, ParseFault},
    personal::Personal,
};

/// The fields that the program uses. Values of all other fields are never decoded, so nothing in them can cause a
/// rejection. For example, the keys in `ORDER_ITEM_LICENSES` can be longer than [`MAX_VALUE`].
pub(crate) const READ_FIELDS: [&str; 30] = [
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

/// Distinguishes two partial refunds of one order item. The amount has the class DROP: only its hash is used.
const REFUND_FIELD: &str = "ORDER_ITEM_REFUNDED";

/// The used values of a body.
pub(crate) struct Form {
    values: HashMap<&'static str, Personal>,
    /// Number of fields with unknown names.
    pub unknown: usize,
    /// SHA-256 of the refunded amount as sent; `None` when there is none.
    pub refunded: Option<[u8; 32]>,
}

impl Form {
    /// Parses `application/x-www-form-urlencoded` in UTF-8.
    pub(crate) fn read(body: &[u8]) -> Result<Self, ParseError> {
        if body.len() > MAX_BODY {
            return Err(ParseError::whole(ParseFault::BodyTooLong));
        }
        let mut form = Self { values: HashMap::new(), unknown: 0, refunded: None };
        let mut seen = HashSet::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if seen.len() == MAX_FIELDS {
                return Err(ParseError::whole(ParseFault::TooManyFields));
            }
            let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let raw = pair.get(end + 1..).unwrap_or_default();
            let name = String::from_utf8(decode(&pair[..end]))
                .map_err(|_| ParseError::at(None, ParseFault::NotUtf8))?;
            let field = fields::find(&name);
            if !seen.insert(name) {
                return Err(ParseError::at(field.map(|field| field.name), ParseFault::Twice));
            }
            match field {
                None => form.unknown += 1,
                Some(field) if field.name == REFUND_FIELD && !raw.is_empty() => {
                    form.refunded = Some(Sha256::digest(raw).into());
                }
                Some(field) if field.class != FieldClass::Drop && READ_FIELDS.contains(&field.name) => {
                    form.values.insert(field.name, value(field.name, raw)?);
                }
                Some(_) => {}
            }
        }
        Ok(form)
    }

    /// The value as sent; empty when absent, as the signature treats it.
    pub(crate) fn raw(&self, name: &'static str) -> &str {
        self.values.get(name).map_or("", Personal::expose)
    }

    /// The value without surrounding white space; `None` when nothing is left.
    pub(crate) fn get(&self, name: &'static str) -> Option<&str> {
        Some(self.raw(name).trim()).filter(|text| !text.is_empty())
    }
}

fn value(name: &'static str, raw: &[u8]) -> Result<Personal, ParseError> {
    let fault = |fault| ParseError::at(Some(name), fault);
    let text = Personal::new(String::from_utf8(decode(raw)).map_err(|_| fault(ParseFault::NotUtf8))?);
    if text.expose().len() > MAX_VALUE {
        return Err(fault(ParseFault::TooLong));
    }
    if text.expose().chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err(fault(ParseFault::ControlCharacter));
    }
    Ok(text)
}

/// Decodes `+` to a space and `%XX` to a byte.
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
    fn every_used_field_is_known_and_none_has_the_class_drop() {
        for name in READ_FIELDS {
            assert_ne!(fields::find(name).expect(name).class, FieldClass::Drop, "{name}");
        }
        assert_eq!(fields::find(REFUND_FIELD).expect(REFUND_FIELD).class, FieldClass::Drop);
    }
}
