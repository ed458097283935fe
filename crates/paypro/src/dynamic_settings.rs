//! Dynamic settings of a checkout link: a price or discount, encrypted so that the buyer cannot change it.

use std::fmt;

use aes::{Aes128, Aes192, Aes256};
use cbc::{
    Decryptor, Encryptor,
    cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7},
};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::personal::Secret;

/// The price or discount that the checkout should apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DynamicSettings {
    /// A discount on the usual price, 1 to 100 percent.
    DiscountPercent(u8),
    /// A different price.
    Price {
        /// Three capital letters (ISO 4217).
        currency: String,
        /// In hundredths of the currency.
        hundredths: u64,
    },
}

impl DynamicSettings {
    /// Parses `discountpercentage=40` or `price[EUR][Amount]=59.90`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once('=')?;
        // Rust's numbers may begin with a sign.
        if value.contains(['+', '-']) {
            return None;
        }
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

    /// Tells whether percent and currency are in the range that the checkout accepts.
    pub(crate) fn is_valid(&self) -> bool {
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
impl fmt::Display for DynamicSettings {
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

/// The two texts set at the provider for dynamic settings: the start of the key and the initialization vector
/// (IV).
#[derive(Clone)]
pub struct DynamicKey {
    key: Secret,
    iv: Secret,
}

/// Key lengths of AES, in bytes.
const KEY_LENGTHS: [usize; 3] = [16, 24, 32];
const BLOCK: usize = 16;

impl DynamicKey {
    /// Creates the key from the text before the product id and the initialization vector.
    ///
    /// # Errors
    /// [`DynamicKeyError::IvLength`] when the vector is not 16 bytes long.
    pub fn new(key: Secret, iv: Secret) -> Result<Self, DynamicKeyError> {
        match iv.expose().len() {
            BLOCK => Ok(Self { key, iv }),
            length => Err(DynamicKeyError::IvLength { length }),
        }
    }

    /// Checks that the key fits this product. Call it when the product or the key is configured, not when a buyer
    /// waits.
    ///
    /// # Errors
    /// [`DynamicKeyError::Key`] when key text and product id together are not 16, 24 or 32 bytes.
    pub fn check_length(&self, product: &str) -> Result<(), DynamicKeyError> {
        let (key, product) = (self.key.expose().len(), product.len());
        match KEY_LENGTHS.contains(&(key + product)) {
            true => Ok(()),
            false => Err(DynamicKeyError::Key { key, product }),
        }
    }

    /// Encrypts a query string for `products[1][data]`: AES-CBC, PKCS#7, base64.
    ///
    /// # Errors
    /// As [`DynamicKey::check_length`].
    pub fn seal(&self, product: &str, text: &str) -> Result<String, DynamicKeyError> {
        let (key, iv, text) = (self.full_key(product)?, self.iv.expose().as_bytes(), text.as_bytes());
        let sealed = match key.len() {
            16 => encrypt::<Encryptor<Aes128>>(&key, iv, text),
            24 => encrypt::<Encryptor<Aes192>>(&key, iv, text),
            _ => encrypt::<Encryptor<Aes256>>(&key, iv, text),
        };
        Ok(BASE64.encode(&sealed))
    }

    /// Decrypts the output of [`DynamicKey::seal`]: for the checkout page of tests and of the demo.
    ///
    /// # Errors
    /// As [`DynamicKey::check_length`]; [`DynamicKeyError::NotDecryptable`] when the text was not encrypted with
    /// this key for this product.
    pub fn open(&self, product: &str, sealed: &str) -> Result<String, DynamicKeyError> {
        let (key, iv) = (self.full_key(product)?, self.iv.expose().as_bytes());
        let sealed = BASE64.decode(sealed.as_bytes()).map_err(|_| DynamicKeyError::NotDecryptable)?;
        let opened = match key.len() {
            16 => decrypt::<Decryptor<Aes128>>(&key, iv, &sealed),
            24 => decrypt::<Decryptor<Aes192>>(&key, iv, &sealed),
            _ => decrypt::<Decryptor<Aes256>>(&key, iv, &sealed),
        };
        opened.and_then(|text| String::from_utf8(text).ok()).ok_or(DynamicKeyError::NotDecryptable)
    }

    fn full_key(&self, product: &str) -> Result<Zeroizing<Vec<u8>>, DynamicKeyError> {
        self.check_length(product)?;
        Ok(Zeroizing::new([self.key.expose().as_bytes(), product.as_bytes()].concat()))
    }
}

fn encrypt<C: KeyIvInit + BlockModeEncrypt>(key: &[u8], iv: &[u8], text: &[u8]) -> Vec<u8> {
    C::new_from_slices(key, iv).expect("both lengths were checked").encrypt_padded_vec::<Pkcs7>(text)
}

fn decrypt<C: KeyIvInit + BlockModeDecrypt>(key: &[u8], iv: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    C::new_from_slices(key, iv).expect("both lengths were checked").decrypt_padded_vec::<Pkcs7>(sealed).ok()
}

/// Why dynamic settings cannot be encrypted or decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DynamicKeyError {
    /// The initialization vector has this many bytes instead of 16.
    IvLength {
        /// In bytes.
        length: usize,
    },
    /// Key text and product id together have no length that AES accepts.
    Key {
        /// Bytes of the key text.
        key: usize,
        /// Bytes of the product id.
        product: usize,
    },
    /// The text was not encrypted with this key for this product.
    NotDecryptable,
}

impl fmt::Display for DynamicKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IvLength { length } => write!(
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
            Self::NotDecryptable => {
                f.write_str("these dynamic settings were not encrypted with this key for this product")
            }
        }
    }
}

impl std::error::Error for DynamicKeyError {}
