//! The only SQL: one text for SQLite and PostgreSQL.
//!
//! [`Db`] is the database with its two doors: [`Db::read`], and [`Db::write`], which runs a [`Operation`] in one named
//! transaction. [`Tx`] is what a deed works with: each file here adds one noun's verbs to it. A personal value
//! leaves a [`Tx`] only with a line in the journal that commits with it.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod api_token;
mod attachment;
mod audit;
mod backup;
mod canned;
mod chain;
mod counted;
mod db;
mod engine;
mod error;
mod figures;
mod forget;
mod gather;
mod grant;
mod index;
mod intent;
mod journal;
mod licence;
mod link;
mod log_position;
mod mark;
mod message;
mod meta;
mod order;
mod outbox;
mod pending;
mod person;
#[cfg(test)]
mod prepared;
mod product;
mod receipt;
mod renewal;
mod reseal;
mod restore;
mod schema;
mod session;
mod shop;
mod signing;
mod site;
mod taken;
mod term;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod thread;
mod tx;
mod visit_day;
mod way;
mod word;

pub use api_token::ApiToken;
pub use attachment::{Attachment, CHUNK, FileKind};
pub use audit::{
    Caused, ClearValue, Given, IndexEnds, Letters, SealedValue, SmallFigures, ThreadTies, Told, VisitTies,
};
pub use backup::BackupError;
pub use chain::{ChainReport, RECONCILED};
pub use db::{Clock, Db, Operation, Store};
pub use engine::{Engine, LiveColumn, Shape};
pub use error::Error;
pub use figures::{Audience, FiguresRow, Span};
pub use grant::Grant;
pub use index::{Kind as BlindIndex, Put};
pub use intent::{Intent, Why};
pub use journal::{Actor, AuditKind, Line, NewAuditEntry};
pub use licence::{Holder, Licence, State};
pub use link::{Link, LinkKind};
pub use message::{Message, MessageKind, NewMessage, Via};
pub use order::{NewOrder, Numbers, Order, Payment, Standing};
pub use outbox::{Letter, Outgoing};
pub use pending::Pending;
pub use person::{NewPerson, Person};
pub use product::{Keys, Kind, Product};
pub use receipt::Receipt;
pub use renewal::Renewal;
pub use reseal::RESEALED;
pub use restore::RESTORED;
pub use session::Session;
pub use shop::{Ahead, Shop};
pub use signing::SigningKeyRow;
pub use site::Site;
pub use term::{Term, TermKind};
pub use thread::{NewThread, Queue, Thread, ThreadKind, ThreadState};
pub use tx::Tx;
pub use visit_day::{Opening, TALLY_PART, VisitDay};
pub use way::{ConversationAccessKind, Way};
