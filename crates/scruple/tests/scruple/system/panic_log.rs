//! A panic must not write a user's text to the log. The panic hook is global, so the test runs itself as a process.

use std::process::Command;

const HIDDEN: &str = "SCRUPLE_TEST_PANICS";
const SECRET: &str = "a text of a user";

/// Panics as the program would, if this process was started for that.
#[test]
fn panics_on_request() {
    let Some(log) = std::env::var_os(HIDDEN) else { return };
    if log == "log" {
        tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    }
    scruple::panic_hook::install();
    let (text, list) = (SECRET.to_owned(), vec![SECRET]);
    for fault in [0, 1, 2] {
        let ended = std::panic::catch_unwind(|| match fault {
            0 => panic!("{text}"),
            1 => assert!(text[..4].parse::<i32>().expect(&text) < 0),
            _ => assert_eq!(list, ["something else"]),
        });
        assert!(ended.is_err());
    }
}

#[test]
fn a_panic_reports_its_location_and_no_message() {
    for log in ["log", "none"] {
        let itself = std::env::current_exe().expect("this test");
        let mut command = Command::new(itself);
        command.args(["--exact", "system::panic_log::panics_on_request", "--nocapture"]);
        let output = command.env(HIDDEN, log).env("RUST_BACKTRACE", "full").output().expect("it starts");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(output.status.success(), "{text}");
        assert_eq!(text.matches("panicked").count(), 3, "{text}");
        assert_eq!(text.matches("panic_log.rs").count(), 3, "{text}");
        assert!(!text.contains(SECRET), "{text}");
    }
}
