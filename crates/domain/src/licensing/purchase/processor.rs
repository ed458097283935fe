//! The processor: handles notifications within one transaction.

use std::sync::Arc;

use keyring::{Slot, Tombstone};
use paypro::NotificationKind;
use store::{Catalog, Error, Operation, Prefetched, Product, Tx};

use super::order_match::OrderMatch;
use super::order_notification::OrderNotification;
use super::transitions::{self, IfUnknown};
use crate::counter::Counter;
use crate::licensing::issue::Signers;
use crate::settings::VendorSettings;

/// The reply to a notification. The web handler maps it to an HTTP status.
#[derive(Clone, PartialEq, Eq)]
pub enum NotificationReply {
    /// Processed, now or before (200).
    Accepted,
    /// The licence keys that were requested, the same each time (200, one per line).
    Keys(Vec<String>),
    /// A key of a product was requested that isn't in the catalogue; the order stays pending (503).
    UnknownProduct,
    /// A key was requested of an order on hold, whose discount no renewal proves; staff must release it (503).
    OnHold,
    /// A key was requested of an order that was refunded, charged back or declined (409).
    Revoked,
    /// A key was requested of an unknown order from before the horizon (410).
    Gone,
}

/// Processes notifications in the order of arrival, all in one transaction (group commit): the disk is synced once
/// for all.
pub struct ProcessNotifications<'a> {
    /// The notifications, with verified signatures.
    pub notifications: &'a [OrderNotification],
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for ProcessNotifications<'_> {
    const NAME: &'static str = "process notifications";
    type Output = Vec<NotificationReply>;

    async fn execute(&self, tx: &mut Tx) -> Result<Vec<NotificationReply>, Error> {
        let mut processor = NotificationProcessor::open(tx, self.settings).await?;
        let replies = processor.process_all(self.notifications).await?;
        processor.close().await?;
        Ok(replies)
    }
}

/// The state of processing notifications within one transaction.
pub(crate) struct NotificationProcessor<'t, 'h> {
    pub(crate) tx: &'t mut Tx,
    pub(crate) settings: &'h VendorSettings,
    pub(crate) signers: Signers,
    /// Slots of replaced index buckets, to be forgotten.
    pub(crate) replaced_buckets: Vec<Slot>,
    pub(super) catalog: Arc<Catalog>,
    /// Tombstones of erasures in progress, and of the numbers that the notifications name. While the index is
    /// locked only this processor adds others.
    pub(super) tombstones: Vec<Tombstone>,
    /// Whether any refund, chargeback or decline arrived before its order.
    pub(super) has_early_notifications: bool,
}

impl<'t, 'h> NotificationProcessor<'t, 'h> {
    /// Locks the blind index, and reads the catalogue and the erasures in progress.
    pub(crate) async fn open(tx: &'t mut Tx, settings: &'h VendorSettings) -> Result<Self, Error> {
        tx.lock_index().await?;
        let Prefetched { catalog, tombstones, has_early_notifications } = tx.prefetch().await?;
        let signers = Signers::open(tx, &catalog.keys)?;
        Ok(Self {
            tx,
            settings,
            signers,
            replaced_buckets: Vec::new(),
            catalog,
            tombstones,
            has_early_notifications,
        })
    }

    /// Records which replaced buckets are to be forgotten.
    pub(crate) async fn close(self) -> Result<(), Error> {
        self.tx.forget_buckets(self.replaced_buckets).await
    }

    /// Processes notifications in this order.
    pub(crate) async fn process_all(
        &mut self,
        notifications: &[OrderNotification],
    ) -> Result<Vec<NotificationReply>, Error> {
        self.prefetch(notifications).await?;
        let mut replies = Vec::with_capacity(notifications.len());
        for notification in notifications {
            replies.push(self.process(notification).await?);
        }
        Ok(replies)
    }

    /// Processes one notification whose index entries are prefetched.
    async fn process(&mut self, notification: &OrderNotification) -> Result<NotificationReply, Error> {
        let Some(transition) = transitions::transition_for(notification.kind()) else {
            Counter::UnknownNotificationKind.add_one(self.tx).await?;
            return Ok(NotificationReply::Accepted);
        };
        if transition.if_unknown == IfUnknown::Ignore {
            let is_lead = transition.kind == NotificationKind::Lead;
            let counter = if is_lead { Counter::Lead } else { Counter::OrderWaiting };
            counter.add_one(self.tx).await?;
            return Ok(NotificationReply::Accepted);
        }
        match self.match_order(notification, transition).await? {
            OrderMatch::OrderItem(order) => self.on_known_order(notification, transition, order).await,
            OrderMatch::Subscription(order) => {
                self.on_known_subscription(notification, transition, order).await
            }
            OrderMatch::Erased(erased) => self.on_erased_order(notification, transition, &erased).await,
            OrderMatch::Unknown => self.on_unknown_order(notification, transition).await,
        }
    }

    async fn on_unknown_order(
        &mut self,
        notification: &OrderNotification,
        transition: &transitions::Transition,
    ) -> Result<NotificationReply, Error> {
        let requests_key = notification.kind() == NotificationKind::LicenceRequested;
        // A pending order was in time when its notification arrived.
        if notification.placed_day < self.settings.horizon(self.tx) && notification.slots.0 == 0 {
            Counter::BeforeHorizon.add_one(self.tx).await?;
            return Ok(if requests_key { NotificationReply::Gone } else { NotificationReply::Accepted });
        }
        let begins = !(notification.product.is_empty()
            || notification.item.is_empty()
            || notification.quantity == 0
            || notification.buyer.email.is_empty());
        if transition.if_unknown == IfUnknown::RecordEarly || !begins {
            self.add_early_notification(notification, transition).await?;
            return Ok(NotificationReply::Accepted);
        }
        let Some(product) = self.product(&notification.product) else {
            self.keep_pending(notification).await?;
            return Ok(if requests_key {
                NotificationReply::UnknownProduct
            } else {
                NotificationReply::Accepted
            });
        };
        self.create_order(notification, transition, &product).await
    }

    /// Finds a product by the provider's number.
    pub(crate) fn product(&self, provider_id: &str) -> Option<Product> {
        self.catalog.products.iter().find(|p| p.provider_id == provider_id).cloned()
    }
}
