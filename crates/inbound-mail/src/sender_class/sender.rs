use crate::headers::Headers;

/// The sender in lower case, as far as it identifies automated senders.
pub(super) struct Sender {
    /// The local part of the From address; empty without an address.
    pub local: String,
    /// The display name.
    pub name: String,
    /// The address in Return-Path.
    pub return_path: String,
    /// The return path is null: the sender wants no answer (RFC 5321, 4.5.5).
    pub null_return_path: bool,
}

impl Sender {
    pub(super) fn of(headers: &Headers) -> Self {
        let (name, address) = headers.addresses("from").into_iter().next().unwrap_or_default();
        let local = address.rsplit_once('@').map_or(address.as_str(), |(local, _)| local);
        let return_path = headers.first("return-path").to_ascii_lowercase();
        let bare = return_path.trim_matches(|c: char| c.is_whitespace() || matches!(c, '<' | '>')).to_owned();
        Self {
            local: local.trim_matches('"').to_lowercase(),
            name: name.to_lowercase(),
            null_return_path: headers.has("return-path") && (bare.is_empty() || bare == "mailer-daemon"),
            return_path: bare,
        }
    }

    /// Whether a mail server wrote.
    pub(crate) fn is_daemon(&self) -> bool {
        const LOCAL: [&str; 12] = [
            "mailer-daemon",
            "mailerdaemon",
            "mail-daemon",
            "maildaemon",
            "mailer_daemon",
            "postmaster",
            "mmdf",
            "uucp",
            "mdaemon",
            "majordomo-bounce",
            "mail-delivery",
            "bounce-handler",
        ];
        const NAME: [&str; 9] = [
            "mail delivery sub",
            "mail delivery sys",
            "mailer-daemon",
            "mail delivery service",
            "system administrator",
            "mail administrator",
            "internet mail delivery",
            "mail router",
            "postmaster",
        ];
        LOCAL.contains(&self.local.as_str())
            || self.local.starts_with("microsoftexchange329e71ec88ae4615bbc36ab6ce41109e")
            || self.local.starts_with("mailer-daemon")
            || self.local.starts_with("bounces+")
            || NAME.iter().any(|name| self.name.starts_with(name))
    }

    /// Whether the address is a no-reply address.
    pub(crate) fn is_no_reply(&self) -> bool {
        const WHOLE: [&str; 14] = [
            "noreply",
            "donotreply",
            "dontreply",
            "nepasrepondre",
            "noresponder",
            "nichtantworten",
            "autoreply",
            "autoresponder",
            "autoresponse",
            "mailerdaemon",
            "nobody",
            "cron",
            "ndr",
            "nobounce",
        ];
        let bare: String = self.local.chars().filter(|c| c.is_alphanumeric()).collect();
        let first = self.local.split('+').next().unwrap_or_default();
        let first: String = first.chars().filter(|c| c.is_alphanumeric()).collect();
        WHOLE.contains(&bare.as_str())
            || WHOLE.contains(&first.as_str())
            || ["noreply", "donotreply", "autoreply", "autoresponder"]
                .iter()
                .any(|word| bare.starts_with(word) || bare.ends_with(word))
    }
}
