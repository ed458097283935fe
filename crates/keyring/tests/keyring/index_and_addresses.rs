//! Properties of index buckets and of e-mail addresses.

use std::collections::BTreeMap;

use keyring::bucket::{CAPACITY, InsertError};
use keyring::{Address, Bucket, Slot, Tag16};
use proptest::prelude::*;

fn tag() -> impl Strategy<Value = Tag16> {
    // Few different first bytes, so that tags collide and sort keys repeat.
    (0..4u8, any::<u8>()).prop_map(|(head, tail)| {
        let mut tag = [head; 16];
        tag[15] = tail;
        Tag16(tag)
    })
}

fn filled(pairs: &BTreeMap<Tag16, u64>) -> Bucket {
    let mut bucket = Bucket::new();
    pairs.iter().for_each(|(tag, slot)| bucket.insert(*tag, Slot(*slot)).unwrap());
    bucket
}

proptest! {
    #[test]
    fn a_bucket_is_a_map_of_at_most_64(steps in prop::collection::vec((tag(), any::<u64>(), any::<bool>()), 0..200)) {
        let (mut bucket, mut model) = (Bucket::new(), BTreeMap::new());
        for (tag, slot, add) in steps {
            if add {
                let expected = match model.get(&tag) {
                    Some(slot) => Err(InsertError::Exists(Slot(*slot))),
                    None if model.len() == CAPACITY => Err(InsertError::Full),
                    None => {
 model.insert(tag, slot);
 Ok(())
 }
                };
                prop_assert_eq!(bucket.insert(tag, Slot(slot)), expected);
            } else {
                prop_assert_eq!(bucket.remove(tag), model.remove(&tag).map(Slot));
            }
            prop_assert!(bucket.iter().eq(model.iter().map(|(t, s)| (*t, Slot(*s)))));
            prop_assert_eq!(bucket.find(tag), model.get(&tag).map(|s| Slot(*s)));
        }
        let bytes = bucket.to_bytes();
        prop_assert_eq!(bytes.len(), Bucket::LENGTH, "one length, however full");
        prop_assert!(Bucket::from_bytes(&bytes) == Ok(bucket));
    }

    #[test]
    fn a_split_divides_a_bucket_at_a_sort_key(pairs in prop::collection::btree_map(tag(), any::<u64>(), 0..=CAPACITY)) {
        let mut low = filled(&pairs);
        match low.split() {
            Some((from, high)) => {
                prop_assert!(!low.is_empty() && !high.is_empty());
                prop_assert!(low.iter().all(|(tag, _)| tag.sort_key() < from));
                prop_assert!(high.iter().all(|(tag, _)| tag.sort_key() >= from));
                prop_assert!(low.iter().chain(high.iter()).eq(pairs.iter().map(|(t, s)| (*t, Slot(*s)))));
            }
            None => prop_assert!(low.iter().all(|(tag, _)| Some(tag.sort_key()) == low.iter().next().map(|(t, _)| t.sort_key()))),
        }
    }

    #[test]
    fn bytes_that_are_not_a_bucket_are_an_error_and_never_an_empty_bucket(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        if let Ok(bucket) = Bucket::from_bytes(&bytes) {
            prop_assert_eq!(bucket.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_text_is_refused_or_an_address_with_a_stable_canonical_form(text in "\\PC{0,12}@?[a-zA-Zäßİ.。-]{0,12}\\PC{0,3}") {
        if let Ok(address) = Address::parse(&text) {
            let again = Address::parse(address.as_written()).ok().unwrap();
            prop_assert_eq!(again.as_written(), address.as_written());
            prop_assert_eq!(again.canonical(), address.canonical());
        }
    }

    #[test]
    fn the_canonical_form_ignores_case(text in "[a-zA-Z0-9.+_-]{1,20}@[a-zA-Z]{1,10}\\.(org|Example)") {
        let canonical = |text: &str| Address::parse(text).ok().map(|a| a.canonical().to_owned());
        prop_assert_eq!(canonical(&text), canonical(&text.to_ascii_uppercase()));
        prop_assert!(canonical(&text).is_some());
    }
}

#[test]
fn a_full_bucket_splits_into_halves() {
    let pairs = (0..64u8).map(|n| (Tag16([n * 4; 16]), u64::from(n))).collect();
    let mut low = filled(&pairs);
    assert!(low.is_full());
    let (_, high) = low.split().unwrap();
    assert_eq!((low.len(), high.len()), (32, 32));
}
