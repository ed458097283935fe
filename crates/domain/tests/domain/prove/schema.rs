//! Columns, sealing, card numbers, and processors.

use domain::compliance::prove::findings::schema::{Fault, Violation};
use domain::compliance::prove::findings::{audit_log, payment_data, processors};
use domain::compliance::prove::{Processor, ProcessorKind, Violation as Found, prove};
use keyring::Slot;
use policy::promise as p;
use store::{ChainFault, Error, NewPerson, Operation, Payment, Tx};

use crate::prove::shop::{Shop, assert_breaks, assert_finds, assert_names, assert_observes, broken, counted};

fn unreadable(column: &str) -> Found {
    counted(1, Fault::Unreadable { column: column.to_owned() })
}

#[tokio::test]
async fn a_column_that_the_inventory_does_not_list_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("ALTER TABLE person ADD COLUMN nickname TEXT NOT NULL DEFAULT ''").await;
    let column = "person.nickname".to_owned();
    assert_breaks(&proof, p::DETAILS_SECURE, Violation::NotInInventory { column });
}

#[tokio::test]
async fn a_table_that_the_inventory_does_not_list_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("CREATE TABLE newsletter (address TEXT NOT NULL)").await;
    let column = "newsletter.address".to_owned();
    assert_breaks(&proof, p::DETAILS_SECURE, Violation::NotInInventory { column });
}

#[tokio::test]
async fn a_personal_value_in_clear_is_found() {
    let shop = Shop::with_customers().await;
    let sql =
        format!("UPDATE person SET name = {} WHERE slot = {}", shop.blob("Ada"), shop.slots().await[0].0);
    assert_breaks(&shop.prove_after(&sql).await, p::DETAILS_SECURE, unreadable("person.name"));
}

#[tokio::test]
async fn a_value_moved_to_another_person_is_found() {
    let shop = Shop::with_customers().await;
    let [ada, bea] = shop.slots().await[..] else { panic!("two customers") };
    let sql = format!(
        "UPDATE person SET email = (SELECT email FROM person WHERE slot = {}) WHERE slot = {}",
        bea.0, ada.0
    );
    assert_breaks(&shop.prove_after(&sql).await, p::DETAILS_SECURE, unreadable("person.email"));
}

#[tokio::test]
async fn a_value_moved_to_another_column_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE orders SET payment = provider_ids").await;
    let expected = counted(2, Fault::Unreadable { column: "orders.payment".to_owned() });
    assert_names(&proof, p::DETAILS_SECURE, expected);
}

#[tokio::test]
async fn a_text_in_clear_under_a_forgotten_slot_is_found() {
    let shop = Shop::with_customers().await;
    let ada = shop.slots().await[0];
    shop.erase(ada).await;
    let sql =
        format!("UPDATE audit_entry SET case_text = {} WHERE slot = {}", shop.blob("lost her key"), ada.0);
    let expected = Fault::Unreadable { column: "audit_entry.case_text".to_owned() }.into();
    let proof = shop.prove_after(&sql).await;
    assert_finds(
        &proof,
        p::DETAILS_SECURE,
        |found| matches!(found, Found::Counted(counted) if counted.fault == expected),
    );
    assert_finds(&proof, p::DETAILS_SUPPORT, |found| {
        matches!(found, Found::AuditLog(audit_log::Violation::Chain(ChainFault::HashDiffers { .. })))
    });
}

#[tokio::test]
async fn a_card_number_in_clear_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE product SET name = 'Pay 4111-1111-1111-1111'").await;
    let column = "product.name".to_owned();
    let expected = counted(1, payment_data::Fault::CardNumber { column });
    assert_breaks(&proof, p::PAYMENT_DIRECT, expected);
}

/// Sets a person's name.
struct SetDetails<'a>(Slot, &'a str);

impl Operation for SetDetails<'_> {
    const NAME: &'static str = "set details, for tests";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let new = NewPerson { email: "", name: self.1, company: "", language: "" };
        tx.set_details(self.0, &new).await
    }
}

#[tokio::test]
async fn a_sealed_card_number_is_found() {
    let shop = Shop::with_customers().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.execute(&SetDetails(shop.slots().await[1], "4111 1111 1111 1111")).await;
    let column = "person.name".to_owned();
    let expected = counted(1, payment_data::Fault::SealedCardNumber { column });
    assert_breaks(&shop.prove().await, p::PAYMENT_DIRECT, expected);
}

/// Sets another payment for a person's orders.
struct SetPayment(Slot);

impl Operation for SetPayment {
    const NAME: &'static str = "set a payment, for tests";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        for order in tx.orders_of(self.0).await? {
            tx.set_payment(&order, &Payment { method: "1".into(), last4: "424242".into() }).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn more_than_four_digits_of_a_card_are_found() {
    let shop = Shop::with_customers().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.execute(&SetPayment(shop.slots().await[0])).await;
    let expected = counted(1, payment_data::Fault::MoreThanFourDigits);
    assert_breaks(&shop.prove().await, p::PAYMENT_PARTIAL, expected);
}

#[tokio::test]
async fn a_checkout_without_encryption_is_found() {
    let mut shop = Shop::open().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.settings.checkout_page = Some("http://127.0.0.1:8470/demo/checkout".into());
    assert!(shop.prove().await.all_kept());
    let page = "http://store.example.com/checkout".to_owned();
    shop.settings.checkout_page = Some(page.clone());
    let expected = payment_data::Violation::UnencryptedCheckout { page };
    assert_breaks(&shop.prove().await, p::PAYMENT_DIRECT, expected);
}

#[tokio::test]
async fn a_processor_that_the_configuration_does_not_name_is_found() {
    let shop = Shop::open().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = async |processors| prove(&shop.scratch.db, &shop.settings, &processors).await.unwrap();
    let mail = Processor { kind: ProcessorKind::MailServer, at: "mail.example.com".into() };

    let mut connected = shop.processors();
    connected.connected.push(mail.clone());
    let expected = processors::Violation::Unconfigured(mail.clone());
    assert_breaks(&proof(connected).await, p::CONTACT_UNSHARED, expected);

    let mut configured = shop.processors();
    configured.configured.push(mail.clone());
    let expected = processors::Violation::Unconnected(mail.clone());
    assert_breaks(&proof(configured).await, p::CONTACT_UNSHARED, expected);

    let mut both = shop.processors();
    both.configured.push(mail.clone());
    both.connected.push(mail.clone());
    let proof = proof(both).await;
    assert_eq!(broken(&proof), [""; 0]);
    assert_observes(&proof, p::CONTACT_UNSHARED, processors::Observation::Processor(mail));
    assert_observes(&proof, p::CONTACT_UNSHARED, processors::Observation::Unwatched);
}

#[tokio::test]
async fn a_register_without_a_connected_replica_is_found() {
    let shop = Shop::open().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let mut processors = shop.processors();
    processors.configured.truncate(1);
    processors.connected.truncate(1);
    let proof = prove(&shop.scratch.db, &shop.settings, &processors).await.unwrap();
    let replica = shop.scratch.replica().display().to_string();
    assert_breaks(&proof, p::CONTACT_UNSHARED, processors::Violation::ReplicaDiffers { replica });
    processors.configured.clear();
    processors.connected.clear();
    let proof = prove(&shop.scratch.db, &shop.settings, &processors).await.unwrap();
    assert_breaks(&proof, p::CONTACT_UNSHARED, processors::Violation::DatabaseDiffers);
}
