//! The life of a licence as a table of transitions: the effect of each kind of notification.
//!
//! A notification finds the terms of its order item; kinds about a subscription as a whole change the licence. A
//! payment status only rises in `rank`. A decline or refund that arrives before its order therefore ends in the
//! same state as one that arrives after it.

use calendar::Day;
use paypro::NotificationKind;
use store::{PaymentStatus, Term, TermKind, TermNumber};

/// The effect of a notification on a known order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// The order is paid: a pending term becomes valid.
    Grant,
    /// The same, for a further period of a subscription.
    Charge,
    /// The payment is withdrawn.
    Withdraw(PaymentStatus),
    /// A dispute was won: the payment that was charged back is valid again.
    Reinstate,
    /// The subscription resumes, until the day in the notification.
    Resume,
    /// The subscription is suspended.
    Suspend,
    /// The subscription ends at the day paid for.
    Terminate,
    /// The subscription has ended.
    Finish,
    /// The person's address changed.
    ChangeAddress,
    /// The last four digits changed.
    ChangeCard,
    /// No effect; the notification is only recorded as processed.
    RecordOnly,
}

/// What happens when the order of a notification is unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IfUnknown {
    /// The order is created. Its terms stay pending unless the notification is itself one of payment.
    CreateOrder,
    /// The status is recorded without identity, in case the order still arrives. A withdrawal without enough data
    /// to create an order does the same.
    RecordEarly,
    /// It is ignored.
    Ignore,
}

/// A transition: the effect of one kind of notification.
pub struct Transition {
    pub kind: NotificationKind,
    /// What it does to a known order.
    pub effect: Effect,
    /// What it does when the order is unknown.
    pub if_unknown: IfUnknown,
}

/// The transition table. It lists every kind once.
pub const TRANSITIONS: &[Transition] = {
    use Effect::*;
    use IfUnknown::*;
    use NotificationKind::*;
    &[
        Transition { kind: OrderCharged, effect: Grant, if_unknown: CreateOrder },
        Transition {
            kind: OrderRefunded,
            effect: Withdraw(PaymentStatus::Refunded),
            if_unknown: CreateOrder,
        },
        Transition {
            kind: OrderChargedBack,
            effect: Withdraw(PaymentStatus::ChargedBack),
            if_unknown: CreateOrder,
        },
        Transition {
            kind: OrderDeclined,
            effect: Withdraw(PaymentStatus::Declined),
            if_unknown: RecordEarly,
        },
        Transition { kind: OrderPartiallyRefunded, effect: RecordOnly, if_unknown: CreateOrder },
        Transition { kind: SubscriptionCharged, effect: Charge, if_unknown: CreateOrder },
        Transition { kind: SubscriptionChargeFailed, effect: RecordOnly, if_unknown: CreateOrder },
        Transition { kind: SubscriptionSuspended, effect: Suspend, if_unknown: CreateOrder },
        Transition { kind: SubscriptionRenewed, effect: Resume, if_unknown: CreateOrder },
        Transition { kind: SubscriptionTerminated, effect: Terminate, if_unknown: CreateOrder },
        Transition { kind: SubscriptionFinished, effect: Finish, if_unknown: CreateOrder },
        Transition { kind: LicenceRequested, effect: Grant, if_unknown: CreateOrder },
        Transition { kind: TrialCharged, effect: Grant, if_unknown: CreateOrder },
        Transition { kind: ChargebackWon, effect: Reinstate, if_unknown: CreateOrder },
        Transition { kind: CustomerChanged, effect: ChangeAddress, if_unknown: CreateOrder },
        Transition { kind: Lead, effect: RecordOnly, if_unknown: Ignore },
        Transition { kind: OrderWaiting, effect: RecordOnly, if_unknown: Ignore },
        Transition { kind: PaymentChanged, effect: ChangeCard, if_unknown: CreateOrder },
    ]
};

/// Finds the transition of a kind; `None` for a kind that the provider added later.
#[must_use]
pub(crate) fn transition_for(kind: NotificationKind) -> Option<&'static Transition> {
    TRANSITIONS.iter().find(|transition| transition.kind == kind)
}

/// The rank of a payment status. It never falls, except for a won dispute or a release by staff.
fn rank(payment_status: PaymentStatus) -> u8 {
    match payment_status {
        PaymentStatus::Pending => 0,
        PaymentStatus::Paid => 1,
        PaymentStatus::OnHold => 2,
        PaymentStatus::ChargedBack => 3,
        PaymentStatus::Refunded => 4,
        PaymentStatus::Declined => 5,
    }
}

/// Applies an effect to a term of the notification's order item.
pub fn apply(effect: Effect, until_day: Option<Day>, term: &mut Term) {
    match effect {
        Effect::Grant | Effect::Charge => {
            term.until_day = term.until_day.max(until_day);
            raise_status(term, PaymentStatus::Paid);
        }
        Effect::Withdraw(to) => raise_status(term, to),
        Effect::Reinstate
            if matches!(term.payment_status, PaymentStatus::ChargedBack | PaymentStatus::Pending) =>
        {
            term.until_day = term.until_day.max(until_day);
            term.payment_status = PaymentStatus::Paid;
        }
        _ => {}
    }
}

/// Tells whether a kind concerns a subscription as a whole, whatever its order number.
#[must_use]
pub fn concerns_subscription(transition: &Transition) -> bool {
    transition.kind.needs_subscription() && transition.effect != Effect::Charge
}

/// Extends a resumed subscription until this day, if there is one. This is a separate term, so that it is valid in any order of
/// charges and refunds.
pub(crate) fn extend_subscription(placed_day: Day, until_day: Option<Day>, terms: &mut Vec<Term>) {
    if until_day.is_none() {
        return;
    }
    if let Some(term) = terms.iter_mut().find(|t| t.kind == TermKind::Renewal) {
        term.until_day = term.until_day.max(until_day);
        return;
    }
    let n = next_term_number(terms);
    let payment_status = PaymentStatus::Paid;
    let kind = TermKind::Renewal;
    terms.push(Term {
        number: n,
        kind,
        placed_day,
        months: 0,
        until_day,
        payment_status,
        issued_key: Vec::new(),
    });
}

/// Returns the number of a licence's next term.
#[must_use]
pub(crate) fn next_term_number(terms: &[Term]) -> TermNumber {
    terms.iter().map(|t| t.number).max().map_or(TermNumber::FIRST, TermNumber::next)
}

/// Raises a payment status; never lowers it.
pub(crate) fn raise_status(term: &mut Term, to: PaymentStatus) {
    if rank(to) > rank(term.payment_status) {
        term.payment_status = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_notification_has_one_row() {
        for kind in NotificationKind::ALL {
            assert_eq!(TRANSITIONS.iter().filter(|transition| transition.kind == kind).count(), 1, "{kind}");
        }
        assert_eq!(TRANSITIONS.len(), NotificationKind::ALL.len());
        assert!(transition_for(NotificationKind::Unknown(99)).is_none());
    }
}
