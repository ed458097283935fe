//! The default folder of the keyring. It is outside the data folder, so that a copy of the data never includes the keys.

use std::path::{Path, PathBuf};

/// Returns the default replica: one folder for each data folder, below the state folder of the login, or of the system
/// if there is no home.
pub(super) fn default_replica(state_home: Option<PathBuf>, home: Option<PathBuf>, data: &Path) -> PathBuf {
    let state = state_home.filter(|path| path.is_absolute()).map(|state| state.join("scruple"));
    let home = home.filter(|path| path.is_absolute()).map(|home| home.join(".local/state/scruple"));
    let parent = state.or(home).unwrap_or_else(|| PathBuf::from("/var/lib/scruple-keyring"));
    parent.join(format!("{:016x}", fnv1a(resolved(data).as_os_str().as_encoded_bytes())))
}

/// Resolves symbolic links as far as the path exists, so that a folder has one path before and after its creation.
fn resolved(path: &Path) -> PathBuf {
    for known in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (known.canonicalize(), path.strip_prefix(known)) {
            return real.components().chain(rest.components()).collect();
        }
    }
    path.to_owned()
}

/// FNV-1a with 64 bits (RFC 9923). It only distinguishes data folders, is stable across versions, and hides nothing.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_matches_the_published_vectors() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn the_state_folder_has_priority_over_home_and_system() {
        let data = Path::new("/srv/shop");
        let replica = |state: Option<&str>, home: Option<&str>| {
            let replica = default_replica(state.map(PathBuf::from), home.map(PathBuf::from), data);
            replica.parent().unwrap().to_owned()
        };
        assert_eq!(replica(Some("/state"), Some("/people/ada")), Path::new("/state/scruple"));
        assert_eq!(
            replica(Some("relative"), Some("/people/ada")),
            Path::new("/people/ada/.local/state/scruple")
        );
        assert_eq!(replica(None, Some("")), Path::new("/var/lib/scruple-keyring"));
        assert_eq!(replica(None, None), Path::new("/var/lib/scruple-keyring"));
    }

    #[test]
    fn two_data_folders_have_two_replicas() {
        let replica = |data: &str| default_replica(None, None, Path::new(data));
        assert_ne!(replica("/srv/one"), replica("/srv/two"));
    }

    #[test]
    fn creating_or_linking_the_data_folder_does_not_move_the_keyring() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let linked = folder.path().join("linked");
        std::os::unix::fs::symlink(folder.path(), &linked).unwrap();
        let before = default_replica(None, None, &data);
        assert_eq!(default_replica(None, None, &linked.join("data")), before);
        std::fs::create_dir(&data).unwrap();
        assert_eq!(default_replica(None, None, &data), before);
    }
}
