//! HTML of strangers. What is shown is never theirs: [`sanitize_html`] writes new HTML from a closed list of tags without
//! any attribute, so that there is nowhere for an address to stand. Links become text that shows where they lead.
//! Both directions take time in proportion to the length; a browser's tree builder does not.

mod plain_text;
mod sanitize;
mod tokenizer;

pub use plain_text::html_to_text;
pub use sanitize::sanitize_html;

/// Bytes of HTML that are read; the rest is left out.
const MAX_BYTES: usize = 1024 * 1024;
/// Bytes of a link's target that are shown.
const MAX_TARGET_BYTES: usize = 300;

/// What of a link's target is shown: nothing when it only repeats the link's text.
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
