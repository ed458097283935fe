use super::{
    SenderSignals,
    phrases::{BOUNCED, FOR_GOOD, NOT_YET, UNDELIVERED},
    report::Status,
};
use crate::{incoming_email::AutomatedSender, keywords::alternatives};

impl SenderSignals<'_> {
    /// Recognises a bounce: by its delivery status part if there is one, otherwise by sender, subject and text.
    pub(super) fn bounce(&self) -> Option<AutomatedSender> {
        let report = &self.report;
        let server = self.sender.is_daemon() || self.sender.null_return_path;
        let automatic = self.headers.first("auto-submitted").to_ascii_lowercase().starts_with("auto");
        let by_parts = report.has_status && (report.is_report || server || automatic);
        let marked =
            self.headers.has("x-failed-recipients") || self.headers.has("x-ms-exchange-message-is-ndr");
        let subject = self.subject_says();
        let by_wording = server && (subject || self.text_says()) || subject && self.text_says();
        if by_parts && !report.status.is_empty() {
            return Some(self.by_status());
        }
        if by_parts || report.kind == "delivery-status" || marked || by_wording {
            return Some(AutomatedSender::Bounce { hard: self.text_is_hard() });
        }
        None
    }

    fn by_status(&self) -> AutomatedSender {
        let status = &self.report.status;
        if status.iter().all(|one| matches!(one.action.as_str(), "delivered" | "relayed" | "expanded")) {
            return AutomatedSender::DeliveryReceipt;
        }
        AutomatedSender::Bounce { hard: status.iter().any(Status::is_hard) }
    }

    fn subject_says(&self) -> bool {
        let subject = self.subject.trim_start_matches(['[', '*', '"', ' ']);
        alternatives(BOUNCED).any(|keywords| subject.starts_with(keywords))
    }

    fn text_says(&self) -> bool {
        let text = &self.report.text;
        alternatives(UNDELIVERED).any(|keywords| text.contains(keywords))
    }

    /// Judges the text of servers that write no status.
    fn text_is_hard(&self) -> bool {
        let text = &self.report.text;
        let waits =
            alternatives(NOT_YET).any(|keywords| text.contains(keywords) || self.subject.contains(keywords));
        !waits
            && (has_status(text, '5')
                || (!has_status(text, '4') && alternatives(FOR_GOOD).any(|keywords| text.contains(keywords))))
    }
}

impl Status {
    /// Permanent failure (RFC 3463: class 5).
    fn is_hard(&self) -> bool {
        let code = self.code.trim();
        let permanent = match code.chars().next() {
            Some('5') => true,
            Some('4' | '2') => false,
            _ => has_status(&self.diagnostic, '5'),
        };
        permanent && (self.action == "failed" || self.action.is_empty())
    }
}

/// Whether a text names an enhanced status of a class (`5.1.1`), or an SMTP reply code of that class (`550`).
fn has_status(text: &str, class: char) -> bool {
    let word_end = |c: char| {
        c.is_whitespace()
            || matches!(c, '(' | ')' | '#' | ':' | ';' | ',' | '[' | ']' | '<' | '>' | '=' | '"' | '-')
    };
    text.split(word_end).any(|word| {
        let word = word.trim_end_matches('.');
        let mut parts = word.split('.');
        let (first, rest) = (parts.next().unwrap_or_default(), parts.clone().count());
        let digits =
            |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let enhanced = rest == 2 && first.len() == 1 && first.starts_with(class) && parts.all(digits);
        let reply = rest == 0
            && word.len() == 3
            && word.starts_with(class)
            && digits(word)
            && matches!(&word[1..2], "5" | "2");
        enhanced || reply && word != "520"
    })
}
