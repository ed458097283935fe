//! Tables as comma-separated values (CSV, RFC 4180).

/// A CSV table with a header line.
#[derive(Default)]
pub struct Csv(String);

impl Csv {
    /// A table with this header line.
    #[must_use]
    pub(crate) fn with_header(header: &[&str]) -> Self {
        let mut csv = Self::default();
        csv.line(header);
        csv
    }

    /// Adds a line.
    pub fn line(&mut self, fields: &[&str]) {
        for (n, field) in fields.iter().enumerate() {
            if n > 0 {
                self.0.push(',');
            }
            self.field(field);
        }
        self.0.push_str("\r\n");
    }

    /// Adds a field. A spreadsheet would run a field that looks like a formula, and visitors can choose some values. Such a
    /// field gets an apostrophe, which makes it text (CSV injection).
    fn field(&mut self, field: &str) {
        let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let quoted = field.contains([',', '"', '\r', '\n']) || field.starts_with(' ') || field.ends_with(' ');
        let text = if formula { format!("'{field}") } else { field.to_owned() };
        if quoted {
            self.0.push('"');
            self.0.push_str(&text.replace('"', "\"\""));
            self.0.push('"');
        } else {
            self.0.push_str(&text);
        }
    }

    /// Returns the table as text.
    #[must_use]
    pub fn text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Csv;

    fn line(fields: &[&str]) -> String {
        let mut csv = Csv::default();
        csv.line(fields);
        csv.text()
    }

    #[test]
    fn commas_quotation_marks_and_line_breaks_are_quoted() {
        assert_eq!(line(&["/a", "1"]), "/a,1\r\n");
        assert_eq!(
            line(&["a,b", "say \"hi\"", "two\r\nlines"]),
            "\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\r\n"
        );
        assert_eq!(line(&["", " edge"]), ",\" edge\"\r\n");
    }

    #[test]
    fn formulas_are_turned_into_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"] {
            assert_eq!(line(&[formula]), format!("'{formula}\r\n"));
        }
        assert_eq!(line(&["=HYPERLINK(\"x\",1)"]), "\"'=HYPERLINK(\"\"x\"\",1)\"\r\n");
        assert_eq!(line(&["a=b"]), "a=b\r\n");
    }
}
