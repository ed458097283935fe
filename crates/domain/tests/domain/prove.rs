//! The proof and the doctor. Each test breaks a promise on purpose, and the proof must find where.

mod audit_log;
mod contact;
mod doctor;
mod emails;
mod licences;
mod persons;
mod schema;
mod shop;
mod visits;
mod whole;
