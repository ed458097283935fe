//! The state of the keyring and its replicas, for `keyring status` and `doctor`.

use std::path::PathBuf;

use super::Keyring;
use crate::KeyringError;
use crate::ids::KeyringId;
use crate::replicas::ReplicaState;

/// The state of the keyring.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyringStatus {
    /// The keyring's id.
    pub keyring_id: KeyringId,
    /// The newest epoch.
    pub epoch: u64,
    /// Each configured replica.
    pub replicas: Vec<ReplicaStatus>,
    /// The number of trie nodes: files of about 4 kB in each replica.
    pub nodes: u64,
    /// The number of slots that were ever forgotten.
    pub forgotten: u64,
    /// Risks that the operator should know.
    pub warnings: Vec<KeyringWarning>,
}

/// The state of a replica.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplicaStatus {
    /// Its path.
    pub path: PathBuf,
    /// Its epoch; `None` when it is unreachable or has no valid root.
    pub epoch: Option<u64>,
    /// The number of epochs by which it lags.
    pub lag: u64,
    /// Why it cannot be used, if it cannot.
    pub problem: Option<String>,
}

/// A risk that the operator should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyringWarning {
    /// There is only one replica.
    SingleReplica,
    /// Two replicas are on the same disk.
    SameDevice(PathBuf, PathBuf),
    /// A replica of this keyring is not configured.
    Unconfigured(PathBuf),
    /// A replica is on a file system that keeps copies, or on another machine.
    FileSystem(PathBuf, String),
}

impl Keyring {
    /// The current state of the keyring.
    pub fn status(&self) -> Result<KeyringStatus, KeyringError> {
        self.catch_up()?;
        let survey = self.replicas.survey()?;
        let epoch = survey.root.epoch;
        let replicas = self.replicas.all.iter().zip(&survey.states);
        let replicas: Vec<_> = replicas
            .map(|(replica, states)| {
                let (at, why) = match states {
                    ReplicaState::At(at) => (Some(*at), None),
                    ReplicaState::Rootless => (None, Some("its root is missing or torn".to_owned())),
                    ReplicaState::Unreachable => {
                        let why = replica.marker().err().map(|error| error.to_string());
                        let why = why.unwrap_or_else(|| "no replica marker: is the disk mounted?".to_owned());
                        (None, Some(why))
                    }
                };
                ReplicaStatus {
                    path: replica.path().to_owned(),
                    epoch: at,
                    lag: at.map_or(0, |at| epoch - at),
                    problem: why,
                }
            })
            .collect();
        let mut warnings = warnings(&replicas);
        let unreachable = self.replicas.unreachable()?.into_iter();
        let lost = unreachable.filter(|path| !replicas.iter().any(|replica| replica.path == *path));
        warnings.extend(lost.map(KeyringWarning::Unconfigured));
        let state = self.state()?;
        let (nodes, forgotten) = (state.top.nodes, state.top.forgotten);
        Ok(KeyringStatus {
            keyring_id: self.replicas.keyring_id,
            epoch,
            replicas,
            nodes,
            forgotten,
            warnings,
        })
    }
}

fn warnings(replicas: &[ReplicaStatus]) -> Vec<KeyringWarning> {
    let mut warnings = Vec::new();
    if replicas.len() == 1 {
        warnings.push(KeyringWarning::SingleReplica);
    }
    for (i, one) in replicas.iter().enumerate() {
        for other in &replicas[i + 1..] {
            if let (Some(a), Some(b)) = (device(one), device(other))
                && a == b
            {
                warnings.push(KeyringWarning::SameDevice(one.path.clone(), other.path.clone()));
            }
        }
        if let Some(kind) = file_system(one) {
            warnings.push(KeyringWarning::FileSystem(one.path.clone(), kind));
        }
    }
    warnings
}

/// The device of a replica's folder, on systems that have device numbers.
fn device(replica: &ReplicaStatus) -> Option<u64> {
    #[cfg(unix)]
    return std::fs::metadata(&replica.path).ok().map(|about| std::os::unix::fs::MetadataExt::dev(&about));
    #[cfg(not(unix))]
    return None;
}

/// The kind of file system, if it keeps copies or is on another machine. Works on Linux only.
fn file_system(replica: &ReplicaStatus) -> Option<String> {
    const DOUBTFUL: [&str; 10] =
        ["overlay", "nfs", "nfs4", "cifs", "smb3", "9p", "btrfs", "zfs", "fuse.sshfs", "ceph"];
    let path = replica.path.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (_, at, kind) = (words.next()?, words.next()?, words.next()?);
        path.starts_with(at).then_some((at.len(), kind))
    });
    let (_, kind) = mounts.max_by_key(|(length, _)| *length)?;
    DOUBTFUL.contains(&kind).then(|| kind.to_owned())
}
