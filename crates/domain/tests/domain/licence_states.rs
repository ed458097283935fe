//! The state of a licence as a table of its terms and marks, and how long it counts as supported.

use calendar::Day;
use domain::licensing::licence_state::{derive_state, is_supported};
use store::LicenceModel::{self, Perpetual, Subscription, Trial};
use store::LicenceState::{self, Active, Ended, OnHold, Revoked, Suspended};
use store::PaymentStatus::{self, ChargedBack, Declined, Paid, Pending, Refunded};
use store::TermKind::{self, Charge, Manual, Purchase, Renewal};
use store::{Licence, Term, TermNumber};

use crate::licence_terms::licence;

const HELD: PaymentStatus = PaymentStatus::OnHold;
const TODAY: &str = "2026-11-22";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A licence with the marks in this text: `s`uspended, `t`erminated, `f`inished, `r`evoked.
fn marked(kind: LicenceModel, marks: &str) -> Licence {
    Licence {
        suspended: marks.contains('s'),
        terminated: marks.contains('t'),
        finished_day: marks.contains('f').then(|| day(TODAY)),
        revoked: marks.contains('r'),
        ..licence(kind)
    }
}

fn terms(rows: &[(TermKind, PaymentStatus)]) -> Vec<Term> {
    let term = |(number, (kind, payment_status)): (i64, &(TermKind, PaymentStatus))| Term {
        number: TermNumber::new(number),
        kind: *kind,
        placed_day: day(TODAY),
        months: 1,
        until_day: None,
        payment_status: *payment_status,
        issued_key: Vec::new(),
    };
    (1..).zip(rows).map(term).collect()
}

/// Terms with their payment status.
type Rows = &'static [(TermKind, PaymentStatus)];

/// Terms, marks, and the state.
const STATES: &[(Rows, &str, LicenceState)] = &[
    // One paid term other than a renewal makes a licence.
    (&[(Purchase, Paid)], "", Active),
    (&[(Charge, Paid)], "", Active),
    (&[(Manual, Paid)], "", Active),
    (&[(Renewal, Paid)], "", Revoked),
    (&[(Purchase, Refunded), (Charge, Paid)], "", Active),
    (&[(Purchase, Pending), (Charge, Paid)], "", Active),
    // Without one, it waits while a payment is undecided.
    (&[(Purchase, Pending)], "", OnHold),
    (&[(Purchase, HELD)], "", OnHold),
    (&[(Charge, Pending)], "", OnHold),
    (&[(Purchase, Refunded), (Charge, Pending)], "", OnHold),
    (&[(Purchase, Pending), (Renewal, Paid)], "", OnHold),
    // A reversed purchase ends it, whatever a renewal says.
    (&[(Purchase, Refunded)], "", Revoked),
    (&[(Purchase, ChargedBack)], "", Revoked),
    (&[(Purchase, Declined)], "", Revoked),
    (&[(Purchase, Refunded), (Renewal, Paid)], "", Revoked),
    (&[(Purchase, Refunded), (Renewal, Pending)], "", Revoked),
    (&[(Purchase, Refunded), (Renewal, HELD)], "", Revoked),
    (&[], "", Revoked),
    // A refunded renewal takes nothing but its days.
    (&[(Purchase, Paid), (Renewal, Refunded)], "", Active),
    (&[(Purchase, Paid), (Renewal, Pending)], "", Active),
    // Marks of the provider, and of staff above all.
    (&[(Purchase, Paid)], "s", Suspended),
    (&[(Purchase, Paid)], "t", Active),
    (&[(Purchase, Paid)], "st", Suspended),
    (&[(Purchase, Paid)], "f", Ended),
    (&[(Purchase, Paid)], "sf", Ended),
    (&[(Purchase, Paid)], "tf", Ended),
    (&[(Purchase, Paid)], "r", Revoked),
    (&[(Purchase, Paid)], "stfr", Revoked),
    (&[(Purchase, Pending)], "s", OnHold),
    (&[(Purchase, Pending)], "f", OnHold),
    (&[(Purchase, Pending)], "r", Revoked),
    (&[(Purchase, Refunded)], "f", Revoked),
];

#[test]
fn the_state_follows_from_terms_and_marks_for_every_licence_model() {
    for (rows, marks, state) in STATES {
        for kind in [Perpetual, Subscription, Trial] {
            let derived = derive_state(&marked(kind, marks), &terms(rows)).0;
            assert_eq!(derived, *state, "{kind:?} {rows:?} {marks}");
            let mut turned = terms(rows);
            turned.reverse();
            assert_eq!(derive_state(&marked(kind, marks), &turned).0, *state, "{rows:?} turned");
        }
    }
}

/// Model, state, last paid day (or ""), marks, and whether it is supported on 2026-11-22.
const SUPPORTED: &[(LicenceModel, LicenceState, &str, &str, bool)] = &[
    // A perpetual licence is supported as long as it isn't revoked.
    (Perpetual, Active, "", "", true),
    (Perpetual, Active, "2001-01-01", "", true),
    (Perpetual, Suspended, "2001-01-01", "", true),
    (Perpetual, Revoked, "", "", false),
    (Perpetual, Revoked, "2030-01-01", "", false),
    (Perpetual, OnHold, "", "", true),
    (Perpetual, Ended, "", "", false),
    // A subscription to its last day, with 14 days of grace while it runs.
    (Subscription, Active, "", "", true),
    (Subscription, Active, "2026-11-22", "", true),
    (Subscription, Active, "2026-11-21", "", true),
    (Subscription, Active, "2026-11-08", "", true),
    (Subscription, Active, "2026-11-07", "", false),
    (Subscription, Suspended, "2026-11-08", "", true),
    (Subscription, Suspended, "2026-11-07", "", false),
    (Subscription, Active, "2026-11-22", "t", true),
    (Subscription, Active, "2026-11-21", "t", false),
    (Subscription, Ended, "2026-11-22", "f", true),
    (Subscription, Ended, "2026-11-21", "f", false),
    (Subscription, Revoked, "2026-12-31", "", false),
    (Subscription, OnHold, "", "", true),
    // A trial to its last day, without grace.
    (Trial, Active, "2026-11-22", "", true),
    (Trial, Active, "2026-11-21", "", false),
    (Trial, Active, "", "", true),
    (Trial, OnHold, "2001-01-01", "", true),
];

#[test]
fn a_licence_is_supported_until_its_last_day() {
    for (kind, state, until, marks, supported) in SUPPORTED {
        let until_day = (!until.is_empty()).then(|| day(until));
        let licence = Licence { state: *state, until_day, ..marked(*kind, marks) };
        assert_eq!(is_supported(&licence, day(TODAY)), *supported, "{kind:?} {state:?} {until} {marks}");
    }
}
