//! Notices on their way into the database: those that arrive while the disk is busy share the next transaction, so
//! that many at once cost hardly more than one.

use std::sync::Arc;

use domain::VendorSettings;
use domain::licensing::purchase::{Answer, OrderNotification, ProcessNotifications};
use store::{Db, Error};
use tokio::sync::{Notify, mpsc, oneshot};

/// Notices in one transaction.
const MOST: usize = 64;
/// Notices that wait; more are put off with 503.
const QUEUE: usize = 1024;

struct Waiting {
    arrival: OrderNotification,
    answer: oneshot::Sender<Result<Answer, Error>>,
}

/// The way in.
pub struct Notices(mpsc::Sender<Waiting>);

/// The queue is full, or the program is stopping.
#[derive(Debug)]
pub struct Full;

impl Notices {
    /// Starts the worker that takes notices; it ends when the way in is dropped.
    #[must_use]
    pub fn start(db: Db, house: Arc<VendorSettings>, bell: Arc<Notify>) -> Self {
        let (way_in, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(work(db.apart(), house, bell, waiting));
        Self(way_in)
    }

    /// Has a notice taken, and returns when it is durable.
    ///
    /// # Errors
    /// `Err(Full)` when there is no room; otherwise what the deed says.
    pub async fn take(&self, arrival: OrderNotification) -> Result<Result<Answer, Error>, Full> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Waiting { arrival, answer }).map_err(|_| Full)?;
        answered.await.map_err(|_| Full)
    }
}

async fn work(db: Db, house: Arc<VendorSettings>, bell: Arc<Notify>, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(MOST);
    while waiting.recv_many(&mut batch, MOST).await > 0 {
        gather(&mut waiting, &mut batch).await;
        let (arrivals, answers): (Vec<_>, Vec<_>) = batch.drain(..).map(|w| (w.arrival, w.answer)).unzip();
        match db.write(&ProcessNotifications { arrivals: &arrivals, house: &house }).await {
            Ok(done) => done.into_iter().zip(answers).for_each(|(a, to)| reply(to, Ok(a))),
            // One bad apple must not spoil the others: each by itself.
            Err(_) if arrivals.len() > 1 => {
                for (arrival, to) in arrivals.iter().zip(answers) {
                    reply(to, take_one(&db, &house, arrival).await);
                }
            }
            Err(error) => {
                if let Some(to) = answers.into_iter().next() {
                    reply(to, Err(error));
                }
            }
        }
        bell.notify_one();
    }
}

/// Lets those who were just answered, and are about to send their next, come along: a turn for everybody who is ready,
/// as long as that brings more.
async fn gather(waiting: &mut mpsc::Receiver<Waiting>, batch: &mut Vec<Waiting>) {
    for _ in 0..3 {
        tokio::task::yield_now().await;
        while batch.len() < MOST
            && let Ok(one) = waiting.try_recv()
        {
            batch.push(one);
        }
    }
}

async fn take_one(db: &Db, house: &VendorSettings, arrival: &OrderNotification) -> Result<Answer, Error> {
    let mut done = db.write(&ProcessNotifications { arrivals: std::slice::from_ref(arrival), house }).await?;
    done.pop().ok_or(Error::Unknown("an answer"))
}

/// Whoever asked may have hung up; the notice is taken all the same, and a resend will find it known.
fn reply(to: oneshot::Sender<Result<Answer, Error>>, answer: Result<Answer, Error>) {
    drop(to.send(answer));
}
