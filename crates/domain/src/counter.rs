//! Counters of what is not kept. A counter has a number for each day, and no identity.

use store::{Error, Tx};

/// What a counter counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counter {
    /// Notifications of a kind that this version does not know.
    UnknownNotificationKind,
    /// Notifications about somebody who did not buy.
    Lead,
    /// Notifications of an order that the provider has not accepted yet.
    OrderWaiting,
    /// Notifications of orders from before the horizon of idempotency keys.
    BeforeHorizon,
    /// Notifications of an unknown order that lack what an order needs.
    IncompleteOrder,
    /// Notifications of an unknown product for an order whose person was erased.
    UnknownProductOfErased,
    /// Requests of a magic link beyond the rate limit of its address.
    MagicLinkAddressLimit,
    /// Requests of a magic link beyond the rate limit of all addresses.
    MagicLinkGlobalLimit,
    /// Delivery reports about e-mails that we did not send.
    StrayDeliveryReport,
    /// E-mails that expired before a mail server accepted them.
    ExpiredEmail,
}

impl Counter {
    const ALL: [Self; 10] = [
        Self::UnknownNotificationKind,
        Self::Lead,
        Self::OrderWaiting,
        Self::BeforeHorizon,
        Self::IncompleteOrder,
        Self::UnknownProductOfErased,
        Self::MagicLinkAddressLimit,
        Self::MagicLinkGlobalLimit,
        Self::StrayDeliveryReport,
        Self::ExpiredEmail,
    ];

    /// The name in the table of counters.
    fn name(self) -> &'static str {
        match self {
            Self::UnknownNotificationKind => "unknown-notification-kind",
            Self::Lead => "lead",
            Self::OrderWaiting => "order-waiting",
            Self::BeforeHorizon => "before-horizon",
            Self::IncompleteOrder => "incomplete-order",
            Self::UnknownProductOfErased => "unknown-product-of-erased",
            Self::MagicLinkAddressLimit => "magic-link-address-limit",
            Self::MagicLinkGlobalLimit => "magic-link-global-limit",
            Self::StrayDeliveryReport => "stray-delivery-report",
            Self::ExpiredEmail => "expired-email",
        }
    }

    /// Adds one to today's number.
    pub(crate) async fn add_one(self, tx: &mut Tx) -> Result<(), Error> {
        tx.add_to_counter(self.name(), 1).await
    }

    /// Returns the sums of the last days, of all counters that counted something.
    ///
    /// # Errors
    /// When the database is unavailable, or has a counter that this version does not know.
    pub(crate) async fn sums(tx: &mut Tx, days: i64) -> Result<Vec<(Self, i64)>, Error> {
        let counted = tx.counters_since(tx.today() - days).await?;
        let known = |name: String| Self::ALL.into_iter().find(|counter| counter.name() == name);
        let sum = |(name, number)| Ok((known(name).ok_or(Error::Unknown("counter.name"))?, number));
        counted.into_iter().map(sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counter_has_a_name_of_its_own() {
        let mut names = Counter::ALL.map(Counter::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Counter::ALL.len());
    }
}
