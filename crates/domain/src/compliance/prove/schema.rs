//! Stored data: compares the live schema, the data inventory and the fields of the provider with each other, and
//! checks every sealed value.

use std::collections::BTreeSet;

use paypro::{FieldClass, NotificationField};
use policy::inventory::{PLAIN, SEALED, find_column};
use policy::{Column, Holds};
use store::{Db, LiveColumn, SealedColumnReport, Shape};

use super::findings::schema::{Fault, FillingAction, Observation, Violation};
use super::findings::{Evidence, count};

/// A column that an action fills.
struct FilledColumn {
    table: &'static str,
    column: &'static str,
    by: FillingAction,
}

/// Personal columns that no field of a notification fills, and the action that does. Every other personal column needs
/// a field.
const FILLED_BY_ACTION: [FilledColumn; 10] = [
    FilledColumn { table: "pending_order", column: "notification", by: FillingAction::PendingNotification },
    FilledColumn { table: "outbox", column: "email", by: FillingAction::EmailRequest },
    FilledColumn { table: "magic_link", column: "address", by: FillingAction::NewAddress },
    FilledColumn { table: "audit_entry", column: "case_text", by: FillingAction::Case },
    FilledColumn { table: "conversation", column: "subject", by: FillingAction::Subject },
    FilledColumn { table: "conversation", column: "contact", by: FillingAction::ReplyAddress },
    FilledColumn { table: "conversation", column: "tags", by: FillingAction::Tags },
    FilledColumn { table: "message", column: "body", by: FillingAction::MessageText },
    FilledColumn { table: "attachment", column: "name", by: FillingAction::FileName },
    FilledColumn { table: "chunk", column: "bytes", by: FillingAction::File },
];

/// Parts of names of fields whose values come from the buyer's browser or network.
const FROM_THE_BROWSER: [&str; 4] = ["_IP", "TIMEZONE", "REFERRER", "QUERY_STRING"];

/// Checks that live schema and inventory have the same columns, and that sealed columns hold bytes.
pub(crate) fn schema(live: &[LiveColumn]) -> Evidence {
    let mut evidence = Evidence::default();
    for l in live {
        match find_column(&l.table, &l.column) {
            None => evidence.violation(Violation::NotInInventory { column: l.to_string() }),
            Some(c) if l.shape() == Shape::Other || (is_sealed(c) && l.shape() != Shape::Bytes) => {
                evidence.violation(Violation::WrongType { column: l.to_string() });
            }
            Some(_) => {}
        }
    }
    for c in missing(live) {
        evidence.violation(Violation::NotInDatabase { column: c.to_string() });
    }
    evidence.observed(Observation::Columns { columns: live.len() });
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
    for v in values {
        evidence.expect_zero(count(v.broken), Fault::Unreadable { column: v.column.to_string() });
    }
    let personal = || values.iter().filter(|v| v.column.holds == Holds::Personal);
    let (open, forgotten) = personal().fold((0, 0), |(o, f), v| (o + v.open, f + v.forgotten));
    let columns = personal().count();
    evidence.observed(Observation::Sealed { columns, open, forgotten });
    evidence.observed(Observation::Replicas { replicas: db.keyring().replica_paths().len() });
    evidence
}

/// Checks that each field of the provider is stored only where the inventory allows such a value.
pub(crate) fn fields(fields: &[NotificationField]) -> Evidence {
    let mut evidence = Evidence::default();
    for field in fields.iter().filter(|field| !fits(field)) {
        let NotificationField { name: field, class, kept_in: column, .. } = *field;
        evidence.violation(match column {
            "" => Violation::FieldWithoutColumn { field, class },
            column => Violation::FieldInWrongColumn { field, class, column },
        });
    }
    let card = |f: &&NotificationField| f.name.starts_with("CREDIT_CARD") && f.name != "CREDIT_CARD_LAST4";
    for field in fields.iter().filter(card).filter(|f| !dropped(f)) {
        evidence.violation(Violation::CardData { field: field.name });
    }
    evidence.observed(Observation::Fields {
        fields: fields.len(),
        dropped: fields.iter().filter(|f| dropped(f)).count(),
        kept: fields.iter().filter(|f| !f.kept_in.is_empty()).count(),
        used: fields.iter().filter(|f| !dropped(f) && f.kept_in.is_empty()).count(),
    });
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
        let column = c.to_string();
        let from_purchase = fields.iter().any(|f| f.kept_in == column);
        let by_action =
            FILLED_BY_ACTION.iter().any(|filled| (filled.table, filled.column) == (c.table, c.column));
        if from_purchase {
            filled += 1;
        } else if !by_action {
            evidence.violation(Violation::WithoutOrigin { column });
        }
    }
    evidence.observed(Observation::FilledAtCheckout { columns: filled });
    let listed = FILLED_BY_ACTION.iter().filter(|filled| find_column(filled.table, filled.column).is_some());
    for FilledColumn { table, column, by } in listed {
        evidence.observed(Observation::FilledByAction { column: format!("{table}.{column}"), by: *by });
    }
    let browser = |f: &&NotificationField| FROM_THE_BROWSER.iter().any(|part| f.name.contains(part));
    for field in fields.iter().filter(browser).filter(|f| !dropped(f)) {
        evidence.violation(Violation::FromBrowser { field: field.name });
    }
    evidence.observed(Observation::BrowserFields { fields: fields.iter().filter(browser).count() });
    evidence
}

#[cfg(test)]
mod tests {
    use super::super::findings::Violation as Found;
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
        assert_eq!(fields(&FIELDS).violations, []);
        assert_eq!(origins(&FIELDS).violations, []);
    }

    #[test]
    fn a_field_in_a_wrong_column_is_named() {
        for (field, class, column) in [
            ("CUSTOMER_EMAIL", FieldClass::Seal, "orders.flag"),
            ("CUSTOMER_EMAIL", FieldClass::Seal, "person.nickname"),
            ("CUSTOMER_PHONE", FieldClass::Drop, "person.name"),
            ("SIGNATURE", FieldClass::Memory, "audit_entry.name"),
            ("PRODUCT_QUANTITY", FieldClass::Plain, "person.name"),
            ("ORDER_PLACED_TIME_UTC", FieldClass::PlainDay, "outbox.next_attempt_at"),
        ] {
            let expected = Violation::FieldInWrongColumn { field, class, column };
            assert_eq!(fields(&changed(field, class, column)).violations, [Found::Schema(expected)]);
        }
    }

    #[test]
    fn a_sealed_field_without_a_column_and_card_data_are_named() {
        let (field, class) = ("CUSTOMER_EMAIL", FieldClass::Seal);
        let expected = Found::Schema(Violation::FieldWithoutColumn { field, class });
        assert_eq!(fields(&changed(field, class, "")).violations, [expected]);
        let field = "CREDIT_CARD_BIN";
        let expected = Found::Schema(Violation::CardData { field });
        assert_eq!(fields(&changed(field, class, "orders.payment")).violations, [expected]);
    }

    #[test]
    fn a_field_of_the_network_is_not_stored_and_a_personal_column_needs_an_origin() {
        let stored = changed("CUSTOMER_IP", FieldClass::Seal, "person.name");
        let expected = Found::Schema(Violation::FromBrowser { field: "CUSTOMER_IP" });
        assert_eq!(origins(&stored).violations, [expected]);
        let without = changed("CUSTOMER_LANGUAGE_CODE", FieldClass::Drop, "");
        let expected = Found::Schema(Violation::WithoutOrigin { column: "person.language".to_owned() });
        assert_eq!(origins(&without).violations, [expected]);
    }
}
