//! Links to the provider's checkout. The buyer's data goes from there to the provider directly; all that we do is to
//! write the link.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    custom,
    dynamic::{self, Dynamic, DynamicKey, DynamicKeyError},
    personal::Secret,
};

/// The provider's checkout page.
pub const CHECKOUT: &str = "https://store.payproglobal.com/checkout";

/// All but RFC 3986's unreserved characters.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A link to be written. It may hold an address and a test secret, so it has no `Debug`.
pub struct Checkout {
    page: String,
    product: String,
    quantity: u32,
    dynamic: Option<(Dynamic, DynamicKey)>,
    parameters: Vec<(&'static str, String)>,
    custom: Vec<(String, String)>,
    test: Option<Secret>,
}

impl Checkout {
    /// One piece of a product, by the provider's product id.
    pub fn new(product: impl Into<String>) -> Self {
        Self {
            page: CHECKOUT.to_owned(),
            product: product.into(),
            quantity: 1,
            dynamic: None,
            parameters: Vec::new(),
            custom: Vec::new(),
            test: None,
        }
    }

    /// Another page than the provider's, without a query: for tests and a demonstration.
    pub fn page(mut self, page: impl Into<String>) -> Self {
        self.page = page.into();
        self
    }

    /// How many, 1 to 65535.
    pub const fn quantity(mut self, quantity: u32) -> Self {
        self.quantity = quantity;
        self
    }

    /// Three capital letters (ISO 4217).
    pub fn currency(self, currency: impl Into<String>) -> Self {
        self.parameter("currency", currency.into())
    }

    /// The language of the page, as a code.
    pub fn language(self, language: impl Into<String>) -> Self {
        self.parameter("language", language.into())
    }

    /// A coupon set up at the provider.
    pub fn coupon(self, code: impl Into<String>) -> Self {
        self.parameter("coupon-code", code.into())
    }

    /// A page template set up at the provider.
    pub fn page_template(self, id: impl Into<String>) -> Self {
        self.parameter("page-template", id.into())
    }

    /// The address already filled in. Only for the person who is looking at the link.
    pub fn billing_email(self, email: impl Into<String>) -> Self {
        self.parameter("billing-email", email.into())
    }

    /// The country already chosen, as a code.
    pub fn billing_country(self, country: impl Into<String>) -> Self {
        self.parameter("billing-country", country.into())
    }

    /// A field of the vendor's own (`x-...`) that comes back with the notices.
    pub fn custom(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.custom.push((name.into(), value.into()));
        self
    }

    /// A price or discount that the buyer can't change.
    pub fn dynamic(mut self, dynamic: Dynamic, key: &DynamicKey) -> Self {
        self.dynamic = Some((dynamic, key.clone()));
        self
    }

    /// A test order. The secret stands in the link, so it is for the vendor's eyes only.
    pub fn test(mut self, secret: Secret) -> Self {
        self.test = Some(secret);
        self
    }

    /// The link, ASCII only. It must be escaped before it goes into HTML.
    ///
    /// # Errors
    /// [`BadLink`] when a part is not what the checkout can read.
    pub fn url(&self) -> Result<String, BadLink> {
        self.check()?;
        let mut url =
            format!("{}?products[1][id]={}&products[1][qty]={}", self.page, self.product, self.quantity);
        let mut put = |name: &str, value: &str| {
            url.extend(["&", name, "="]);
            url.extend(utf8_percent_encode(value, VALUE));
        };
        if let Some((dynamic, key)) = &self.dynamic {
            let sealed = key.seal(&self.product, &dynamic.to_string()).map_err(BadLink::DynamicKey)?;
            put("products[1][data]", &sealed);
        }
        self.parameters.iter().for_each(|(name, value)| put(name, value));
        self.custom.iter().for_each(|(name, value)| put(name, value));
        if let Some(secret) = &self.test {
            put("use-test-mode", "true");
            put("secret-key", secret.expose());
        }
        Ok(url)
    }

    fn parameter(mut self, name: &'static str, value: String) -> Self {
        self.parameters.retain(|(other, _)| *other != name);
        self.parameters.push((name, value));
        self
    }

    fn check(&self) -> Result<(), BadLink> {
        if !(1..=20).contains(&self.product.len()) || !self.product.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(BadLink::Product);
        }
        if !(1..=65535).contains(&self.quantity) {
            return Err(BadLink::Quantity);
        }
        if self.parameters.iter().any(|(name, value)| *name == "currency" && !dynamic::is_currency(value)) {
            return Err(BadLink::Currency);
        }
        if self.dynamic.as_ref().is_some_and(|(dynamic, _)| !dynamic.is_sound()) {
            return Err(BadLink::Dynamic);
        }
        for (at, (name, value)) in self.custom.iter().enumerate() {
            if !custom::is_name(name) || self.custom[..at].iter().any(|(other, _)| other == name) {
                return Err(BadLink::CustomName);
            }
            if custom::splits(value) || value.contains(char::is_control) {
                return Err(BadLink::CustomValue);
            }
        }
        Ok(())
    }
}

/// A link that can't be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLink {
    /// The product id isn't 1 to 20 digits.
    Product,
    /// The quantity isn't 1 to 65535.
    Quantity,
    /// The currency isn't three capital letters.
    Currency,
    /// The discount isn't 1 to 100 percent, or the price's currency isn't three capital letters.
    Dynamic,
    /// A field of the vendor's own isn't named `x-` and letters, digits, dashes, underscores, or stands there twice.
    CustomName,
    /// Its value would come back cut in two (`,x-name=`) or holds a control character.
    CustomValue,
    /// The key of dynamic settings doesn't fit the product.
    DynamicKey(DynamicKeyError),
}

impl fmt::Display for BadLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Product => "a product id is 1 to 20 digits",
            Self::Quantity => "a quantity is 1 to 65535",
            Self::Currency => "a currency is three capital letters",
            Self::Dynamic => {
                "a discount is 1 to 100 percent, a price names its currency in three capital letters"
            }
            Self::CustomName => {
                "a field is named x- and letters, digits, dashes or underscores, and stands once"
            }
            Self::CustomValue => {
                "a field's value holds neither control characters nor a comma before x-name="
            }
            Self::DynamicKey(error) => return error.fmt(f),
        })
    }
}

impl std::error::Error for BadLink {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::DynamicKey(error) => Some(error),
            _ => None,
        }
    }
}
