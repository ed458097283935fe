//! A simulated notification before it is sent.

use crate::{
    kind::NotificationKind,
    personal::Secret,
    signature::{SignedFields, compute_signature},
};

const SIGNATURE: &str = "SIGNATURE";
/// In the samples: the field is sent with notifications about subscriptions.
const SUBSCRIPTION: &str = "subscription";

/// A notification that can still be changed; [`Draft::body`] signs it. All its data are invented.
#[derive(Clone)]
pub struct Draft {
    key: Secret,
    fields: Vec<(String, String)>,
    signature: Option<String>,
}

impl Draft {
    pub(super) fn new(key: Secret, kind: NotificationKind) -> Self {
        let fields = samples()
            .filter(|field| is_sent_with(kind, field.sent_with))
            .map(|field| owned_pair(field.name, field.value));
        let draft = Self { key, fields: fields.collect(), signature: None }
            .field("IPN_TYPE_ID", kind.id().to_string())
            .field("IPN_TYPE_NAME", kind.names().first().copied().unwrap_or("SomethingNew"));
        draft.with_statuses(kind)
    }

    /// Adds the fields of a subscription that aren't there yet.
    pub(super) fn with_subscription(mut self) -> Self {
        for field in samples().filter(|field| field.sent_with == SUBSCRIPTION) {
            if self.value(field.name).is_none() {
                self.fields.push(owned_pair(field.name, field.value));
            }
        }
        self
    }

    /// Leaves out all fields of a subscription.
    pub(super) fn without_subscription(mut self) -> Self {
        for field in samples().filter(|field| field.sent_with == SUBSCRIPTION) {
            self = self.without(field.name);
        }
        self
    }

    fn with_statuses(self, kind: NotificationKind) -> Self {
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
            NotificationKind::OrderPartiallyRefunded => {
                draft.field("ORDER_ITEM_REFUNDED", "10.00").field("ORDER_REFUNDED", "10.00")
            }
            NotificationKind::OrderRefunded => {
                draft.field("ORDER_ITEM_REFUNDED", "49.00").field("ORDER_REFUNDED", "49.00")
            }
            NotificationKind::SubscriptionTerminated => draft
                .field("SUBSCRIPTION_NEXT_CHARGE_DATE", "")
                .field("SUBSCRIPTION_CANCELLATION_REASON_ID", "3"),
            NotificationKind::SubscriptionFinished => draft
                .field("SUBSCRIPTION_NEXT_CHARGE_DATE", "")
                .field("SUBSCRIPTION_FINISH_DATE", "4/21/2025 7:02 PM"),
            _ => draft,
        }
    }

    /// Sets a field, known or not, in its position or at the end.
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

    /// Removes a field.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(other, _)| other != name);
        self
    }

    /// Sends this signature instead of the correct one.
    pub fn signature(mut self, signature: impl Into<String>) -> Self {
        self.signature = Some(signature.into());
        self
    }

    /// Marks it as sent again from the provider's dashboard.
    pub fn resent(self) -> Self {
        self.field("IS_RESENT", "1")
    }

    /// The current value of the field; `None` when it is absent. The signature is not included.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The names and values so far, without the signature.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The body to post, as `application/x-www-form-urlencoded`, signed over the current fields.
    pub fn body(&self) -> String {
        let value = |name| self.value(name).unwrap_or_default();
        let signed = SignedFields {
            order: value("ORDER_ID"),
            status: value("ORDER_STATUS"),
            total: value("ORDER_TOTAL_AMOUNT"),
            email: value("CUSTOMER_EMAIL"),
            test: value("TEST_MODE"),
            type_name: value("IPN_TYPE_NAME"),
        };
        let signature = self.signature.clone().unwrap_or_else(|| compute_signature(&signed, &self.key));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.fields)
            .append_pair(SIGNATURE, &signature)
            .finish()
    }
}

/// A field of `samples.tsv`.
struct SampleField {
    name: &'static str,
    /// The notifications that have it, as a word.
    sent_with: &'static str,
    value: &'static str,
}

/// All fields except the signature.
fn samples() -> impl Iterator<Item = SampleField> {
    include_str!("samples.tsv").lines().skip(1).filter_map(|line| {
        let (name, rest) = line.split_once('\t')?;
        let (sent_with, value) = rest.split_once('\t')?;
        (name != SIGNATURE).then_some(SampleField { name, sent_with, value })
    })
}

fn owned_pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn is_sent_with(kind: NotificationKind, when: &str) -> bool {
    match when {
        "always" => true,
        "order" => kind != NotificationKind::Lead,
        "refund" => matches!(
            kind,
            NotificationKind::OrderRefunded
                | NotificationKind::OrderPartiallyRefunded
                | NotificationKind::OrderChargedBack
                | NotificationKind::OrderDeclined
        ),
        SUBSCRIPTION => kind.needs_subscription() || kind == NotificationKind::TrialCharged,
        "trial" => kind == NotificationKind::TrialCharged,
        _ => kind == NotificationKind::Lead,
    }
}

const fn order_status(kind: NotificationKind) -> Option<(&'static str, &'static str)> {
    match kind {
        NotificationKind::Lead => None,
        NotificationKind::OrderWaiting => Some(("1", "Waiting")),
        NotificationKind::OrderDeclined => Some(("2", "Canceled")),
        NotificationKind::OrderRefunded => Some(("3", "Refunded")),
        NotificationKind::OrderChargedBack => Some(("4", "Chargeback")),
        _ => Some(("5", "Processed")),
    }
}

const fn subscription_status(kind: NotificationKind) -> Option<(&'static str, &'static str)> {
    match kind {
        NotificationKind::SubscriptionSuspended => Some(("2", "Suspended")),
        NotificationKind::SubscriptionTerminated => Some(("3", "Terminated")),
        NotificationKind::SubscriptionFinished => Some(("4", "Finished")),
        _ => None,
    }
}
