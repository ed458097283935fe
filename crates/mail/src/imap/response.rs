//! Parses one response of the server. Unknown parts are ignored, because servers send more than a client asks for.

/// The body of a message.
pub enum Body {
    Whole(Vec<u8>),
    /// It is too large, and was skipped.
    TooLarge,
}

/// The data of one message in a FETCH response.
#[derive(Default)]
pub(super) struct Fetched {
    pub uid: Option<u32>,
    pub size: Option<u64>,
    pub body: Option<Body>,
}

/// One response: its text, with `{n}` and a line end in the place of each literal, and the literals.
pub(super) struct ImapResponse {
    text: Vec<u8>,
    literals: Vec<Body>,
}

impl ImapResponse {
    pub(super) fn new(text: Vec<u8>, literals: Vec<Body>) -> Self {
        Self { text, literals }
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        let line = self.text.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        line.split(|byte| *byte == b' ').filter_map(|word| std::str::from_utf8(word).ok())
    }

    fn word(&self, n: usize) -> &str {
        self.words().nth(n).unwrap_or_default()
    }

    fn is(&self, n: usize, word: &str) -> bool {
        self.word(n).eq_ignore_ascii_case(word)
    }

    pub(crate) fn is_untagged(&self) -> bool {
        self.is(0, "*")
    }

    pub(crate) fn is_continuation(&self) -> bool {
        self.is(0, "+")
    }

    /// Whether it is the greeting of a server that is ready for a login.
    pub(crate) fn is_greeting(&self) -> bool {
        self.is_untagged() && self.is(1, "OK")
    }

    pub(crate) fn is_bye(&self) -> bool {
        self.is_untagged() && self.is(1, "BYE")
    }

    /// Whether it reports messages in the folder.
    pub(crate) fn is_new_message(&self) -> bool {
        self.is_untagged() && (self.is(2, "EXISTS") || self.is(2, "RECENT")) && self.word(1) != "0"
    }

    /// If it completes the command with this tag: whether the command succeeded.
    pub(super) fn completes(&self, tag: &str) -> Option<bool> {
        (self.word(0) == tag).then(|| self.is(1, "OK"))
    }

    /// The response code in brackets after the status.
    pub(super) fn code(&self) -> &str {
        let line =
            self.text.split(|byte| *byte == b'\r').next().and_then(|line| std::str::from_utf8(line).ok());
        let line = line.unwrap_or_default();
        let code = line.splitn(3, ' ').nth(2).and_then(|rest| rest.strip_prefix('['));
        code.and_then(|rest| rest.split_once(']')).map_or("", |(code, _)| code)
    }

    pub(crate) fn validity(&self) -> Option<u32> {
        let (name, number) = self.code().split_once(' ')?;
        name.eq_ignore_ascii_case("UIDVALIDITY").then(|| number.parse().ok())?
    }

    pub(super) fn capabilities(&self) -> Vec<String> {
        let listed = self.is_untagged() && self.is(1, "CAPABILITY");
        self.words().skip(2).filter(|_| listed).map(str::to_ascii_uppercase).collect()
    }

    /// The UIDs of a search result.
    pub(super) fn found(&self) -> Vec<u32> {
        let listed = self.is_untagged() && self.is(1, "SEARCH");
        self.words().skip(2).filter(|_| listed).filter_map(|word| word.parse().ok()).collect()
    }

    /// The data of a message, in a FETCH response.
    pub(super) fn fetched(self) -> Option<Fetched> {
        if !(self.is_untagged() && self.is(2, "FETCH")) {
            return None;
        }
        let at = self.text.iter().position(|byte| *byte == b'(')?;
        let mut values = Values { text: &self.text[at + 1..], literals: self.literals.into_iter(), depth: 0 };
        let mut fetched = Fetched::default();
        while let Some(Value::Word(name)) = values.next() {
            let Some(value) = values.next() else { break };
            match (name.to_ascii_uppercase().as_str(), value) {
                ("UID", Value::Word(number)) => fetched.uid = number.parse().ok(),
                ("RFC822.SIZE", Value::Word(number)) => fetched.size = number.parse().ok(),
                ("BODY[]", Value::Text(body)) => fetched.body = Some(body),
                _ => {}
            }
        }
        Some(fetched)
    }
}

enum Value {
    Word(String),
    Text(Body),
    List,
}

/// Iterates over the values of a list. Ends at the end of the list, and at an invalid value.
struct Values<'a> {
    text: &'a [u8],
    literals: std::vec::IntoIter<Body>,
    depth: u8,
}

impl Values<'_> {
    fn next(&mut self) -> Option<Value> {
        while let [b' ' | b'\r' | b'\n', rest @ ..] = self.text {
            self.text = rest;
        }
        match self.text {
            [] | [b')', ..] => None,
            [b'"', ..] => self.quoted(),
            [b'{', ..] => {
                let end = self.text.iter().position(|byte| *byte == b'\n')?;
                self.text = &self.text[end + 1..];
                self.literals.next().map(Value::Text)
            }
            [b'(', rest @ ..] => {
                self.text = rest;
                self.depth += 1;
                // Limit the depth: a deeply nested list could exhaust the stack.
                if self.depth > 16 {
                    return None;
                }
                while self.next().is_some() {}
                self.depth -= 1;
                self.text = self.text.strip_prefix(b")")?;
                Some(Value::List)
            }
            _ => self.word(),
        }
    }

    /// Reads an atom. The brackets of `BODY[...]` and their content belong to it.
    fn word(&mut self) -> Option<Value> {
        let mut within = false;
        let end = self.text.iter().position(|byte| {
            match byte {
                b'[' => within = true,
                b']' => within = false,
                _ => {}
            }
            !within && matches!(byte, b' ' | b'(' | b')' | b'\r' | b'\n')
        });
        let (word, rest) = self.text.split_at(end.unwrap_or(self.text.len()));
        self.text = rest;
        Some(Value::Word(String::from_utf8_lossy(word).into_owned()))
    }

    fn quoted(&mut self) -> Option<Value> {
        let (mut text, mut at) = (Vec::new(), 1);
        loop {
            match self.text.get(at)? {
                b'"' => break,
                b'\\' => {
                    text.push(*self.text.get(at + 1)?);
                    at += 2;
                }
                byte => {
                    text.push(*byte);
                    at += 1;
                }
            }
        }
        self.text = &self.text[at + 1..];
        Some(Value::Text(Body::Whole(text)))
    }
}
