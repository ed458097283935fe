//! What makes two notices the same notice.

use zeroize::Zeroizing;

use crate::{
    kind::{Keeps, Kind},
    notice::Notice,
    personal::Personal,
};

impl Notice {
    /// Bytes that are equal for a notice and its repetitions, and differ for notices that must each act. They hold
    /// the order's numbers: hash them under a key before they are stored.
    ///
    /// What happens once to an order item (a payment, a key, a full refund, a decline) is told by kind and numbers
    /// alone, so that a repetition made anew years later, with the order's state of that day, is still recognised. What can
    /// happen again under the same numbers (a subscription suspended each spring) is told apart by the states and
    /// days it carries as well. A kind that keeps nothing has no more identity than its number.
    ///
    /// Changes of address or card have nothing else to tell them apart: see [`Notice::personal_identity`].
    pub fn identity(&self) -> Vec<u8> {
        let about = &self.contents;
        let mut bytes = b"notice 1".to_vec();
        bytes.extend(self.kind.id().to_be_bytes());
        if self.kind.keeps() == Keeps::Nothing {
            return bytes;
        }
        for number in [&about.order, &about.order_item, &about.subscription] {
            put(&mut bytes, number.as_ref().map(Personal::expose).map(str::as_bytes));
        }
        put(&mut bytes, Some(&[u8::from(self.test)]));
        if self.happens_again() {
            for status in [about.order_status, about.subscription_status] {
                put(&mut bytes, status.map(u32::to_be_bytes).as_ref().map(<[u8; 4]>::as_slice));
            }
            for moment in [about.next_charge, about.finish] {
                let minutes = moment.map(|moment| moment.unix_minutes().to_be_bytes());
                put(&mut bytes, minutes.as_ref().map(<[u8; 8]>::as_slice));
            }
            put(&mut bytes, about.refunded.as_ref().map(<[u8; 32]>::as_slice));
        }
        bytes
    }

    /// [`Notice::identity`] and what changed: the address of [`Kind::CustomerChanged`], the last four digits of
    /// [`Kind::PaymentChanged`]. None for all other kinds. A change back and forth to the same value is the same
    /// notice again. These bytes are about a person: what is made of them goes when the person goes.
    pub fn personal_identity(&self) -> Option<Zeroizing<Vec<u8>>> {
        let changed = match self.kind {
            Kind::CustomerChanged => &self.buyer().email,
            Kind::PaymentChanged => &self.payment().last4,
            _ => return None,
        };
        let changed = changed.as_ref().map(Personal::expose).map(str::as_bytes);
        let identity = Zeroizing::new(self.identity());
        // Room for all of it beforehand: growing would leave an unwiped copy behind.
        let mut bytes =
            Zeroizing::new(Vec::with_capacity(identity.len() + 5 + changed.map_or(0, <[u8]>::len)));
        bytes.extend_from_slice(&identity);
        put(&mut bytes, changed);
        Some(bytes)
    }

    const fn happens_again(&self) -> bool {
        matches!(
            self.kind,
            Kind::OrderPartiallyRefunded
                | Kind::SubscriptionChargeFailed
                | Kind::SubscriptionSuspended
                | Kind::SubscriptionRenewed
                | Kind::SubscriptionTerminated
                | Kind::CustomerChanged
                | Kind::PaymentChanged
        )
    }
}

/// One byte for there or not, four for the length: no two lists of parts make the same bytes.
fn put(bytes: &mut Vec<u8>, part: Option<&[u8]>) {
    let Some(part) = part else { return bytes.push(0) };
    let length = u32::try_from(part.len()).expect("a part is no longer than MAX_VALUE");
    bytes.push(1);
    bytes.extend(length.to_be_bytes());
    bytes.extend(part);
}
