//! The configuration: files, environment and errors.

use mail::settings::{After, Security};
use scruple::config::{Config, Database, Problems};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A working folder with files in it, and an environment.
struct WorkingFolder {
    folder: TempDir,
    environment: Vec<(OsString, OsString)>,
}

impl WorkingFolder {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("tests have a temporary folder"),
            environment: vec![("HOME".into(), "/people/shop".into())],
        }
    }

    fn file(self, name: &str, mode: u32, text: &str) -> Self {
        let path = self.path(name);
        fs::write(&path, text).expect("the folder is ours");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the file is ours");
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn load(&self) -> Result<Config, Problems> {
        Config::load(self.folder.path(), None, self.environment.clone())
    }

    fn good(&self) -> Config {
        self.load().unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// Expects a wrong configuration, and returns its problems as lines `key: text`.
    fn wrong(&self) -> Vec<String> {
        let problems = self.load().err().expect("the configuration is wrong");
        problems.0.iter().map(ToString::to_string).collect()
    }
}

fn with_file(text: &str) -> WorkingFolder {
    WorkingFolder::new().file("scruple.toml", 0o600, text)
}

#[test]
fn serve_runs_with_no_configuration_at_all() {
    let working_folder = WorkingFolder::new();
    let config = working_folder.good();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8470");
    assert_eq!(config.server.public_url, "http://127.0.0.1:8470");
    assert_eq!(config.data.folder, working_folder.path("scruple-data"));
    assert!(matches!(config.data.database, Database::Sqlite));
    assert!(config.paypro.validation_key.is_none() && config.paypro.checkout.is_none());
    assert!(!config.paypro.allow_test_orders && config.paypro.source_addresses.is_empty());
    assert!(config.mail.smtp.is_none());
    let retention = config.retention;
    let months = (retention.person_months, retention.erasure_cooling_days, retention.tombstone_months);
    assert_eq!(months, (24, 0, 18));
    assert_eq!(
        (retention.conversation_months, retention.anonymous_days, config.contact.hourly),
        (12, 90, 60)
    );
    let mail = config.mail;
    assert!(mail.reply.is_none() && mail.imap.is_none() && mail.authserv.is_none());
}

#[test]
fn the_default_keyring_is_outside_the_data_folder() {
    let working_folder = WorkingFolder::new();
    let keyring = working_folder.good().keyring;
    assert!(!keyring.chosen);
    assert_eq!(keyring.replicas.len(), 1);
    assert!(keyring.replicas[0].starts_with("/people/shop/.local/state/scruple"));

    let inside = working_folder.variable("SCRUPLE_KEYRING_REPLICAS", "/safe, scruple-data/keys").wrong();
    assert!(inside[0].starts_with("keyring.replicas: a replica is inside the data folder"), "{inside:?}");
}

#[test]
fn the_environment_overrides_the_file() {
    let working_folder = with_file(
        "[server]\nlisten = '127.0.0.1:1'\ntrusted_proxies = ['10.0.0.0/8', '::1']\n[retention]\nperson_months = 3",
    )
    .variable("SCRUPLE_SERVER_LISTEN", "127.0.0.1:2")
    .variable("SCRUPLE_RETENTION_TOMBSTONE_MONTHS", "7")
    .variable("SCRUPLE_PAYPRO_ALLOW_TEST_ORDERS", "true")
    .variable("SCRUPLE_PAYPRO_SOURCE_ADDRESSES", "paypro, 192.0.2.1")
    .variable("SCRUPLE_PAYPRO_KEEP_CUSTOM_FIELDS", "x-a,x-b_2");
    let config = working_folder.good();
    assert_eq!(config.server.listen.port(), 2);
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!((config.retention.person_months, config.retention.tombstone_months), (3, 7));
    assert!(config.paypro.allow_test_orders);
    assert_eq!(config.paypro.source_addresses.len(), 5);
    assert_eq!(config.paypro.keep_custom_fields, ["x-a", "x-b_2"]);
}

#[test]
fn an_empty_text_is_no_value() {
    let working_folder = with_file("[mail]\nsmtp = ''\n[server]\npublic_url = ''")
        .variable("SCRUPLE_PAYPRO_VALIDATION_KEY", "");
    let config = working_folder.good();
    assert!(config.paypro.validation_key.is_none() && config.mail.smtp.is_none());
}

#[test]
fn all_problems_are_reported_at_once_with_what_is_expected() {
    let working_folder = with_file(
        "[server]\nlisten = 8470\ntrusted_proxies = ['10.0.0.0/8', 'proxy']\n[data]\nfolder = true\n\
         [retention]\nperson_months = 'two'\n[paypro]\nallow_test_orders = 1\nkeep_custom_fields = 'x-a'",
    )
    .variable("SCRUPLE_SERVER_PUBLIC_URL", "licence.example.com")
    .variable("SCRUPLE_RETENTION_ERASURE_COOLING_DAYS", "31");
    let mut wrong = working_folder.wrong();
    wrong.sort();
    assert_eq!(
        wrong,
        [
            "SCRUPLE_RETENTION_ERASURE_COOLING_DAYS: found 31, expected a whole number from 0 to 30",
            "SCRUPLE_SERVER_PUBLIC_URL: found \"licence.example.com\", expected an address such as https://licence.example.com",
            "data.folder: found true or false, expected the path of a folder",
            "paypro.allow_test_orders: found a number, expected true or false",
            "paypro.keep_custom_fields: found \"x-a\", expected a list: each a name such as x-campaign",
            "retention.person_months: found \"two\", expected a whole number from 1 to 1200",
            "server.listen: found a number, expected an address with a port such as 127.0.0.1:8470",
            "server.trusted_proxies: found \"proxy\" in the list, expected an address or a network such as 10.0.0.0/8",
        ]
    );
}

#[test]
fn an_unknown_key_is_an_error_that_names_the_nearest() {
    let working_folder = with_file("[server]\nlissen = '127.0.0.1:1'\n[paypo]\nvalidation_key = 'x'")
        .variable("SCRUPLE_MAIL_SMPT", "smtp://localhost")
        .variable("SCRUPLE_TEST_DATABASE", "not ours")
        .variable("SCRUPLE", "not ours");
    assert_eq!(
        working_folder.wrong(),
        [
            "paypo.validation_key: is unknown; the nearest known key is paypro.validation_key",
            "server.lissen: is unknown; the nearest known key is server.listen",
            "SCRUPLE_MAIL_SMPT: is unknown; the nearest known key is SCRUPLE_MAIL_SMTP",
        ]
    );
    let loose = with_file("listen = '127.0.0.1:1'").wrong();
    assert_eq!(loose, ["listen: is outside a section: expected it below a line like [server]"]);
}

#[test]
fn a_named_file_must_exist_and_scruple_toml_need_not() {
    let working_folder = WorkingFolder::new();
    let missing =
        Config::load(working_folder.folder.path(), Some(Path::new("other.toml")), []).err().unwrap();
    assert!(missing.to_string().contains("other.toml: cannot be opened: entity not found"), "{missing}");
    let working_folder = working_folder.file("other.toml", 0o644, "[vendor]\nname = 'Acme'");
    let named = Config::load(working_folder.folder.path(), Some(Path::new("other.toml")), []);
    assert_eq!(named.ok().map(|config| config.vendor.name).as_deref(), Some("Acme"));
}

#[test]
fn a_broken_file_names_the_line_and_repeats_no_secret() {
    let wrong = with_file("[paypro]\nvalidation_key = \"geheim\nsecret_key = 'other'").wrong();
    assert_eq!(wrong.len(), 1);
    assert!(wrong[0].contains("line 2 is not TOML"), "{wrong:?}");
    assert!(!wrong[0].contains("geheim"), "{wrong:?}");
}

#[test]
fn a_secret_comes_from_the_configuration_the_environment_or_its_own_file() {
    let exposed = |working_folder: WorkingFolder| {
        working_folder.good().paypro.validation_key.unwrap().expose().to_owned()
    };
    assert_eq!(exposed(with_file("[paypro]\nvalidation_key = 'one'")), "one");
    assert_eq!(exposed(WorkingFolder::new().variable("SCRUPLE_PAYPRO_VALIDATION_KEY", "two")), "two");
    let own = WorkingFolder::new()
        .file("key", 0o400, "three\n")
        .variable("SCRUPLE_PAYPRO_VALIDATION_KEY_FILE", "key");
    assert_eq!(exposed(own), "three");
    let both = with_file("[paypro]\nvalidation_key = 'one'\nvalidation_key_file = 'key'")
        .file("key", 0o600, "three");
    assert_eq!(
        both.wrong(),
        ["paypro.validation_key: cannot be combined with paypro.validation_key_file: expected one of them"]
    );
}

#[test]
fn a_file_with_secrets_that_others_can_read_is_refused() {
    for (mode, fine) in
        [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false), (0o601, false)]
    {
        let inline = WorkingFolder::new().file("scruple.toml", mode, "[paypro]\nsecret_key = 'geheim'");
        assert_eq!(inline.load().is_ok(), fine, "{mode:o} with the secret inside");
        let own = with_file("[paypro]\nsecret_key_file = 'key'").file("key", mode, "geheim");
        assert_eq!(own.load().is_ok(), fine, "{mode:o} for the secret's own file");
    }
    let open = WorkingFolder::new().file("scruple.toml", 0o644, "[paypro]\nsecret_key = 'geheim'").wrong();
    assert!(open[0].contains("its mode is 644, so others can read it: run `chmod 600 "), "{open:?}");
    let plain = WorkingFolder::new().file("scruple.toml", 0o644, "[vendor]\nname = 'Acme'");
    assert!(plain.load().is_ok(), "without secrets anybody may read it");
    let elsewhere = plain.variable("SCRUPLE_PAYPRO_SECRET_KEY", "geheim");
    assert!(elsewhere.load().is_ok(), "the secret isn't in the file");
}

