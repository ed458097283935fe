//! Operations as closures, and a shop with a row in every table.

use std::marker::PhantomData;
use std::pin::Pin;

use analytics::{ArchivedTable, Dimension, Figures};
use calendar::Day;
use keyring::{Slot, Tag16};
use store::testing::serial;
use store::{
    Actor, ApiToken, Audience, AuditKind, ConversationAccessKind, ConversationId, ConversationKind,
    ConversationState, Db, ErasureIntent, ErasureReason, Error, FileKind, Grant, Holder, KeysPerOrder,
    Licence, LicenceModel, LicenceState, MagicLinkKind, MessageKind, NewAuditEntry, NewConversation,
    NewMessage, NewOrder, NewOutboxEmail, NewPerson, Operation, Payment, PaymentStatus, Product, ProviderIds,
    Receipt, Site, Span, Term, TermKind, TermNumber, Tx, Via, VisitDayState,
};

pub type BoxedOutput<'t, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 't>>;

struct TestOperation<F, T>(F, PhantomData<fn() -> T>);

impl<T: Send, F: for<'t> Fn(&'t mut Tx) -> BoxedOutput<'t, T> + Sync> Operation for TestOperation<F, T> {
    const NAME: &'static str = "a test's operation";
    type Output = T;

    async fn execute(&self, tx: &mut Tx) -> Result<T, Error> {
        (self.0)(tx).await
    }
}

/// Executes `run` as an operation.
pub async fn write<T: Send, F>(db: &Db, run: F) -> Result<T, Error>
where
    F: for<'t> Fn(&'t mut Tx) -> BoxedOutput<'t, T> + Sync,
{
    db.execute(&TestOperation(run, PhantomData)).await
}

/// A part of an operation, for tables of cases.
pub type Step = for<'t> fn(&'t mut Tx) -> BoxedOutput<'t, ()>;

/// Takes a step twice in one operation. Returns the error of the second time.
pub async fn error_of_second(db: &Db, step: Step) -> Option<Error> {
    let taken = write(db, move |tx| {
        Box::pin(async move {
            step(tx).await?;
            // A statement of another table writes the rows that wait.
            tx.canned_responses().await?;
            let second = async {
                step(tx).await?;
                tx.canned_responses().await.map(drop)
            };
            Ok(second.await.err())
        })
    });
    taken.await.expect("the first time")
}

/// A person with a mark in each value, so that a test can search for it.
pub const CANARY: NewPerson<'static> = NewPerson {
    email: "canary-mail@example.org",
    name: "Canary-Name",
    company: "Canary-Company",
    language: "canary-language",
};

pub const PAYMENT_STATUSES: [PaymentStatus; 6] = [
    PaymentStatus::Pending,
    PaymentStatus::Paid,
    PaymentStatus::Refunded,
    PaymentStatus::ChargedBack,
    PaymentStatus::Declined,
    PaymentStatus::OnHold,
];

/// A name in clear: each search must find it.
pub const PRODUCT: &str = "Sparrow for Desktops";

pub fn product(id: u8) -> Product {
    Product {
        id,
        provider_id: format!("70{id}"),
        name: PRODUCT.into(),
        kind: LicenceModel::Subscription,
        seats: 1,
        keys: KeysPerOrder::One,
        updates_months: 12,
        edition: 2,
        renewal_discount: 30,
        window_before: 60,
        window_after: 30,
        grace_days: 14,
        hold_discounts: true,
        prints_company: true,
    }
}

pub fn licence(number: u64) -> Licence {
    Licence {
        serial: serial(number),
        product: 1,
        kind: LicenceModel::Subscription,
        edition: 2,
        seats: 3,
        grace_days: 14,
        state: LicenceState::Active,
        until_day: Some(day(21_000)),
        suspended: false,
        terminated: false,
        finished_day: None,
        revoked: false,
        issued_day: day(20_700),
        current_key: vec![1; 12],
    }
}

/// A day by its number since 1970.
pub const fn day(number: i64) -> Day {
    Day::from_unix_days(number)
}

pub fn tag(n: u64) -> Tag16 {
    // Tags are spread over the whole range; equal numbers give equal tags.
    let spread = u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Tag16((spread ^ spread >> 64).to_be_bytes())
}

