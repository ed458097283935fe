//! A panic must not write down what somebody wrote. The hook belongs to a whole process, so this test starts itself.

use std::process::Command;

const HIDDEN: &str = "SCRUPLE_TEST_PANICS";
const SECRET: &str = "what somebody wrote";

/// Panics as the program would, where it was started for that.
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
        command.args(["--exact", "panic_log::panics_on_request", "--nocapture"]);
        let told = command.env(HIDDEN, log).env("RUST_BACKTRACE", "full").output().expect("it starts");
        let said = [told.stdout, told.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(told.status.success(), "{said}");
        assert_eq!(said.matches("panicked").count(), 3, "{said}");
        assert_eq!(said.matches("panic_log.rs").count(), 3, "{said}");
        assert!(!said.contains(SECRET), "{said}");
    }
}
