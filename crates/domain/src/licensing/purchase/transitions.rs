//! The life of a licence: what each kind of notice does. This table is the whole of it.
//!
//! A notice finds the terms that its order item gave; what speaks of a subscription as a whole changes the licence.
//! Standing only ever rises in `rank`, so that a decline that overtakes its order, or a refund that comes before the
//! payment's own notice, ends in the same state as the other way round.

use paypro::Kind;
use store::{Standing, Term, TermKind};

/// What a notice does to what its order gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// What was ordered is given: a waiting term stands.
    Give,
    /// The same, for one more stretch of a subscription.
    Charge,
    /// What was given is taken back.
    TakeBack(Standing),
    /// A dispute was won: what was charged back stands again.
    GiveBack,
    /// The subscription runs on, until the day that the notice names.
    RunOn,
    /// The subscription rests.
    Suspend,
    /// The subscription ends at the day paid for.
    Terminate,
    /// The subscription has ended.
    Finish,
    /// The person's address changed.
    Address,
    /// The last four digits changed.
    Card,
    /// Only noted.
    Note,
}

/// What a notice does when nothing is known of its order yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unknown {
    /// The order begins with it; what it gives waits for payment unless the notice is itself of a payment.
    Begin,
    /// Only a mark without identity, for the order if it should still come. What is taken back leaves the same mark
    /// where it says too little to begin an order.
    Mark,
    /// Nothing.
    Nothing,
}

/// One row: the kind, what it does, what it does for an unknown order, and whether it may answer with keys.
pub struct Row(pub Kind, pub Effect, pub Unknown);

/// The table.
pub const LIFE: &[Row] = &[
    Row(Kind::OrderCharged, Effect::Give, Unknown::Begin),
    Row(Kind::OrderRefunded, Effect::TakeBack(Standing::Refunded), Unknown::Begin),
    Row(Kind::OrderChargedBack, Effect::TakeBack(Standing::ChargedBack), Unknown::Begin),
    Row(Kind::OrderDeclined, Effect::TakeBack(Standing::Declined), Unknown::Mark),
    Row(Kind::OrderPartiallyRefunded, Effect::Note, Unknown::Begin),
    Row(Kind::SubscriptionCharged, Effect::Charge, Unknown::Begin),
    Row(Kind::SubscriptionChargeFailed, Effect::Note, Unknown::Begin),
    Row(Kind::SubscriptionSuspended, Effect::Suspend, Unknown::Begin),
    Row(Kind::SubscriptionRenewed, Effect::RunOn, Unknown::Begin),
    Row(Kind::SubscriptionTerminated, Effect::Terminate, Unknown::Begin),
    Row(Kind::SubscriptionFinished, Effect::Finish, Unknown::Begin),
    Row(Kind::LicenceRequested, Effect::Give, Unknown::Begin),
    Row(Kind::TrialCharged, Effect::Give, Unknown::Begin),
    Row(Kind::ChargebackWon, Effect::GiveBack, Unknown::Begin),
    Row(Kind::CustomerChanged, Effect::Address, Unknown::Begin),
    Row(Kind::Lead, Effect::Note, Unknown::Nothing),
    Row(Kind::OrderWaiting, Effect::Note, Unknown::Nothing),
    Row(Kind::PaymentChanged, Effect::Card, Unknown::Begin),
];

/// The row of a kind; none for a kind that the provider has added since.
#[must_use]
pub fn of(kind: Kind) -> Option<&'static Row> {
    LIFE.iter().find(|row| row.0 == kind)
}

/// How far a standing has gone: it never falls, but for a dispute that was won or a hold that staff release.
fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Waiting => 0,
        Standing::Standing => 1,
        Standing::Held => 2,
        Standing::ChargedBack => 3,
        Standing::Refunded => 4,
        Standing::Declined => 5,
    }
}

/// Applies an effect to a term that the notice's own order item gave.
pub fn apply(effect: Effect, until_day: i64, term: &mut Term) {
    match effect {
        Effect::Give | Effect::Charge => {
            term.until_day = term.until_day.max(until_day);
            raise(term, Standing::Standing);
        }
        Effect::TakeBack(to) => raise(term, to),
        Effect::GiveBack if matches!(term.standing, Standing::ChargedBack | Standing::Waiting) => {
            term.until_day = term.until_day.max(until_day);
            term.standing = Standing::Standing;
        }
        _ => {}
    }
}

/// Whether a kind speaks of a subscription as a whole, whatever order number it came under.
#[must_use]
pub fn of_subscription(row: &Row) -> bool {
    row.0.needs_subscription() && row.1 != Effect::Charge
}

/// A subscription was taken up again and is paid until this day. That is a term of its own: it must hold whichever
/// charge came first or is refunded later.
pub fn run_on(placed_day: i64, until_day: i64, terms: &mut Vec<Term>) {
    if until_day == 0 {
        return;
    }
    if let Some(term) = terms.iter_mut().find(|t| t.kind == TermKind::Renewal) {
        term.until_day = term.until_day.max(until_day);
        return;
    }
    let n = next(terms);
    let standing = Standing::Standing;
    let kind = TermKind::Renewal;
    terms.push(Term { n, kind, placed_day, months: 0, until_day, standing, given_key: Vec::new() });
}

/// The number of a licence's next term.
#[must_use]
pub fn next(terms: &[Term]) -> i64 {
    terms.iter().map(|t| t.n).max().unwrap_or(0) + 1
}

/// Raises a standing; never lowers it.
pub fn raise(term: &mut Term, to: Standing) {
    if rank(to) > rank(term.standing) {
        term.standing = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_notice_has_one_row() {
        for kind in Kind::ALL {
            assert_eq!(LIFE.iter().filter(|row| row.0 == kind).count(), 1, "{kind}");
        }
        assert_eq!(LIFE.len(), Kind::ALL.len());
        assert!(of(Kind::Unknown(99)).is_none());
    }
}