pub fn tag32(n: u8) -> [u8; 32] {
    [n; 32]
}

pub fn new_entry(what: &str, of: Option<Slot>) -> NewAuditEntry<'_> {
    NewAuditEntry {
        kind: AuditKind::Change,
        name: what,
        actor: &Actor::System,
        slot: of,
        cause: 7,
        recipient: b"recipient",
        digest: b"digest",
    }
}

/// Adds a row to every table that belongs to a person. Returns the person's slot.
pub async fn person_with_everything(tx: &mut Tx, n: u8) -> Result<Slot, Error> {
    let of = tx.keyring().allocate_slot()?;
    let serial = serial(n.into());
    tx.add_person(of, &CANARY, day(20_700)).await?;
    tx.add_licence(&licence(n.into())).await?;
    let term = Term {
        number: TermNumber::new(1),
        kind: TermKind::Purchase,
        placed_day: day(20_700),
        months: 12,
        until_day: None,
        payment_status: PaymentStatus::Paid,
        issued_key: vec![1; 12],
    };
    tx.add_term(serial, &term).await?;
    tx.add_holder(&Holder { serial, slot: of, buyer: true }).await?;
    let order = tx.add_order(&new_order(of)).await?;
    tx.add_grant(of, &Grant { order, serial, term: TermNumber::new(1) }).await?;
    tx.add_pending_order(of, "999", b"canary-notification").await?;
    tx.add_renewal(&tag32(n), of, serial, tx.now + 3600).await?;
    tx.add_magic_link(&tag32(n), of, MagicLinkKind::Address, tx.now + 3600, &[], "canary-new@example.org")
        .await?;
    tx.add_session(&tag32(n), of, tx.now + 1800).await?;
    let email = NewOutboxEmail {
        slot: of,
        kind: "link",
        cause: 7,
        expires_at: tx.now + 3600,
        content: b"canary-email",
    };
    tx.add_outbox_email(&email).await?;
    conversation_with_everything(tx, of, n).await?;
    tx.permit::<policy::purpose::Support>(of, "person.email", &Actor::Staff("kim".into()), "canary-case")
        .await?;
    Ok(of)
}

/// Adds a row to every table of conversations, all under one slot. Returns the id of the conversation.
pub async fn conversation_with_everything(tx: &mut Tx, of: Slot, n: u8) -> Result<ConversationId, Error> {
    let mut conversation = tx.add_conversation(&new_conversation(i64::from(n), of)).await?;
    tx.set_tags(&mut conversation, b"canary-tag")?;
    let file = tx.create_attachment(of, 0, "canary-file.txt").await?;
    tx.add_chunk(file, of, 0, b"canary-chunk").await?;
    tx.finish_attachment(file, 12, FileKind::Text).await?;
    let new = NewMessage {
        conversation: &conversation,
        kind: MessageKind::Person,
        via: Via::Web,
        actor: "",
        action: 7,
        body: b"canary-body",
    };
    let message = tx.add_message(&new).await?;
    assert!(tx.attach(file, of, &message).await?);
    conversation.messages += 1;
    tx.save_conversation(&mut conversation).await?;
    tx.add_conversation_access(&tag32(n), conversation.id, of, ConversationAccessKind::Code, None).await?;
    assert!(tx.record_processed_mail(&tag(u64::from(n)), of).await?);
    Ok(conversation.id)
}

pub fn new_conversation(id: i64, slot: Slot) -> NewConversation<'static> {
    NewConversation {
        id: ConversationId::new(id),
        slot,
        kind: ConversationKind::Address,
        state: ConversationState::Open,
        person: None,
        licence: None,
        related: None,
        verified: true,
        subject: "canary-subject",
        contact: b"canary-contact@example.org",
        address_tag: Some(&Tag16([7; 16])),
    }
}

