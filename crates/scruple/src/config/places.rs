//! Where the keyring is kept when nobody chose a place: outside the data folder, so that a copy of the data is no
//! copy of the root.

use std::path::{Path, PathBuf};

/// The state folder of the person, or of the system where there is no home; below it one folder for each data folder.
pub(super) fn default_place(state_home: Option<PathBuf>, home: Option<PathBuf>, data: &Path) -> PathBuf {
    let state = state_home.filter(|path| path.is_absolute()).map(|state| state.join("scruple"));
    let home = home.filter(|path| path.is_absolute()).map(|home| home.join(".local/state/scruple"));
    let parent = state.or(home).unwrap_or_else(|| PathBuf::from("/var/lib/scruple-keyring"));
    parent.join(format!("{:016x}", fnv1a(resolved(data).as_os_str().as_encoded_bytes())))
}

/// The same for a folder before and after it is made: links are followed as far as the path exists.
fn resolved(path: &Path) -> PathBuf {
    for known in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (known.canonicalize(), path.strip_prefix(known)) {
            return real.components().chain(rest.components()).collect();
        }
    }
    path.to_owned()
}

/// FNV-1a with 64 bits (RFC 9923): tells data folders apart and stays the same across versions; hides nothing.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn the_state_folder_goes_before_the_home_and_the_system_last() {
        let data = Path::new("/srv/shop");
        let place = |state: Option<&str>, home: Option<&str>| {
            let place = default_place(state.map(PathBuf::from), home.map(PathBuf::from), data);
            place.parent().unwrap().to_owned()
        };
        assert_eq!(place(Some("/state"), Some("/people/ada")), Path::new("/state/scruple"));
        assert_eq!(
            place(Some("relative"), Some("/people/ada")),
            Path::new("/people/ada/.local/state/scruple")
        );
        assert_eq!(place(None, Some("")), Path::new("/var/lib/scruple-keyring"));
        assert_eq!(place(None, None), Path::new("/var/lib/scruple-keyring"));
    }

    #[test]
    fn two_data_folders_have_two_places() {
        let place = |data: &str| default_place(None, None, Path::new(data));
        assert_ne!(place("/srv/one"), place("/srv/two"));
    }

    #[test]
    fn making_the_data_folder_or_reaching_it_by_a_link_moves_no_keyring() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let linked = folder.path().join("linked");
        std::os::unix::fs::symlink(folder.path(), &linked).unwrap();
        let before = default_place(None, None, &data);
        assert_eq!(default_place(None, None, &linked.join("data")), before);
        std::fs::create_dir(&data).unwrap();
        assert_eq!(default_place(None, None, &data), before);
    }
}