#[test]
fn a_missing_or_empty_secret_file_is_an_error() {
    let working_folder =
        WorkingFolder::new().file("empty", 0o600, "\n").variable("SCRUPLE_PAYPRO_SECRET_KEY_FILE", "empty");
    assert!(working_folder.wrong()[0].ends_with("empty is empty"));
    let working_folder = WorkingFolder::new().variable("SCRUPLE_KEYRING_PASSPHRASE_FILE", "none");
    assert!(working_folder.wrong()[0].ends_with("none cannot be opened: entity not found"));
}

#[test]
fn the_password_of_the_database_comes_from_its_file() {
    let url = |working_folder: &WorkingFolder| match working_folder.good().data.database {
        Database::Postgres { url, location } => (url.expose().to_owned(), location),
        Database::Sqlite => panic!("expected PostgreSQL"),
    };
    let working_folder =
        with_file("[data]\ndatabase = 'postgres://shop@db:5433/s'\ndatabase_password_file = 'p'")
            .file("p", 0o600, "ge:h@im/");
    let (whole, shown) = url(&working_folder);
    assert_eq!(whole, "postgres://shop:ge%3Ah%40im%2F@db:5433/s");
    assert_eq!(shown, "db:5433/s");
    assert!(
        with_file("[data]\ndatabase_password_file = 'p'").file("p", 0o600, "x").wrong()[0]
            .contains("needs data.database")
    );
    let inline =
        WorkingFolder::new().file("scruple.toml", 0o644, "[data]\ndatabase = 'postgres://shop:geheim@db/s'");
    assert!(inline.wrong()[0].contains("chmod 600"));
    let unreadable = with_file("[data]\ndatabase = 'mysql://shop:geheim@db/s'").wrong();
    assert!(unreadable.len() == 1 && !unreadable[0].contains("geheim"), "{unreadable:?}");
}

