//! One entry of the file of notifications, described at the top of `notifications.txt`. It needs only the
//! provider's simulator, so that a test against a running server can use it too.

use calendar::Day;
use paypro::NotificationKind;
use paypro::date_text::short_text;
use paypro::simulator::{Draft, Party, Purchase, Shop, Subscription};

/// The event of an entry.
#[expect(clippy::large_enum_variant, reason = "nearly every entry is a notification")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A notification arrives.
    Notification(Notification),
    /// The person of this address agrees to their erasure, which is then completed.
    Erase(String),
}

/// An entry: an event and its day of arrival, counted from the first day of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub day: i64,
    pub event: Event,
}

/// A notification in the file. Days count from the first day of the file. Empty texts and 0 stand for missing
/// fields.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Notification {
    pub kind: u32,
    pub order: String,
    pub item: String,
    pub product: String,
    pub quantity: u32,
    pub placed: i64,
    pub buyer: String,
    pub licensee: String,
    pub company: String,
    pub subscription: String,
    pub until: i64,
    pub finish: i64,
    pub amount: String,
    pub discount: String,
    pub last4: String,
    pub resent: bool,
}

impl Notification {
    /// Builds the signed notification of the provider; `first` is the first day of the file.
    pub fn draft(&self, shop: &Shop, first: Day) -> Draft {
        let moment = |day: i64| (first + day).midnight();
        let name = |address: &str| format!("Name Of-{}", address.split('@').next().unwrap_or_default());
        let party = |address: &String| Party::new(address, name(address));
        let purchase = Purchase {
            order_item: self.item.clone(),
            quantity: self.quantity,
            placed: moment(self.placed),
            company: self.company.clone(),
            last4: if self.last4.is_empty() { "4242".into() } else { self.last4.clone() },
            licensee: Some(&self.licensee).filter(|l| !l.is_empty()).map(party),
            subscription: Some(self.subscription.clone())
                .filter(|s| !s.is_empty())
                .map(|id| Subscription { id, period_days: 30 }),
            dynamic_discount: self.discount.clone(),
            ..Purchase::new(self.order.clone(), self.product.clone(), party(&self.buyer))
        };
        let mut draft = shop.notification(NotificationKind::from_id(self.kind), &purchase);
        if !self.subscription.is_empty() {
            let until = if self.until == 0 { String::new() } else { short_text(moment(self.until)) };
            draft = draft.field("SUBSCRIPTION_NEXT_CHARGE_DATE", until);
        }
        if self.kind == 13 && self.until != 0 {
            draft = draft.field("TRIAL_PERIOD_TILL", short_text(moment(self.until)));
        }
        if self.finish != 0 {
            draft = draft.field("SUBSCRIPTION_FINISH_DATE", short_text(moment(self.finish)));
        }
        if !self.amount.is_empty() {
            draft = draft.field("ORDER_ITEM_REFUNDED", &*self.amount).field("ORDER_REFUNDED", &*self.amount);
        }
        if self.resent { draft.resent() } else { draft }
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let n = match &self.event {
            Event::Erase(address) => return write!(f, "{} erase {address}", self.day),
            Event::Notification(notification) => notification,
        };
        write!(f, "{} {} order={} item={} product={}", self.day, n.kind, n.order, n.item, n.product)?;
        write!(f, " quantity={} placed={} buyer={}", n.quantity, n.placed, n.buyer)?;
        let texts = [
            ("licensee", &n.licensee),
            ("company", &n.company),
            ("subscription", &n.subscription),
            ("amount", &n.amount),
            ("discount", &n.discount),
            ("last4", &n.last4),
        ];
        for (name, value) in texts.into_iter().filter(|(_, value)| !value.is_empty()) {
            write!(f, " {name}={value}")?;
        }
        for (name, day) in [("until", n.until), ("finish", n.finish)].into_iter().filter(|(_, day)| *day != 0)
        {
            write!(f, " {name}={day}")?;
        }
        if n.resent { f.write_str(" resent=1") } else { Ok(()) }
    }
}

/// Reads all entries of a file, except empty lines and those that start with `#`.
pub fn read(text: &str) -> Vec<Entry> {
    text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(read_entry).collect()
}

fn read_entry(text: &str) -> Entry {
    let mut words = text.split(' ');
    let day = words.next().and_then(|d| d.parse().ok()).expect("a day");
    let kind = words.next().expect("a kind");
    if kind == "erase" {
        return Entry { day, event: Event::Erase(words.next().expect("an address").to_owned()) };
    }
    let mut n = Notification { kind: kind.parse().expect("a kind's number"), ..Notification::default() };
    for (name, value) in words.map(|word| word.split_once('=').expect("name=value")) {
        let number = || value.parse::<i64>().expect("a number");
        let text = || value.to_owned();
        match name {
            "order" => n.order = text(),
            "item" => n.item = text(),
            "product" => n.product = text(),
            "quantity" => n.quantity = value.parse().expect("a quantity"),
            "placed" => n.placed = number(),
            "buyer" => n.buyer = text(),
            "licensee" => n.licensee = text(),
            "company" => n.company = text(),
            "subscription" => n.subscription = text(),
            "until" => n.until = number(),
            "finish" => n.finish = number(),
            "amount" => n.amount = text(),
            "discount" => n.discount = text(),
            "last4" => n.last4 = text(),
            "resent" => n.resent = number() == 1,
            _ => panic!("no such field: {name}"),
        }
    }
    Entry { day, event: Event::Notification(n) }
}
