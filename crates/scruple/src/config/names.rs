//! The names of keys, in the file and in the environment.

/// `server.listen` is `SCRUPLE_SERVER_LISTEN`.
pub(super) fn variable(key: &str) -> String {
    format!("SCRUPLE_{}", key.replace('.', "_").to_uppercase())
}

/// `SCRUPLE_SERVER_`: other names belong to others.
pub(super) fn section_prefix(key: &str) -> String {
    let section = key.split('.').next().unwrap_or(key);
    format!("SCRUPLE_{}_", section.to_uppercase())
}

/// What to say of an unknown name.
pub(super) fn nearest(wrong: &str, known: impl Iterator<Item = String>) -> String {
    let near = known.min_by_key(|key| strsim::damerau_levenshtein(wrong, key));
    near.map_or_else(String::new, |key| format!("; the nearest known key is {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_a_variable_too() {
        assert_eq!(variable("paypro.validation_key_file"), "SCRUPLE_PAYPRO_VALIDATION_KEY_FILE");
        assert!(variable("mail.from").starts_with(&section_prefix("mail.smtp")));
    }

    #[test]
    fn swapped_letters_are_near() {
        let known = ["mail.from", "mail.smtp"].map(str::to_owned);
        assert!(nearest("mail.form", known.into_iter()).ends_with(" mail.from"));
    }
}
