//! The part of the configuration that operations need.

use calendar::Day;
use store::Tx;

/// The vendor's settings.
pub struct VendorSettings {
    /// The vendor's name, shown in e-mails and on pages.
    pub vendor: String,
    /// The public base URL of this installation, without a slash at the end.
    pub public_url: String,
    /// The horizon, in months. A notification of an older, unknown order is ignored: it can only be a resend of an
    /// erased order.
    pub horizon_months: i64,
    /// Retention of a person, in months after their last licence ended.
    pub person_months: i64,
    /// The cooling-off period: days between the agreement to an erasure and the erasure; 0 for none.
    pub cooling_days: i64,
    /// Local part and domain of the reply address (`local+token@domain`); `None` where no mailbox is configured.
    pub reply: Option<(String, String)>,
    /// Retention of a closed conversation, in months.
    pub conversation_months: i64,
    /// Retention of a closed anonymous conversation, in days.
    pub anonymous_days: i64,
    /// Encrypts discounts into checkout links; `None` where it is not configured.
    pub dynamic: Option<paypro::DynamicKey>,
    /// The URL of the checkout page, where it is not the provider's own (in the demo and in tests).
    pub checkout_page: Option<String>,
}

impl VendorSettings {
    /// The first day that is still within the horizon.
    #[must_use]
    pub fn horizon(&self, tx: &Tx) -> Day {
        tx.today().plus_months(-self.horizon_months)
    }

    /// The year whose tombstone key covers an order: the order's own year, or the oldest year that still has a key.
    #[must_use]
    pub(crate) fn tombstone_year(&self, tx: &Tx, placed_day: Day) -> i32 {
        placed_day.year().clamp(*self.tombstone_years(tx).start(), tx.today().year())
    }

    /// The years whose tombstones may still be needed.
    #[must_use]
    pub(crate) fn tombstone_years(&self, tx: &Tx) -> std::ops::RangeInclusive<i32> {
        self.horizon(tx).year()..=tx.today().year() + 1
    }
}