pub fn new_order(of: Slot) -> NewOrder<'static> {
    static NUMBERS: std::sync::LazyLock<ProviderIds> = std::sync::LazyLock::new(|| ProviderIds {
        order: "canary-order".into(),
        item: "canary-item".into(),
        subscription: "canary-subscription".into(),
        initial_order: String::new(),
    });
    static PAYMENT: std::sync::LazyLock<Payment> =
        std::sync::LazyLock::new(|| Payment { method: "canary-method".into(), last4: "4242".into() });
    NewOrder {
        slot: of,
        product: 1,
        quantity: 3,
        placed_day: day(20_700),
        test: false,
        payment_status: PaymentStatus::Paid,
        flag: "a discount without a renewal",
        provider_ids: &NUMBERS,
        payment: &PAYMENT,
        custom: "canary-field=canary-value",
        processed_notifications: b"canary-marks-17-b",
    }
}

/// Adds a row to every other table.
pub async fn seed_tables(tx: &mut Tx) -> Result<(), Error> {
    tx.create_index().await?;
    tx.add_product(&product(1)).await?;
    tx.add_signing_key(1, &[2; 32], b"canary-secret-of-thirty-two-byte", true).await?;
    tx.add_processed_notification(&tag(1), 2026).await?;
    tx.add_early_notification(&tag(2), 2026).await?;
    tx.add_to_counter("refused: lead", 3).await?;
    tx.add_receipt(&tag32(9), &Receipt { erasure_intent: 0, day: day(20_700), body: "a receipt".into() })
        .await?;
    let tombstone = keyring::Tombstone { year: 2026, tag: tag(3), kind: 1, serial: 5, term: 1 };
    tx.add_erasure_intent(&ErasureIntent {
        id: 0,
        slots: vec![Slot(70_000)],
        tombstones: vec![tombstone],
        day: day(20_700),
        reason: ErasureReason::Index,
    })
    .await?;
    tx.index_insert(store::BlindIndex::Address, &tag(4), 70_001, &mut Vec::new()).await?;
    tx.set_canned_response("thanks", "Thank you for writing to {vendor}.").await?;
    let token = ApiToken {
        token_hash: tag32(3),
        name: "a script".into(),
        staff: "kim".into(),
        scopes: "conversations:read".into(),
        created_day: day(20_700),
        expires_day: None,
    };
    assert!(tx.add_api_token(&token).await?);
    seed_visits(tx).await?;
    tx.extend_audit_chain(0).await?;
    Ok(())
}

/// A site whose visits are counted.
pub fn site(name: &str) -> Site {
    let hosts = vec!["example.org".into(), "example.net".into()];
    Site { id: 0, name: name.into(), hosts, zone: "Europe/Berlin".into(), public: true }
}

/// Adds a row to every table of visits.
pub async fn seed_visits(tx: &mut Tx) -> Result<(), Error> {
    let site = tx.add_site(&site("shop")).await?.expect("a name that is free");
    let date = day(20_779);
    assert!(matches!(tx.open_visit_day(site, date, tx.now + 3600).await?, VisitDayState::Open { .. }));
    assert!(tx.save_tally(site, date, 7, false, b"canary-tally").await?);
    let words = tx.dictionary_ids(site, &["/docs"]).await?;
    tx.save_figures(
        site,
        Audience::Own,
        Dimension::Page,
        Span::Month,
        date.first_of_month(),
        &figures(&words),
    )
    .await?;
    tx.set_site_note(site, date - 9, "Version 8.2 is out.").await?;
    assert!(tx.save_log_position(site, &tag(5), 0, 4_096).await?);
    Ok(())
}

/// Figures of a day: each of these words had ten views by five visitors.
pub fn figures(words: &[u32]) -> ArchivedTable {
    let each = Figures { views: 10, visitors: 5 };
    let rows = words.iter().map(|word| (*word, each)).collect();
    let total = Figures { views: 10 * words.len() as u64, visitors: 5 * words.len() as u64 };
    ArchivedTable { total, evicted_views: 0, days: 1, rows }
}

/// Adds a shop: one person, and a row in every table. Returns the person's slot.
pub async fn seed_shop(db: &Db) -> Slot {
    let seeded = write(db, |tx| {
        Box::pin(async move {
            let of = person_with_everything(tx, 1).await?;
            seed_tables(tx).await?;
            Ok(of)
        })
    });
    seeded.await.expect("a shop")
}
