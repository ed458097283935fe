use super::{
    MOST, shown,
    tokens::{Token, Tokens},
};

/// Elements open at once; deeper ones are passed over, their text stays.
const DEEPEST: usize = 50;

/// HTML that loads nothing, runs nothing and leads nowhere: tags of a short list, balanced, none with an attribute.
/// Of images and forms nothing is left; a link's target stands behind its text, as text. At most 4 MB.
#[must_use]
pub fn safe_html(html: &str) -> String {
    let mut page = Page::default();
    for token in Tokens::of(html) {
        if page.out.len() > 3 * MOST {
            break;
        }
        match token {
            Token::Text(text) => page.text(&text),
            Token::Open(tag) if tag.name == "a" => {
                page.end_link();
                page.link = tag.attribute("href").map(|target| (target, page.said));
            }
            Token::Open(tag) => page.open(&tag.name),
            Token::Close(name) if name == "a" => page.end_link(),
            Token::Close(name) => page.close(&name),
        }
    }
    page.end_link();
    page.close_to(0);
    page.out
}

#[derive(Default)]
struct Page {
    out: String,
    open: Vec<&'static str>,
    /// Target of the open link, and where its text begins.
    link: Option<(String, usize)>,
    /// All that was said, for the text of links; only its end is kept.
    words: String,
    said: usize,
}

impl Page {
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
            && let Some(target) = shown(&target, &words)
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
                self.leave_paragraph();
                return self.out.push_str("<hr>");
            }
            "td" | "th" => return self.out.push(' '),
            _ => {}
        }
        let Some(name) = ours(name) else { return };
        if name == "li" {
            self.leave_item();
        }
        if !matches!(name, "b" | "i" | "u" | "s" | "code" | "sub" | "sup") {
            self.leave_paragraph();
        }
        // A format within itself says nothing, and browsers rebuild formats in every paragraph.
        let again = matches!(name, "b" | "i" | "u" | "s" | "code") && self.open.contains(&name);
        if self.open.len() < DEEPEST && !again {
            self.open.push(name);
            self.out.push('<');
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(name) = ours(name)
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

    /// A paragraph holds no block; a browser would end it unseen.
    fn leave_paragraph(&mut self) {
        if let Some(at) = self.open.iter().rposition(|open| *open == "p") {
            self.close_to(at);
        }
    }

    /// The next point of a list ends the one before.
    fn leave_item(&mut self) {
        let list = self.open.iter().rposition(|open| matches!(*open, "ul" | "ol")).unwrap_or(0);
        if let Some(at) = self.open.iter().rposition(|open| *open == "li").filter(|at| *at >= list) {
            self.close_to(at);
        }
    }
}

/// The tag that stands for another in what is shown.
fn ours(name: &str) -> Option<&'static str> {
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
            // Marks of direction could make a line read otherwise than it is written.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
}
