//! Notifications of orders whose person was erased. They change the state of licences and never restore data of the
//! person.

use keyring::{Tag16, Tombstone};
use licence::Serial;
use paypro::NotificationKind;
use store::{Error, TermKind, TermNumber};

use super::new_order::term_kind;
use super::order_match::{Erased, ITEM, ORDER, SUBSCRIPTION, word};
use super::transitions::{Effect, Transition};
use super::{NotificationProcessor, NotificationReply, OrderNotification};
use crate::counter::Counter;
use crate::licensing::issue::{create_licence_with_serial, licences_and_seats};

impl NotificationProcessor<'_, '_> {
    /// Processes a notification of an erased order once, on licences alone.
    pub(crate) async fn on_erased_order(
        &mut self,
        notification: &OrderNotification,
        transition: &Transition,
        erased: &Erased,
    ) -> Result<NotificationReply, Error> {
        if matches!(transition.effect, Effect::ChangeAddress | Effect::ChangeCard) {
            return Ok(NotificationReply::Accepted);
        }
        let gives = matches!(
            transition.effect,
            Effect::Grant | Effect::Charge | Effect::Withdraw(_) | Effect::Reinstate
        );
        let mut grants = if !erased.items.is_empty() {
            self.recreate_missing(notification, &erased.items).await?;
            erased.items.clone()
        } else if gives && !notification.item.is_empty() {
            match self.grant_to_erased(notification, transition, erased).await? {
                Ok(grants) => grants,
                Err(reply) => return Ok(reply),
            }
        } else {
            self.newest_terms(&erased.subscription).await?
        };
        self.keep_existing(&mut grants).await?;
        if self.record_processed_erased(notification).await? {
            self.apply(notification, transition.effect, &grants).await?;
        }
        self.reply(notification, &grants).await
    }

    /// Recreates the licence and the term that a tombstone names, with the same numbers. They are missing after an
    /// interruption, or in data from a backup, since the tombstone is durable first.
    async fn recreate_missing(
        &mut self,
        notification: &OrderNotification,
        items: &[(Serial, TermNumber)],
    ) -> Result<(), Error> {
        for (serial, n) in items {
            let product = match self.tx.licence_locked(*serial).await? {
                Some(licence) => self.tx.product(licence.product).await?,
                None => self
                    .tx
                    .product_of_provider(&notification.product)
                    .await?
                    .filter(|_| notification.quantity > 0),
            };
            let Some(product) = product else { continue };
            if self.tx.licence(*serial).await?.is_none() {
                create_licence_with_serial(
                    self.tx,
                    &product,
                    licences_and_seats(&product, notification.quantity).1,
                    *serial,
                )
                .await?;
            }
            if !self.tx.terms(*serial).await?.iter().any(|t| t.number == *n) {
                self.add_term(notification, &product, (*serial, *n), term_kind(notification)).await?;
                self.apply_early(notification, &[(*serial, *n)]).await?;
            }
        }
        Ok(())
    }

    /// Leaves out what isn't in these books: they may have been restored from before its issue.
    async fn keep_existing(&mut self, grants: &mut Vec<(Serial, TermNumber)>) -> Result<(), Error> {
        let mut existing = Vec::with_capacity(grants.len());
        for (serial, n) in grants.drain(..) {
            if self.tx.licence(serial).await?.is_some() {
                existing.push((serial, n));
            }
        }
        *grants = existing;
        Ok(())
    }

