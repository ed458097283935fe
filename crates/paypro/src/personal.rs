//! Text that must not be shown by accident.

use zeroize::Zeroizing;

/// A value about a person, or a number that leads to one. It can be neither printed nor compared, only taken out on
/// purpose, and is wiped when dropped.
///
/// ```compile_fail
/// println!("{:?}", paypro::Personal::new("ada@example.org"));
/// ```
/// ```compile_fail
/// println!("{}", paypro::Personal::new("ada@example.org"));
/// ```
pub struct Personal(Zeroizing<String>);

impl Personal {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text. Whoever calls this answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A secret shared with the provider: never empty, never printed, wiped when dropped.
///
/// ```compile_fail
/// println!("{:?}", paypro::Secret::new("validation key"));
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// None for an empty text: with an empty validation key anybody could sign.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = Zeroizing::new(text.into());
        (!text.is_empty()).then_some(Self(text))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}
