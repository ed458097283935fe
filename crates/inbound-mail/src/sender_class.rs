//! Classifies the sender as a person or automated. Order matters: our own e-mail that came back is a loop even when a
//! server wrapped it, and a bounce says "auto-replied" as an auto-reply does (RFC 3834, 2; RFC 3464).
//!
//! A person wrongly classified as automated lands in a queue that staff see. An automated sender wrongly classified as
//! a person could make two programs write to each other. Neither causes an e-mail: nothing is answered automatically.

mod automatic;
mod bounce;
mod phrases;
mod report;
mod sender;

use crate::{
    headers::Headers,
    incoming_email::{AutomatedSender, SenderClass},
    local_identity::LocalIdentity,
    message_ids::ConversationTokens,
};
use report::Report;
use sender::Sender;

/// Number of Received headers beyond which a message is in a loop.
const MAX_HOPS: usize = 40;

/// The signals from which the sender is classified.
struct SenderSignals<'a> {
    headers: &'a Headers<'a>,
    sender: Sender,
    /// In lower case.
    subject: String,
    report: Report,
    /// Our own address is a mailing list, so people's messages come through a list.
    is_own_list: bool,
}

/// Classifies the sender. A bounce or a complaint returns our e-mail, whose conversation tokens are added to `tokens`.
pub(crate) fn of(
    headers: &Headers,
    body: &[u8],
    tokens: &mut ConversationTokens,
    identity: &LocalIdentity,
) -> SenderClass {
    let signals = SenderSignals {
        headers,
        sender: Sender::of(headers),
        subject: headers.text("subject").to_lowercase(),
        report: Report::gather(headers, body, identity),
        is_own_list: is_own_list(headers, identity),
    };
    let machine = classify_automated(&signals, identity);
    if matches!(machine, Some(AutomatedSender::Bounce { .. } | AutomatedSender::Complaint)) {
        signals.report.add_conversation_tokens(tokens);
    }
    machine.map_or(SenderClass::Person, SenderClass::Automated)
}

fn classify_automated(signals: &SenderSignals<'_>, identity: &LocalIdentity) -> Option<AutomatedSender> {
    if signals.is_loop(identity) {
        return Some(AutomatedSender::Loop);
    }
    if signals.is_complaint() {
        return Some(AutomatedSender::Complaint);
    }
    signals
        .bounce()
        .or_else(|| signals.receipt())
        .or_else(|| signals.other_ticket_system())
        .or_else(|| signals.vacation())
        .or_else(|| signals.list())
        .or_else(|| signals.calendar())
        .or_else(|| signals.automatic())
}

/// Whether every List-Id names one of our addresses (`support.desk.example.org` for `support@desk.example.org`).
fn is_own_list(headers: &Headers, identity: &LocalIdentity) -> bool {
    let reply = identity.reply.iter().map(|(local, domain)| format!("{local}.{domain}").to_lowercase());
    let ours: Vec<_> =
        identity.addresses.iter().map(|address| address.replace('@', ".")).chain(reply).collect();
    let mut list_ids = headers.all("list-id").peekable();
    list_ids.peek().is_some()
        && list_ids.all(|id| {
            let inside = id.rsplit_once('<').map_or(id.as_str(), |(_, inside)| inside).trim_end_matches('>');
            ours.contains(&inside.trim().to_lowercase())
        })
}

impl SenderSignals<'_> {
    /// Our own e-mail, or a message in a loop.
    fn is_loop(&self, identity: &LocalIdentity) -> bool {
        let ours = |name: &str| {
            self.headers
                .addresses(name)
                .iter()
                .any(|(_, address)| identity.is_ours(&address.to_ascii_lowercase()))
        };
        let own_id = identity.reply.as_ref().is_some_and(|(_, domain)| {
            let id = crate::message_ids::message_id(self.headers);
            let mut tokens = ConversationTokens::new(identity);
            tokens.id(&id);
            !tokens.found.is_empty() && id.to_ascii_lowercase().ends_with(&domain.to_ascii_lowercase())
        });
        self.headers.has("scruple-cause")
            || ours("from")
            || ours("sender")
            || ours("resent-from")
            || identity.is_ours(&self.sender.return_path)
            || own_id
            || self.headers.count("received") > MAX_HOPS
            || self.headers.all("x-loop").any(|value| identity.is_ours(&value.to_ascii_lowercase()))
    }

    /// A feedback report (RFC 5965), or Hotmail's own format.
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

    /// Read receipts (RFC 8098), and feedback reports that are no complaint.
    fn receipt(&self) -> Option<AutomatedSender> {
        if self.report.receipt || self.report.kind == "disposition-notification" {
            return Some(AutomatedSender::ReadReceipt);
        }
        (self.report.feedback.is_some() || self.report.kind == "feedback-report")
            .then_some(AutomatedSender::FeedbackReport)
    }

    /// Replies to invitations (RFC 5546): a program sent them when a person pressed a button.
    fn calendar(&self) -> Option<AutomatedSender> {
        let method = self.report.calendar.as_deref()?;
        matches!(method, "reply" | "counter" | "refresh" | "declinecounter" | "cancel")
            .then_some(AutomatedSender::Calendar)
    }
}
