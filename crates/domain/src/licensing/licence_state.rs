//! What a licence is worth: a pure function of its terms and flags, whatever the order in which they came.

use store::{Kind, Licence, Standing, State, Term, TermKind};

use crate::day::months_later;

/// State and last day of a licence (0 without end), from its terms.
#[must_use]
pub fn derive(licence: &Licence, terms: &[Term]) -> (State, i64) {
    let standing: Vec<&Term> = terms.iter().filter(|t| t.standing == Standing::Standing).collect();
    let until = match licence.kind {
        Kind::Perpetual => updates_until(&standing),
        Kind::Subscription | Kind::Trial => paid_until(&standing),
    };
    let until = match licence.finished_day {
        0 => until,
        finished if until == 0 => finished,
        finished => finished.min(until),
    };
    (state(licence, terms, &standing), until)
}

fn state(licence: &Licence, terms: &[Term], standing: &[&Term]) -> State {
    // A right stands and falls with what was paid for it; a later renewal only adds days.
    let founds = |t: &Term| t.kind != TermKind::Renewal;
    let founded = standing.iter().any(|t| founds(t));
    let undecided =
        terms.iter().any(|t| founds(t) && matches!(t.standing, Standing::Waiting | Standing::Held));
    if licence.revoked {
        State::Revoked
    } else if !founded {
        if undecided { State::Held } else { State::Revoked }
    } else if licence.finished_day != 0 {
        State::Ended
    } else if licence.suspended {
        State::Suspended
    } else {
        State::Active
    }
}

/// Updates run from the purchase; each renewal adds to what is left, or begins on its own day where nothing is left.
fn updates_until(standing: &[&Term]) -> i64 {
    let mut terms: Vec<&Term> = standing.to_vec();
    terms.sort_by_key(|t| (t.placed_day, t.n));
    let founds = |t: &&&Term| t.kind != TermKind::Renewal;
    let Some(first) = terms.iter().find(founds) else { return 0 };
    if first.months == 0 {
        return 0;
    }
    let from = months_later(first.placed_day, first.months);
    terms
        .iter()
        .filter(|t| t.n != first.n)
        .fold(from, |until, t| months_later(until.max(t.placed_day), t.months))
}

/// The furthest day that a standing term was paid until; 0 where one has no end.
fn paid_until(standing: &[&Term]) -> i64 {
    let until = |t: &&Term| match (t.until_day, t.months) {
        (0, 0) => i64::MAX,
        (0, months) => months_later(t.placed_day, months),
        (day, _) => day,
    };
    match standing.iter().map(until).max() {
        None | Some(i64::MAX) => 0,
        Some(day) => day,
    }
}

/// The last day on which the key works, given state and until: grace comes on top for a running subscription.
#[must_use]
pub fn last_day(licence: &Licence, until: i64) -> i64 {
    let grace = licence.kind == Kind::Subscription && !licence.terminated && licence.finished_day == 0;
    if until != 0 && grace { until + licence.grace_days } else { until }
}

/// Whether there is still something to support: used by retention (`details.support`).
#[must_use]
pub fn lives(licence: &Licence, today: i64) -> bool {
    match licence.state {
        State::Revoked => false,
        State::Held => true,
        State::Ended => licence.until_day >= today,
        State::Active | State::Suspended => {
            licence.kind == Kind::Perpetual
                || licence.until_day == 0
                || last_day(licence, licence.until_day) >= today
        }
    }
}
