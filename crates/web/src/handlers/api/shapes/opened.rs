//! A thread as it is shown opened.

use domain::conversations::{self, staff};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Kind, State, ThreadRow, some};

/// Which way an answer goes.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReplyRoute {
    /// By letter; whoever has the code reads it there too.
    ByLetter,
    /// No letter goes; it waits behind the code.
    BehindCode,
    /// It can't be answered.
    Nowhere,
}

/// Which way an answer goes, and why not by letter.
#[derive(Serialize, ToSchema)]
pub struct Answer {
    /// The way.
    pub goes: ReplyRoute,
    /// Why no letter goes; null where one does.
    pub why: Option<String>,
}

impl From<conversations::ReplyRoute> for Answer {
    fn from(goes: conversations::ReplyRoute) -> Self {
        match goes {
            conversations::ReplyRoute::ByLetter => Self { goes: ReplyRoute::ByLetter, why: None },
            conversations::ReplyRoute::BehindCode { why } => {
                Self { goes: ReplyRoute::BehindCode, why: Some(why) }
            }
            conversations::ReplyRoute::Nowhere { why } => Self { goes: ReplyRoute::Nowhere, why: Some(why) },
        }
    }
}

/// Who speaks.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The person who wrote to us.
    Person,
    /// Staff, to the person.
    Staff,
    /// Staff, among themselves.
    Note,
    /// A machine: a bounce, an absence.
    Machine,
}

/// A file of a message: nothing of what is in it.
#[derive(Serialize, ToSchema)]
pub struct FileRow {
    /// Its number, as text: it has more digits than every JSON reader keeps.
    pub id: String,
    /// Its name, as whoever sent it called it.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// image, text or other: the first two have a preview.
    pub kind: String,
}

/// A message.
#[derive(Serialize, ToSchema)]
pub struct OpenMessage {
    /// Its number in the thread, from 1.
    pub n: i64,
    /// Who speaks.
    pub kind: Speaker,
    /// How it came: page, mail or desk.
    pub via: String,
    /// The member of staff who wrote it; null for others.
    pub who: Option<String>,
    /// Day.
    pub day: String,
    /// What is said in it.
    pub text: String,
    /// What it quotes of earlier messages; null for nothing.
    pub quoted: Option<String>,
    /// Its signature; null for none.
    pub signature: Option<String>,
    /// The same as HTML that loads nothing and runs nothing; null where it came as text.
    pub html: Option<String>,
    /// What was attached and not taken, and why.
    pub refused: Vec<String>,
    /// Whether its writer was proved.
    pub verified: bool,
    /// What kind of machine wrote it; null for none.
    pub machine: Option<String>,
    /// Its files.
    pub files: Vec<FileRow>,
}

/// A thread, opened.
#[derive(Serialize, ToSchema)]
pub struct OpenThread {
    /// What its row shows.
    pub thread: ThreadRow,
    /// Subject; null for none.
    pub subject: Option<String>,
    /// The name that the writer gave; null for none.
    pub writer: Option<String>,
    /// The address that the writer gave; null for none.
    pub address: Option<String>,
    /// Words by which staff sort it.
    pub tags: Vec<String>,
    /// Which way an answer goes.
    pub answer: Answer,
    /// What was said, in order.
    pub messages: Vec<OpenMessage>,
}

impl From<staff::Seen> for OpenThread {
    fn from(seen: staff::Seen) -> Self {
        Self {
            thread: ThreadRow {
                id: seen.number,
                name: seen.name,
                kind: Kind::of_word(&seen.kind),
                state: State::of_word(&seen.state),
                assigned: some(seen.assigned),
                snoozed_until: some(seen.snoozed_until),
                messages: seen.messages_seen,
                opened: seen.opened,
                touched: seen.touched,
                closed: some(seen.closed),
                verified: seen.verified,
                tied: seen.tied,
                licence: some(seen.licence),
                linked: some(seen.linked),
                stopped: some(seen.stopped),
            },
            subject: some(seen.subject),
            writer: some(seen.writer),
            address: some(seen.address),
            tags: seen.tags,
            answer: seen.answer.into(),
            messages: seen.messages.into_iter().map(OpenMessage::from).collect(),
        }
    }
}

impl From<staff::SeenMessage> for OpenMessage {
    fn from(seen: staff::SeenMessage) -> Self {
        let file = |file: conversations::view::FileSeen| FileRow {
            id: file.id.to_string(),
            name: file.name,
            size: file.size,
            kind: file.kind,
        };
        Self {
            n: seen.n,
            kind: match &*seen.kind {
                "person" => Speaker::Person,
                "staff" => Speaker::Staff,
                "note" => Speaker::Note,
                _ => Speaker::Machine,
            },
            via: seen.via,
            who: some(seen.who),
            day: seen.day,
            text: seen.text,
            quoted: some(seen.quoted),
            signature: some(seen.signature),
            html: some(seen.html),
            refused: seen.refused,
            verified: seen.verified,
            machine: some(seen.machine),
            files: seen.files.into_iter().map(file).collect(),
        }
    }
}
