//! The panic hook. A panic message can contain personal data (a message in a failed slice, an address in an
//! assertion), so only the source location is logged.

use std::panic::{self, Location, PanicHookInfo};

/// Installs the hook: from now on a panic reports its source location only, in the log, or on standard error while
/// there is no log.
pub fn install() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| report(info.location())));
}

#[allow(clippy::print_stderr, reason = "a command of the command line has no log")]
fn report(location: Option<&Location<'_>>) {
    let (file, line) =
        location.map_or(("unknown location", 0), |location| (location.file(), location.line()));
    if tracing::dispatcher::has_been_set() {
        tracing::error!(file, line, "panicked: a fault of the program");
    } else {
        eprintln!("scruple: panicked at {file}:{line}: a fault of the program");
    }
}
