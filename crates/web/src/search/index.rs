//! Texts in memory and a scan over all of them. There is no index structure, so substrings are found in any language, and
//! dropping a text removes a conversation completely.

use std::collections::HashMap;

use memchr::memmem::Finder;
use store::ConversationId;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// Bytes of the text of one conversation that are kept.
pub const MAX_BYTES_OF_ONE: usize = 64 * 1024;
/// Bytes of all texts together. Conversations beyond the limit are not found.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;
/// Number of words of a search. Further words are ignored.
const MAX_TERMS: usize = 16;

struct Entry {
    revision: i64,
    /// Normalized. Allocated with its exact length, so that growing leaves no copy in memory.
    text: Zeroizing<Box<str>>,
}

/// Normalized texts of conversations by number. A text is wiped from memory when it is removed.
#[derive(Default)]
pub struct Index {
    conversations: HashMap<ConversationId, Entry>,
    bytes: usize,
    left_out: bool,
}

/// Normalized search words. A text must contain all of them.
pub struct SearchTerms(Vec<Zeroizing<String>>);

impl SearchTerms {
    /// Parses a typed search.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let folded = normalize(typed);
        let mut words: Vec<_> =
            folded.split_whitespace().take(MAX_TERMS).map(|word| Zeroizing::new(word.to_owned())).collect();
        // The longest word is the rarest, so it excludes most texts at once.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        Self(words)
    }
}

impl Index {
    /// Stores the text of a conversation at a revision and replaces the earlier one. An empty text removes it.
    pub fn insert(&mut self, id: ConversationId, revision: i64, text: &str) {
        self.forget(id);
        if text.is_empty() {
            return;
        }
        let folded = normalize(text);
        if self.bytes + folded.len() > MAX_BYTES {
            self.left_out = true;
            return;
        }
        self.bytes += folded.len();
        self.conversations.insert(id, Entry { revision, text: Zeroizing::new(Box::from(&**folded)) });
    }

    /// Removes a conversation.
    pub fn forget(&mut self, id: ConversationId) {
        if let Some(gone) = self.conversations.remove(&id) {
            self.bytes -= gone.text.len();
        }
    }

    /// Removes a conversation if its text is older than a revision.
    pub(crate) fn forget_before(&mut self, id: ConversationId, revision: i64) {
        if self.conversations.get(&id).is_some_and(|entry| entry.revision < revision) {
            self.forget(id);
        }
    }

    /// Removes all conversations but these.
    pub(crate) fn forget_all_but(&mut self, living: &[ConversationId]) {
        let living: std::collections::HashSet<ConversationId> = living.iter().copied().collect();
        let gone: Vec<ConversationId> =
            self.conversations.keys().filter(|id| !living.contains(id)).copied().collect();
        gone.into_iter().for_each(|id| self.forget(id));
    }

    /// Returns the numbers of all conversations in the index.
    #[must_use]
    pub fn ids(&self) -> Vec<ConversationId> {
        self.conversations.keys().copied().collect()
    }

    /// Returns the bytes of all texts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns whether all conversations had room in the index.
    #[must_use]
    pub(crate) fn is_complete(&self) -> bool {
        !self.left_out
    }

    /// Returns the conversations that contain all words, latest change first. Without words, the result is empty.
    #[must_use]
    pub fn find(&self, words: &SearchTerms) -> Vec<ConversationId> {
        if words.0.is_empty() {
            return Vec::new();
        }
        let finders: Vec<Finder<'_>> = words.0.iter().map(|word| Finder::new(word.as_bytes())).collect();
        let holds = |entry: &Entry| finders.iter().all(|word| word.find(entry.text.as_bytes()).is_some());
        let mut hits: Vec<(i64, ConversationId)> =
            self.conversations.iter().filter(|(_, e)| holds(e)).map(|(id, e)| (e.revision, *id)).collect();
        hits.sort_unstable_by(|a, b| b.cmp(a));
        hits.into_iter().map(|(_, id)| id).collect()
    }
}

/// Normalizes a text: Unicode compatibility forms (NFKC), lower case, at most [`MAX_BYTES_OF_ONE`] bytes. The buffer
/// never grows, so no copy is left in memory.
#[must_use]
pub(crate) fn normalize(text: &str) -> Zeroizing<String> {
    let mut folded =
        Zeroizing::new(String::with_capacity(MAX_BYTES_OF_ONE.min(text.len().saturating_mul(12))));
    let room = folded.capacity().min(MAX_BYTES_OF_ONE); // no character expands to more than eleven times its bytes
    for small in text.nfkc().flat_map(char::to_lowercase) {
        if folded.len() + small.len_utf8() > room {
            break;
        }
        folded.push(small);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(texts: &[&str]) -> Index {
        let mut index = Index::default();
        for (n, text) in (1..).zip(texts) {
            index.insert(ConversationId::new(n), n, text);
        }
        index
    }

    fn numbers(ids: &[ConversationId]) -> Vec<i64> {
        ids.iter().map(|id| id.number()).collect()
    }

    #[test]
    fn a_search_finds_conversations_with_all_words_in_any_case_or_form() {
        let index = index(&["The KEY was lost", "the ｋｅｙ of Ünal", "a pier, ﬁne"]);
        let find = |typed: &str| numbers(&index.find(&SearchTerms::of(typed)));
        assert_eq!(find("key"), [2, 1], "newest first");
        assert_eq!(find("Lost key"), [1]);
        assert_eq!(find("ÜNAL"), [2]);
        assert_eq!(find("fine"), [3]);
        assert_eq!(find("ke the"), [2, 1], "parts of words count");
        assert!(find("key pier").is_empty() && find(" \n").is_empty());
    }

    #[test]
    fn removed_texts_are_not_found() {
        let mut index = index(&["one", "two", "three"]);
        let [first, third] = [1, 3].map(ConversationId::new);
        index.forget(first);
        index.forget_all_but(&[third]);
        index.insert(third, 9, "four");
        assert_eq!((index.ids(), index.bytes()), (vec![third], 4));
        assert!(index.find(&SearchTerms::of("three")).is_empty());
        index.forget(third);
        assert_eq!(index.bytes(), 0);
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(normalize(&"ü".repeat(MAX_BYTES_OF_ONE)).len(), MAX_BYTES_OF_ONE);
        assert_eq!(normalize(&"€".repeat(MAX_BYTES_OF_ONE)).len(), MAX_BYTES_OF_ONE / 3 * 3);
        // U+FDFA expands to 18 characters.
        assert!(normalize(&"\u{FDFA}".repeat(10)).len() <= MAX_BYTES_OF_ONE);
    }
}
