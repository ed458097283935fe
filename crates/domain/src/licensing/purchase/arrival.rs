//! What of a notice is kept, as the desk works with it. Everything else was dropped while the notice was read.

use paypro::Kind;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A person as a notice names them. No Debug: it is about a person.
#[derive(Clone, Default, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Named {
    /// E-mail address as spelled; empty for none.
    pub email: String,
    /// Name; empty for none.
    pub name: String,
    /// Company; empty for none.
    pub company: String,
    /// Language code; empty for none.
    pub language: String,
}

/// A verified notice, reduced to what its fields' classes let us keep.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct OrderNotification {
    /// The provider's type id.
    pub kind: u32,
    /// A test order.
    pub test: bool,
    /// ORDER_ID, digits.
    pub order: String,
    /// ORDER_ITEM_ID, digits; empty for none.
    pub item: String,
    /// SUBSCRIPTION_ID; empty for none.
    pub subscription: String,
    /// SUBSCRIPTION_INITIAL_ORDER_ID; empty for none.
    pub initial_order: String,
    /// PRODUCT_ID.
    pub product: String,
    /// PRODUCT_QUANTITY; 0 where the notice doesn't say it.
    pub quantity: u32,
    /// Day of the order, since 1970; the day of arrival where the notice doesn't say it.
    pub placed_day: i64,
    /// Day paid until, or the trial's last; 0 where the notice doesn't say it.
    pub until_day: i64,
    /// Day on which the subscription finished; 0 where the notice doesn't say it.
    pub finish_day: i64,
    /// A discount was given that only a link of ours can have asked for.
    pub discount: bool,
    /// The token of a renewal link; empty for none.
    pub renewal: String,
    /// Who bought.
    pub buyer: Named,
    /// For whom it was bought, where that is another address.
    pub licensee: Option<Named>,
    /// Slots of buyer and licensee where they are settled already (a waiting order); 0 where not.
    #[serde(default)]
    pub slots: (u64, u64),
    /// PAYMENT_METHOD_ID; empty for none.
    pub payment_method: String,
    /// CREDIT_CARD_LAST4; empty for none.
    pub last4: String,
    /// Custom fields that the configuration lists, `name=value` lines.
    pub custom: String,
    /// What tells this notice from all others; nothing about a person in it, but for kinds 15 and 21.
    pub identity: Vec<u8>,
}

/// The custom field that carries a renewal link's token.
pub const RENEWAL_FIELD: &str = "x-renewal";

impl OrderNotification {
    /// Takes over what may be kept. `keep_custom` names the custom fields that the vendor listed; a value that
    /// looks like a card number is masked on the way in (`payment.direct`).
    #[must_use]
    pub fn of(notice: &paypro::Notice, keep_custom: &[String], today: i64) -> Self {
        let day = |moment: Option<paypro::Moment>| moment.map_or(0, |m| i64::from(m.day()));
        let text = |p: Option<&paypro::Personal>| {
            p.map_or_else(String::new, |p| paypro::pan::mask(p.expose()).into_owned())
        };
        let number = |p: Option<&paypro::Personal>| p.map_or_else(String::new, |p| p.expose().to_owned());
        let buyer = notice.buyer();
        let licensee = notice.licensee().and_then(|l| l.email.as_ref().map(|email| (email, l)));
        let custom: Vec<String> = notice
            .custom()
            .iter()
            .filter(|c| keep_custom.contains(&c.name))
            .map(|c| format!("{}={}", c.name, paypro::pan::mask(c.value.expose()).replace('\n', " ")))
            .collect();
        Self {
            kind: notice.kind().id(),
            test: notice.test(),
            order: number(notice.order()),
            item: number(notice.order_item()),
            subscription: number(notice.subscription()),
            initial_order: number(notice.subscription_initial_order()),
            product: notice.product().unwrap_or_default().to_owned(),
            quantity: notice.quantity().unwrap_or(0),
            placed_day: notice.placed().map_or(today, i64::from),
            until_day: match day(notice.next_charge()) {
                0 => day(notice.trial_till()),
                next => next,
            },
            finish_day: day(notice.finish()),
            discount: notice.dynamic_discount(),
            renewal: number(notice.custom_field(RENEWAL_FIELD)),
            buyer: Named {
                email: number(buyer.email.as_ref()),
                name: text(buyer.name.as_ref()),
                company: text(buyer.company.as_ref()),
                language: text(buyer.language.as_ref()),
            },
            licensee: licensee.map(|(email, l)| Named {
                email: number(Some(email)),
                name: text(l.name.as_ref()),
                company: String::new(),
                language: String::new(),
            }),
            slots: (0, 0),
            payment_method: number(notice.payment().method.as_ref()),
            last4: number(notice.payment().last4.as_ref()),
            custom: custom.join("\n"),
            identity: notice.personal_identity().map_or_else(|| notice.identity(), |bytes| bytes.to_vec()),
        }
    }

    /// The kind of notice.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::from_id(self.kind)
    }
}
