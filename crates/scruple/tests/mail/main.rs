//! Mail through real servers: Postfix carries it, Dovecot keeps it, `scruple serve` takes and sends it.
//!
//! `scripts/mail-server` starts both; `SCRUPLE_TEST_MAIL` names their folder. Without it these tests say so and pass,
//! unless `SCRUPLE_TEST_REQUIRE=1` makes its absence a failure. Verdicts on who wrote come from the port by which a
//! message is handed in: one writes `dmarc=pass`, the other `dmarc=fail`, and both remove what a message brings itself.

mod conversation;
mod exactly_once;
mod hostile;
mod mail_server;
mod pipe;
mod trouble;
mod waking;

#[allow(dead_code, reason = "of the kit for the tests of the whole program a part is used")]
#[path = "../system"]
mod system {
    pub mod kit;
}

use system::kit;
