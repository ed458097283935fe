//! The search of the staff over open threads: in memory only, nothing of it on disk. It is built at the start and
//! kept up before each search; a thread that is closed, erased or changed is out of it within seconds, also where
//! nobody searches and another process erased it.

pub mod index;

use std::sync::Arc;

use domain::conversations::search_documents::ReadOpen;
use store::{Db, Error, Thread, ThreadState};
use tokio::sync::Mutex;

use index::{Index, Words};

/// What is known of open threads, shared by doors and jobs.
#[derive(Clone, Default)]
pub struct Search(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    index: Index,
    /// All changes up to this turn were read.
    read: i64,
    /// What was read before a change up to this turn is out of the index.
    looked: i64,
    /// The keyring's epoch at which nothing erased was left in the index.
    clean: Option<u64>,
}

/// What a search found.
pub struct Hits {
    /// Newest turn first.
    pub threads: Vec<Thread>,
    /// Whether all open threads were looked through: there is a limit to what is kept in memory.
    pub whole: bool,
}

impl Search {
    /// Reads what changed since the last time. The journal gets a line without a name.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn keep_up(&self, db: &Db) -> Result<(), Error> {
        self.0.lock().await.keep_up(db).await
    }

    /// Open threads that hold all the words, at most `most`; each is looked up in the live rows.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn find(&self, db: &Db, typed: &str, most: usize) -> Result<Hits, Error> {
        let words = Words::of(typed);
        let mut known = Arc::clone(&self.0).lock_owned().await;
        known.keep_up(db).await?;
        let scan = tokio::task::spawn_blocking(move || {
            let hits = known.index.find(&words);
            (known, hits)
        });
        let (mut known, hits) = scan.await.map_err(|_| Error::Away("the search stopped".into()))?;
        let (mut tx, mut threads) = (db.read().await?, Vec::new());
        for id in hits {
            match tx.thread(id).await? {
                Some(thread) if thread.state != ThreadState::Closed && threads.len() < most => {
                    threads.push(thread)
                }
                Some(thread) if thread.state != ThreadState::Closed => break,
                _ => known.index.forget(id),
            }
        }
        Ok(Hits { threads, whole: known.index.whole() })
    }

    /// Forgets what was changed, closed or erased since it was read, by whatever process. Opens nothing.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn purge(&self, db: &Db) -> Result<(), Error> {
        let mut known = self.0.lock().await;
        let epoch = db.vault().epoch()?;
        let mut tx = db.read().await?;
        // What changed is read again at the next search.
        loop {
            let changed = tx.turns_after(known.looked).await?;
            let Some(last) = changed.last() else { break };
            known.looked = last.turn;
            changed.iter().for_each(|thread| known.index.forget_before(thread.id, thread.turn));
        }
        if known.clean != Some(epoch) {
            let living = tx.living_threads(&known.index.ids()).await?;
            known.index.forget_all_but(&living);
            // Rows of the forgotten may still be there as long as an intent is.
            known.clean = tx.intents().await?.is_empty().then_some(epoch);
        }
        Ok(())
    }

    /// Whether these words are in memory, whatever the rows say: for the proof that they aren't.
    pub async fn remembers(&self, typed: &str) -> bool {
        !self.0.lock().await.index.find(&Words::of(typed)).is_empty()
    }
}

impl Known {
    async fn keep_up(&mut self, db: &Db) -> Result<(), Error> {
        // Most searches find nothing new, and then the writers aren't disturbed.
        while !db.read().await?.turns_after(self.read).await?.is_empty() {
            for thread in db.write(&ReadOpen { after: self.read }).await? {
                self.index.put(thread.id, thread.turn, &thread.text);
                self.read = self.read.max(thread.turn);
            }
        }
        Ok(())
    }
}
