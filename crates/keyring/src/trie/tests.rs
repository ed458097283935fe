use super::*;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

const KEYRING_ID: KeyringId = KeyringId([9; 16]);

#[derive(Default)]
struct MemoryNodes(RefCell<HashMap<NodeId, Vec<u8>>>);

impl NodeSource for MemoryNodes {
    fn load(&self, key: &NodeKey) -> Result<Arc<Node>, KeyringError> {
        let nodes = self.0.borrow();
        let node = nodes.get(&key.id()).and_then(|sealed| Node::open(key, KEYRING_ID, sealed));
        node.map(Arc::new).ok_or(KeyringError::Damaged("missing"))
    }
}

impl MemoryNodes {
    fn forget(&self, top: &TopRecord, slots: &[Slot]) -> TopRecord {
        let punctured = puncture(top, slots, KEYRING_ID, self).unwrap();
        let mut nodes = self.0.borrow_mut();
        nodes.extend(punctured.written);
        punctured.changes.retired.iter().for_each(|id| drop(nodes.remove(id)));
        assert_eq!(nodes.len() as u64, punctured.top.nodes);
        punctured.top
    }
}

#[test]
fn punctured_slots_have_no_key_and_all_others_keep_theirs() {
    let nodes = MemoryNodes::default();
    let slots = [1, 5, 127, 128, 4121, 65_536, 65_537, 70_000, 1 << 21, 1 << 40, u64::MAX >> 1].map(Slot);
    let mut top = TopRecord::fresh().unwrap();
    let keys: Vec<_> = slots.map(|slot| derive_key(&top, slot, &nodes).unwrap().unwrap()).into();
    for (i, slot) in slots.iter().enumerate() {
        top = nodes.forget(&top, &[*slot]);
        for (j, other) in slots.iter().enumerate() {
            let key = derive_key(&top, *other, &nodes).unwrap();
            assert_eq!(key.is_none(), j <= i);
            assert!(key.is_none_or(|key| key == keys[j]));
        }
    }
    assert_eq!(nodes_in_use(&top, &nodes).unwrap().len() as u64, top.nodes);
    assert_eq!(top.forgotten, slots.len() as u64);
}

#[test]
fn a_batch_writes_each_node_once() {
    let nodes = MemoryNodes::default();
    let slots: Vec<_> = (65_536..65_546).map(Slot).collect();
    let punctured = puncture(&TopRecord::fresh().unwrap(), &slots, KEYRING_ID, &nodes).unwrap();
    assert_eq!(punctured.written.len(), 3);
}

#[test]
fn a_node_whose_slots_are_all_forgotten_is_removed() {
    let nodes = MemoryNodes::default();
    let top = nodes.forget(&TopRecord::fresh().unwrap(), &(128..16_384).map(Slot).collect::<Vec<_>>());
    assert_eq!(top.nodes, 1, "only the node below digit 0, whose slots were never used, is left");
    assert!(derive_key(&top, Slot(200), &nodes).unwrap().is_none());
}

/// Slots that share long and short parts of their paths, in few trees.
fn slot() -> impl Strategy<Value = Slot> {
    prop_oneof![
        4096..4100_u64,
        65_536..65_540_u64,
        (0..3_u64, 0..3_u64).prop_map(|(high, low)| 65_536 + high * 16_384 + low),
        (0..4_u64).prop_map(|n| (1 << 40) + n * ((1 << 14) + 1)),
        Just(i64::MAX as u64),
    ]
    .prop_map(Slot)
}

/// Keys of all slots that [`slot`] makes, and of their neighbours.
fn keys_of(top: &TopRecord, slots: &BTreeSet<Slot>, nodes: &MemoryNodes) -> BTreeMap<Slot, Option<Key>> {
    slots.iter().map(|slot| (*slot, derive_key(top, *slot, nodes).unwrap())).collect()
}

proptest! {
    // Few: a node takes milliseconds without optimisation.
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_batches_of_punctures_remove_their_own_keys_alone(
        batches in prop::collection::vec(prop::collection::btree_set(slot(), 1..5), 1..5),
    ) {
        let nodes = MemoryNodes::default();
        let mut top = TopRecord::fresh().unwrap();
        let all: BTreeSet<Slot> =
            batches.iter().flatten().flat_map(|slot| [*slot, Slot(slot.0 - 1), Slot(slot.0 ^ 128)]).collect();
        let before = keys_of(&top, &all, &nodes);
        let mut forgotten = BTreeSet::new();
        for batch in batches {
            let batch: Vec<Slot> = batch.difference(&forgotten).copied().collect();
            top = nodes.forget(&top, &batch);
            forgotten.extend(batch);
            for (slot, key) in keys_of(&top, &all, &nodes) {
                prop_assert_eq!(key.is_none(), forgotten.contains(&slot), "{:?}", slot);
                prop_assert!(key.is_none() || key == before[&slot], "the key of {:?} changed", slot);
            }
            prop_assert_eq!(top.forgotten, forgotten.len() as u64);
            prop_assert_eq!(nodes_in_use(&top, &nodes).unwrap().len() as u64, top.nodes);
        }
    }

    #[test]
    fn one_batch_punctures_what_single_steps_puncture(slots in prop::collection::btree_set(slot(), 1..6)) {
        let (together, apart) = (MemoryNodes::default(), MemoryNodes::default());
        let fresh = TopRecord::fresh().unwrap();
        let slots: Vec<Slot> = slots.into_iter().collect();
        let batch = together.forget(&fresh, &slots);
        let single = slots.iter().fold(fresh, |top, slot| apart.forget(&top, &[*slot]));
        prop_assert_eq!((batch.forgotten, batch.nodes), (single.forgotten, single.nodes));
    }
}

#[test]
fn a_missing_node_is_damage_and_never_a_key() {
    let nodes = MemoryNodes::default();
    let top = nodes.forget(&TopRecord::fresh().unwrap(), &[Slot(70_000)]);
    nodes.0.borrow_mut().clear();
    for slot in [Slot(70_000), Slot(70_001), Slot(65_536)] {
        assert!(matches!(derive_key(&top, slot, &nodes), Err(KeyringError::Damaged(_))), "{slot:?}");
    }
    // Another tree needs no node.
    assert!(derive_key(&top, Slot(4096), &nodes).unwrap().is_some());
}
