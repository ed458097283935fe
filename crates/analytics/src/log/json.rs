//! A JSON log line (RFC 8259) as nginx, Apache and Caddy write it. Operators of nginx and Apache choose the field
//! names, so names are compared without dashes, underscores and case. Fields within `request` and `headers` count;
//! those of the response's headers don't.

use std::borrow::Cow;

use memchr::memchr2;

use super::{LineError, LogLine, address, combined::split_request, text, timestamp};

/// Maximum nesting of objects and lists.
const MAX_DEPTH: u8 = 8;

/// Parses a line that begins with `{`.
pub(super) fn read(line: &[u8]) -> Result<LogLine<'_>, LineError> {
    let mut reader = Reader { rest: line, fields: JsonFields::default() };
    reader.object(0).ok_or(LineError::Malformed)?;
    let fields = reader.fields;
    // Some configurations call the client `host`, as Apache's documentation does.
    let client =
        [&fields.client, &fields.address, &fields.host].into_iter().flatten().find_map(|text| address(text));
    let time = fields
        .time
        .as_deref()
        .and_then(|time| timestamp::parse_any(time.as_bytes()))
        .ok_or(LineError::NoTime)?;
    let (mut get, mut target) = match fields.request {
        Some(request) if request.contains(' ') => split_request(request),
        Some(path) => (true, path),
        None => (true, Cow::Borrowed("")),
    };
    if let Some(method) = &fields.method {
        get = method == "GET";
    }
    if let Some(path) = fields.path {
        target = path;
    }
    if let Some(query) = fields.query.filter(|query| query.contains("utm_") && !target.contains('?')) {
        let mark = if query.starts_with('?') { "" } else { "?" };
        target = Cow::Owned(format!("{target}{mark}{query}"));
    }
    let status =
        fields.status.as_deref().and_then(|status| status.parse().ok()).ok_or(LineError::Malformed)?;
    if target.is_empty() {
        return Err(LineError::Malformed);
    }
    Ok(LogLine {
        address: client.ok_or(LineError::NoAddress)?,
        time,
        status,
        get,
        target,
        referrer: fields.referrer.unwrap_or_default(),
        user_agent: fields.user_agent.unwrap_or_default(),
        host: fields.host.unwrap_or_default(),
        languages: fields.languages.unwrap_or_default(),
        dnt: fields.dnt.unwrap_or_default(),
        gpc: fields.gpc.unwrap_or_default(),
        purpose: fields.purpose.unwrap_or_default(),
    })
}

#[derive(Default)]
struct JsonFields<'a> {
    /// The client's address as the server sees it behind proxies that it trusts.
    client: Option<Cow<'a, str>>,
    address: Option<Cow<'a, str>>,
    time: Option<Cow<'a, str>>,
    request: Option<Cow<'a, str>>,
    method: Option<Cow<'a, str>>,
    path: Option<Cow<'a, str>>,
    query: Option<Cow<'a, str>>,
    status: Option<Cow<'a, str>>,
    referrer: Option<Cow<'a, str>>,
    user_agent: Option<Cow<'a, str>>,
    host: Option<Cow<'a, str>>,
    languages: Option<Cow<'a, str>>,
    dnt: Option<Cow<'a, str>>,
    gpc: Option<Cow<'a, str>>,
    purpose: Option<Cow<'a, str>>,
}

