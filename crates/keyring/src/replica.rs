//! A replica: a complete copy of the keyring.
//!
//! [`crate::fs_replica::FsReplica`] is the first implementation. Another one (object storage, another host, a
//! hardware module) needs only these operations. An operation that promises durability must be durable when it
//! returns.

use std::any::Any;
use std::path::Path;

use crate::KeyringError;
use crate::ids::KeyringId;
use crate::node::NodeId;
/// The marker, which makes the folder a replica.
use crate::record::{Marker, Read, Root};

/// The lock on a replica, held until dropped.
pub(crate) struct Lock(
    #[allow(dead_code, reason = "held for its lock, never read")] pub(crate) Box<dyn Any + Send>,
);

/// Small records, each replaced as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SmallRecord {
    /// The marker, which makes the folder a replica.
    Marker,
    /// Present while a replica is being created. The replica is complete when this record is gone.
    Incomplete,
    /// The next slot that may be leased.
    Lease,
    /// The head of the audit log.
    Anchor,
    /// The ids of all replicas of this keyring.
    ReplicaList,
}

/// Append-only logs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Log {
    /// The tombstones of a year.
    Tombstones(i32),
    /// The erasure records.
    Erasures,
}

/// A complete copy of the keyring.
pub(crate) trait Replica: Send + Sync {
    /// Its name for messages.
    fn path(&self) -> &Path;
    /// Takes the lock against all other processes.
    fn lock(&self) -> Result<Lock, KeyringError>;
    /// Refuses a replica that other users of the system could read.
    fn check_permissions(&self) -> Result<(), KeyringError>;
    /// Creates what the replica needs to hold a keyring.
    fn prepare(&self) -> Result<(), KeyringError>;
    /// Tells whether the folder holds anything except leftovers of an interrupted creation.
    fn is_occupied(&self) -> Result<bool, KeyringError>;

    /// Reads the marker. Without a valid marker the replica is unreachable.
    fn marker(&self) -> Result<Read<Marker>, KeyringError>;
    /// Reads keyring id and epoch in one small read; `None` when unreachable.
    fn peek(&self) -> Option<(KeyringId, u64)>;
    /// Reads the root.
    fn root(&self) -> Result<Read<Root>, KeyringError>;
    /// Replaces the root, durably, and overwrites the old one. Returns false when the old one could not be
    /// overwritten.
    fn commit(&self, root: &[u8]) -> Result<bool, KeyringError>;

    /// Reads an encrypted node, if it exists.
    fn node(&self, id: NodeId) -> Result<Option<Vec<u8>>, KeyringError>;
    /// Adds nodes, durably.
    fn add_nodes(&self, nodes: &[(NodeId, Vec<u8>)]) -> Result<(), KeyringError>;
    /// Removes nodes.
    fn remove_nodes(&self, ids: &[NodeId]) -> Result<(), KeyringError>;
    /// The names of all stored nodes.
    fn nodes(&self) -> Result<Vec<NodeId>, KeyringError>;

    /// Reads a small record without its checksum; `None` when it is missing or torn.
    fn small_record(&self, which: SmallRecord) -> Result<Option<Vec<u8>>, KeyringError>;
    /// Replaces a small record, durably.
    fn set_small_record(&self, which: SmallRecord, bytes: &[u8]) -> Result<(), KeyringError>;
    /// Removes a small record, durably.
    fn remove_small_record(&self, which: SmallRecord) -> Result<(), KeyringError>;

    /// Reads a whole log; empty when it does not exist.
    fn log(&self, log: Log) -> Result<Vec<u8>, KeyringError>;
    /// The length of a log in bytes.
    fn log_length(&self, log: Log) -> Result<u64, KeyringError>;
    /// Truncates a log to `keep` bytes and appends, durably.
    fn append(&self, log: Log, keep: u64, bytes: &[u8]) -> Result<(), KeyringError>;
    /// Removes a log.
    fn remove_log(&self, log: Log) -> Result<(), KeyringError>;
    /// The years that have a tombstone log.
    fn years(&self) -> Result<Vec<i32>, KeyringError>;

    /// Removes leftovers of an interrupted creation, so that the new keyring does not take them for its own.
    fn clear(&self) -> Result<(), KeyringError> {
        self.remove_nodes(&self.nodes()?)?;
        for year in self.years()? {
            self.remove_log(Log::Tombstones(year))?;
        }
        self.remove_log(Log::Erasures)?;
        for which in [SmallRecord::Anchor, SmallRecord::Lease, SmallRecord::ReplicaList] {
            self.remove_small_record(which)?;
        }
        Ok(())
    }
}
