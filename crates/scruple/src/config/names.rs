//! Names of configuration keys in the file and in the environment.

/// The environment variable of a key: `SCRUPLE_SERVER_LISTEN` for `server.listen`.
pub(super) fn variable(key: &str) -> String {
    format!("SCRUPLE_{}", key.replace('.', "_").to_uppercase())
}

/// The prefix of the environment variables of a section: `SCRUPLE_SERVER_`.
pub(super) fn section_prefix(key: &str) -> String {
    let section = key.split('.').next().unwrap_or(key);
    format!("SCRUPLE_{}_", section.to_uppercase())
}

/// Suggests the nearest known name for an unknown one.
pub(super) fn nearest(wrong: &str, known: impl Iterator<Item = String>) -> String {
    let near = known.min_by_key(|key| strsim::damerau_levenshtein(wrong, key));
    near.map_or_else(String::new, |key| format!("; the nearest known key is {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_an_environment_variable() {
        assert_eq!(variable("paypro.validation_key_file"), "SCRUPLE_PAYPRO_VALIDATION_KEY_FILE");
        assert!(variable("mail.from").starts_with(&section_prefix("mail.smtp")));
    }

    #[test]
    fn a_name_with_swapped_characters_is_suggested() {
        let known = ["mail.from", "mail.smtp"].map(str::to_owned);
        assert!(nearest("mail.form", known.into_iter()).ends_with(" mail.from"));
    }
}
