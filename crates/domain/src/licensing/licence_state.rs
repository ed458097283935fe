//! Derives the state of a licence: a pure function of its terms and flags, independent of the order of
//! notifications.

use calendar::Day;
use store::{Licence, LicenceModel, LicenceState, PaymentStatus, Term, TermKind};

/// Derives state and last day of a licence from its terms; no last day if it has no end.
#[must_use]
pub fn derive_state(licence: &Licence, terms: &[Term]) -> (LicenceState, Option<Day>) {
    let paid: Vec<&Term> = terms.iter().filter(|t| t.payment_status == PaymentStatus::Paid).collect();
    let until = match licence.kind {
        LicenceModel::Perpetual => updates_until(&paid),
        LicenceModel::Subscription | LicenceModel::Trial => paid_until(&paid),
    };
    let until = [licence.finished_day, until].into_iter().flatten().min();
    (state(licence, terms, &paid), until)
}

fn state(licence: &Licence, terms: &[Term], paid: &[&Term]) -> LicenceState {
    // A licence is valid as long as its purchase is paid; a renewal only adds days.
    let grants_licence = |t: &Term| t.kind != TermKind::Renewal;
    let granted = paid.iter().any(|t| grants_licence(t));
    let undecided = terms.iter().any(|t| {
        grants_licence(t) && matches!(t.payment_status, PaymentStatus::Pending | PaymentStatus::OnHold)
    });
    if licence.revoked {
        LicenceState::Revoked
    } else if !granted {
        if undecided { LicenceState::OnHold } else { LicenceState::Revoked }
    } else if licence.finished_day.is_some() {
        LicenceState::Ended
    } else if licence.suspended {
        LicenceState::Suspended
    } else {
        LicenceState::Active
    }
}

/// Updates start on the day of purchase. Each renewal adds to the days that are left, or starts on its own day
/// where none are left.
fn updates_until(paid: &[&Term]) -> Option<Day> {
    let mut terms: Vec<&Term> = paid.to_vec();
    terms.sort_by_key(|t| (t.placed_day, t.number));
    let grants_licence = |t: &&&Term| t.kind != TermKind::Renewal;
    let first = terms.iter().find(grants_licence).filter(|t| t.months != 0)?;
    let from = first.placed_day.plus_months(first.months);
    let others = terms.iter().filter(|t| t.number != first.number);
    Some(others.fold(from, |until, t| until.max(t.placed_day).plus_months(t.months)))
}

/// The last day that a paid term covers; none where one has no end.
fn paid_until(paid: &[&Term]) -> Option<Day> {
    let until = |t: &&Term| match (t.until_day, t.months) {
        (None, 0) => None,
        (None, months) => Some(t.placed_day.plus_months(months)),
        (day, _) => day,
    };
    let ends: Option<Vec<Day>> = paid.iter().map(until).collect();
    ends?.into_iter().max()
}

/// The last day on which the key is valid. A running subscription has days of grace on top.
#[must_use]
pub fn last_day(licence: &Licence, until: Option<Day>) -> Option<Day> {
    let grace =
        licence.kind == LicenceModel::Subscription && !licence.terminated && licence.finished_day.is_none();
    until.map(|day| if grace { day + licence.grace_days } else { day })
}

/// Tells whether a licence is still supported; retention uses it (`details.support`).
#[must_use]
pub fn is_supported(licence: &Licence, today: Day) -> bool {
    match licence.state {
        LicenceState::Revoked => false,
        LicenceState::OnHold => true,
        LicenceState::Ended => licence.until_day.is_some_and(|until| until >= today),
        LicenceState::Active | LicenceState::Suspended => {
            licence.kind == LicenceModel::Perpetual
                || last_day(licence, licence.until_day).is_none_or(|last| last >= today)
        }
    }
}
