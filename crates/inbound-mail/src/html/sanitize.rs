use super::{
    MAX_BYTES, link_target,
    tokenizer::{Token, Tokenizer},
};

/// Maximum number of open elements; deeper tags are dropped, their text stays.
const MAX_DEPTH: usize = 50;

/// Writes HTML that loads nothing, runs nothing and links nowhere: tags of a closed list, balanced, without
/// attributes. Images and forms are removed; a link's target stands behind its text, as text. At most 4 MB.
#[must_use]
pub fn sanitize_html(html: &str) -> String {
    let mut writer = HtmlWriter::default();
    for token in Tokenizer::of(html) {
        if writer.out.len() > 3 * MAX_BYTES {
            break;
        }
        match token {
            Token::Text(text) => writer.text(&text),
            Token::Open(tag) if tag.name == "a" => {
                writer.end_link();
                writer.link = tag.attribute("href").map(|target| (target, writer.said));
            }
            Token::Open(tag) => writer.open(&tag.name),
            Token::Close(name) if name == "a" => writer.end_link(),
            Token::Close(name) => writer.close(&name),
        }
    }
    writer.end_link();
    writer.close_to(0);
    writer.out
}

#[derive(Default)]
struct HtmlWriter {
    out: String,
    open: Vec<&'static str>,
    /// Target of the open link, and where its text begins.
    link: Option<(String, usize)>,
    /// Text of the open link; only its end is kept.
    words: String,
    said: usize,
}

impl HtmlWriter {
    fn text(&mut self, text: &str) {
        if self.link.is_some() {
            self.words.push_str(&text[..text.floor_char_boundary(400)]);
        }
        self.said += text.len();
        escape(&mut self.out, text);
    }

    fn end_link(&mut self) {
        let words = std::mem::take(&mut self.words);
        if let Some((target, _)) = self.link.take()
            && let Some(target) = link_target(&target, &words)
        {
            self.out.push_str(" &lt;");
            escape(&mut self.out, &target);
            self.out.push_str("&gt;");
        }
    }

    fn open(&mut self, name: &str) {
        match name {
            "br" => return self.out.push_str("<br>"),
            "hr" => {
                self.close_paragraph();
                return self.out.push_str("<hr>");
            }
            "td" | "th" => return self.out.push(' '),
            _ => {}
        }
        let Some(name) = allowed_tag(name) else { return };
        if name == "li" {
            self.close_list_item();
        }
        if !matches!(name, "b" | "i" | "u" | "s" | "code" | "sub" | "sup") {
            self.close_paragraph();
        }
        // A format within itself has no effect, and browsers rebuild formats in every paragraph.
        let again = matches!(name, "b" | "i" | "u" | "s" | "code") && self.open.contains(&name);
        if self.open.len() < MAX_DEPTH && !again {
            self.open.push(name);
            self.out.push('<');
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(name) = allowed_tag(name)
            && let Some(at) = self.open.iter().rposition(|open| *open == name)
        {
            self.close_to(at);
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            if let Some(name) = self.open.pop() {
                self.out.push_str("</");
                self.out.push_str(name);
                self.out.push('>');
            }
        }
    }

    /// A paragraph can't contain a block; a browser would close it implicitly.
    fn close_paragraph(&mut self) {
        if let Some(at) = self.open.iter().rposition(|open| *open == "p") {
            self.close_to(at);
        }
    }

    /// The next list item closes the one before.
    fn close_list_item(&mut self) {
        let list = self.open.iter().rposition(|open| matches!(*open, "ul" | "ol")).unwrap_or(0);
        if let Some(at) = self.open.iter().rposition(|open| *open == "li").filter(|at| *at >= list) {
            self.close_to(at);
        }
    }
}

/// The allowed tag that replaces another.
fn allowed_tag(name: &str) -> Option<&'static str> {
    Some(match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "p",
        "div" | "tr" | "table" | "center" | "section" | "article" | "header" | "footer" | "dl" | "dt"
        | "dd" => "div",
        "b" | "strong" => "b",
        "i" | "em" | "cite" => "i",
        "u" | "ins" => "u",
        "s" | "del" | "strike" => "s",
        "code" | "tt" | "kbd" | "samp" => "code",
        "ul" => "ul",
        "ol" => "ol",
        "li" => "li",
        "blockquote" => "blockquote",
        "pre" => "pre",
        "sub" => "sub",
        "sup" => "sup",
        _ => return None,
    })
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            // Bidirectional overrides could make a line read differently from how it is written.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
}
