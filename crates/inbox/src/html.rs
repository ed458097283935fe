/// HTML that loads nothing.
#[must_use]
pub fn safe_html(html: &str) -> String {
    let text = text_of_html(html);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>")
}

/// The text of HTML.
#[must_use]
pub fn text_of_html(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    out
}
