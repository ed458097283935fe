//! Tokens: secrets with which a person or a program opens something. Only their hashes are stored.
//!
//! All tokens are created, written and hashed here. A token's type names its purpose, and the purpose is part of the
//! hash. So a token of one purpose is unknown where another is expected, even as a text. Tokens are looked up by their
//! hash, so no secret is compared, and no time of a comparison reveals one.

use std::marker::PhantomData;

use data_encoding::BASE64URL_NOPAD;
use inbound_mail::crockford::{format_symbols, parse_symbols};
use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};
use store::Error;
use zeroize::Zeroizing;

use crate::random::random_bytes;

/// A purpose of tokens, as a type.
pub trait TokenPurpose {
    /// Separates the hashes of this purpose from those of all others.
    const LABEL: &'static str;

    /// Writes 256 random bits as a token. A purpose whose tokens people type uses fewer of them.
    fn write(random: &[u8; 32]) -> Zeroizing<String> {
        Zeroizing::new(BASE64URL_NOPAD.encode(random))
    }

    /// Returns the one spelling of a token that is typed in many ways. Other texts stay as they are: no token has them.
    fn normalise(presented: &str) -> Zeroizing<String> {
        Zeroizing::new(presented.to_owned())
    }
}

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident = $label:literal;)*) => {
        $($(#[$doc])* pub enum $name {}
        impl TokenPurpose for $name {
            const LABEL: &'static str = $label;
        })*
    };
}

purposes! {
    /// Signs a customer in: the link of an e-mail.
    MagicLink = "magic link";
    /// Confirms a new address: the link of an e-mail.
    AddressChange = "address change";
    /// A signed-in customer: the session cookie.
    PortalSession = "portal session";
    /// Closes or erases a conversation: the link of an e-mail.
    ConversationLink = "conversation link";
    /// Names a conversation to which e-mails reply: see `conversations::reply_token`.
    ReplyAddress = "reply address";
    /// Renews a licence at a discount: a field of the checkout.
    Renewal = "renewal";
}

/// Fetches the receipt of an erasure: 20 symbols of Crockford's base32 (100 bits) in groups of five.
pub enum ReceiptCode {}

/// Symbols of a code that people type: 5 bits each.
const CODE_SYMBOLS: usize = 20;

impl TokenPurpose for ReceiptCode {
    const LABEL: &'static str = "receipt code";

    fn write(random: &[u8; 32]) -> Zeroizing<String> {
        format_symbols(code_symbols(random).as_slice())
    }

    fn normalise(presented: &str) -> Zeroizing<String> {
        parse_symbols::<CODE_SYMBOLS>(presented).map_or_else(
            || Zeroizing::new(presented.to_owned()),
            |symbols| format_symbols(symbols.as_slice()),
        )
    }
}

/// Takes 100 of 256 random bits.
pub(crate) fn code_symbols(random: &[u8; 32]) -> Zeroizing<[u8; CODE_SYMBOLS]> {
    let mut symbols = Zeroizing::new([0; CODE_SYMBOLS]);
    symbols.iter_mut().zip(random).for_each(|(symbol, byte)| *symbol = byte & 31);
    symbols
}

/// A token, as it is written in links, cookies, headers and forms.
pub struct Token<P> {
    text: Zeroizing<String>,
    purpose: PhantomData<fn() -> P>,
}

impl<P: TokenPurpose> Token<P> {
    /// Generates a token.
    ///
    /// # Errors
    /// When the operating system supplies no random numbers.
    pub(crate) fn generate() -> Result<Self, Error> {
        Ok(Self::of(P::write(&*random_bytes()?)))
    }

    /// Makes a token of a keyed hash, which can't be guessed either.
    pub(crate) fn of_keyed_hash(hash: &[u8; 32]) -> Self {
        Self::of(P::write(hash))
    }

