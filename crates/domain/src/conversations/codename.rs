//! Codenames: two words by which staff name a conversation. They reveal nothing about the sender.

use store::ConversationId;

/// Returns the codename of a conversation. The same id always has the same codename, and other conversations may share
/// it.
#[must_use]
pub fn codename(id: ConversationId) -> String {
    // Ids are random. SplitMix64 also spreads consecutive ids, as tests use them.
    let mut n = id.number().cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
    n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^= n >> 31;
    let pick = |from: &[&'static str], n: u64| {
        let count = from.len() as u64;
        from[usize::try_from(n % count).unwrap_or(0)]
    };
    format!("{}-{}", pick(&ADJECTIVES, n), pick(&NOUNS, n >> 32))
}

/// Friendly or neutral adjectives that do not describe people.
const ADJECTIVES: [&str; 97] = [
    "amber", "ample", "azure", "bold", "bright", "brisk", "bronze", "calm", "clear", "clever", "copper",
    "coral", "cosy", "crisp", "curly", "dapper", "deep", "distant", "dotted", "early", "easy", "even",
    "fabled", "fair", "fine", "fleet", "floral", "fluffy", "fresh", "frosty", "gentle", "gilded", "glad",
    "glossy", "golden", "grand", "green", "happy", "hazel", "hidden", "high", "humble", "indigo", "ivory",
    "jolly", "keen", "kind", "large", "late", "level", "light", "lilac", "little", "lively", "long", "lucid",
    "lucky", "lunar", "mellow", "merry", "mild", "misty", "modest", "narrow", "neat", "nimble", "noble",
    "olive", "opal", "orange", "pale", "patient", "placid", "plain", "proud", "quick", "quiet", "rapid",
    "rosy", "round", "ruby", "rustic", "scarlet", "serene", "silent", "silver", "sleek", "smooth", "snowy",
    "solar", "spry", "steady", "sunny", "tidy", "velvet", "violet", "warm",
];

/// Nouns of nature.
const NOUNS: [&str; 101] = [
    "acorn", "alder", "aspen", "badger", "bay", "beach", "beaver", "beech", "birch", "bison", "bluff",
    "breeze", "brook", "canyon", "cedar", "cliff", "cloud", "clover", "comet", "cove", "crane", "creek",
    "crow", "daisy", "dawn", "delta", "dew", "dolphin", "dove", "dune", "eagle", "elm", "falcon", "fern",
    "field", "finch", "fir", "fjord", "flint", "forest", "fox", "garden", "geyser", "glade", "glen", "grove",
    "gull", "harbour", "hare", "hawk", "hazelnut", "heath", "hedge", "heron", "hill", "island", "ivy", "jay",
    "lagoon", "lake", "larch", "lark", "laurel", "lichen", "lily", "lynx", "maple", "marsh", "meadow",
    "meteor", "moon", "moss", "oak", "ocean", "orchard", "osprey", "otter", "owl", "pebble", "pine",
    "plover", "pond", "poplar", "prairie", "rain", "raven", "reed", "reef", "ridge", "river", "robin",
    "sparrow", "spring", "spruce", "stone", "summit", "thistle", "valley", "willow", "wren", "yew",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_words_are_distinct_and_the_codename_is_stable() {
        assert_eq!(ADJECTIVES.iter().collect::<BTreeSet<_>>().len(), ADJECTIVES.len());
        assert_eq!(NOUNS.iter().collect::<BTreeSet<_>>().len(), NOUNS.len());
        assert_eq!(codename(ConversationId::new(1)), codename(ConversationId::new(1)));
        let names: BTreeSet<String> = (1..=1000).map(ConversationId::new).map(codename).collect();
        assert!(names.len() > 900, "{}", names.len());
        assert!(names.iter().all(|n| n.split('-').count() == 2));
    }
}
