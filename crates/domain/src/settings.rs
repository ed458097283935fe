//! What the vendor configured, as far as deeds need it.

use store::Tx;

/// The vendor's settings.
pub struct VendorSettings {
    /// The vendor's name, in letters and pages.
    pub vendor: String,
    /// Where persons reach this program, without a slash at the end.
    pub public_url: String,
    /// Months after which an unknown order can only be a resend of something forgotten.
    pub horizon_months: i64,
    /// Months after the last licence ended at which a person is forgotten.
    pub person_months: i64,
    /// Days between an agreement to erase and the erasure; 0 for at once.
    pub cooling_days: i64,
    /// Local part and domain of the address that takes answers (`local+token@domain`); none where none is configured.
    pub reply: Option<(String, String)>,
    /// Months after which a closed thread is forgotten.
    pub thread_months: i64,
    /// Days after which a closed thread of somebody without a name is forgotten.
    pub anonymous_days: i64,
    /// Seals discounts into checkout links; none when the shop has not configured it.
    pub dynamic: Option<paypro::DynamicKey>,
    /// The checkout page, where it is not the provider's own (a demo, a test).
    pub checkout_page: Option<String>,
}

impl VendorSettings {
    /// The last day that lies beyond the horizon.
    #[must_use]
    pub fn horizon(&self, tx: &Tx) -> i64 {
        crate::day::months_later(tx.today(), -self.horizon_months)
    }

    /// The year under whose key the tombstones of an order lie: its own, or the oldest that still has a key.
    #[must_use]
    pub fn tombstone_year(&self, tx: &Tx, placed_day: i64) -> i32 {
        crate::day::year(placed_day).clamp(*self.living_years(tx).start(), crate::day::year(tx.today()))
    }

    /// The years whose tombstones may still be needed.
    #[must_use]
    pub fn living_years(&self, tx: &Tx) -> std::ops::RangeInclusive<i32> {
        crate::day::year(self.horizon(tx))..=crate::day::year(tx.today()) + 1
    }
}
