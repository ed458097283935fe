//! Mail tests with real servers: Postfix delivers, Dovecot stores, and `scruple serve` receives and sends.
//!
//! `scripts/mail-server` starts both servers; `SCRUPLE_TEST_MAIL` names their folder. Without it these tests are
//! skipped, or fail if `SCRUPLE_TEST_REQUIRE=1`. The authentication results depend on the submission port: one adds
//! `dmarc=pass`, the other `dmarc=fail`. Both remove the results that a message already has.

mod conversation;
mod exactly_once;
mod hostile;
mod idle_and_polling;
mod mail_server;
mod mailbox_failures;
mod pipe;

#[allow(dead_code, reason = "of the kit for the tests of the whole program a part is used")]
#[path = "../system"]
mod system {
    pub mod kit;
}

use system::kit;
