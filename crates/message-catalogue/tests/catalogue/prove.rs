//! Sentences of the proof.

mod audit_log;
mod contact;
mod emails;
mod licences;
mod payment_data;
mod persons;
mod processors;
mod schema;
mod visits;
mod whole;
