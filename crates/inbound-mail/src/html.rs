//! Sanitizes HTML from strangers, against cross-site scripting (XSS). [`sanitize_html`] writes new HTML from a closed list of tags without attributes, so
//! it can hold no URL that loads. A link becomes text that shows its target. Both functions take time proportional to
//! the input; a browser's tree builder does not.

mod plain_text;
mod sanitize;
mod tokenizer;

pub use plain_text::html_to_text;
pub use sanitize::sanitize_html;

/// Maximum bytes of HTML that are read.
const MAX_BYTES: usize = 1024 * 1024;
/// Maximum bytes of a link target that are shown.
const MAX_TARGET_BYTES: usize = 300;

/// The visible form of a link's target; none when it only repeats the link's text.
fn link_target(target: &str, said: &str) -> Option<String> {
    let target: String = target.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let lower = target.to_ascii_lowercase();
    if !["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)) {
        return None;
    }
    let bare = |link: &str| {
        let link = link.trim().to_lowercase();
        let link = ["https://", "http://", "mailto:"]
            .iter()
            .find_map(|scheme| link.strip_prefix(scheme))
            .unwrap_or(&link);
        link.trim_end_matches('/').to_owned()
    };
    let differs = bare(&target) != bare(said);
    differs.then(|| target[..target.floor_char_boundary(MAX_TARGET_BYTES)].to_owned())
}
