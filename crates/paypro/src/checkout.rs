//! Links to the provider's checkout. The buyer's data goes from the checkout directly to the provider; the
//! program only writes the link.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    custom_field,
    dynamic_settings::{self, DynamicKey, DynamicKeyError, DynamicSettings},
    personal::Secret,
};

/// The provider's checkout page.
pub const CHECKOUT: &str = "https://store.payproglobal.com/checkout";

/// All characters except the unreserved ones of RFC 3986.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A checkout link. It may hold an e-mail address and a test secret, so it has no `Debug`.
pub struct CheckoutLink {
    page: String,
    product: String,
    quantity: u32,
    dynamic_settings: Option<(DynamicSettings, DynamicKey)>,
    parameters: Vec<(&'static str, String)>,
    custom_fields: Vec<(String, String)>,
    test: Option<Secret>,
}

impl CheckoutLink {
    /// One piece of a product, given the provider's product id.
    pub fn new(product: impl Into<String>) -> Self {
        Self {
            page: CHECKOUT.to_owned(),
            product: product.into(),
            quantity: 1,
            dynamic_settings: None,
            parameters: Vec::new(),
            custom_fields: Vec::new(),
            test: None,
        }
    }

    /// Uses another page than the provider's, without a query: for tests and the demo.
    pub fn page(mut self, page: impl Into<String>) -> Self {
        self.page = page.into();
        self
    }

    /// The quantity, 1 to 65535.
    pub const fn quantity(mut self, quantity: u32) -> Self {
        self.quantity = quantity;
        self
    }

    /// The currency: three capital letters (ISO 4217).
    pub fn currency(self, currency: impl Into<String>) -> Self {
        self.parameter("currency", currency.into())
    }

    /// The language code of the checkout page.
    pub fn language(self, language: impl Into<String>) -> Self {
        self.parameter("language", language.into())
    }

    /// A coupon code that exists at the provider.
    pub fn coupon(self, code: impl Into<String>) -> Self {
        self.parameter("coupon-code", code.into())
    }

    /// A page template that exists at the provider.
    pub fn page_template(self, id: impl Into<String>) -> Self {
        self.parameter("page-template", id.into())
    }

    /// Fills in the buyer's address. Only for a link that is shown to this person.
    pub fn billing_email(self, email: impl Into<String>) -> Self {
        self.parameter("billing-email", email.into())
    }

    /// Selects the buyer's country, by its code.
    pub fn billing_country(self, country: impl Into<String>) -> Self {
        self.parameter("billing-country", country.into())
    }

    /// A custom field of the vendor (`x-...`). The provider sends it back in the notifications.
    pub fn custom_field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.custom_fields.push((name.into(), value.into()));
        self
    }

    /// A price or discount that the buyer cannot change.
    pub fn dynamic_settings(mut self, dynamic_settings: DynamicSettings, key: &DynamicKey) -> Self {
        self.dynamic_settings = Some((dynamic_settings, key.clone()));
        self
    }

    /// Makes it a test order. The link then contains the secret, so only the vendor may see it.
    pub fn test(mut self, secret: Secret) -> Self {
        self.test = Some(secret);
        self
    }

    /// The link, ASCII only. It must be escaped before it is put into HTML.
    ///
    /// # Errors
    /// [`CheckoutLinkError`] when the checkout could not read a part of the link.
    pub fn url(&self) -> Result<String, CheckoutLinkError> {
        self.check()?;
        let mut url =
            format!("{}?products[1][id]={}&products[1][qty]={}", self.page, self.product, self.quantity);
        let mut push_parameter = |name: &str, value: &str| {
            url.extend(["&", name, "="]);
            url.extend(utf8_percent_encode(value, VALUE));
        };
        if let Some((dynamic_settings, key)) = &self.dynamic_settings {
            let sealed = key
                .seal(&self.product, &dynamic_settings.to_string())
                .map_err(CheckoutLinkError::DynamicKey)?;
            push_parameter("products[1][data]", &sealed);
        }
        self.parameters.iter().for_each(|(name, value)| push_parameter(name, value));
        self.custom_fields.iter().for_each(|(name, value)| push_parameter(name, value));
        if let Some(secret) = &self.test {
            push_parameter("use-test-mode", "true");
            push_parameter("secret-key", secret.expose());
        }
        Ok(url)
    }

    fn parameter(mut self, name: &'static str, value: String) -> Self {
        self.parameters.retain(|(other, _)| *other != name);
        self.parameters.push((name, value));
        self
    }

    fn check(&self) -> Result<(), CheckoutLinkError> {
        if !(1..=20).contains(&self.product.len()) || !self.product.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(CheckoutLinkError::Product);
        }
        if !(1..=65535).contains(&self.quantity) {
            return Err(CheckoutLinkError::Quantity);
        }
        if self
            .parameters
            .iter()
            .any(|(name, value)| *name == "currency" && !dynamic_settings::is_currency(value))
        {
            return Err(CheckoutLinkError::Currency);
        }
        if self.dynamic_settings.as_ref().is_some_and(|(dynamic_settings, _)| !dynamic_settings.is_valid()) {
            return Err(CheckoutLinkError::DynamicSettings);
        }
        for (at, (name, value)) in self.custom_fields.iter().enumerate() {
            if !custom_field::is_name(name) || self.custom_fields[..at].iter().any(|(other, _)| other == name)
            {
                return Err(CheckoutLinkError::CustomName);
            }
            if custom_field::splits(value) || value.contains(char::is_control) {
                return Err(CheckoutLinkError::CustomValue);
            }
        }
        Ok(())
    }
}

/// Why a checkout link cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckoutLinkError {
    /// The product id is not 1 to 20 digits.
    Product,
    /// The quantity is not 1 to 65535.
    Quantity,
    /// The currency is not three capital letters.
    Currency,
    /// The discount is not 1 to 100 percent, or the price's currency is not three capital letters.
    DynamicSettings,
    /// A custom field's name is not `x-` followed by letters, digits, dashes or underscores, or it appears twice.
    CustomName,
    /// A custom field's value would be split on its way back (`,x-name=`), or holds a control character.
    CustomValue,
    /// The key of the dynamic settings does not fit the product.
    DynamicKey(DynamicKeyError),
}

impl fmt::Display for CheckoutLinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Product => "a product id is 1 to 20 digits",
            Self::Quantity => "a quantity is 1 to 65535",
            Self::Currency => "a currency is three capital letters",
            Self::DynamicSettings => {
                "a discount is 1 to 100 percent, a price names its currency in three capital letters"
            }
            Self::CustomName => {
                "a custom field's name is x- followed by letters, digits, dashes or underscores, and appears once"
            }
            Self::CustomValue => {
                "a custom field's value holds no control characters and no comma before x-name="
            }
            Self::DynamicKey(error) => return error.fmt(f),
        })
    }
}

impl std::error::Error for CheckoutLinkError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::DynamicKey(error) => Some(error),
            _ => None,
        }
    }
}
