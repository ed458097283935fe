//! Texts in memory, and a scan over all of them. No index structure: substrings are found, in any language, and to
//! forget a thread is to drop its text.

use std::collections::HashMap;

use memchr::memmem::Finder;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// Of a thread's text so much is kept, in bytes.
pub const MOST_OF_ONE: usize = 64 * 1024;
/// Of all texts together so much is kept, in bytes; what comes later isn't found.
pub const MOST_OF_ALL: usize = 256 * 1024 * 1024;
/// A search has at most so many words; the rest is left out.
const WORDS: usize = 16;

struct Entry {
    turn: i64,
    /// Folded; of the exact length, so that no other copy of it was ever left behind by growing.
    text: Zeroizing<Box<str>>,
}

/// Folded texts of threads by number. Wiped from memory when forgotten or dropped.
#[derive(Default)]
pub struct Index {
    threads: HashMap<i64, Entry>,
    bytes: usize,
    left_out: bool,
}

/// Words to be found, folded. All of them must stand in a text.
pub struct Words(Vec<Zeroizing<String>>);

impl Words {
    /// The words of what somebody typed.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let folded = fold(typed);
        let mut words: Vec<_> =
            folded.split_whitespace().take(WORDS).map(|word| Zeroizing::new(word.to_owned())).collect();
        // The longest is the rarest, and most texts lack it.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        Self(words)
    }
}

impl Index {
    /// Keeps a thread's text, as it was at that turn, instead of what was kept of it; an empty one is forgotten.
    pub fn put(&mut self, id: i64, turn: i64, text: &str) {
        self.forget(id);
        if text.is_empty() {
            return;
        }
        let folded = fold(text);
        if self.bytes + folded.len() > MOST_OF_ALL {
            self.left_out = true;
            return;
        }
        self.bytes += folded.len();
        self.threads.insert(id, Entry { turn, text: Zeroizing::new(Box::from(&**folded)) });
    }

    /// Forgets a thread.
    pub fn forget(&mut self, id: i64) {
        if let Some(gone) = self.threads.remove(&id) {
            self.bytes -= gone.text.len();
        }
    }

    /// Forgets a thread as it was before a turn.
    pub fn forget_before(&mut self, id: i64, turn: i64) {
        if self.threads.get(&id).is_some_and(|entry| entry.turn < turn) {
            self.forget(id);
        }
    }

    /// Forgets all but these.
    pub fn forget_all_but(&mut self, living: &[i64]) {
        let living: std::collections::HashSet<i64> = living.iter().copied().collect();
        let gone: Vec<i64> = self.threads.keys().filter(|id| !living.contains(id)).copied().collect();
        gone.into_iter().for_each(|id| self.forget(id));
    }

    /// Numbers of all threads in it.
    #[must_use]
    pub fn ids(&self) -> Vec<i64> {
        self.threads.keys().copied().collect()
    }

    /// Bytes of all texts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether all that should be in it had room.
    #[must_use]
    pub fn whole(&self) -> bool {
        !self.left_out
    }

    /// Threads whose text holds all the words, newest turn first. No word finds nothing.
    #[must_use]
    pub fn find(&self, words: &Words) -> Vec<i64> {
        if words.0.is_empty() {
            return Vec::new();
        }
        let finders: Vec<Finder<'_>> = words.0.iter().map(|word| Finder::new(word.as_bytes())).collect();
        let holds = |entry: &Entry| finders.iter().all(|word| word.find(entry.text.as_bytes()).is_some());
        let mut hits: Vec<(i64, i64)> =
            self.threads.iter().filter(|(_, e)| holds(e)).map(|(id, e)| (e.turn, *id)).collect();
        hits.sort_unstable_by(|a, b| b.cmp(a));
        hits.into_iter().map(|(_, id)| id).collect()
    }
}

/// Compatibility forms are one (NFKC), capitals are small; cut at a character so that it has at most
/// [`MOST_OF_ONE`] bytes. Never grows, so it leaves no copies in memory.
#[must_use]
pub fn fold(text: &str) -> Zeroizing<String> {
    let mut folded = Zeroizing::new(String::with_capacity(MOST_OF_ONE.min(text.len().saturating_mul(12))));
    let room = folded.capacity().min(MOST_OF_ONE); // nothing unfolds to more than eleven times its bytes
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
            index.put(n, n, text);
        }
        index
    }

    #[test]
    fn all_words_must_stand_in_a_thread_whatever_their_case_or_form() {
        let index = index(&["The KEY was lost", "the ｋｅｙ of Ünal", "a pier, ﬁne"]);
        let find = |typed: &str| index.find(&Words::of(typed));
        assert_eq!(find("key"), [2, 1], "newest first");
        assert_eq!(find("Lost key"), [1]);
        assert_eq!(find("ÜNAL"), [2]);
        assert_eq!(find("fine"), [3]);
        assert_eq!(find("ke the"), [2, 1], "parts of words count");
        assert!(find("key pier").is_empty() && find(" \n").is_empty());
    }

    #[test]
    fn what_is_forgotten_is_no_longer_there() {
        let mut index = index(&["one", "two", "three"]);
        index.forget(1);
        index.forget_all_but(&[3]);
        index.put(3, 9, "four");
        assert_eq!((index.ids(), index.bytes()), (vec![3], 4));
        assert!(index.find(&Words::of("three")).is_empty());
        index.forget(3);
        assert_eq!(index.bytes(), 0);
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(fold(&"ü".repeat(MOST_OF_ONE)).len(), MOST_OF_ONE);
        assert_eq!(fold(&"€".repeat(MOST_OF_ONE)).len(), MOST_OF_ONE / 3 * 3);
        // A sign that unfolds to many: U+FDFA is 18 characters.
        assert!(fold(&"\u{FDFA}".repeat(10)).len() <= MOST_OF_ONE);
    }
}
