//! Stored data: compares the live schema, the data inventory and the fields of the provider with each other, and
//! checks every sealed value.

use std::collections::BTreeSet;

use paypro::{FieldClass, NotificationField};
use policy::inventory::{PLAIN, SEALED, find_column};
use policy::{Column, Holds};
use store::{Db, LiveColumn, SealedColumnReport, Shape};

use super::Evidence;

/// A column that an action fills.
struct FilledColumn {
    table: &'static str,
    column: &'static str,
    /// The action, as a reader of the proof understands it.
    by: &'static str,
}

/// Personal columns that no field of a notification fills, and the action that does. Every other personal column needs
/// a field.
const FILLED_BY_ACTION: [FilledColumn; 10] = [
    FilledColumn {
        table: "pending_order",
        column: "notification",
        by: "kept fields of a notification whose product is not known yet",
    },
    FilledColumn { table: "outbox", column: "email", by: "the e-mail that the person asked for" },
    FilledColumn { table: "magic_link", column: "address", by: "the new address that the person typed" },
    FilledColumn { table: "audit_entry", column: "case_text", by: "the case that staff typed" },
    FilledColumn { table: "conversation", column: "subject", by: "the subject of the person's message" },
    FilledColumn {
        table: "conversation",
        column: "contact",
        by: "the address that the person chose to give",
    },
    FilledColumn { table: "conversation", column: "tags", by: "the tags by which staff sort it" },
    FilledColumn { table: "message", column: "body", by: "the text that the person or staff wrote" },
    FilledColumn { table: "attachment", column: "name", by: "the name of a file that the person sent along" },
    FilledColumn { table: "chunk", column: "bytes", by: "a file that the person sent along" },
];

/// Parts of names of fields whose values come from the buyer's browser or network.
const FROM_THE_BROWSER: [&str; 4] = ["_IP", "TIMEZONE", "REFERRER", "QUERY_STRING"];

/// Checks that live schema and inventory have the same columns, and that sealed columns hold bytes.
pub(crate) fn schema(live: &[LiveColumn]) -> Evidence {
    let mut evidence = Evidence::default();
    for l in live {
        match find_column(&l.table, &l.column) {
            None => evidence
                .violation(format!("{}.{} is in the database, but not in the inventory", l.table, l.column)),
            Some(c) if l.shape() == Shape::Other || (is_sealed(c) && l.shape() != Shape::Bytes) => {
                evidence.violation(format!(
                    "{}.{} has a type that does not fit what it holds",
                    l.table, l.column
                ));
            }
            Some(_) => {}
        }
    }
    for c in missing(live) {
        evidence.violation(format!("{}.{} is in the inventory, but not in the database", c.table, c.column));
    }
    evidence.observed(format!(
        "columns of the live schema, compared with the inventory both ways: {}",
        live.len()
    ));
    evidence
}

/// Returns columns of the inventory that the live schema lacks.
fn missing(live: &[LiveColumn]) -> impl Iterator<Item = &'static Column> {
    let live: BTreeSet<(&str, &str)> = live.iter().map(|l| (&*l.table, &*l.column)).collect();
    let missing: Vec<_> =
        SEALED.iter().chain(PLAIN).filter(|c| !live.contains(&(c.table, c.column))).collect();
    missing.into_iter()
}

/// Returns the evidence about a schema that lacks columns, or `None` if no column is missing.
pub(crate) fn missing_columns(live: &[LiveColumn]) -> Option<Evidence> {
    missing(live).next().map(|_| schema(live))
}

fn is_sealed(column: &Column) -> bool {
    matches!(column.holds, Holds::Personal | Holds::Secret)
}

/// Checks that every sealed value opens or is forgotten, and counts the replicas of the keyring.
pub(crate) fn sealed(db: &Db, values: &[SealedColumnReport]) -> Evidence {
    let mut evidence = Evidence::default();
    for v in values.iter().filter(|v| v.broken > 0) {
        let (table, column, n) = (v.column.table, v.column.column, v.broken);
        evidence.violation(format!("{table}.{column}: unencrypted, damaged or moved values: {n}"));
    }
    let personal = || values.iter().filter(|v| v.column.holds == Holds::Personal);
    let (open, forgotten) = personal().fold((0, 0), |(o, f), v| (o + v.open, f + v.forgotten));
    let columns = personal().count();
    evidence.observed(format!(
        "personal columns: {columns}; values that open in their own row and column: {open}; forgotten: {forgotten}"
    ));
    evidence.observed(format!(
        "replicas of the keyring, outside of the database: {}",
        db.keyring().replica_paths().len()
    ));
    evidence
}