impl<'a> JsonFields<'a> {
    /// The field's slot by its normalized name; None for an unused field.
    fn slot_for(&mut self, name: &[u8]) -> Option<&mut Option<Cow<'a, str>>> {
        let mut plain = [0_u8; 24];
        let mut length = 0;
        for byte in name.iter().filter(|byte| !matches!(byte, b'_' | b'-' | b'@' | b'.')) {
            *plain.get_mut(length)? = byte.to_ascii_lowercase();
            length += 1;
        }
        let plain = &plain[..length];
        match plain.strip_prefix(b"http").unwrap_or(plain) {
            b"clientip" | b"realip" => Some(&mut self.client),
            b"remoteip" | b"remoteaddr" | b"remotehost" | b"clientaddr" | b"address" | b"ip" | b"addr"
            | b"remote" => Some(&mut self.address),
            b"time" | b"ts" | b"timestamp" | b"timeiso8601" | b"timelocal" | b"msec" | b"datetime"
            | b"date" => Some(&mut self.time),
            b"request" | b"requestline" => Some(&mut self.request),
            b"method" | b"requestmethod" | b"verb" => Some(&mut self.method),
            b"uri" | b"requesturi" | b"url" | b"path" | b"requestpath" | b"target" => Some(&mut self.path),
            b"query" | b"querystring" | b"args" => Some(&mut self.query),
            b"status" | b"statuscode" | b"responsestatus" | b"responsecode" => Some(&mut self.status),
            b"referer" | b"referrer" => Some(&mut self.referrer),
            b"useragent" | b"agent" => Some(&mut self.user_agent),
            b"host" | b"vhost" | b"servername" | b"virtualhost" => Some(&mut self.host),
            b"acceptlanguage" => Some(&mut self.languages),
            b"dnt" => Some(&mut self.dnt),
            b"secgpc" | b"gpc" => Some(&mut self.gpc),
            b"secpurpose" | b"purpose" | b"xmoz" => Some(&mut self.purpose),
            _ => None,
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    fields: JsonFields<'a>,
}

/// The value of a field.
enum Value<'a> {
    Text(Cow<'a, str>),
    Ignored,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<u8> {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        while let Some((first, rest)) = self.rest.split_first() {
            self.rest = rest;
            if !blank(first) {
                return Some(*first);
            }
        }
        None
    }

    /// Reads an object into `fields`. The first value of each field counts.
    fn object(&mut self, depth: u8) -> Option<()> {
        if depth > MAX_DEPTH || self.next()? != b'{' {
            return None;
        }
        loop {
            match self.next()? {
                b'}' => return Some(()),
                b',' => continue,
                b'"' => {}
                _ => return None,
            }
            let name = self.raw_string()?;
            if self.next()? != b':' {
                return None;
            }
            self.field(name, depth)?;
        }
    }

    fn field(&mut self, name: &'a [u8], depth: u8) -> Option<()> {
        self.rest = self.rest.trim_ascii_start();
        if self.rest.first() == Some(&b'{') {
            // The response's headers, TLS and similar objects have fields of the same names.
            return match name.to_ascii_lowercase().as_slice() {
                b"request" | b"headers" | b"req" | b"http" => self.object(depth + 1),
                _ => self.skip(depth + 1),
            };
        }
        let value = self.value(depth)?;
        if let (Value::Text(value), Some(slot_for @ None)) = (value, self.fields.slot_for(name)) {
            *slot_for = Some(value);
        }
        Some(())
    }

    /// Reads a string, a number, or the first string of a list.
    fn value(&mut self, depth: u8) -> Option<Value<'a>> {
        match self.rest.first()? {
            b'"' => {
                self.rest = &self.rest[1..];
                let raw = self.raw_string()?;
                Some(Value::Text(if raw.contains(&b'\\') { Cow::Owned(unescape(raw)) } else { text(raw) }))
            }
            b'[' => {
                let before = self.rest;
                let inner = before[1..].trim_ascii_start();
                let first = match inner.strip_prefix(b"\"") {
                    Some(inner) => {
                        self.rest = inner;
                        let raw = self.raw_string()?;
                        Value::Text(if raw.contains(&b'\\') { Cow::Owned(unescape(raw)) } else { text(raw) })
                    }
                    None => Value::Ignored,
                };
                self.rest = before;
                self.skip(depth + 1)?;
                Some(first)
            }
            _ => {
                let end = self.rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' '))?;
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                let plain = word
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'));
                (plain && !word.is_empty()).then_some(if word == b"null" {
                    Value::Ignored
                } else {
                    Value::Text(text(word))
                })
            }
        }
    }

    /// The inside of a string after its opening quote, escapes included.
    fn raw_string(&mut self) -> Option<&'a [u8]> {
        let mut end = 0;
        loop {
            end += memchr2(b'"', b'\\', self.rest.get(end..)?)?;
            if self.rest[end] == b'"' {
                let inner = &self.rest[..end];
                self.rest = &self.rest[end + 1..];
                return Some(inner);
            }
            end += 2;
        }
    }

    /// Skips a list or an object by counting brackets.
    fn skip(&mut self, depth: u8) -> Option<()> {
        let mut open = 0_u32;
        if depth > MAX_DEPTH {
            return None;
        }
        loop {
            match self.next()? {
                b'"' => drop(self.raw_string()?),
                b'{' | b'[' => open += 1,
                b'}' | b']' => {
                    open = open.checked_sub(1)?;
                    if open == 0 {
                        return Some(());
                    }
                }
                _ => {}
            }
        }
    }
}

/// Resolves the escapes of a string. An invalid escape stays as it is.
fn unescape(raw: &[u8]) -> String {
    let raw = text(raw);
    let mut out = String::with_capacity(raw.len());
    let mut rest = &*raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let mut after = rest[at + 1..].chars();
        match after.next() {
            Some('n' | 'r' | 't' | 'b' | 'f') => out.push(' '),
            Some('u') => match hex4(after.as_str()) {
                // A surrogate alone becomes a replacement character; paths and names need none.
                Some(unit) => {
                    out.push(char::from_u32(unit).unwrap_or('\u{fffd}'));
                    after = after.as_str()[4..].chars();
                }
                None => out.push('u'),
            },
            Some(other) => out.push(other),
            None => {}
        }
        rest = after.as_str();
    }
    out.push_str(rest);
    out
}

fn hex4(text: &str) -> Option<u32> {
    let digits = text.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}
