use crate::{
    body::{Part, boundary_of, split, truncate},
    decode,
    headers::Headers,
    html,
    local_identity::LocalIdentity,
    message_ids::{ConversationTokens, bracketed_ids},
};

/// Maximum parts that are read.
const MAX_PARTS: usize = 60;
/// Maximum nesting of multiparts.
const MAX_DEPTH: usize = 6;
/// Maximum bytes of text that are read.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Maximum recipients of one report.
const MAX_RECIPIENTS: usize = 100;

/// The machine-readable report parts of a message, and the beginning of its text.
#[derive(Default)]
pub(super) struct Report {
    /// `report-type` of multipart/report (RFC 6522), in lower case.
    pub kind: String,
    /// The message as a whole is multipart/report.
    pub is_report: bool,
    /// Whether there is a delivery status (RFC 3464), and the status of each recipient.
    pub has_status: bool,
    pub status: Vec<Status>,
    /// `Feedback-Type` (RFC 5965), in lower case.
    pub feedback: Option<String>,
    /// A disposition notification (RFC 8098).
    pub receipt: bool,
    /// Method of a calendar part, in lower case.
    pub calendar: Option<String>,
    /// Text in lower case.
    pub text: String,
    pub returned_from_hotmail: bool,
    parts: usize,
    returned_ids: Vec<String>,
    returned_addresses: Vec<String>,
}

/// The delivery status of one recipient.
pub(super) struct Status {
    /// Action, in lower case.
    pub action: String,
    /// Status and Diagnostic-Code.
    pub code: String,
    pub diagnostic: String,
}

impl Report {
    pub(crate) fn gather(headers: &Headers, body: &[u8], identity: &LocalIdentity) -> Self {
        let mut report = Self::default();
        let content = Part::new(headers.clone(), body);
        report.is_report = content.kind(false) == "multipart/report";
        report.part(&content, 0);
        if let Some((_, domain)) = &identity.reply {
            report.returned_in_text(&domain.to_ascii_lowercase());
        }
        report
    }

    /// Adds the conversation tokens of our returned e-mails.
    pub(crate) fn add_conversation_tokens(&self, tokens: &mut ConversationTokens) {
        self.returned_ids.iter().for_each(|id| tokens.id(id));
        self.returned_addresses.iter().for_each(|address| tokens.address(address));
    }

    fn part(&mut self, part: &Part<'_>, depth: usize) {
        self.parts += 1;
        if self.parts > MAX_PARTS || depth > MAX_DEPTH {
            return;
        }
        let kind = part.kind(false);
        if let Some(boundary) = boundary_of(part) {
            if kind == "multipart/report" && self.kind.is_empty() {
                self.kind = part.parameter("report-type").unwrap_or_default().trim().to_ascii_lowercase();
            }
            let (parts, _) = split(part.body, &boundary, MAX_PARTS);
            if parts.is_empty() {
                let body = &part.body[..part.body.len().min(MAX_TEXT_BYTES)];
                self.add_text(&String::from_utf8_lossy(body));
            }
            for one in parts {
                let (headers, body) = Headers::split_part(one);
                self.part(&Part::new(headers, body), depth + 1);
            }
            return;
        }
        match kind.as_str() {
            "text/plain" if !part.is_file() => self.add_text(&part.text(MAX_TEXT_BYTES)),
            "text/html" if !part.is_file() => {
                self.add_text(&html::html_to_text(truncate(&part.text(MAX_TEXT_BYTES), MAX_TEXT_BYTES)))
            }
            "message/delivery-status" | "message/global-delivery-status" => self.delivery(&beginning(part)),
            "message/feedback-report" => {
                let bytes = beginning(part);
                let kind = Headers::split(&bytes).0.first("feedback-type").to_ascii_lowercase();
                self.feedback = Some(kind);
            }
            "message/disposition-notification" | "message/global-disposition-notification" => {
                self.receipt = true
            }
            "message/rfc822"
            | "message/global"
            | "text/rfc822-headers"
            | "message/rfc822-headers"
            | "message/global-headers"
            | "text/rfc822" => self.returned(&beginning(part)),
            "text/calendar" | "application/ics" => self.calendar(part),
            _ => {}
        }
    }

    fn add_text(&mut self, text: &str) {
        let room = MAX_TEXT_BYTES.saturating_sub(self.text.len());
        self.text.push_str(&truncate(text, room).to_lowercase());
        self.text.push('\n');
    }

    /// Parses groups of fields: the first for the message, each other for one recipient.
    fn delivery(&mut self, bytes: &[u8]) {
        self.has_status = true;
        let mut rest = bytes;
        while !rest.trim_ascii().is_empty() && self.status.len() < MAX_RECIPIENTS {
            let (fields, after) = Headers::split(rest);
            if after.len() == rest.len() {
                break;
            }
            rest = after;
            let (action, code) = (fields.first("action").to_ascii_lowercase(), fields.first("status"));
            if !action.is_empty() || !code.is_empty() {
                let action =
                    action.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default().to_owned();
                self.status.push(Status {
                    action,
                    code,
                    diagnostic: fields.first("diagnostic-code").to_lowercase(),
                });
            }
        }
    }

    fn returned(&mut self, bytes: &[u8]) {
        let (headers, _) = Headers::split(bytes);
        self.returned_from_hotmail |= headers.has("x-hmxmroriginalrecipient");
        for name in ["message-id", "references", "in-reply-to"] {
            self.returned_ids.extend(headers.all(name).flat_map(|value| bracketed_ids(&value)).take(50));
        }
        for name in ["reply-to", "from", "return-path", "sender"] {
            self.returned_addresses
                .extend(headers.addresses(name).into_iter().map(|(_, address)| address).take(10));
        }
    }

    fn calendar(&mut self, part: &Part<'_>) {
        let inside = || {
            let bytes = beginning(part);
            let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
            text.lines()
                .find_map(|line| line.trim().strip_prefix("method:").map(|method| method.trim().to_owned()))
        };
        let method =
            part.parameter("method").map(|method| method.trim().to_ascii_lowercase()).or_else(inside);
        self.calendar = self.calendar.take().or(method);
    }

    /// Finds our headers in the text of servers that write no report parts.
    fn returned_in_text(&mut self, domain: &str) {
        let end_of_word =
            |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '(' | ')' | ',' | ';' | ':');
        for word in self
            .text
            .split(end_of_word)
            .filter(|word| word.len() < 200 && word.ends_with(domain) && word.contains('@'))
        {
            self.returned_ids.push(word.to_owned());
            self.returned_addresses.push(word.to_owned());
            if self.returned_ids.len() > 500 {
                return;
            }
        }
    }
}

/// The beginning of a part, decoded.
fn beginning(part: &Part<'_>) -> Vec<u8> {
    let body = &part.body[..part.body.len().min(2 * MAX_TEXT_BYTES)];
    decode::transfer(&part.headers.first("content-transfer-encoding"), body)
}
