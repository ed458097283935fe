//! What the tests write: deeds as closures, and a shop with a row in every table.

use std::marker::PhantomData;
use std::pin::Pin;

use analytics::{Archived, Dimension, Figures};
use keyring::{Slot, Tag16};
use store::{
    Actor, ApiToken, Audience, AuditKind, ConversationAccessKind, Db, Error, FileKind, Grant, Holder, Intent,
    Keys, Kind, Letter, Licence, LinkKind, MessageKind, NewAuditEntry, NewMessage, NewOrder, NewPerson,
    NewThread, Numbers, Opening, Operation, Payment, Product, Receipt, Site, Span, Standing, State, Term,
    TermKind, ThreadKind, ThreadState, Tx, Via, Why,
};

type Doing<'t, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 't>>;

struct Act<F, T>(F, PhantomData<fn() -> T>);

impl<T: Send, F: for<'t> Fn(&'t mut Tx) -> Doing<'t, T> + Sync> Operation for Act<F, T> {
    const NAME: &'static str = "a test's";
    type Done = T;

    async fn act(&self, tx: &mut Tx) -> Result<T, Error> {
        (self.0)(tx).await
    }
}

/// Does `act` through the write door.
pub async fn write<T: Send, F>(db: &Db, act: F) -> Result<T, Error>
where
    F: for<'t> Fn(&'t mut Tx) -> Doing<'t, T> + Sync,
{
    db.write(&Act(act, PhantomData)).await
}

/// A person whose every value carries a mark that can be searched for.
pub const CANARY: NewPerson<'static> = NewPerson {
    email: "canary-mail@example.org",
    name: "Canary-Name",
    company: "Canary-Company",
    language: "canary-language",
};

/// A name in clear, as positive control of every search.
pub const PRODUCT: &str = "Sparrow for Desktops";

pub fn product(id: u8) -> Product {
    Product {
        id,
        provider_id: format!("70{id}"),
        name: PRODUCT.into(),
        kind: Kind::Subscription,
        seats: 1,
        keys: Keys::One,
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

pub fn licence(serial: i64) -> Licence {
    Licence {
        serial,
        product: 1,
        kind: Kind::Subscription,
        edition: 2,
        seats: 3,
        grace_days: 14,
        state: State::Active,
        until_day: 21_000,
        suspended: false,
        terminated: false,
        finished_day: 0,
        revoked: false,
        issued_day: 20_700,
        current_key: vec![1; 12],
    }
}

pub fn tag(n: u64) -> Tag16 {
    // Spread over the whole range, the same for the same number.
    let spread = u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Tag16((spread ^ spread >> 64).to_be_bytes())
}

pub fn tag32(n: u8) -> [u8; 32] {
    [n; 32]
}

pub fn line(what: &str, of: Option<Slot>) -> NewAuditEntry<'_> {
    NewAuditEntry {
        kind: AuditKind::Change,
        what,
        who: &Actor::System,
        slot: of,
        cause: 7,
        recipient: b"recipient",
        digest: b"digest",
    }
}

/// One row in every table that belongs to a person: returns the person's slot.
pub async fn person_with_everything(tx: &mut Tx, n: u8) -> Result<Slot, Error> {
    let of = tx.vault().take_slot()?;
    let serial = i64::from(n);
    tx.add_person(of, &CANARY, 20_700).await?;
    tx.add_licence(&licence(serial)).await?;
    let term = Term {
        n: 1,
        kind: TermKind::Purchase,
        placed_day: 20_700,
        months: 12,
        until_day: 0,
        standing: Standing::Standing,
        given_key: vec![1; 12],
    };
    tx.add_term(serial, &term).await?;
    tx.add_holder(&Holder { serial, slot: of, buyer: true }).await?;
    let order = tx.add_order(&new_order(of)).await?;
    tx.add_grant(of, &Grant { order, serial, term: 1 }).await?;
    tx.add_pending(of, "999", b"canary-notice").await?;
    tx.add_renewal(&tag32(n), of, serial, tx.now + 3600).await?;
    tx.add_link(&tag32(n), of, LinkKind::Address, tx.now + 3600, &[], "canary-new@example.org").await?;
    tx.add_session(&tag32(n), of, tx.now + 1800).await?;
    let letter =
        Letter { slot: of, kind: "link", cause: 7, expires_at: tx.now + 3600, content: b"canary-letter" };
    tx.add_letter(&letter).await?;
    thread_with_everything(tx, of, n).await?;
    tx.leave::<policy::purpose::Support>(of, "person.email", &Actor::Staff("kim".into()), "canary-case")
        .await?;
    Ok(of)
}

/// One row in every table of threads, all of them under one slot.
pub async fn thread_with_everything(tx: &mut Tx, of: Slot, n: u8) -> Result<i64, Error> {
    let mut thread = tx.add_thread(&new_thread(i64::from(n), of)).await?;
    tx.set_tags(&mut thread, b"canary-tag")?;
    let file = tx.begin_attachment(of, 0, "canary-file.txt").await?;
    tx.add_chunk(file, of, 0, b"canary-chunk").await?;
    tx.finish_attachment(file, 12, FileKind::Text).await?;
    let new = NewMessage {
        thread: &thread,
        kind: MessageKind::Person,
        via: Via::Page,
        who: "",
        act: 7,
        body: b"canary-body",
    };
    let message = tx.add_message(&new).await?;
    assert!(tx.attach(file, of, &message).await?);
    thread.messages += 1;
    tx.save_thread(&mut thread).await?;
    tx.add_way(&tag32(n), thread.id, of, ConversationAccessKind::Code, 0).await?;
    assert!(tx.take_mail(&tag(u64::from(n)), of).await?);
    Ok(thread.id)
}

pub fn new_thread(id: i64, slot: Slot) -> NewThread<'static> {
    NewThread {
        id,
        slot,
        kind: ThreadKind::Address,
        state: ThreadState::Open,
        person: Slot(0),
        licence: 0,
        linked: 0,
        verified: true,
        subject: "canary-subject",
        contact: b"canary-contact@example.org",
        mark: Some(&Tag16([7; 16])),
    }
}

