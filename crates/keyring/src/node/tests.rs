use super::*;
use crate::seal::OVERHEAD;

const KEYRING_ID: KeyringId = KeyringId([9; 16]);

#[test]
fn every_node_has_the_same_size_and_opens_only_under_its_own_key() {
    let full = Node::expand(&[1; 32]);
    let mut mixed = full.clone();
    mixed.0[5] = Entry::Punctured;
    mixed.0[6] = Entry::Child(NodeKey::fresh().unwrap());
    let key = NodeKey::fresh().unwrap();
    let (a, b) = (full.seal(&key, KEYRING_ID).unwrap(), mixed.seal(&key, KEYRING_ID).unwrap());
    assert_eq!(a.len(), b.len());
    let back = Node::open(&key, KEYRING_ID, &b).unwrap();
    assert!(back.0[5].is_punctured() && matches!(&back.0[6], Entry::Child(_)));
    assert!(Node::open(&NodeKey::fresh().unwrap(), KEYRING_ID, &b).is_none());
    assert!(Node::open(&key, KeyringId([8; 16]), &b).is_none());
}

#[test]
fn the_top_record_is_one_seed_until_it_is_split_and_gives_the_same_keys_after() {
    let mut top = TopRecord::fresh().unwrap();
    let trees = top.split();
    let before = top.seal(&[1; 32], KEYRING_ID, 1).unwrap();
    top.trees = Trees::Split(trees);
    let after = top.seal(&[1; 32], KEYRING_ID, 2).unwrap();
    assert_eq!((before.len(), after.len()), (TopRecord::SEALED, TopRecord::SEALED));
    let (a, b) = (
        TopRecord::open(&[1; 32], KEYRING_ID, 1, &before).unwrap(),
        TopRecord::open(&[1; 32], KEYRING_ID, 2, &after).unwrap(),
    );
    for tree in 0..TREES {
        match (a.tree(tree), b.tree(tree)) {
            (Entry::Seed(x), Entry::Seed(y)) => assert!(x == y),
            _ => panic!("a tree changed its kind"),
        }
    }
    assert!(TopRecord::open(&[1; 32], KEYRING_ID, 3, &after).is_none(), "bound to its epoch");
}

/// The decrypted bytes of a node with all kinds of entries.
fn plain_node() -> Vec<u8> {
    let mut node = Node::expand(&[1; 32]);
    node.0[0] = Entry::Punctured;
    node.0[127] = Entry::Child(NodeKey(Zeroizing::new([7; 32])));
    let mut plain = Vec::new();
    node.0.iter().for_each(|entry| entry.write(&mut plain));
    plain
}

fn kinds(entries: &[Entry]) -> Vec<u8> {
    let kind = |entry: &Entry| match entry {
        Entry::Seed(_) => SEED,
        Entry::Child(_) => CHILD,
        Entry::Punctured => PUNCTURED,
    };
    entries.iter().map(kind).collect()
}

#[test]
fn a_decrypted_node_has_one_length_and_three_kinds_of_entries() {
    let plain = plain_node();
    assert_eq!(plain.len(), 128 * 33);
    let node = Node::read(&plain).unwrap();
    assert_eq!(kinds(&node.0), [&[PUNCTURED][..], &[SEED; 126], &[CHILD]].concat());
    for length in [0, 1, ENTRY, plain.len() - ENTRY, plain.len() - 1] {
        assert!(Node::read(&plain[..length]).is_none(), "{length} bytes");
    }
    assert!(Node::read(&[&plain[..], &[0]].concat()).is_none());
    assert!(Node::read(&[&plain[..], &plain[..ENTRY]].concat()).is_none());
    for entry in [0, 1, 64, 127] {
        for kind in 3..=255 {
            let mut unknown = plain.clone();
            unknown[entry * ENTRY] = kind;
            assert!(Node::read(&unknown).is_none(), "entry {entry} of kind {kind}");
        }
    }
}

