//! Mail tests with real servers: Postfix delivers, Dovecot stores, and `scruple serve` receives and sends.
//!
//! `scripts/mail-server` starts both servers; `SCRUPLE_TEST_MAIL` names their folder. The authentication results depend
//! on the submission port: one adds `dmarc=pass`, the other `dmarc=fail`. Both remove the results that a message has.

mod conversation;
mod exactly_once;
mod hostile;
mod idle_and_polling;
mod mail_server;
mod mailbox_failures;
mod pipe;

use crate::system::kit;
