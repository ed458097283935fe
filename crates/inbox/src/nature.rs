use crate::{
    headers::Headers,
    ids::Tokens,
    incoming::{Machine, Nature},
    own::Own,
};

/// Whether a person wrote; tokens that a report returns are collected.
pub fn of(headers: &Headers, _body: &[u8], _tokens: &mut Tokens, own: &Own) -> Nature {
    let mut senders = headers.addresses("from");
    senders.extend(headers.addresses("sender"));
    if senders.iter().any(|(_, address)| own.is_ours(&address.to_ascii_lowercase()))
        || headers.has("scruple-cause")
    {
        return Nature::Machine(Machine::Loop);
    }
    let auto = headers.first("auto-submitted");
    if !auto.is_empty() && !auto.to_ascii_lowercase().starts_with("no") {
        return Nature::Machine(Machine::Vacation);
    }
    if headers.has("list-id") {
        return Nature::Machine(Machine::List);
    }
    Nature::Person
}
