use super::{
    MAX_BYTES, link_target,
    tokenizer::{Tag, Token, Tokenizer},
};

/// Maximum depth of nested quotes that is shown.
const MAX_DEPTH: usize = 8;

/// Converts HTML to plain text: paragraphs, list items, quoted lines with `>`, link targets in angle brackets.
#[must_use]
pub fn html_to_text(html: &str) -> String {
    let mut writer = HtmlWriter::default();
    for token in Tokenizer::of(html) {
        if writer.out.len() > 3 * MAX_BYTES {
            break;
        }
        match token {
            Token::Text(text) if writer.preformatted > 0 => writer.preformatted_text(&text),
            Token::Text(text) => writer.words(&text),
            Token::Open(tag) => writer.open(&tag),
            Token::Close(name) => writer.close(&name),
        }
    }
    writer.end_link();
    let mut text = writer.out;
    text.truncate(text.trim_end().len());
    text
}

#[derive(Default)]
struct HtmlWriter {
    out: String,
    quotes: usize,
    preformatted: usize,
    /// Line breaks to write before the next word.
    breaks: usize,
    blank: bool,
    link: Option<(String, usize)>,
}

impl HtmlWriter {
    fn words(&mut self, text: &str) {
        let mut first = true;
        for word in text.split(|c: char| c.is_whitespace() && c != '\u{a0}') {
            self.blank |= !first;
            first = false;
            if !word.is_empty() {
                self.word(word);
            }
        }
    }

    fn word(&mut self, word: &str) {
        self.begin();
        if self.blank && !self.out.is_empty() && !self.out.ends_with(['\n', ' ']) {
            self.out.push(' ');
        }
        self.blank = false;
        self.out
            .extend(word.chars().map(|c| if c == '\u{a0}' { ' ' } else { c }).filter(|c| !c.is_control()));
    }

    fn preformatted_text(&mut self, text: &str) {
        for (n, line) in text.split('\n').enumerate() {
            self.breaks += usize::from(n > 0);
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.begin();
                self.out.extend(line.chars().filter(|c| !c.is_control() || *c == '\t'));
            }
        }
    }

    /// Writes the pending line breaks, and quote marks at the beginning of a line.
    fn begin(&mut self) {
        if self.out.is_empty() {
            self.breaks = 0;
        }
        let begins = self.out.is_empty() || self.breaks > 0;
        for _ in 0..self.breaks.min(3) {
            self.out.push('\n');
        }
        if begins && self.quotes > 0 {
            self.out.extend(std::iter::repeat_n('>', self.quotes.min(MAX_DEPTH)));
            self.out.push(' ');
        }
        if self.breaks > 0 {
            self.blank = false;
        }
        self.breaks = 0;
    }

    fn line(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name.as_str() {
            "br" => self.breaks += 1,
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" => self.line(2),
            "div" | "tr" | "table" | "center" | "section" | "article" | "header" | "footer" | "dt" | "dd" => {
                self.line(1)
            }
            "td" | "th" => self.blank = true,
            "pre" => {
                self.line(1);
                self.preformatted += 1;
            }
            "blockquote" => {
                self.line(1);
                self.quotes += 1;
            }
            "li" => {
                self.line(1);
                self.word("-");
                self.blank = true;
            }
            "hr" => {
                self.line(1);
                self.word("________________________________");
                self.line(1);
            }
            "img" => {
                // Emoji come as images with a short alt text; a logo's name says nothing.
                if let Some(alt) = tag.attribute("alt").filter(|alt| alt.chars().count() <= 4) {
                    self.words(&alt);
                }
            }
            "a" => {
                self.end_link();
                self.link = tag.attribute("href").map(|target| (target, self.out.len()));
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" => self.line(2),
            "div" | "tr" | "table" | "center" | "section" | "article" | "header" | "footer" | "li" | "dt"
            | "dd" => {
                self.line(1);
            }
            "pre" => {
                self.line(1);
                self.preformatted = self.preformatted.saturating_sub(1);
            }
            "blockquote" => {
                self.line(1);
                self.quotes = self.quotes.saturating_sub(1);
            }
            "a" => self.end_link(),
            _ => {}
        }
    }

    fn end_link(&mut self) {
        if let Some((target, from)) = self.link.take()
            && let Some(target) = link_target(&target, self.out.get(from..).unwrap_or_default())
        {
            self.blank = true;
            self.word(&format!("<{target}>"));
        }
    }
}
