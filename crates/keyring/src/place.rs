//! A place: somewhere that a keyring is kept whole.
//!
//! [`crate::folder::Folder`] is the first kind. Another (object storage, another host, hardware) needs these acts
//! and no more. All that is said to be durable must be so when the act returns.

use std::any::Any;
use std::path::Path;

use crate::KeyringError;
use crate::ids::KeyringId;
use crate::node::NodeId;
use crate::record::{Marker, Read, Root};

/// The lock on a place, held until dropped.
pub(crate) struct Lock(#[allow(dead_code, reason = "held, never looked at")] pub(crate) Box<dyn Any + Send>);

/// Small records that are replaced as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Small {
    /// The marker of a place.
    Marker,
    /// A place that is being made: it becomes one when this is gone.
    Fresh,
    /// The next slot that may be leased.
    Lease,
    /// Head of the journal.
    Anchor,
    /// The ids of all places of this keyring.
    Places,
}

/// Logs to which lines are appended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Log {
    /// Tombstones of a year.
    Tombstones(i32),
    /// Forgettings.
    Erasures,
}

/// Somewhere that a keyring is kept whole.
pub(crate) trait Place: Send + Sync {
    /// Its name for messages.
    fn path(&self) -> &Path;
    /// The lock against all other processes.
    fn lock(&self) -> Result<Lock, KeyringError>;
    /// Refuses a place that others on the system could read.
    fn guarded(&self) -> Result<(), KeyringError>;
    /// Makes what it needs to hold a keyring.
    fn prepare(&self) -> Result<(), KeyringError>;
    /// Is anything there but remains of a making that was stopped?
    fn is_taken(&self) -> Result<bool, KeyringError>;

    /// Whose place it is; broken when it has no marker: unreachable.
    fn marker(&self) -> Result<Read<Marker>, KeyringError>;
    /// Keyring and epoch at this moment, in one small read; `None` when unreachable.
    fn peek(&self) -> Option<(KeyringId, u64)>;
    /// The root.
    fn root(&self) -> Result<Read<Root>, KeyringError>;
    /// Replaces the root, durably, and overwrites the one before. False when that last could not be done.
    fn commit(&self, root: &[u8]) -> Result<bool, KeyringError>;

    /// A sealed node, if it is there.
    fn node(&self, id: NodeId) -> Result<Option<Vec<u8>>, KeyringError>;
    /// Adds nodes, durably.
    fn add_nodes(&self, nodes: &[(NodeId, Vec<u8>)]) -> Result<(), KeyringError>;
    /// Removes nodes.
    fn remove_nodes(&self, ids: &[NodeId]) -> Result<(), KeyringError>;
    /// Names of all nodes that are there.
    fn nodes(&self) -> Result<Vec<NodeId>, KeyringError>;

    /// A small record without its checksum; `None` when absent or torn.
    fn small(&self, which: Small) -> Result<Option<Vec<u8>>, KeyringError>;
    /// Replaces a small record, durably.
    fn set_small(&self, which: Small, bytes: &[u8]) -> Result<(), KeyringError>;
    /// Removes a small record, durably.
    fn remove_small(&self, which: Small) -> Result<(), KeyringError>;

    /// A whole log; empty when there is none.
    fn log(&self, log: Log) -> Result<Vec<u8>, KeyringError>;
    /// Its length in bytes.
    fn log_length(&self, log: Log) -> Result<u64, KeyringError>;
    /// Cuts a log to `keep` bytes and appends, durably.
    fn append(&self, log: Log, keep: u64, bytes: &[u8]) -> Result<(), KeyringError>;
    /// Removes a log.
    fn remove_log(&self, log: Log) -> Result<(), KeyringError>;
    /// Years of which there are tombstones.
    fn years(&self) -> Result<Vec<i32>, KeyringError>;

    /// Removes what a stopped making left behind, so that none of it is taken for the new keyring's.
    fn clear(&self) -> Result<(), KeyringError> {
        self.remove_nodes(&self.nodes()?)?;
        for year in self.years()? {
            self.remove_log(Log::Tombstones(year))?;
        }
        self.remove_log(Log::Erasures)?;
        for which in [Small::Anchor, Small::Lease, Small::Places] {
            self.remove_small(which)?;
        }
        Ok(())
    }
}
