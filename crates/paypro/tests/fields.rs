//! The list of fields is whole, and nothing reads what it drops.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;

use paypro::{Class, FIELDS, Kind, Secret, Simulator, fields};

#[test]
fn there_are_155_fields_each_once() {
    let names: HashSet<&str> = FIELDS.iter().map(|field| field.name).collect();
    assert_eq!((FIELDS.len(), names.len()), (155, 155));
}

#[test]
fn each_class_has_as_many_fields_as_were_decided() {
    let counts = Class::ALL.map(|class| (class, FIELDS.iter().filter(|field| field.class == class).count()));
    let decided = [
        (Class::Seal, 5),
        (Class::SealOther, 2),
        (Class::SealOptional, 1),
        (Class::Tag, 3),
        (Class::TagAndSeal, 1),
        (Class::Plain, 16),
        (Class::PlainDay, 4),
        (Class::Memory, 5),
        (Class::AllowList, 2),
        (Class::Drop, 116),
    ];
    assert_eq!(counts, decided);
}

#[test]
fn what_is_dropped_or_only_remembered_has_no_column() {
    for field in FIELDS.iter().filter(|field| matches!(field.class, Class::Drop | Class::Memory)) {
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
fn what_is_sealed_tagged_or_cut_to_the_day_says_where_it_goes() {
    for field in FIELDS.iter() {
        if !matches!(field.class, Class::Drop | Class::Memory | Class::Plain) {
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
    assert_eq!(fields::find("CUSTOMER_IP").unwrap().class, Class::Drop);
    assert!(fields::find("customer_ip").is_none() && fields::find("").is_none());
}

#[test]
fn the_simulator_can_send_every_field_and_no_other() {
    let mut sent: HashSet<String> = HashSet::from(["SIGNATURE".to_owned()]);
    for kind in Kind::ALL {
        let draft = Simulator::new(Secret::new("k").unwrap()).notice(kind);
        sent.extend(draft.fields().iter().map(|(name, _)| name.clone()));
    }
    let known: HashSet<String> = FIELDS.iter().map(|field| field.name.to_owned()).collect();
    assert_eq!(sent, known);
}
