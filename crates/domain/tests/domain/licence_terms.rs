//! The last day of a licence: a table of terms that begin or end at ends of months and on leap days. All days are
//! calculated by hand.

use calendar::Day;
use domain::licensing::licence_state::{derive_state, last_day};
use store::LicenceModel::{self, Perpetual, Subscription, Trial};
use store::TermKind::{self, Charge, Purchase, Renewal};
use store::testing::serial;
use store::{Licence, LicenceState, PaymentStatus, Term, TermNumber};

/// Kind, day of the order, months, and the day that the provider names (or "").
type Row = (TermKind, &'static str, i64, &'static str);

/// A licence model, its paid terms, and the last day that they give (or "" for no end).
const TERMS: &[(LicenceModel, &[Row], &str)] = &[
    // The month may lack the day: it ends on its last day.
    (Perpetual, &[(Purchase, "2024-01-31", 1, "")], "2024-02-29"),
    (Perpetual, &[(Purchase, "2023-01-31", 1, "")], "2023-02-28"),
    (Perpetual, &[(Purchase, "2024-01-30", 1, "")], "2024-02-29"),
    (Perpetual, &[(Purchase, "2024-01-29", 1, "")], "2024-02-29"),
    (Perpetual, &[(Purchase, "2024-01-28", 1, "")], "2024-02-28"),
    (Perpetual, &[(Purchase, "2026-03-31", 1, "")], "2026-04-30"),
    (Perpetual, &[(Purchase, "2026-03-31", 6, "")], "2026-09-30"),
    (Perpetual, &[(Purchase, "2026-08-31", 6, "")], "2027-02-28"),
    (Perpetual, &[(Purchase, "2023-12-31", 2, "")], "2024-02-29"),
    (Perpetual, &[(Purchase, "2026-12-31", 12, "")], "2027-12-31"),
    (Perpetual, &[(Purchase, "2026-12-31", 1, "")], "2027-01-31"),
    // Leap days: 2000 had one, 2100 has none.
    (Perpetual, &[(Purchase, "2024-02-29", 12, "")], "2025-02-28"),
    (Perpetual, &[(Purchase, "2024-02-29", 48, "")], "2028-02-29"),
    (Perpetual, &[(Purchase, "2023-02-28", 12, "")], "2024-02-28"),
    (Perpetual, &[(Purchase, "1999-02-28", 12, "")], "2000-02-28"),
    (Perpetual, &[(Purchase, "2000-01-31", 1, "")], "2000-02-29"),
    (Perpetual, &[(Purchase, "2000-02-29", 12, "")], "2001-02-28"),
    (Perpetual, &[(Purchase, "2096-02-29", 48, "")], "2100-02-28"),
    (Perpetual, &[(Purchase, "2100-01-31", 1, "")], "2100-02-28"),
    (Perpetual, &[(Purchase, "2024-02-29", 1200, "")], "2124-02-29"),
    // No end.
    (Perpetual, &[(Purchase, "2024-02-29", 0, "")], ""),
    (Perpetual, &[(Purchase, "2024-02-29", 0, ""), (Renewal, "2025-02-28", 12, "")], ""),
    (Subscription, &[(Purchase, "2024-02-29", 0, "")], ""),
    // A renewal adds to the days that are left, or begins on its own day. A day that a month cut off stays cut off.
    (Perpetual, &[(Purchase, "2023-01-31", 12, ""), (Renewal, "2024-01-15", 1, "")], "2024-02-29"),
    (Perpetual, &[(Purchase, "2023-01-31", 12, ""), (Renewal, "2024-01-31", 1, "")], "2024-02-29"),
    (Perpetual, &[(Purchase, "2023-01-31", 12, ""), (Renewal, "2024-02-01", 1, "")], "2024-03-01"),
    (Perpetual, &[(Purchase, "2022-02-28", 12, ""), (Renewal, "2024-02-29", 12, "")], "2025-02-28"),
    (
        Perpetual,
        &[(Purchase, "2023-01-31", 12, ""), (Renewal, "2024-01-15", 1, ""), (Renewal, "2024-01-16", 1, "")],
        "2024-03-29",
    ),
    (
        Perpetual,
        &[(Purchase, "2023-02-28", 12, ""), (Renewal, "2024-02-28", 12, ""), (Renewal, "2025-02-28", 12, "")],
        "2026-02-28",
    ),
    // A subscription is paid until the day that the provider names, or for its months.
    (Subscription, &[(Purchase, "2024-01-31", 1, "")], "2024-02-29"),
    (Subscription, &[(Purchase, "2024-01-31", 1, "2024-03-01")], "2024-03-01"),
    (Subscription, &[(Purchase, "2024-01-31", 1, "2024-02-28")], "2024-02-28"),
    (Subscription, &[(Purchase, "2024-01-31", 1, ""), (Charge, "2024-02-29", 1, "")], "2024-03-29"),
    (Subscription, &[(Purchase, "2024-01-31", 1, ""), (Charge, "2024-02-29", 1, "2024-03-31")], "2024-03-31"),
    (Subscription, &[(Charge, "2023-02-28", 1, "2023-03-31"), (Purchase, "2023-01-31", 1, "")], "2023-03-31"),
    (Trial, &[(Purchase, "2024-02-15", 0, "2024-02-29")], "2024-02-29"),
    (Trial, &[(Purchase, "2024-01-31", 1, "")], "2024-02-29"),
];