pub fn new_order(of: Slot) -> NewOrder<'static> {
    static NUMBERS: std::sync::LazyLock<Numbers> = std::sync::LazyLock::new(|| Numbers {
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
        placed_day: 20_700,
        test: false,
        standing: Standing::Standing,
        flag: "a discount without a renewal",
        numbers: &NUMBERS,
        payment: &PAYMENT,
        custom: "canary-field=canary-value",
        acted: b"canary-marks-17-b",
    }
}

/// One row in every other table.
pub async fn furnish(tx: &mut Tx) -> Result<(), Error> {
    tx.make_index().await?;
    tx.add_product(&product(1)).await?;
    tx.add_signing_key(1, &[2; 32], b"canary-secret-of-thirty-two-byte", true).await?;
    tx.mark_acted(&tag(1), 2026).await?;
    tx.mark_early(&tag(2), 2026).await?;
    tx.count("refused: lead", 3).await?;
    tx.add_receipt(&tag32(9), &Receipt { intent: 0, day: 20_700, body: "a receipt".into() }).await?;
    let stone = keyring::Tombstone { year: 2026, tag: tag(3), kind: 1, serial: 5, term: 1 };
    tx.add_intent(&Intent {
        id: 0,
        slots: vec![Slot(70_000)],
        tombstones: vec![stone],
        day: 20_700,
        why: Why::Index,
    })
    .await?;
    tx.index_put(store::BlindIndex::Address, &tag(4), 70_001, &mut Vec::new()).await?;
    tx.set_canned("thanks", "Thank you for writing to {vendor}.").await?;
    let token = ApiToken {
        tag: tag32(3),
        name: "a script".into(),
        staff: "kim".into(),
        scopes: "threads".into(),
        made_day: 20_700,
        expires_day: 0,
    };
    assert!(tx.add_api_token(&token).await?);
    furnish_visits(tx).await?;
    tx.close_chain(0).await?;
    Ok(())
}

/// A site that is counted.
pub fn site(name: &str) -> Site {
    let hosts = vec!["example.org".into(), "example.net".into()];
    Site { id: 0, name: name.into(), hosts, zone: "Europe/Berlin".into(), public: true }
}

/// One row in every table of visits.
pub async fn furnish_visits(tx: &mut Tx) -> Result<(), Error> {
    let site = tx.add_site(&site("shop")).await?.expect("a name that is free");
    assert!(matches!(tx.open_visit_day(site, 20_779, tx.now + 3600).await?, Opening::Open { .. }));
    assert!(tx.put_tally(site, 20_779, 7, false, b"canary-tally").await?);
    let words = tx.word_numbers(site, &["/docs"]).await?;
    tx.put_figures(site, Audience::Own, Dimension::Page, Span::Month, 20_758, &figures(&words)).await?;
    tx.put_note(site, 20_770, "Version 8.2 is out.").await?;
    assert!(tx.put_log_position(site, &tag(5), 0, 4_096).await?);
    Ok(())
}

/// Figures of a day on which each of these words had ten views of five people.
pub fn figures(words: &[u32]) -> Archived {
    let each = Figures { views: 10, visitors: 5 };
    let rows = words.iter().map(|word| (*word, each)).collect();
    let total = Figures { views: 10 * words.len() as u64, visitors: 5 * words.len() as u64 };
    Archived { total, beyond: 0, days: 1, rows }
}

/// A shop with a row in every table and one person; returns the person's slot.
pub async fn open_shop(db: &Db) -> Slot {
    let furnished = write(db, |tx| {
        Box::pin(async move {
            let of = person_with_everything(tx, 1).await?;
            furnish(tx).await?;
            Ok(of)
        })
    });
    furnished.await.expect("a shop")
}
