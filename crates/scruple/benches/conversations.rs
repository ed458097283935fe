//! The cost of conversations, each figure with its baseline in the same run:
//! `cargo bench -p scruple --bench conversations`.
//!
//! `SCRUPLE_TEST_DATABASE` names a PostgreSQL; without it the engine is SQLite.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod kit;

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::VendorSettings;
use domain::conversations::staff::{AddNote, ViewAsStaff};
use domain::conversations::{StartConversation, Started};
use memchr::memmem;
use policy::purpose::Support;
use sqlx::{AnyConnection, Connection as _};
use store::testing::Scratch;
use store::{Actor, ConversationId, Db, Engine, Error, Operation, Queue, Tx};
use web::handlers::api::types::ConversationList;
use web::search::ConversationSearch;

use kit::settings;

/// The number of open conversations.
const CONVERSATIONS: u64 = 20_000;
/// The bytes of each, about a printed page.
const BYTES: usize = 2_000;
/// The messages of the long conversation.
const MESSAGES: usize = 200;

/// Returns words of an artificial language, different for each seed.
fn prose(seed: u64, bytes: usize) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut text = String::with_capacity(bytes + 12);
    while text.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let character =
            |n: u64| char::from(b"etaoinshrdlucmfwygpbvkxqjz"[((state >> (8 + n * 5)) % 26) as usize]);
        text.extend((0..2 + state % 8).map(character));
        text.push(' ');
    }
    text
}

/// Starts many conversations in one transaction.
struct Fill<'a> {
    from: u64,
    to: u64,
    settings: &'a VendorSettings,
}

impl Operation for Fill<'_> {
    const NAME: &'static str = "fill";
    /// The number of the last conversation.
    type Output = Option<ConversationId>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<ConversationId>, Error> {
        let mut last = None;
        for n in self.from..self.to {
            let message = prose(n, BYTES);
            let begin = StartConversation::with_message(&message, self.settings);
            if let Started::Started { id, .. } = begin.execute(tx).await? {
                last = Some(id);
            }
        }
        Ok(last)
    }
}

/// The baseline of viewing a conversation: reads its rows and opens each text, for one audit entry.
struct BareOpening(ConversationId);

impl Operation for BareOpening {
    const NAME: &'static str = "bare opening";
    type Output = usize;

    async fn execute(&self, tx: &mut Tx) -> Result<usize, Error> {
        let conversation = tx.conversation(self.0).await?.ok_or(Error::Unknown("conversation"))?;
        let permit = tx.permit::<Support>(conversation.slot, "message.body", &Actor::System, "bench").await?;
        let mut bytes = 0;
        for message in tx.messages_of(conversation.id).await? {
            bytes += tx.open_body(&message, &permit)?.map_or(0, |body| body.bytes().len());
        }
        Ok(bytes)
    }
}

/// Returns the median of 21 runs.
async fn median<F: Future<Output = ()>>(mut each: impl FnMut() -> F) -> Duration {
    let mut took = Vec::new();
    for _ in 0..21 {
        let began = Instant::now();
        each().await;
        took.push(began.elapsed());
    }
    took.sort_unstable();
    took[10]
}

fn print_ratio(what: &str, ours: Duration, baseline_name: &str, baseline: Duration) {
    let ratio = ours.as_secs_f64() / baseline.as_secs_f64();
    println!("{what}: {ours:.2?}; {baseline_name}: {baseline:.2?}; ratio {ratio:.2}");
}

async fn opening(db: &Db, id: ConversationId) {
    let actor = Actor::Staff("bench".into());
    for n in 1..MESSAGES {
        let text = prose(n as u64, BYTES);
        let note = AddNote { id, text: &text, seen: None, force: true, actor: &actor };
        db.execute(&note).await.expect("a note");
    }
    let bare = || async {
        black_box(db.execute(&BareOpening(id)).await.expect("opened"));
    };
    let ours = || async {
        let seen =
            db.execute(&ViewAsStaff { id, actor: &actor }).await.expect("opened").expect("a conversation");
        assert_eq!(seen.messages.len(), MESSAGES);
    };
    let (baseline, ours) = (median(bare).await, median(ours).await);
    print_ratio("viewing a conversation of 200 messages", ours, "its rows and texts alone", baseline);
}

async fn searching(db: &Db) {
    let search = ConversationSearch::default();
    let began = Instant::now();
    search.update(db).await.expect("read");
    println!("reading {CONVERSATIONS} open conversations for the search: {:.2?}", began.elapsed());
    let plain: String = (0..CONVERSATIONS).map(|n| prose(n, BYTES)).collect();
    for typed in ["nowhereatall", "letters", "the nowhereatall", "sho"] {
        let word = typed.split(' ').next_back().expect("a word");
        let baseline = median(|| async {
            black_box(memmem::find_iter(plain.as_bytes(), word.as_bytes()).count());
        });
        let ours = median(|| async { drop(black_box(search.find(db, typed, 100).await.expect("found"))) });
        let (baseline, ours) = (baseline.await, ours.await);
        let hits = search.find(db, typed, 100).await.expect("found").conversations.len();
        print_ratio(
            &format!("search for {typed:?}, {hits} shown"),
            ours,
            "memmem over the same bytes",
            baseline,
        );
    }
}

async fn queues(scratch: &Scratch) {
    let db = &scratch.db;
    let url = match db.engine() {
        Engine::Sqlite => format!("sqlite://{}", scratch.folder.path().join("data/scruple.db").display()),
        Engine::Postgres => scratch.url.clone(),
    };
    let bare = tokio::sync::Mutex::new(AnyConnection::connect(&url).await.expect("a connection"));
    const QUEUE: &str = "SELECT * FROM conversation WHERE state = $4 AND snoozed_day <= $1 AND revision < $2 ORDER BY revision DESC LIMIT $3";
    let baseline = median(|| async {
        let query =
            sqlx::query(QUEUE).bind(db.clock.today().to_unix_days()).bind(i64::MAX).bind(51_i64).bind("open");
        let rows = query.fetch_all(&mut *bare.lock().await).await.expect("rows");
        assert_eq!(rows.len(), 51);
    });
    let ours = median(|| async {
        let mut tx = db.read().await.expect("a read transaction");
        let conversations = tx.queue(&Queue::Open, i64::MAX, 51).await.expect("rows");
        let page = serde_json::to_string(&ConversationList::of(conversations, 50, tx.today())).expect("JSON");
        assert!(page.len() > 50 * 100);
    });
    let (baseline, ours) = (baseline.await, ours.await);
    print_ratio("a page of a queue of 20,000, as JSON", ours, "the bare query", baseline);
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let (scratch, settings) = (Scratch::new().await, settings());
        domain::startup::prepare_store(&scratch.db).await.expect("a fresh store starts");
        let (began, mut last) = (Instant::now(), None);
        for from in (0..CONVERSATIONS).step_by(500) {
            let fill = Fill { from, to: from + 500, settings: &settings };
            last = scratch.db.execute(&fill).await.expect("filled");
        }
        println!("{CONVERSATIONS} conversations filled in {:.1?}", began.elapsed());
        queues(&scratch).await;
        searching(&scratch.db).await;
        opening(&scratch.db, last.expect("a conversation")).await;
    });
}
