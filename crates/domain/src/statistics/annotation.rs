//! Notes on the chart: what happened on a day, as staff describe it.

use calendar::Day;
use store::{Actor, Error, Operation, Tx};

use super::limits::MAX_NOTE_CHARS;
use crate::audit::audit_change;

/// Outcome of [`Annotate`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnnotateOutcome {
    /// The note was saved, or removed if the text is empty.
    Done,
    /// The note is refused.
    Refused(AnnotationRefusal),
}

/// Why a note on a chart is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnnotationRefusal {
    /// The note has more than [`MAX_NOTE_CHARS`] characters.
    TooLong,
    /// The note, which is not encrypted, contains an e-mail address.
    ContainsAddress,
}

/// Sets the note of a day, replacing an existing one. An empty text removes it.
pub struct Annotate<'a> {
    /// The site's row number.
    pub site: i64,
    /// The date in the time zone of the site.
    pub date: Day,
    /// One line.
    pub text: &'a str,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for Annotate<'_> {
    const NAME: &'static str = "annotate a day";
    type Output = AnnotateOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<AnnotateOutcome, Error> {
        let line = one_line(self.text);
        if line.chars().count() > MAX_NOTE_CHARS {
            return Ok(AnnotateOutcome::Refused(AnnotationRefusal::TooLong));
        }
        // The note is stored unencrypted and shown on a public page.
        if line.contains('@') {
            return Ok(AnnotateOutcome::Refused(AnnotationRefusal::ContainsAddress));
        }
        tx.set_site_note(self.site, self.date, &line).await?;
        let what = if line.is_empty() { "note on a chart removed" } else { "note on a chart written" };
        audit_change(tx, what, self.actor).await?;
        Ok(AnnotateOutcome::Done)
    }
}

/// Replaces control characters and line ends by spaces, and several spaces by one.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_note_is_one_line() {
        assert_eq!(super::one_line(" Version\t8.2\r\nis\u{7} out \n"), "Version 8.2 is out");
    }
}