#[test]
fn a_decrypted_top_record_is_one_seed_or_one_entry_for_each_tree() {
    let counts = [7_u64.to_le_bytes(), 9_u64.to_le_bytes()].concat();
    let with = |entries: &[u8]| [entries, &counts[..]].concat();
    let whole = [&[0xff][..], &[5; 32], &[0; (TREES - 1) * ENTRY]].concat();
    let split = [PUNCTURED, SEED, CHILD, SEED, SEED, SEED, SEED, SEED, SEED, CHILD];
    let split: Vec<u8> = split.iter().flat_map(|kind| [&[*kind][..], &[6; 32]].concat()).collect();
    for (entries, is_whole) in [(&whole, true), (&split, false)] {
        let bytes = with(entries);
        let top = TopRecord::read(&bytes).unwrap();
        assert_eq!((top.forgotten, top.nodes, matches!(top.trees, Trees::Whole(_))), (7, 9, is_whole));
        for length in [0, 1, ENTRY, entries.len(), bytes.len() - 9, bytes.len() - 8, bytes.len() - 1] {
            assert!(TopRecord::read(&bytes[..length]).is_none(), "{length} bytes");
        }
        assert!(TopRecord::read(&[&bytes[..], &[0]].concat()).is_none());
    }
    assert_eq!(kinds(&TopRecord::read(&with(&split)).unwrap().split())[..3], [PUNCTURED, SEED, CHILD]);
    for entry in 0..TREES {
        for kind in 3..=255 {
            let mut unknown = split.clone();
            unknown[entry * ENTRY] = kind;
            let read = TopRecord::read(&with(&unknown));
            // The mark of a single seed counts in front of all entries alone.
            assert_eq!(read.is_some(), (entry, kind) == (0, 0xff), "entry {entry} of kind {kind}");
        }
    }
}

#[test]
fn a_sealed_node_does_not_open_with_a_changed_byte_or_a_cut() {
    let key = NodeKey::fresh().unwrap();
    let sealed = Node::read(&plain_node()).unwrap().seal(&key, KEYRING_ID).unwrap();
    assert_eq!(sealed.len(), 128 * 33 + OVERHEAD);
    // Each byte of the head and of the tag, and some of the text.
    let text = (OVERHEAD..sealed.len() - 16).step_by(97);
    for at in (0..OVERHEAD).chain(text).chain(sealed.len() - 16..sealed.len()) {
        let mut changed = sealed.clone();
        changed[at] ^= 0x80;
        assert!(Node::open(&key, KEYRING_ID, &changed).is_none(), "byte {at}");
        assert!(Node::open(&key, KEYRING_ID, &sealed[..at]).is_none(), "cut at {at}");
    }
    assert!(Node::open(&key, KEYRING_ID, &[&sealed[..], &[0]].concat()).is_none());
    assert!(Node::open(&key, KEYRING_ID, &sealed).is_some());
}

#[test]
fn a_top_record_opens_for_its_own_key_keyring_and_epoch_alone() {
    let top = TopRecord { forgotten: 3, nodes: 4, ..TopRecord::fresh().unwrap() };
    let sealed = top.seal(&[1; 32], KEYRING_ID, 7).unwrap();
    let opens = |key: u8, id: u8, epoch| TopRecord::open(&[key; 32], KeyringId([id; 16]), epoch, &sealed);
    let opened = opens(1, 9, 7).unwrap();
    assert_eq!((opened.forgotten, opened.nodes), (3, 4));
    for (key, id, epoch) in [(2, 9, 7), (1, 8, 7), (1, 9, 6), (1, 9, 8), (1, 9, 0)] {
        assert!(opens(key, id, epoch).is_none(), "key {key}, keyring {id}, epoch {epoch}");
    }
    // A node sealed under the same key is no top record, and the other way round.
    let key = NodeKey(Zeroizing::new([1; 32]));
    let node = Node::expand(&[2; 32]).seal(&key, KEYRING_ID).unwrap();
    assert!(TopRecord::open(&[1; 32], KEYRING_ID, 7, &node).is_none());
    assert!(Node::open(&key, KEYRING_ID, &sealed).is_none());
}
