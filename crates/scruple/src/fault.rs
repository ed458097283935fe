//! Faults of the program itself. A panic's own words may hold what somebody wrote (the text of a message in a failed
//! slice, an address in an assertion): only the place in the code is told.

use std::panic::{self, Location, PanicHookInfo};

/// From here on a panic says where it was, and nothing of what it was about: in the log, or on standard error as long
/// as there is none.
pub fn tell_only_where() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| tell(info.location())));
}

#[allow(clippy::print_stderr, reason = "a command of the command line has no log")]
fn tell(at: Option<&Location<'_>>) {
    let (file, line) = at.map_or(("an unknown place", 0), |at| (at.file(), at.line()));
    if tracing::dispatcher::has_been_set() {
        tracing::error!(file, line, "panicked: a fault of the program");
    } else {
        eprintln!("scruple: panicked at {file}:{line}: a fault of the program");
    }
}
