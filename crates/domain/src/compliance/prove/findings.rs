//! What the proof finds, as data: for each file of the proof an enum of violations, of counted faults and of
//! observations. The crate `message-catalogue` has the sentence for each.

pub mod audit_log;
pub mod contact;
pub mod emails;
pub mod licences;
pub mod payment_data;
pub mod persons;
pub mod processors;
pub mod schema;
pub mod visits;

use policy::Promise;

by_area! {
    /// What contradicts a promise, and where.
    #[derive(Clone, PartialEq, Eq, Debug)]
    Violation {
        AuditLog(audit_log::Violation),
        /// In the contact page or in conversations.
        Contact(contact::Violation),
        /// A number of rows or values.
        Counted(Counted),
        /// In e-mails.
        Emails(emails::Violation),
        /// In orders and licences.
        Licences(licences::Violation),
        /// In payments, or a card number.
        PaymentData(payment_data::Violation),
        /// In rows of persons.
        Persons(persons::Violation),
        /// Among third parties.
        Processors(processors::Violation),
        /// In columns, sealed values or fields of the provider.
        Schema(schema::Violation),
        /// In visitor statistics.
        Visits(visits::Violation),
    }
}

by_area! {
    /// A fault of rows or values, of which the proof reports the number.
    #[derive(Clone, PartialEq, Eq, Debug)]
    Fault {
        AuditLog(audit_log::Fault),
        /// In the contact page or in conversations.
        Contact(contact::Fault),
        /// In e-mails.
        Emails(emails::Fault),
        /// In orders and licences.
        Licences(licences::Fault),
        /// In payments, or a card number.
        PaymentData(payment_data::Fault),
        /// In rows of persons.
        Persons(persons::Fault),
        /// In columns, sealed values or fields of the provider.
        Schema(schema::Fault),
        /// In visitor statistics.
        Visits(visits::Fault),
    }
}

by_area! {
    /// What was checked, with figures.
    #[derive(Clone, PartialEq, Eq, Debug)]
    Observation {
        AuditLog(audit_log::Observation),
        /// In the contact page or in conversations.
        Contact(contact::Observation),
        /// In e-mails.
        Emails(emails::Observation),
        /// In orders and licences.
        Licences(licences::Observation),
        /// In payments, or a card number.
        PaymentData(payment_data::Observation),
        /// In rows of persons.
        Persons(persons::Observation),
        /// Among third parties.
        Processors(processors::Observation),
        /// In columns, sealed values or fields of the provider.
        Schema(schema::Observation),
        /// In visitor statistics.
        Visits(visits::Observation),
    }
}

/// A fault with the number of rows or values that have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    pub fault: Fault,
    /// How many rows or values have it; not 0.
    pub number: i64,
}

/// Verdict on a promise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// There is evidence, and no violation.
    Kept,
    /// There is a violation.
    Broken,
    /// The promise is about something that this shop does not do yet, as the evidence shows.
    NotYet,
}

impl Verdict {
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken => "broken",
            Self::NotYet => "not-yet",
        }
    }
}

/// Finding on a promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub promise: Promise,
    pub verdict: Verdict,
    /// What was checked, with figures.
    pub evidence: Vec<Observation>,
    /// What contradicts the promise, and where.
    pub violations: Vec<Violation>,
}

/// The proof: one finding for each promise, in the order of the privacy page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    pub promises: Vec<Finding>,
}

impl Proof {
    /// Tells whether no promise is broken.
    #[must_use]
    pub fn all_kept(&self) -> bool {
        self.promises.iter().all(|f| f.verdict != Verdict::Broken)
    }

    /// Adds evidence from outside of database and keyring: what was checked, and violations.
    pub fn add_evidence(&mut self, promise: Promise, observed: Observation, violations: Vec<Violation>) {
        let Some(finding) = self.promises.iter_mut().find(|f| f.promise == promise) else { return };
        finding.evidence.push(observed);
        if !violations.is_empty() {
            finding.verdict = Verdict::Broken;
            finding.violations.extend(violations);
        }
    }

    /// Returns the finding on a promise.
    #[must_use]
    pub fn finding(&self, promise: Promise) -> Option<&Finding> {
        self.promises.iter().find(|f| f.promise == promise)
    }
}

/// Evidence and violations of one check.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) evidence: Vec<Observation>,
    pub(crate) violations: Vec<Violation>,
}

impl Evidence {
    /// Adds an observation.
    pub(crate) fn observed(&mut self, observation: impl Into<Observation>) {
        self.evidence.push(observation.into());
    }

    /// Adds a violation.
    pub(crate) fn violation(&mut self, violation: impl Into<Violation>) {
        self.violations.push(violation.into());
    }

    /// Adds a violation if the number of rows or values with this fault is not zero.
    pub(crate) fn expect_zero(&mut self, number: i64, fault: impl Into<Fault>) {
        if number != 0 {
            self.violation(Counted { fault: fault.into(), number });
        }
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        self.evidence.extend(other.evidence);
        self.violations.extend(other.violations);
        self
    }

    pub(crate) fn into_finding(self, promise: Promise) -> Finding {
        let verdict = if self.violations.is_empty() { Verdict::Kept } else { Verdict::Broken };
        Finding { promise, verdict, evidence: self.evidence, violations: self.violations }
    }

    pub(crate) fn into_finding_not_yet(self, promise: Promise) -> Finding {
        let finding = self.into_finding(promise);
        match finding.verdict {
            Verdict::Kept => Finding { verdict: Verdict::NotYet, ..finding },
            _ => finding,
        }
    }
}

/// A number of rows or values as the proof reports it.
pub(crate) fn count(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