    /// Grants an item that was unknown at the erasure: a further charge of the subscription, or a late part of the
    /// order. Its tombstones are added under the year of this charge.
    async fn grant_to_erased(
        &mut self,
        notification: &OrderNotification,
        transition: &Transition,
        erased: &Erased,
    ) -> Result<Result<Vec<(Serial, TermNumber)>, NotificationReply>, Error> {
        let mut grants = Vec::new();
        if erased.subscription.is_empty() {
            if !notification.kind().issues_licence() {
                self.add_early_notification(notification, transition).await?;
                return Ok(Err(NotificationReply::Accepted));
            }
            let Some(product) = self.tx.product_of_provider(&notification.product).await? else {
                Counter::UnknownProductOfErased.add_one(self.tx).await?;
                let requests_key = notification.kind() == NotificationKind::LicenceRequested;
                return Ok(Err(if requests_key {
                    NotificationReply::UnknownProduct
                } else {
                    NotificationReply::Accepted
                }));
            };
            grants = self.create_licences_without_holder(notification, &product).await?;
        }
        let kind = if transition.effect == Effect::Grant { TermKind::Purchase } else { TermKind::Charge };
        for (serial, named) in &erased.subscription {
            // The licence is missing where the database was restored from before its issue: this charge creates it
            // again.
            let product = match self.tx.licence_locked(*serial).await? {
                Some(licence) => self.tx.product(licence.product).await?,
                None => self
                    .tx
                    .product_of_provider(&notification.product)
                    .await?
                    .filter(|_| notification.quantity > 0),
            };
            let Some(product) = product else { continue };
            if self.tx.licence(*serial).await?.is_none() {
                create_licence_with_serial(
                    self.tx,
                    &product,
                    licences_and_seats(&product, notification.quantity).1,
                    *serial,
                )
                .await?;
            }
            // The number lies beyond every term that a tombstone names, since that may still be recreated.
            let n = self.next_term(*serial).await?.max(named.next());
            self.add_term(notification, &product, (*serial, n), kind).await?;
            grants.push((*serial, n));
        }
        self.apply_early(notification, &grants).await?;
        let tombstones = self.tombstones(notification, &grants)?;
        self.tx.keyring().append_tombstones(&tombstones)?;
        self.tombstones.extend(tombstones);
        Ok(Ok(grants))
    }

    /// The tombstones of an item with its grants, of its order and its subscription.
    fn tombstones(
        &self,
        notification: &OrderNotification,
        grants: &[(Serial, TermNumber)],
    ) -> Result<Vec<Tombstone>, Error> {
        let placed = self.settings.tombstone_year(self.tx, notification.placed_day);
        let next_year = self.tx.today().year() + 1;
        let mut tombstones = Vec::new();
        let item = super::order_match::item(&notification.order, &notification.item);
        for (kind, year, number) in [
            (ITEM, placed, &item),
            (SUBSCRIPTION, next_year, &notification.subscription),
            (ORDER, placed, &notification.order),
        ] {
            let Some(tag) = self.tx.keyring().year_tag(year, word(kind), number.as_bytes())? else {
                continue;
            };
            if number.is_empty() {
                continue;
            }
            for (serial, n) in grants {
                tombstones.push(super::order_match::tombstone_of(year, tag, kind, Some((*serial, *n))));
            }
        }
        Ok(tombstones)
    }

    async fn newest_terms(
        &mut self,
        serials: &[(Serial, TermNumber)],
    ) -> Result<Vec<(Serial, TermNumber)>, Error> {
        let mut newest = Vec::new();
        for (serial, _) in serials {
            if let Some(n) = self.tx.terms(*serial).await?.iter().map(|t| t.number).max() {
                newest.push((*serial, n));
            }
        }
        Ok(newest)
    }

    async fn record_processed_erased(&mut self, notification: &OrderNotification) -> Result<bool, Error> {
        let identity = self.identity(notification)?;
        for year in self.settings.tombstone_years(self.tx) {
            let Some(tag) = processed_tag(self.tx.keyring(), year, &identity)? else { continue };
            if self.tx.is_processed_notification(&tag).await? {
                return Ok(false);
            }
        }
        let year = self.settings.tombstone_year(self.tx, notification.placed_day);
        match processed_tag(self.tx.keyring(), year, &identity)? {
            Some(tag) => self.tx.add_processed_notification(&tag, i64::from(year)).await,
            None => Ok(false),
        }
    }
}

/// Computes the idempotency record of a notification about an erased order, under the key of the order's year;
/// `None` once that key is forgotten.
pub(crate) fn processed_tag(
    keyring: &keyring::Keyring,
    year: i32,
    identity: &[u8],
) -> Result<Option<Tag16>, Error> {
    Ok(keyring.year_tag(year, "acted", identity)?)
}
