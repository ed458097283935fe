//! Full-text search of staff over open conversations. The index is in memory only, never on disk. It is updated before
//! each search. A conversation that is closed, erased or changed leaves the index within seconds, even if no one searches
//! and another process erased it.

pub mod index;

use std::sync::Arc;

use domain::conversations::search_documents::LoadSearchDocuments;
use store::{Conversation, ConversationState, Db, Error};
use tokio::sync::Mutex;

use index::{Index, SearchTerms};

/// The index of open conversations. Handlers and jobs share it.
#[derive(Clone, Default)]
pub struct ConversationSearch(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    index: Index,
    /// All changes up to this revision are indexed.
    read: i64,
    /// Texts from before a change up to this revision were removed from the index.
    purged_to: i64,
    /// The keyring's epoch at which the index held nothing that was erased.
    clean_epoch: Option<u64>,
}

/// The result of a search.
pub struct Hits {
    /// Latest change first.
    pub conversations: Vec<Conversation>,
    /// Whether all open conversations were searched. The index has a limited size.
    pub is_complete: bool,
}

impl ConversationSearch {
    /// Indexes what changed since the last time. The audit log gets an entry without a name.
    pub async fn update(&self, db: &Db) -> Result<(), Error> {
        self.0.lock().await.update(db).await
    }

    /// Returns at most `limit` open conversations that contain all words. Each is checked against the database.
    pub async fn find(&self, db: &Db, typed: &str, limit: usize) -> Result<Hits, Error> {
        let words = SearchTerms::of(typed);
        let mut state = Arc::clone(&self.0).lock_owned().await;
        state.update(db).await?;
        let scan = tokio::task::spawn_blocking(move || {
            let hits = state.index.find(&words);
            (state, hits)
        });
        let (mut state, hits) = scan.await.map_err(|_| Error::Unavailable("the search stopped".into()))?;
        let (mut tx, mut conversations) = (db.read().await?, Vec::new());
        for id in hits {
            match tx.conversation(id).await? {
                Some(conversation)
                    if conversation.state != ConversationState::Closed && conversations.len() < limit =>
                {
                    conversations.push(conversation)
                }
                Some(conversation) if conversation.state != ConversationState::Closed => break,
                _ => state.index.forget(id),
            }
        }
        Ok(Hits { conversations, is_complete: state.index.is_complete() })
    }

    /// Removes conversations that any process has changed, closed or erased since they were indexed. Opens nothing.
    pub async fn purge(&self, db: &Db) -> Result<(), Error> {
        let mut state = self.0.lock().await;
        let epoch = db.keyring().epoch()?;
        let mut tx = db.read().await?;
        // Changed conversations are indexed again at the next search.
        loop {
            let changed = tx.conversations_changed_after(state.purged_to).await?;
            let Some(last) = changed.last() else { break };
            state.purged_to = last.revision;
            changed
                .iter()
                .for_each(|conversation| state.index.forget_before(conversation.id, conversation.revision));
        }
        if state.clean_epoch != Some(epoch) {
            let living = tx.existing_conversations(&state.index.ids()).await?;
            state.index.forget_all_but(&living);
            // While an erasure is pending, rows of erased conversations may still exist.
            state.clean_epoch = tx.erasure_intents().await?.is_empty().then_some(epoch);
        }
        Ok(())
    }

    /// Returns whether the index contains these words, without asking the database. Tests use it to prove that it doesn't.
    pub async fn contains(&self, typed: &str) -> bool {
        !self.0.lock().await.index.find(&SearchTerms::of(typed)).is_empty()
    }
}

impl State {
    async fn update(&mut self, db: &Db) -> Result<(), Error> {
        // Most searches find no changes, and then they don't block writers.
        while !db.read().await?.conversations_changed_after(self.read).await?.is_empty() {
            for conversation in db.execute(&LoadSearchDocuments { after: self.read }).await? {
                self.index.insert(conversation.id, conversation.revision, &conversation.text);
                self.read = self.read.max(conversation.revision);
            }
        }
        Ok(())
    }
}