#[test]
fn an_incomplete_mail_server_is_an_error() {
    let mail = |text: &str| {
        with_file(&format!("[mail]\n{text}")).file("p", 0o600, "geheim").file(
            "ca",
            0o644,
            "-----BEGIN CERTIFICATE-----",
        )
    };
    let whole =
        mail("from='Shop <a@example.com>'\nsmtp='smtp://a@mail.example.com'\npassword_file='p'").good();
    let smtp = whole.mail.smtp.unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port, smtp.security), ("mail.example.com", 587, Security::StartTls));
    assert_eq!(smtp.login.unwrap().password.as_str(), "geheim");

    let local = mail("from='a@example.com'\nsmtp='smtp://localhost:2525'").good().mail.smtp.unwrap();
    assert_eq!(local.security, Security::Plain);
    let checked = mail("from='a@example.com'\nsmtp='smtp://localhost:2525'\nsmtp_ca_file='ca'")
        .good()
        .mail
        .smtp
        .unwrap();
    assert_eq!(checked.security, Security::StartTls, "who names an authority wants it asked");

    let lacks = |text: &str| mail(text).wrong().join("\n");
    assert!(lacks("smtp='smtp://localhost'").contains("needs mail.from"));
    assert!(
        lacks("from='a@example.com'\nsmtp='smtp://a@mail.example.com'").contains("needs mail.password_file")
    );
    assert!(
        lacks("from='a@example.com'\nsmtp='smtp://mail.example.com'\npassword_file='p'")
            .contains("needs a name")
    );
    assert!(lacks("smtp_ca_file='p'").contains("has no certificate"));
    let wrong = lacks("from='nobody in particular'\nsmtp='smtp://a:geheim@mail.example.com'");
    assert!(wrong.contains("mail.from: found something else") && !wrong.contains("geheim"), "{wrong}");
}

