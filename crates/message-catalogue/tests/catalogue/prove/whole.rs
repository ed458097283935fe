//! The whole text of a proof.

use domain::compliance::prove::findings::{payment_data, persons};
use domain::compliance::prove::{Counted, Finding, Proof, Verdict};
use message_catalogue::English as _;
use policy::promise;

fn finding(promise: policy::Promise, verdict: Verdict) -> Finding {
    Finding { promise, verdict, evidence: Vec::new(), violations: Vec::new() }
}

#[test]
fn a_proof_lists_each_promise_with_its_evidence_or_the_broken_place() {
    let fault = payment_data::Fault::CardNumber { column: "product.name".into() };
    let broken = Finding {
        evidence: vec![payment_data::Observation::Payments { payments: 2 }.into()],
        violations: vec![
            Counted { fault: fault.into(), number: 1 }.into(),
            persons::Violation::Unreconciled.into(),
        ],
        ..finding(promise::PAYMENT_DIRECT, Verdict::Broken)
    };
    let not_yet = finding(promise::VISITORS_GENERAL, Verdict::NotYet);
    let proof = Proof { promises: vec![finding(promise::MAIL_SOLICITED, Verdict::Kept), broken, not_yet] };
    let expected = "mail.solicited: kept
payment.direct: BROKEN
  BROKEN  product.name: values that look like card numbers: 1
  BROKEN  the data comes from a backup and was not reconciled: start the server
  payments checked for more than a kind and four digits: 2
visitors.general: nothing to check yet
NOT all promises are kept.
";
    assert_eq!(proof.english(), expected);
}

#[test]
fn a_proof_without_a_broken_promise_ends_so() {
    let proof = Proof { promises: vec![finding(promise::VISITORS_GENERAL, Verdict::NotYet)] };
    assert_eq!(proof.english(), "visitors.general: nothing to check yet\nThe promises are kept.\n");
}
