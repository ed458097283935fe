//! The proof: verdicts, violations and observations.

mod audit_log;
mod contact;
mod emails;
mod licences;
mod payment_data;
mod persons;
mod processors;
mod schema;
mod visits;

use domain::compliance::prove::{Counted, Fault, Observation, Proof, Verdict, Violation};

use crate::English;

impl English for Proof {
    fn english(&self) -> String {
        let mut text = String::new();
        for finding in &self.promises {
            text += &format!("{}: {}\n", finding.promise, finding.verdict.english());
            for violation in &finding.violations {
                text += &format!("  BROKEN  {}\n", violation.english());
            }
            for observation in &finding.evidence {
                text += &format!("  {}\n", observation.english());
            }
        }
        text + if self.all_kept() { "The promises are kept.\n" } else { "NOT all promises are kept.\n" }
    }
}

impl English for Verdict {
    fn english(&self) -> String {
        match self {
            Self::Kept => "kept",
            Self::Broken => "BROKEN",
            Self::NotYet => "nothing to check yet",
        }
        .to_owned()
    }
}

impl English for Violation {
    fn english(&self) -> String {
        match self {
            Self::AuditLog(violation) => violation.english(),
            Self::Contact(violation) => violation.english(),
            Self::Counted(counted) => counted.english(),
            Self::Emails(violation) => violation.english(),
            Self::Licences(violation) => violation.english(),
            Self::PaymentData(violation) => violation.english(),
            Self::Persons(violation) => violation.english(),
            Self::Processors(violation) => violation.english(),
            Self::Schema(violation) => violation.english(),
            Self::Visits(violation) => violation.english(),
        }
    }
}

impl English for Counted {
    fn english(&self) -> String {
        format!("{}: {}", self.fault.english(), self.number)
    }
}

impl English for Fault {
    fn english(&self) -> String {
        match self {
            Self::AuditLog(fault) => fault.english(),
            Self::Contact(fault) => fault.english(),
            Self::Emails(fault) => fault.english(),
            Self::Licences(fault) => fault.english(),
            Self::PaymentData(fault) => fault.english(),
            Self::Persons(fault) => fault.english(),
            Self::Schema(fault) => fault.english(),
            Self::Visits(fault) => fault.english(),
        }
    }
}

impl English for Observation {
    fn english(&self) -> String {
        match self {
            Self::AuditLog(observation) => observation.english(),
            Self::Contact(observation) => observation.english(),
            Self::Emails(observation) => observation.english(),
            Self::Licences(observation) => observation.english(),
            Self::PaymentData(observation) => observation.english(),
            Self::Persons(observation) => observation.english(),
            Self::Processors(observation) => observation.english(),
            Self::Schema(observation) => observation.english(),
            Self::Visits(observation) => observation.english(),
        }
    }
}