#[test]
fn an_incomplete_mailbox_is_an_error() {
    let mail = |text: &str| {
        with_file(&format!("[mail]\n{text}")).file("p", 0o600, "geheim").file("open", 0o644, "geheim").file(
            "ca",
            0o644,
            "-----BEGIN CERTIFICATE-----",
        )
    };
    let imap = |text: &str| mail(text).good().mail.imap.unwrap();
    let whole = imap("imap='imaps://a%40b@mail.example.com/Support'\nimap_password_file='p'");
    assert_eq!((whole.host.as_str(), whole.port, whole.security), ("mail.example.com", 993, Security::Tls));
    assert_eq!((whole.login.name.as_str(), whole.login.password.as_str()), ("a@b", "geheim"));
    assert_eq!((whole.folder.as_str(), whole.after), ("Support", After::Delete));
    let moving = imap("imap='imap://a@localhost:1143'\nimap_password_file='p'\nimap_after='move Taken over'");
    assert_eq!((moving.security, moving.folder.as_str()), (Security::Plain, "INBOX"));
    assert_eq!(moving.after, After::Move("Taken over".into()));
    let checked = imap("imap='imap://a@localhost'\nimap_password_file='p'\nimap_ca_file='ca'");
    assert_eq!(checked.security, Security::StartTls, "who names an authority wants it asked");

    let lacks = |text: &str| mail(text).wrong().join("\n");
    assert!(lacks("imap='imaps://a@mail.example.com'").contains("needs mail.imap_password_file"));
    assert!(lacks("imap_password_file='p'").contains("needs mail.imap:"));
    let named = "imap='imaps://a@mail.example.com/A'\nimap_password_file=";
    assert!(lacks(&format!("{named}'open'")).contains("chmod 600"));
    assert!(lacks(&format!("{named}'p'\nimap_after='move A'")).contains("the folder of mail.imap itself"));
    assert!(
        lacks(&format!("{named}'p'\nimap_after='keep'")).contains("found \"keep\", expected delete, or move")
    );
    let wrong = lacks("imap='imaps://a:geheim@mail.example.com/INBOX'");
    assert!(wrong.contains("mail.imap: found something else") && !wrong.contains("geheim"), "{wrong}");
}

#[test]
fn the_reply_address_leaves_room_for_its_token() {
    let mail = |reply: &str| {
        with_file(&format!("[mail]\nfrom='a@example.com'\nsmtp='smtp://localhost'\nreply='{reply}'"))
    };
    let reply = mail("support@example.com").good().mail.reply.unwrap();
    assert_eq!(reply.to_string(), "support@example.com");
    assert!(mail(&format!("{}@example.com", "s".repeat(37))).load().is_ok());
    for wrong in ["support", "a+b@example.com", "Support <s@example.com>"] {
        assert!(mail(wrong).wrong()[0].contains("mail.reply: found something else"), "{wrong}");
    }
    assert!(mail(&format!("{}@example.com", "s".repeat(38))).load().is_err());
    let alone = with_file("[mail]\nreply='support@example.com'").wrong().join("\n");
    assert!(alone.contains("mail.reply: needs mail.smtp"), "{alone}");
    let id = |id: &str| with_file(&format!("[mail]\nauthserv='{id}'"));
    assert_eq!(id("MX.example.com").good().mail.authserv.as_deref(), Some("mx.example.com"));
    assert!(id("mx; dmarc=pass").load().is_err());
}

#[test]
fn the_checkout_pair_is_complete_and_of_the_right_length() {
    let wrong = |text: &str| with_file(&format!("[paypro]\n{text}")).wrong().join("\n");
    let good = with_file("[paypro]\ncheckout_key='0123456789ab'\ncheckout_vector='fedcba9876543210'").good();
    assert_eq!(good.paypro.checkout.unwrap().vector.expose(), "fedcba9876543210");
    assert!(wrong("checkout_key='0123456789ab'").contains("needs paypro.checkout_vector"));
    assert!(wrong("checkout_vector='fedcba9876543210'").contains("needs paypro.checkout_key"));
    assert!(
        wrong("checkout_key='0123456789ab'\ncheckout_vector='short'").contains("has 5 bytes, expected 16")
    );
    let long = format!("checkout_key='{}'\ncheckout_vector='fedcba9876543210'", "k".repeat(32));
    assert!(wrong(&long).contains("has 32 bytes, expected fewer than 32"));
}