/// Checks that each field of the provider is stored only where the inventory allows such a value.
pub(crate) fn fields(fields: &[NotificationField]) -> Evidence {
    let mut evidence = Evidence::default();
    for field in fields.iter().filter(|field| !fits(field)) {
        evidence.violation(match field.kept_in {
            "" => format!("{} ({}) should be kept, but no column is named", field.name, field.class.name()),
            to => format!("{} ({}) must not be kept in {to}", field.name, field.class.name()),
        });
    }
    let card = |f: &&NotificationField| f.name.starts_with("CREDIT_CARD") && f.name != "CREDIT_CARD_LAST4";
    for field in fields.iter().filter(card).filter(|f| !dropped(f)) {
        evidence.violation(format!("{} is card data beyond the last four digits", field.name));
    }
    let dropped_fields = fields.iter().filter(|f| dropped(f)).count();
    let kept = fields.iter().filter(|f| !f.kept_in.is_empty()).count();
    let used = fields.iter().filter(|f| !dropped(f) && f.kept_in.is_empty()).count();
    evidence.observed(format!(
        "fields of a notification (webhook): {}; dropped before anything is written: {dropped_fields}; kept, each \
         in its column of the inventory: {kept}; about the order alone: {used}",
        fields.len()
    ));
    evidence
}

fn dropped(field: &NotificationField) -> bool {
    matches!(field.class, FieldClass::Drop | FieldClass::Memory)
}

fn fits(field: &NotificationField) -> bool {
    let column = field.kept_in.split_once('.').and_then(|(table, column)| find_column(table, column));
    match (field.class, column) {
        (FieldClass::Drop | FieldClass::Memory, _) => field.kept_in.is_empty(),
        (FieldClass::Plain, None) => field.kept_in.is_empty(),
        (_, None) => false,
        (FieldClass::Plain, Some(c)) => c.holds == Holds::Plain,
        (FieldClass::PlainDay, Some(c)) => c.holds == Holds::Plain && c.column.ends_with("_day"),
        (_, Some(c)) => c.holds == Holds::Personal,
    }
}

/// Checks that each personal column is filled by a purchase or an action, and that nothing from browser or network is
/// stored.
pub(crate) fn origins(fields: &[NotificationField]) -> Evidence {
    let mut evidence = Evidence::default();
    let mut filled = 0;
    for c in SEALED.iter().filter(|c| c.holds == Holds::Personal) {
        let name = format!("{}.{}", c.table, c.column);
        let from_purchase = fields.iter().any(|f| f.kept_in == name);
        let by_action =
            FILLED_BY_ACTION.iter().any(|filled| (filled.table, filled.column) == (c.table, c.column));
        if from_purchase {
            filled += 1;
        } else if !by_action {
            evidence.violation(format!("{name} is personal, but neither a purchase nor an action fills it"));
        }
    }
    evidence.observed(format!("personal columns that the buyer fills at the checkout: {filled}"));
    let listed = FILLED_BY_ACTION.iter().filter(|filled| find_column(filled.table, filled.column).is_some());
    for FilledColumn { table, column, by } in listed {
        evidence.observed(format!("{table}.{column}: {by}"));
    }
    let browser = |f: &&NotificationField| FROM_THE_BROWSER.iter().any(|part| f.name.contains(part));
    for field in fields.iter().filter(browser).filter(|f| !dropped(f)) {
        evidence.violation(format!("{} comes from the buyer's browser or network and is kept", field.name));
    }
    let n = fields.iter().filter(browser).count();
    evidence.observed(format!("fields from the buyer's browser or network, each checked to be dropped: {n}"));
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;
    use paypro::FIELDS;

    fn changed(name: &str, class: FieldClass, kept_in: &'static str) -> Vec<NotificationField> {
        let mut fields = FIELDS.clone();
        let field = fields.iter_mut().find(|f| f.name == name).unwrap();
        (field.class, field.kept_in) = (class, kept_in);
        fields
    }

    #[test]
    fn the_field_table_and_the_inventory_agree() {
        assert_eq!(fields(&FIELDS).violations, [""; 0]);
        assert_eq!(origins(&FIELDS).violations, [""; 0]);
    }

    #[test]
    fn a_field_in_a_wrong_column_is_named() {
        for (name, class, kept_in) in [
            ("CUSTOMER_EMAIL", FieldClass::Seal, "orders.flag"),
            ("CUSTOMER_EMAIL", FieldClass::Seal, "person.nickname"),
            ("CUSTOMER_EMAIL", FieldClass::Seal, ""),
            ("CUSTOMER_PHONE", FieldClass::Drop, "person.name"),
            ("SIGNATURE", FieldClass::Memory, "audit_entry.name"),
            ("PRODUCT_QUANTITY", FieldClass::Plain, "person.name"),
            ("ORDER_PLACED_TIME_UTC", FieldClass::PlainDay, "outbox.next_attempt_at"),
            ("CREDIT_CARD_BIN", FieldClass::Seal, "orders.payment"),
        ] {
            let violations = fields(&changed(name, class, kept_in)).violations;
            assert_eq!(violations.len(), 1, "{name} {kept_in}: {violations:?}");
            assert!(violations[0].contains(name), "{violations:?}");
        }
    }

    #[test]
    fn a_field_of_the_network_is_not_stored_and_a_personal_column_needs_an_origin() {
        let violations = origins(&changed("CUSTOMER_IP", FieldClass::Seal, "person.name")).violations;
        assert!(violations.len() == 1 && violations[0].contains("CUSTOMER_IP"), "{violations:?}");
        let violations = origins(&changed("CUSTOMER_LANGUAGE_CODE", FieldClass::Drop, "")).violations;
        assert!(violations.len() == 1 && violations[0].contains("person.language"), "{violations:?}");
    }
}
