//! A price or discount inside a checkout link, encrypted so that the buyer can't change it.

use std::fmt;

use aes::{Aes128, Aes192, Aes256};
use cbc::{
    Decryptor, Encryptor,
    cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7},
};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::personal::Secret;

/// What the vendor asks the checkout to charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dynamic {
    /// Percent off the usual price, 1 to 100.
    DiscountPercent(u8),
    /// A price of its own.
    Price {
        /// Three capital letters (ISO 4217).
        currency: String,
        /// In hundredths of the currency.
        hundredths: u64,
    },
}

impl Dynamic {
    /// Reads `discountpercentage=40` or `price[EUR][Amount]=59.90`, None for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once('=')?;
        if name == "discountpercentage" {
            let percent = value.parse().ok().filter(|percent| (1..=100).contains(percent))?;
            return Some(Self::DiscountPercent(percent));
        }
        let currency = name.strip_prefix("price[")?.strip_suffix("][Amount]")?;
        let (whole, part) = value.split_once('.').unwrap_or((value, "00"));
        let hundredths = whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)?;
        (part.len() == 2 && is_currency(currency))
            .then(|| Self::Price { currency: currency.to_owned(), hundredths })
    }

    /// Can the checkout read it: percent and currency as they must be?
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::DiscountPercent(percent) => (1..=100).contains(percent),
            Self::Price { currency, .. } => is_currency(currency),
        }
    }
}

pub(crate) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// As a query string, before it is encrypted.
impl fmt::Display for Dynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DiscountPercent(percent) => write!(f, "discountpercentage={percent}"),
            Self::Price { currency, hundredths } => {
                write!(f, "price[{currency}][Amount]={}", hundredths / 100)?;
                match hundredths % 100 {
                    0 => Ok(()),
                    part => write!(f, ".{part:02}"),
                }
            }
        }
    }
}

/// The two texts set at the provider for dynamic settings: the key's beginning and the vector.
#[derive(Clone)]
pub struct DynamicKey {
    key: Secret,
    vector: Secret,
}

/// The lengths that AES knows, in bytes.
const KEY_LENGTHS: [usize; 3] = [16, 24, 32];
const BLOCK: usize = 16;

impl DynamicKey {
    /// `key` is what stands before the product id.
    ///
    /// # Errors
    /// [`DynamicKeyError::Vector`] when the vector isn't 16 bytes long.
    pub fn new(key: Secret, vector: Secret) -> Result<Self, DynamicKeyError> {
        match vector.expose().len() {
            BLOCK => Ok(Self { key, vector }),
            length => Err(DynamicKeyError::Vector { length }),
        }
    }

    /// Does it fit this product? To be asked when the product or the key is configured, not when a buyer waits.
    ///
    /// # Errors
    /// [`DynamicKeyError::Key`] when key text and product id together aren't 16, 24 or 32 bytes.
    pub fn fits(&self, product: &str) -> Result<(), DynamicKeyError> {
        let (key, product) = (self.key.expose().len(), product.len());
        match KEY_LENGTHS.contains(&(key + product)) {
            true => Ok(()),
            false => Err(DynamicKeyError::Key { key, product }),
        }
    }

    /// Encrypts a query string for `products[1][data]`: AES-CBC, PKCS#7, base64.
    ///
    /// # Errors
    /// As [`DynamicKey::fits`].
    pub fn seal(&self, product: &str, text: &str) -> Result<String, DynamicKeyError> {
        let (key, vector, text) =
            (self.whole_key(product)?, self.vector.expose().as_bytes(), text.as_bytes());
        let sealed = match key.len() {
            16 => encrypt::<Encryptor<Aes128>>(&key, vector, text),
            24 => encrypt::<Encryptor<Aes192>>(&key, vector, text),
            _ => encrypt::<Encryptor<Aes256>>(&key, vector, text),
        };
        Ok(BASE64.encode(&sealed))
    }

    /// What [`DynamicKey::seal`] was given: for a checkout page of our own, in tests and in a demonstration.
    ///
    /// # Errors
    /// As [`DynamicKey::fits`]; [`DynamicKeyError::Unopened`] when the text was not made with this key for this
    /// product.
    pub fn open(&self, product: &str, sealed: &str) -> Result<String, DynamicKeyError> {
        let (key, vector) = (self.whole_key(product)?, self.vector.expose().as_bytes());
        let sealed = BASE64.decode(sealed.as_bytes()).map_err(|_| DynamicKeyError::Unopened)?;
        let opened = match key.len() {
            16 => decrypt::<Decryptor<Aes128>>(&key, vector, &sealed),
            24 => decrypt::<Decryptor<Aes192>>(&key, vector, &sealed),
            _ => decrypt::<Decryptor<Aes256>>(&key, vector, &sealed),
        };
        opened.and_then(|text| String::from_utf8(text).ok()).ok_or(DynamicKeyError::Unopened)
    }

    fn whole_key(&self, product: &str) -> Result<Zeroizing<Vec<u8>>, DynamicKeyError> {
        self.fits(product)?;
        Ok(Zeroizing::new([self.key.expose().as_bytes(), product.as_bytes()].concat()))
    }
}

fn encrypt<C: KeyIvInit + BlockModeEncrypt>(key: &[u8], vector: &[u8], text: &[u8]) -> Vec<u8> {
    C::new_from_slices(key, vector).expect("both lengths were checked").encrypt_padded_vec::<Pkcs7>(text)
}

fn decrypt<C: KeyIvInit + BlockModeDecrypt>(key: &[u8], vector: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    C::new_from_slices(key, vector)
        .expect("both lengths were checked")
        .decrypt_padded_vec::<Pkcs7>(sealed)
        .ok()
}

/// The key of dynamic settings doesn't fit, or the settings were made with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DynamicKeyError {
    /// The vector has this many bytes, not 16.
    Vector {
        /// In bytes.
        length: usize,
    },
    /// Key text and product id are together none of the lengths that AES knows.
    Key {
        /// Bytes of the key text.
        key: usize,
        /// Bytes of the product id.
        product: usize,
    },
    /// Not made with this key for this product.
    Unopened,
}

impl fmt::Display for DynamicKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vector { length } => write!(
                f,
                "the checkout vector is {length} bytes long and must be 16: set one of 16 at the provider and here"
            ),
            Self::Key { key, product } => {
                let fitting =
                    KEY_LENGTHS.iter().filter_map(|length| length.checked_sub(*product)).filter(|n| *n > 0);
                let fitting: Vec<String> = fitting.map(|length| length.to_string()).collect();
                write!(
                    f,
                    "the checkout key of {key} bytes and the product id of {product} are together {} bytes long and \
                     must be 16, 24 or 32: for this product set a key of {} bytes at the provider and here",
                    key + product,
                    fitting.join(" or ")
                )
            }
            Self::Unopened => {
                f.write_str("these dynamic settings were not made with this key for this product")
            }
        }
    }
}

impl std::error::Error for DynamicKeyError {}
