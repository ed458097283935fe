//! Whether a person wrote. Order matters: a letter of ours that came back is a loop even when a server wrote around it,
//! and a bounce says "auto-replied" as a vacation does (RFC 3834, 2; RFC 3464).
//!
//! A wrong "machine" puts a person's message into a queue where staff see it; a wrong "person" lets two machines write to
//! each other. Neither causes a letter: nothing is answered automatically.

mod automatic;
mod bounce;
mod report;
mod sender;
mod words;

use crate::{
    headers::Headers,
    ids::Tokens,
    incoming::{Machine, SenderClass},
    own::Own,
};
use report::Report;
use sender::Sender;

/// Servers that a message has passed when it must be going in circles.
const MOST_HOPS: usize = 40;

/// What is looked at to tell who wrote.
struct Seen<'a> {
    headers: &'a Headers<'a>,
    sender: Sender,
    /// In lower case.
    subject: String,
    report: Report,
    /// Our own address is a list: what people write to us comes through it.
    own_list: bool,
}

/// Whether a person wrote. What a bounce or a complaint returns of our letter names its thread: those tokens are added.
pub fn of(headers: &Headers, body: &[u8], tokens: &mut Tokens, own: &Own) -> SenderClass {
    let seen = Seen {
        headers,
        sender: Sender::of(headers),
        subject: headers.text("subject").to_lowercase(),
        report: Report::gather(headers, body, own),
        own_list: is_own_list(headers, own),
    };
    let machine = judge(&seen, own);
    if matches!(machine, Some(Machine::Bounce { .. } | Machine::Complaint)) {
        seen.report.name_threads(tokens);
    }
    machine.map_or(SenderClass::Person, SenderClass::Machine)
}

fn judge(seen: &Seen<'_>, own: &Own) -> Option<Machine> {
    if seen.is_loop(own) {
        return Some(Machine::Loop);
    }
    if seen.is_complaint() {
        return Some(Machine::Complaint);
    }
    seen.bounce()
        .or_else(|| seen.receipt())
        .or_else(|| seen.another_desk())
        .or_else(|| seen.vacation())
        .or_else(|| seen.list())
        .or_else(|| seen.calendar())
        .or_else(|| seen.automatic())
}

/// Whether every List-Id names one of our addresses (`support.desk.example.org` for `support@desk.example.org`).
fn is_own_list(headers: &Headers, own: &Own) -> bool {
    let reply = own.reply.iter().map(|(local, domain)| format!("{local}.{domain}").to_lowercase());
    let ours: Vec<_> = own.addresses.iter().map(|address| address.replace('@', ".")).chain(reply).collect();
    let mut ids = headers.all("list-id").peekable();
    ids.peek().is_some()
        && ids.all(|id| {
            let inside = id.rsplit_once('<').map_or(id.as_str(), |(_, inside)| inside).trim_end_matches('>');
            ours.contains(&inside.trim().to_lowercase())
        })
}

impl Seen<'_> {
    /// Our own letter, or one that goes in circles.
    fn is_loop(&self, own: &Own) -> bool {
        let ours = |name: &str| {
            self.headers.addresses(name).iter().any(|(_, address)| own.is_ours(&address.to_ascii_lowercase()))
        };
        let own_id = own.reply.as_ref().is_some_and(|(_, domain)| {
            let id = crate::ids::message_id(self.headers);
            let mut tokens = Tokens::new(own);
            tokens.id(&id);
            !tokens.found.is_empty() && id.to_ascii_lowercase().ends_with(&domain.to_ascii_lowercase())
        });
        self.headers.has("scruple-cause")
            || ours("from")
            || ours("sender")
            || ours("resent-from")
            || own.is_ours(&self.sender.path)
            || own_id
            || self.headers.count("received") > MOST_HOPS
            || self.headers.all("x-loop").any(|value| own.is_ours(&value.to_ascii_lowercase()))
    }

    /// RFC 5965, and what Hotmail sends instead.
    fn is_complaint(&self) -> bool {
        let reported = self.headers.content("content-type").is_some_and(|content| {
            content.attributes.iter().flatten().any(|attribute| {
                attribute.name.eq_ignore_ascii_case("report-type")
                    && attribute.value.trim().eq_ignore_ascii_case("feedback-report")
            })
        });
        let hotmail =
            self.report.returned_from_hotmail && self.subject.starts_with("complaint about message");
        (reported || self.report.feedback.is_some()) && self.report.feedback.as_deref() != Some("not-spam")
            || hotmail
    }

    /// Read receipts (RFC 8098) and reports of a feedback loop that are no complaint.
    fn receipt(&self) -> Option<Machine> {
        if self.report.receipt || self.report.kind == "disposition-notification" {
            return Some(Machine::Other("read receipt"));
        }
        (self.report.feedback.is_some() || self.report.kind == "feedback-report")
            .then_some(Machine::Other("feedback report"))
    }

    /// Answers to invitations (RFC 5546): nobody wrote, somebody pressed a button.
    fn calendar(&self) -> Option<Machine> {
        let method = self.report.calendar.as_deref()?;
        matches!(method, "reply" | "counter" | "refresh" | "declinecounter" | "cancel")
            .then_some(Machine::Other("calendar"))
    }
}
