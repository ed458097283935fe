//! Notes on the chart: what happened on a day, in staff's own words.

use analytics::Date;
use store::{Actor, Error, Operation, Tx};

use super::limits::MAX_NOTE_CHARS;
use crate::audit::audit_change;

/// What became of a note.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnnotateOutcome {
    /// It stands there; or it is gone, where the text was empty.
    Done,
    /// It can't stand there, and why; for staff.
    Refused(&'static str),
}

/// Writes the note of a day, over the one that was there; an empty text removes it.
pub struct Annotate<'a> {
    /// The site's row number.
    pub site: i64,
    /// The day of the site.
    pub date: Date,
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
            return Ok(AnnotateOutcome::Refused("a note has 200 characters at most"));
        }
        // It lies in clear, and on a public page for everybody.
        if line.contains('@') {
            return Ok(AnnotateOutcome::Refused("it lies in clear: an address does not belong into it"));
        }
        tx.set_site_note(self.site, self.date.0, &line).await?;
        let what = if line.is_empty() { "note on a chart removed" } else { "note on a chart written" };
        audit_change(tx, what, self.actor).await?;
        Ok(AnnotateOutcome::Done)
    }
}

/// Control characters and line ends become spaces, and several spaces one.
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
