//! Derives the state of a licence: a pure function of its terms and flags, independent of the order of
//! notifications.

use store::{Licence, LicenceModel, LicenceState, PaymentStatus, Term, TermKind};

use crate::day::add_months;

/// Derives state and last day (0 for no end) of a licence from its terms.
#[must_use]
pub fn derive_state(licence: &Licence, terms: &[Term]) -> (LicenceState, i64) {
    let paid: Vec<&Term> = terms.iter().filter(|t| t.payment_status == PaymentStatus::Paid).collect();
    let until = match licence.kind {
        LicenceModel::Perpetual => updates_until(&paid),
        LicenceModel::Subscription | LicenceModel::Trial => paid_until(&paid),
    };
    let until = match licence.finished_day {
        0 => until,
        finished if until == 0 => finished,
        finished => finished.min(until),
    };
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
    } else if licence.finished_day != 0 {
        LicenceState::Ended
    } else if licence.suspended {
        LicenceState::Suspended
    } else {
        LicenceState::Active
    }
}

/// Updates start on the day of purchase. Each renewal adds to the days that are left, or starts on its own day
/// where none are left.
fn updates_until(paid: &[&Term]) -> i64 {
    let mut terms: Vec<&Term> = paid.to_vec();
    terms.sort_by_key(|t| (t.placed_day, t.number));
    let grants_licence = |t: &&&Term| t.kind != TermKind::Renewal;
    let Some(first) = terms.iter().find(grants_licence) else { return 0 };
    if first.months == 0 {
        return 0;
    }
    let from = add_months(first.placed_day, first.months);
    terms
        .iter()
        .filter(|t| t.number != first.number)
        .fold(from, |until, t| add_months(until.max(t.placed_day), t.months))
}

/// The last day that a paid term covers; 0 where one has no end.
fn paid_until(paid: &[&Term]) -> i64 {
    let until = |t: &&Term| match (t.until_day, t.months) {
        (0, 0) => i64::MAX,
        (0, months) => add_months(t.placed_day, months),
        (day, _) => day,
    };
    match paid.iter().map(until).max() {
        None | Some(i64::MAX) => 0,
        Some(day) => day,
    }
}

/// The last day on which the key is valid. A running subscription has days of grace on top.
#[must_use]
pub fn last_day(licence: &Licence, until: i64) -> i64 {
    let grace =
        licence.kind == LicenceModel::Subscription && !licence.terminated && licence.finished_day == 0;
    if until != 0 && grace { until + licence.grace_days } else { until }
}

/// Tells whether a licence is still supported; retention uses it (`details.support`).
#[must_use]
pub fn is_supported(licence: &Licence, today: i64) -> bool {
    match licence.state {
        LicenceState::Revoked => false,
        LicenceState::OnHold => true,
        LicenceState::Ended => licence.until_day >= today,
        LicenceState::Active | LicenceState::Suspended => {
            licence.kind == LicenceModel::Perpetual
                || licence.until_day == 0
                || last_day(licence, licence.until_day) >= today
        }
    }
}
