//! Applies the effect of a transition to licences and their terms.

use calendar::Day;
use licence::Serial;
use store::{Error, Licence, LicenceModel, LicenceState, OrderId, PaymentStatus, Term, TermNumber};

use super::{NotificationProcessor, NotificationReply, OrderNotification, transitions};
use crate::licensing::issue::update_licence;
use transitions::Effect;

impl NotificationProcessor<'_, '_> {
    /// Returns licence and term of each grant of an order item.
    pub(crate) async fn grants_of_order(
        &mut self,
        order: OrderId,
    ) -> Result<Vec<(Serial, TermNumber)>, Error> {
        Ok(self.tx.grants(order).await?.iter().map(|g| (g.serial, g.term)).collect())
    }

    /// Changes the terms of each grant.
    pub(crate) async fn update_terms(
        &mut self,
        grants: &[(Serial, TermNumber)],
        change: impl Fn(&mut Licence, &mut Term),
    ) -> Result<(), Error> {
        for (serial, n) in grants {
            update_licence(self.tx, &self.signers, *serial, |licence, terms| {
                if let Some(term) = terms.iter_mut().find(|t| t.number == *n) {
                    change(licence, term);
                }
            })
            .await?;
        }
        Ok(())
    }

    /// Applies an effect to terms and their licences.
    pub(crate) async fn apply(
        &mut self,
        notification: &OrderNotification,
        effect: Effect,
        grants: &[(Serial, TermNumber)],
    ) -> Result<(), Error> {
        match effect {
            Effect::Resume | Effect::Suspend | Effect::Terminate | Effect::Finish => {
                let mut serials: Vec<Serial> = grants.iter().map(|g| g.0).collect();
                serials.dedup();
                let today = self.tx.today();
                for serial in serials {
                    update_licence(self.tx, &self.signers, serial, |l, terms| {
                        apply_to_licence(effect, notification, today, l, terms)
                    })
                    .await?;
                }
                Ok(())
            }
            Effect::RecordOnly | Effect::ChangeAddress | Effect::ChangeCard => Ok(()),
            effect => {
                self.update_terms(grants, |_, term| transitions::apply(effect, notification.until_day, term))
                    .await
            }
        }
    }

    /// Replies to a request for keys: each as it was first issued.
    pub(crate) async fn keys_reply(
        &mut self,
        grants: &[(Serial, TermNumber)],
    ) -> Result<NotificationReply, Error> {
        let (mut texts, mut held) = (Vec::new(), false);
        for (serial, n) in grants {
            let Some(licence) = self.tx.licence(*serial).await? else { continue };
            let terms = self.tx.terms(*serial).await?;
            let Some(term) = terms.iter().find(|t| t.number == *n) else { continue };
            if licence.state == LicenceState::Revoked {
                continue;
            }
            match term.payment_status {
                PaymentStatus::Paid => texts.push(self.signers.text(&term.issued_key)?),
                PaymentStatus::OnHold | PaymentStatus::Pending => held = true,
                PaymentStatus::Refunded | PaymentStatus::ChargedBack | PaymentStatus::Declined => {}
            }
        }
        Ok(match (texts.is_empty(), held) {
            (false, _) => NotificationReply::Keys(texts),
            (true, true) => NotificationReply::OnHold,
            (true, false) => NotificationReply::Revoked,
        })
    }

    /// Replies to a notification that has been applied.
    pub(crate) async fn reply(
        &mut self,
        notification: &OrderNotification,
        grants: &[(Serial, TermNumber)],
    ) -> Result<NotificationReply, Error> {
        if notification.kind() == paypro::NotificationKind::LicenceRequested {
            self.keys_reply(grants).await
        } else {
            Ok(NotificationReply::Accepted)
        }
    }
}

/// Applies the first notification of an order to its new licence.
pub(crate) fn apply_first(
    effect: Effect,
    notification: &OrderNotification,
    today: Day,
    licence: &mut Licence,
    terms: &mut Vec<Term>,
) {
    apply_to_licence(effect, notification, today, licence, terms);
    terms.iter_mut().for_each(|term| transitions::apply(effect, notification.until_day, term));
}

/// Applies the effect on the licence as a whole.
fn apply_to_licence(
    effect: Effect,
    notification: &OrderNotification,
    today: Day,
    licence: &mut Licence,
    terms: &mut Vec<Term>,
) {
    match effect {
        Effect::Resume => {
            licence.suspended = false;
            if licence.kind != LicenceModel::Perpetual {
                transitions::extend_subscription(notification.placed_day, notification.until_day, terms);
            }
        }
        Effect::Suspend => licence.suspended = true,
        Effect::Terminate => licence.terminated = true,
        Effect::Finish if licence.finished_day.is_none() => {
            licence.finished_day = notification.finish_day.or(Some(today));
        }
        _ => {}
    }
}
