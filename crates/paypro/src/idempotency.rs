//! Idempotency keys: bytes that are equal for repetitions of one notification.

use zeroize::Zeroizing;

use crate::{
    kind::{NotificationKind, RetainedData},
    notification::Notification,
    personal::Personal,
};

impl Notification {
    /// The idempotency key: equal for a notification and its repetitions, different for notifications that must
    /// each have an effect. It contains the order's numbers, so hash it with a key before storing it.
    ///
    /// Some events happen once to an order item: a payment, a key, a full refund, a decline. For these, kind and
    /// numbers are enough. A repetition made years later, with the order's state of that day, is still
    /// recognised. Other events can happen again under the same numbers, such as a suspension each spring. They
    /// are distinguished by their states and days as well. For a kind that keeps nothing, the key is its number
    /// alone.
    ///
    /// Changes of address or card have nothing else to distinguish them: see
    /// [`Notification::personal_idempotency_key`].
    pub fn idempotency_key(&self) -> Vec<u8> {
        let about = &self.contents;
        let mut bytes = b"notification 1".to_vec();
        bytes.extend(self.kind.id().to_be_bytes());
        if self.kind.retained_data() == RetainedData::Nothing {
            return bytes;
        }
        for number in [&about.order, &about.order_item, &about.subscription] {
            push_part(&mut bytes, number.as_ref().map(Personal::expose).map(str::as_bytes));
        }
        push_part(&mut bytes, Some(&[u8::from(self.test)]));
        if self.can_repeat() {
            for status in [about.order_status, about.subscription_status] {
                push_part(&mut bytes, status.map(u32::to_be_bytes).as_ref().map(<[u8; 4]>::as_slice));
            }
            for at in [about.next_charge, about.finish] {
                let minutes = at.map(|at| at.to_unix_seconds().div_euclid(60).to_be_bytes());
                push_part(&mut bytes, minutes.as_ref().map(<[u8; 8]>::as_slice));
            }
            push_part(&mut bytes, about.refunded.as_ref().map(<[u8; 32]>::as_slice));
        }
        bytes
    }

    /// [`Notification::idempotency_key`] and the changed value: the address of
    /// [`NotificationKind::CustomerChanged`], or the last four digits of [`NotificationKind::PaymentChanged`].
    /// `None` for all other kinds. A change back to an earlier value is the same notification again. The key is
    /// personal data: everything derived from it must be erased with the person.
    pub fn personal_idempotency_key(&self) -> Option<Zeroizing<Vec<u8>>> {
        let changed = match self.kind {
            NotificationKind::CustomerChanged => &self.buyer().email,
            NotificationKind::PaymentChanged => &self.payment().last4,
            _ => return None,
        };
        let changed = changed.as_ref().map(Personal::expose).map(str::as_bytes);
        let idempotency_key = Zeroizing::new(self.idempotency_key());
        // Reserve the full length: growing the vector would leave an unwiped copy in memory.
        let mut bytes =
            Zeroizing::new(Vec::with_capacity(idempotency_key.len() + 5 + changed.map_or(0, <[u8]>::len)));
        bytes.extend_from_slice(&idempotency_key);
        push_part(&mut bytes, changed);
        Some(bytes)
    }

    const fn can_repeat(&self) -> bool {
        matches!(
            self.kind,
            NotificationKind::OrderPartiallyRefunded
                | NotificationKind::SubscriptionChargeFailed
                | NotificationKind::SubscriptionSuspended
                | NotificationKind::SubscriptionRenewed
                | NotificationKind::SubscriptionTerminated
                | NotificationKind::CustomerChanged
                | NotificationKind::PaymentChanged
        )
    }
}

/// One byte for present or absent, four for the length: different lists of parts never give the same bytes.
fn push_part(bytes: &mut Vec<u8>, part: Option<&[u8]>) {
    let Some(part) = part else { return bytes.push(0) };
    let length = u32::try_from(part.len()).expect("a part is no longer than MAX_VALUE");
    bytes.push(1);
    bytes.extend(length.to_be_bytes());
    bytes.extend(part);
}