    /// Takes a text that someone presents as a token. Whether there is such a token, the look-up of its hash tells.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self::of(P::normalise(text))
    }

    const fn of(text: Zeroizing<String>) -> Self {
        Self { text, purpose: PhantomData }
    }

    /// Returns the token as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes the text out.
    #[must_use]
    pub(crate) fn into_text(self) -> Zeroizing<String> {
        self.text
    }

    /// Returns the hash that is stored: SHA-256 of purpose and text.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let label = Sha256::new_with_prefix("scruple token\0").chain_update(P::LABEL);
        label.chain_update("\0").chain_update(self.text.as_bytes()).finalize().into()
    }
}

impl<'de, P: TokenPurpose> Deserialize<'de> for Token<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Zeroizing::<String>::deserialize(deserializer).map(|text| Self::presented(&text))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use data_encoding::HEXLOWER;

    use super::*;
    use crate::api_token::ApiAccess;
    use crate::conversations::access_code::AccessCode;

    fn generated<P: TokenPurpose>() -> (String, String) {
        let [one, other] = [(); 2].map(|()| Token::<P>::generate().unwrap());
        assert_eq!(Token::<P>::presented(one.text()).hash(), one.hash(), "{}", P::LABEL);
        (one.text().to_owned(), other.text().to_owned())
    }

    #[test]
    fn a_token_has_256_random_bits_and_a_code_100() {
        for (one, other) in [
            generated::<MagicLink>(),
            generated::<AddressChange>(),
            generated::<PortalSession>(),
            generated::<ConversationLink>(),
        ] {
            assert_ne!(one, other);
            assert_eq!(BASE64URL_NOPAD.decode(one.as_bytes()).unwrap().len(), 32);
        }
        let (one, other) = generated::<ApiAccess>();
        assert_ne!(one, other);
        assert_eq!(
            BASE64URL_NOPAD.decode(one.strip_prefix("scruple_").unwrap().as_bytes()).unwrap().len(),
            32
        );
        let (one, other) = generated::<ReceiptCode>();
        assert_ne!(one, other);
        assert_eq!((one.len(), one.replace('-', "").len()), (23, 20));
        let (one, other) = generated::<AccessCode>();
        assert_ne!(one, other);
        assert_eq!((one.len(), one.replace('-', "").len()), (25, 21));
    }

    #[test]
    fn the_same_text_has_another_hash_for_each_purpose() {
        let text = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let hashes = [
            Token::<MagicLink>::presented(text).hash(),
            Token::<AddressChange>::presented(text).hash(),
            Token::<PortalSession>::presented(text).hash(),
            Token::<ConversationLink>::presented(text).hash(),
            Token::<ReplyAddress>::presented(text).hash(),
            Token::<Renewal>::presented(text).hash(),
            Token::<ReceiptCode>::presented(text).hash(),
            Token::<ApiAccess>::presented(text).hash(),
            Token::<AccessCode>::presented(text).hash(),
            Sha256::digest(text).into(),
        ];
        assert_eq!(BTreeSet::from(hashes).len(), hashes.len());
    }

    #[test]
    fn the_hash_has_a_test_vector() {
        // printf 'scruple token\0magic link\0abc' | sha256sum
        let hash = Token::<MagicLink>::presented("abc").hash();
        assert_eq!(
            HEXLOWER.encode(&hash),
            "67fe6c62d91e0ca88278f2e590fdab76f5d6ebf5b60cd4f26e8f8dedb835d997"
        );
    }

    #[test]
    fn a_code_has_one_hash_however_it_is_typed() {
        let hash = |typed: &str| Token::<ReceiptCode>::presented(typed).hash();
        let code = hash("01AAA-BBBBB-CCCCC-DDDDD");
        for typed in ["01aaabbbbbcccccddddd", " OIAAA BBBBB\u{2013}CCCCC DDDDD\n", "olaaa-bbbbb-ccccc-ddddd"]
        {
            assert_eq!(hash(typed), code, "{typed}");
        }
        for other in ["01AAA-BBBBB-CCCCC-DDDDE", "01AAA-BBBBB-CCCCC-DDDD", "01AAA-BBBBB-CCCCC-DDDDDD", ""] {
            assert_ne!(hash(other), code, "{other}");
        }
        // No link is typed: another case is another token.
        assert_ne!(Token::<MagicLink>::presented("abc").hash(), Token::<MagicLink>::presented("ABC").hash());
    }
}
