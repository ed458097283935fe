//! Data access: the only crate with SQL, in one text for SQLite and PostgreSQL.
//!
//! [`Db`] is the database. [`Db::read`] begins a read-only transaction; [`Db::execute`] runs an [`Operation`] in a
//! named write transaction. An operation works with a [`Tx`], to which each file adds the methods of one table. Every
//! opening of a personal value is recorded in the audit log, in the same transaction.
//!
//! # Errors
//! Each method of a [`Tx`] fails when the database is unavailable, and when a value to be sealed or opened finds the
//! keyring unavailable. A method's own `# Errors` names further reasons only.
#![forbid(unsafe_code)]
#![deny(unreachable_pub)]

mod access_token;
mod api_token;
mod attachment;
mod audit_chain;
mod audit_log;
mod backup;
mod batch_insert;
mod blind_index;
mod canned_response;
mod catalog;
mod catalog_cache;
mod columns;
mod conversation;
mod counters;
mod db;
mod dictionary;
mod engine;
mod erasure_intent;
mod error;
mod figures;
mod grant;
mod ids;
mod integrity;
mod licence;
mod log_position;
mod magic_link;
mod message;
mod meta;
mod order;
mod outbox;
mod pending_order;
mod person;
mod processed_mail;
mod processed_notification;
mod product;
mod purge;
mod receipt;
mod renewal;
mod reseal;
mod restore;
mod schema;
mod session;
mod signing;
mod site;
mod suppression;
mod term;
#[cfg(test)]
mod test_statements;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tx;
mod visit_day;

pub use access_token::{ConversationAccess, ConversationAccessKind};
pub use api_token::ApiToken;
pub use attachment::{Attachment, CHUNK, FileKind};
pub use audit_chain::{ChainFault, ChainReport, RECONCILED};
pub use audit_log::{Actor, AuditEntry, AuditKind, NewAuditEntry};
pub use backup::BackupError;
pub use blind_index::{BlindIndex, Inserted};
pub use catalog::Prefetched;
pub use catalog_cache::Catalog;
pub use conversation::{Conversation, ConversationKind, ConversationState, NewConversation, Queue};
pub use db::{Clock, Db, Operation, Store};
pub use engine::{Engine, LiveColumn, Shape};
pub use erasure_intent::{ErasureIntent, ErasureReason};
pub use error::Error;
pub use figures::{Audience, FiguresRow, Span, SpanTotal};
pub use grant::Grant;
pub use ids::{ConversationId, OrderId, TermNumber};
pub use integrity::{
    AuditCounts, ConversationIntegrity, DisclosureReport, EmailStage, EmailWithCause, FiguresKey,
    IndexReport, LicensingCounts, OpeningCount, PlainColumnReport, RepeatedEmail, SealedColumnReport,
    VisitIntegrity,
};
pub use licence::{Holder, Licence, LicenceState};
pub use magic_link::{MagicLink, MagicLinkKind};
pub use message::{Message, MessageKind, NewMessage, Via};
pub use order::{NewOrder, Order, Payment, PaymentStatus, ProviderIds};
pub use outbox::{NewOutboxEmail, OutboxEmail};
pub use pending_order::PendingOrder;
pub use person::{NewPerson, Person};
pub use product::{KeysPerOrder, LicenceModel, Product};
pub use receipt::Receipt;
pub use renewal::Renewal;
pub use reseal::RESEALED;
pub use restore::RESTORED;
pub use session::Session;
pub use signing::SigningKeyRow;
pub use site::Site;
pub use suppression::Suppression;
pub use term::{Term, TermKind};
pub use tx::Tx;
pub use visit_day::{ClosedDayTotals, SealedTally, TALLY_PART, VisitDay, VisitDayState};
