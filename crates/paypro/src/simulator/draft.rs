//! One notice before it is sent.

use crate::{
    kind::Kind,
    personal::Secret,
    signature::{Signed, sign},
};

const SIGNATURE: &str = "SIGNATURE";
/// In the samples: sent where a subscription is concerned.
const SUBSCRIPTION: &str = "subscription";

/// A notice that is still being written; it is signed last, in [`Draft::body`]. What it holds is made up.
#[derive(Clone)]
pub struct Draft {
    key: Secret,
    fields: Vec<(String, String)>,
    signature: Option<String>,
}

impl Draft {
    pub(super) fn new(key: Secret, kind: Kind) -> Self {
        let fields =
            samples().filter(|(_, when, _)| belongs(kind, when)).map(|(name, _, value)| owned(name, value));
        let draft = Self { key, fields: fields.collect(), signature: None }
            .field("IPN_TYPE_ID", kind.id().to_string())
            .field("IPN_TYPE_NAME", kind.names().first().copied().unwrap_or("SomethingNew"));
        draft.states(kind)
    }

    /// Adds the fields of a subscription that aren't there yet.
    pub(super) fn with_subscription(mut self) -> Self {
        for (name, _, value) in samples().filter(|(_, when, _)| *when == SUBSCRIPTION) {
            if self.value(name).is_none() {
                self.fields.push(owned(name, value));
            }
        }
        self
    }

    /// Leaves out all fields of a subscription.
    pub(super) fn without_subscription(mut self) -> Self {
        for (name, ..) in samples().filter(|(_, when, _)| *when == SUBSCRIPTION) {
            self = self.without(name);
        }
        self
    }

    fn states(self, kind: Kind) -> Self {
        let draft = match order_status(kind) {
            Some((id, name)) => self.field("ORDER_STATUS_ID", id).field("ORDER_STATUS", name),
            None => self,
        };
        let draft = match subscription_status(kind) {
            Some((id, name)) => {
                draft.field("SUBSCRIPTION_STATUS_ID", id).field("SUBSCRIPTION_STATUS_NAME", name)
            }
            None => draft,
        };
        match kind {
            Kind::OrderPartiallyRefunded => {
                draft.field("ORDER_ITEM_REFUNDED", "10.00").field("ORDER_REFUNDED", "10.00")
            }
            Kind::OrderRefunded => {
                draft.field("ORDER_ITEM_REFUNDED", "49.00").field("ORDER_REFUNDED", "49.00")
            }
            Kind::SubscriptionTerminated => draft
                .field("SUBSCRIPTION_NEXT_CHARGE_DATE", "")
                .field("SUBSCRIPTION_CANCELLATION_REASON_ID", "3"),
            Kind::SubscriptionFinished => draft
                .field("SUBSCRIPTION_NEXT_CHARGE_DATE", "")
                .field("SUBSCRIPTION_FINISH_DATE", "4/21/2025 7:02 PM"),
            _ => draft,
        }
    }

    /// Sets a field, known or not, in its place or at the end.
    pub fn field(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if name == SIGNATURE {
            return self.signature(value);
        }
        match self.fields.iter_mut().find(|(other, _)| other == name) {
            Some(field) => field.1 = value,
            None => self.fields.push((name.to_owned(), value)),
        }
        self
    }

    /// Leaves a field out.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(other, _)| other != name);
        self
    }

    /// Sends this signature instead of the right one.
    pub fn signature(mut self, signature: impl Into<String>) -> Self {
        self.signature = Some(signature.into());
        self
    }

    /// Marks it as sent again from the dashboard.
    pub fn resent(self) -> Self {
        self.field("IS_RESENT", "1")
    }

    /// What the field holds now, None when it is left out; the signature isn't among them.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The names and values so far, without the signature.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The body to post, as `application/x-www-form-urlencoded`, signed over the fields as they are now.
    pub fn body(&self) -> String {
        let value = |name| self.value(name).unwrap_or_default();
        let signed = Signed {
            order: value("ORDER_ID"),
            status: value("ORDER_STATUS"),
            total: value("ORDER_TOTAL_AMOUNT"),
            email: value("CUSTOMER_EMAIL"),
            test: value("TEST_MODE"),
            type_name: value("IPN_TYPE_NAME"),
        };
        let signature = self.signature.clone().unwrap_or_else(|| sign(&signed, &self.key));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.fields)
            .append_pair(SIGNATURE, &signature)
            .finish()
    }
}

/// All fields but the signature: name, when it is sent, what it usually holds.
fn samples() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    include_str!("samples.tsv").lines().skip(1).filter_map(|line| {
        let (name, rest) = line.split_once('\t')?;
        let (when, value) = rest.split_once('\t')?;
        (name != SIGNATURE).then_some((name, when, value))
    })
}

fn owned(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn belongs(kind: Kind, when: &str) -> bool {
    match when {
        "always" => true,
        "order" => kind != Kind::Lead,
        "refund" => matches!(
            kind,
            Kind::OrderRefunded | Kind::OrderPartiallyRefunded | Kind::OrderChargedBack | Kind::OrderDeclined
        ),
        SUBSCRIPTION => kind.needs_subscription() || kind == Kind::TrialCharged,
        "trial" => kind == Kind::TrialCharged,
        _ => kind == Kind::Lead,
    }
}

const fn order_status(kind: Kind) -> Option<(&'static str, &'static str)> {
    match kind {
        Kind::Lead => None,
        Kind::OrderWaiting => Some(("1", "Waiting")),
        Kind::OrderDeclined => Some(("2", "Canceled")),
        Kind::OrderRefunded => Some(("3", "Refunded")),
        Kind::OrderChargedBack => Some(("4", "Chargeback")),
        _ => Some(("5", "Processed")),
    }
}

const fn subscription_status(kind: Kind) -> Option<(&'static str, &'static str)> {
    match kind {
        Kind::SubscriptionSuspended => Some(("2", "Suspended")),
        Kind::SubscriptionTerminated => Some(("3", "Terminated")),
        Kind::SubscriptionFinished => Some(("4", "Finished")),
        _ => None,
    }
}
