//! Reasons why e-mails to a person or about a conversation are suppressed until the recipient's next action.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::Error;
use crate::columns::IntoColumn;
use crate::tx::string_enum;

string_enum! { "suppression",
    /// Why e-mails are suppressed.
    Suppression {
        /// The mail server of the address refused an e-mail for good.
        Bounce = "bounce",
        /// The recipient reported an e-mail as spam.
        Complaint = "complaint",
        /// The recipient asked for no more e-mails.
        Stop = "stop",
    }
}

impl Suppression {
    /// Whether a person requested it. A bounce was not requested.
    #[must_use]
    pub fn is_request(self) -> bool {
        matches!(self, Self::Complaint | Self::Stop)
    }
}

/// The column holds an empty text for none.
impl IntoColumn for Option<Suppression> {
    type Column = &'static str;

    fn into_column(self) -> &'static str {
        self.map_or("", Suppression::as_str)
    }
}

/// Reads the column `suppression`.
pub(crate) fn suppression(row: &AnyRow) -> Result<Option<Suppression>, Error> {
    match row.try_get("suppression")? {
        "" => Ok(None),
        reason => Suppression::parse(reason).map(Some),
    }
}
