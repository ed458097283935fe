//! The queue of notifications (webhooks) that wait to be written. Notifications that arrive while the disk is busy share
//! the next transaction (group commit), so that many at once cost little more than one.

use std::sync::Arc;

use domain::VendorSettings;
use domain::licensing::purchase::{NotificationReply, OrderNotification, ProcessNotifications};
use store::{Db, Error};
use tokio::sync::{Notify, mpsc, oneshot};

/// Number of notifications in one transaction.
const MAX_BATCH: usize = 64;
/// Number of notifications that wait. Above it, a notification is answered with 503 (backpressure).
const MAX_WAITING: usize = 1024;

struct Waiting {
    notification: OrderNotification,
    reply: oneshot::Sender<Result<NotificationReply, Error>>,
}

/// The sending end of the queue.
pub struct NotificationQueue(mpsc::Sender<Waiting>);

/// The queue is full, or the program is stopping.
#[derive(Debug)]
pub struct QueueFull;

impl NotificationQueue {
    /// Starts the worker that processes notifications. The worker ends when the queue is dropped.
    #[must_use]
    pub fn start(db: Db, settings: Arc<VendorSettings>, work_available: Arc<Notify>) -> Self {
        let (sender, waiting) = mpsc::channel(MAX_WAITING);
        tokio::spawn(work(db.with_dedicated_connection(), settings, work_available, waiting));
        Self(sender)
    }

    /// Processes a notification, and returns when the result is durable.
    ///
    /// # Errors
    /// The outer error means that the queue is full. The inner error is that of the operation.
    pub async fn process(
        &self,
        notification: OrderNotification,
    ) -> Result<Result<NotificationReply, Error>, QueueFull> {
        let (reply, replied) = oneshot::channel();
        self.0.try_send(Waiting { notification, reply }).map_err(|_| QueueFull)?;
        replied.await.map_err(|_| QueueFull)
    }
}

async fn work(
    db: Db,
    settings: Arc<VendorSettings>,
    work_available: Arc<Notify>,
    mut waiting: mpsc::Receiver<Waiting>,
) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    while waiting.recv_many(&mut batch, MAX_BATCH).await > 0 {
        fill_batch(&mut waiting, &mut batch).await;
        let (notifications, replies): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|waiting| (waiting.notification, waiting.reply)).unzip();
        match db.execute(&ProcessNotifications { notifications: &notifications, settings: &settings }).await {
            Ok(done) => done.into_iter().zip(replies).for_each(|(reply, to)| send_reply(to, Ok(reply))),
            // One notification that fails must not fail the others, so each is tried alone.
            Err(_) if notifications.len() > 1 => {
                for (notification, to) in notifications.iter().zip(replies) {
                    send_reply(to, process_one(&db, &settings, notification).await);
                }
            }
            Err(error) => {
                if let Some(to) = replies.into_iter().next() {
                    send_reply(to, Err(error));
                }
            }
        }
        work_available.notify_one();
    }
}

/// Adds notifications that are about to be sent. It yields a few times, so that clients which just got a reply can send
/// their next notification into this batch.
async fn fill_batch(waiting: &mut mpsc::Receiver<Waiting>, batch: &mut Vec<Waiting>) {
    for _ in 0..3 {
        tokio::task::yield_now().await;
        while batch.len() < MAX_BATCH
            && let Ok(one) = waiting.try_recv()
        {
            batch.push(one);
        }
    }
}

async fn process_one(
    db: &Db,
    settings: &VendorSettings,
    notification: &OrderNotification,
) -> Result<NotificationReply, Error> {
    let notifications = std::slice::from_ref(notification);
    let mut done = db.execute(&ProcessNotifications { notifications, settings }).await?;
    done.pop().ok_or(Error::Unknown("a reply"))
}

/// Sends a reply. The client may have disconnected: the notification is processed all the same, and a redelivery is
/// recognised (idempotency).
fn send_reply(
    to: oneshot::Sender<Result<NotificationReply, Error>>,
    reply: Result<NotificationReply, Error>,
) {
    drop(to.send(reply));
}
