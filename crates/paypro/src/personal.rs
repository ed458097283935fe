//! Text that must not be printed by accident.

use zeroize::Zeroizing;

/// A value about a person, or a number that leads to one. It cannot be printed or compared, only read with
/// [`Personal::expose`], and is wiped when dropped.
///
/// ```compile_fail
/// println!("{:?}", paypro::Personal::new("ada@example.org"));
/// ```
/// ```compile_fail
/// println!("{}", paypro::Personal::new("ada@example.org"));
/// ```
pub struct Personal(Zeroizing<String>);

impl Personal {
    /// Takes the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text. The caller is responsible for where it goes.
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
    /// `None` for an empty text: anyone could sign with an empty validation key.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = Zeroizing::new(text.into());
        (!text.is_empty()).then_some(Self(text))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}
