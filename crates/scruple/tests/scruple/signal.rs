//! Signals to child processes.

use std::process::Command;

/// Sends a signal such as `TERM`. The shell's own `kill` does it, because a bare Debian has no such program.
pub fn send_signal(signal: &str, pid: u32) {
    let sent = Command::new("sh").args(["-c", r#"kill -s "$0" "$1""#, signal, &pid.to_string()]).status();
    assert!(sent.expect("a shell").success(), "no process gets the signal {signal}");
}