/// A day; none for "".
fn day(text: &str) -> Option<Day> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

/// An active licence without terms and marks.
pub fn licence(kind: LicenceModel) -> Licence {
    Licence {
        serial: serial(1),
        product: 1,
        kind,
        edition: 1,
        seats: 1,
        grace_days: 14,
        state: LicenceState::Active,
        until_day: None,
        suspended: false,
        terminated: false,
        finished_day: None,
        revoked: false,
        issued_day: Day::UNIX_EPOCH,
        current_key: Vec::new(),
    }
}

fn terms(rows: &[Row], payment_status: PaymentStatus) -> Vec<Term> {
    let term = |(number, (kind, placed, months, until)): (i64, &Row)| Term {
        number: TermNumber::new(number),
        kind: *kind,
        placed_day: placed.parse().unwrap(),
        months: *months,
        until_day: day(until),
        payment_status,
        issued_key: Vec::new(),
    };
    (1..).zip(rows).map(term).collect()
}

#[test]
fn a_licence_lasts_as_long_as_its_terms() {
    for (model, rows, expected) in TERMS {
        let derived = derive_state(&licence(*model), &terms(rows, PaymentStatus::Paid));
        assert_eq!(derived, (LicenceState::Active, day(expected)), "{model:?} {rows:?}");
    }
}

#[test]
fn terms_that_are_not_paid_give_no_day() {
    for (model, rows, _) in TERMS {
        for status in [PaymentStatus::Pending, PaymentStatus::OnHold, PaymentStatus::Refunded] {
            assert_eq!(derive_state(&licence(*model), &terms(rows, status)).1, None, "{model:?} {rows:?}");
        }
    }
}

#[test]
fn a_finished_subscription_ends_on_the_earlier_day() {
    let rows: &[Row] = &[(Purchase, "2024-01-31", 1, "")];
    for (finished, expected) in [
        ("2024-02-15", "2024-02-15"),
        ("2024-02-28", "2024-02-28"),
        ("2024-02-29", "2024-02-29"),
        ("2024-03-01", "2024-02-29"),
    ] {
        let licence = Licence { finished_day: day(finished), ..licence(Subscription) };
        let derived = derive_state(&licence, &terms(rows, PaymentStatus::Paid));
        assert_eq!(derived, (LicenceState::Ended, day(expected)), "{finished}");
    }
}

#[test]
fn a_running_subscription_has_fourteen_days_of_grace() {
    let ended = |licence: Licence| [true, false].map(|terminated| Licence { terminated, ..licence.clone() });
    for (until, with_grace) in [
        ("2024-02-15", "2024-02-29"),
        ("2024-02-16", "2024-03-01"),
        ("2023-02-15", "2023-03-01"),
        ("2100-02-15", "2100-03-01"),
        ("2026-12-25", "2027-01-08"),
        ("2024-02-29", "2024-03-14"),
    ] {
        let [terminated, running] = ended(licence(Subscription));
        assert_eq!(last_day(&running, day(until)), day(with_grace), "{until}");
        assert_eq!(last_day(&terminated, day(until)), day(until), "{until}, terminated");
        assert_eq!(last_day(&licence(Perpetual), day(until)), day(until), "{until}, perpetual");
    }
    assert_eq!(last_day(&licence(Subscription), None), None, "no end");
}
