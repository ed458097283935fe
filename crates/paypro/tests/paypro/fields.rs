//! The list of fields is complete, and the program reads no dropped field.

use std::collections::HashSet;

use paypro::{FIELDS, FieldClass, NotificationKind, Secret, Simulator, fields};

#[test]
fn there_are_155_fields_each_once() {
    let names: HashSet<&str> = FIELDS.iter().map(|field| field.name).collect();
    assert_eq!((FIELDS.len(), names.len()), (155, 155));
}

#[test]
fn each_class_has_the_expected_number_of_fields() {
    let counts =
        FieldClass::ALL.map(|class| (class, FIELDS.iter().filter(|field| field.class == class).count()));
    let decided = [
        (FieldClass::Seal, 5),
        (FieldClass::SealOther, 2),
        (FieldClass::SealOptional, 1),
        (FieldClass::Tag, 3),
        (FieldClass::TagAndSeal, 1),
        (FieldClass::Plain, 16),
        (FieldClass::PlainDay, 4),
        (FieldClass::Memory, 5),
        (FieldClass::AllowList, 2),
        (FieldClass::Drop, 116),
    ];
    assert_eq!(counts, decided);
}

#[test]
fn dropped_and_memory_fields_have_no_column() {
    for field in FIELDS.iter().filter(|field| matches!(field.class, FieldClass::Drop | FieldClass::Memory)) {
        assert_eq!(field.kept_in, "", "{}", field.name);
    }
}

#[test]
fn every_column_is_named_as_table_and_column() {
    for field in FIELDS.iter().filter(|field| !field.kept_in.is_empty()) {
        let (table, column) = field.kept_in.split_once('.').expect(field.name);
        assert!(!table.is_empty() && !column.is_empty() && !column.contains('.'), "{}", field.name);
    }
}

#[test]
fn stored_fields_name_their_column() {
    for field in FIELDS.iter() {
        if !matches!(field.class, FieldClass::Drop | FieldClass::Memory | FieldClass::Plain) {
            assert_ne!(field.kept_in, "", "{}", field.name);
        }
    }
}

#[test]
fn every_field_gives_a_reason() {
    assert!(FIELDS.iter().all(|field| field.reason.len() > 10));
}

#[test]
fn a_name_is_found_only_as_the_provider_spells_it() {
    assert_eq!(fields::find("CUSTOMER_IP").unwrap().class, FieldClass::Drop);
    assert!(fields::find("customer_ip").is_none() && fields::find("").is_none());
}

#[test]
fn the_simulator_can_send_every_field_and_no_other() {
    let mut sent: HashSet<String> = HashSet::from(["SIGNATURE".to_owned()]);
    for kind in NotificationKind::ALL {
        let draft = Simulator::new(Secret::new("k").unwrap()).notification(kind);
        sent.extend(draft.fields().iter().map(|(name, _)| name.clone()));
    }
    let known: HashSet<String> = FIELDS.iter().map(|field| field.name.to_owned()).collect();
    assert_eq!(sent, known);
}
