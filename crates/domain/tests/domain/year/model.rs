//! A small model of the expected state: no keys, no sealing, no index, and complete memory.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Event, Notification};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PaymentStatus {
    Pending,
    Paid,
    OnHold,
    ChargedBack,
    Refunded,
    Declined,
}

impl PaymentStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::OnHold => "on hold",
            Self::ChargedBack => "charged back",
            Self::Refunded => "refunded",
            Self::Declined => "declined",
        }
    }
}

/// An order item and the term that it gave.
struct Item {
    order: String,
    item: String,
    quantity: u32,
    subscription: String,
    placed: i64,
    until: i64,
    payment_status: PaymentStatus,
    flagged: bool,
    person: Option<usize>,
    licence: usize,
}

#[derive(Default)]
struct Licence {
    product: String,
    quantity: u32,
    run_on: i64,
    suspended: bool,
    finished: i64,
    holders: BTreeMap<usize, bool>,
}

/// The expected state.
#[derive(Default)]
pub struct Model {
    addresses: BTreeMap<usize, String>,
    persons_ever: usize,
    items: Vec<Item>,
    licences: Vec<Licence>,
    acted: BTreeSet<String>,
    early: BTreeSet<(String, String, PaymentStatus)>,
    tombstones: BTreeSet<String>,
    pending: Vec<(usize, Notification)>,
}

const SITE: &str = "105";

fn kind_of(product: &str) -> &'static str {
    match product {
        "102" => "subscription",
        "103" => "trial",
        _ => "perpetual",
    }
}

fn withdrawn_status(kind: u32) -> Option<PaymentStatus> {
    [(2, PaymentStatus::Refunded), (3, PaymentStatus::ChargedBack), (4, PaymentStatus::Declined)]
        .into_iter()
        .find_map(|(k, s)| (k == kind).then_some(s))
}

impl Model {
    /// The expected state after these entries.
    pub fn after(entries: &[Entry]) -> Vec<String> {
        let mut model = Self::default();
        entries.iter().for_each(|entry| model.apply_entry(entry));
        model.state()
    }

    /// Applies an entry.
    pub fn apply_entry(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Notification(notification) => self.process(notification, entry.day),
            Event::Erase(address) => self.erase(address),
        }
    }

    fn process(&mut self, n: &Notification, day: i64) {
        if matches!(n.kind, 16 | 17) {
            return;
        }
        let known = self.items.iter().position(|i| (&i.order, &i.item) == (&n.order, &n.item));
        let subscription_item =
            self.items.iter().position(|i| !n.subscription.is_empty() && i.subscription == n.subscription);
        let concerns_subscription = matches!(n.kind, 7..=11 | 21);
        let gives = matches!(n.kind, 1..=4 | 6 | 12..=14);
        match (known, subscription_item) {
            (_, Some(first_item)) if concerns_subscription => self.apply(n, first_item),
            (Some(known), _) => self.apply(n, known),
            (None, Some(first_item)) if gives => {
                let (licence, person) = (self.items[first_item].licence, self.items[first_item].person);
                let item = self.add(n, licence, person);
                self.apply(n, item);
            }
            (None, Some(first_item)) => self.apply(n, first_item),
            (None, None) => self.begin(n, day),
        }
    }

    fn begin(&mut self, n: &Notification, day: i64) {
        let erased = self.tombstones.contains(&n.order);
        let issues = matches!(n.kind, 1 | 6 | 12 | 13);
        if n.placed < day - 600 && !erased {
            return;
        }
        if n.kind == 4 || (erased && !issues) {
            if let Some(payment_status) = withdrawn_status(n.kind) {
                self.early.insert((n.order.clone(), n.item.clone(), payment_status));
            }
            return;
        }
        if n.product == "199" {
            self.keep_pending(n, erased);
            return;
        }
        let mut licence = Licence { product: n.product.clone(), quantity: n.quantity, ..Licence::default() };
        let mut person = None;
        if !erased {
            let buyer = self.person(&n.buyer);
            person = Some(buyer);
            licence.holders.insert(buyer, true);
            if !n.licensee.is_empty() {
                let licensee = self.person(&n.licensee);
                licence.holders.entry(licensee).or_insert(false);
            }
        }
        self.licences.push(licence);
        let item = self.add(n, self.licences.len() - 1, person);
        self.apply(n, item);
    }

    fn keep_pending(&mut self, n: &Notification, erased: bool) {
        let same = |w: &Notification| identity(w) == identity(n);
        if erased || self.pending.iter().any(|(_, w)| same(w)) {
            return;
        }
        let same_item = |w: &Notification| (&w.order, &w.item) == (&n.order, &n.item);
        let known = self.pending.iter().any(|(_, w)| same_item(w));
        let buyer = self.person(&n.buyer);
        if !known && !n.licensee.is_empty() {
            self.person(&n.licensee);
        }
        self.pending.push((buyer, n.clone()));
    }

    fn person(&mut self, address: &str) -> usize {
        if let Some((id, _)) = self.addresses.iter().find(|(_, a)| *a == address) {
            return *id;
        }
        self.persons_ever += 1;
        self.addresses.insert(self.persons_ever, address.to_owned());
        self.persons_ever
    }

    fn add(&mut self, n: &Notification, licence: usize, person: Option<usize>) -> usize {
        let creates_licence = !self.items.iter().any(|i| i.licence == licence);
        let flagged = creates_licence && person.is_some() && !n.discount.is_empty();
        let on_hold = flagged && n.product == SITE;
        let early = self.early.iter().filter(|e| (&e.0, &e.1) == (&n.order, &n.item)).map(|e| e.2).max();
        let before = if on_hold { PaymentStatus::OnHold } else { PaymentStatus::Pending };
        self.items.push(Item {
            order: n.order.clone(),
            item: n.item.clone(),
            quantity: n.quantity,
            subscription: n.subscription.clone(),
            placed: n.placed,
            until: 0,
            payment_status: early.map_or(before, |e| e.max(before)),
            flagged,
            person,
            licence,
        });
        self.items.len() - 1
    }

    fn apply(&mut self, n: &Notification, at: usize) {
        if !self.acted.insert(identity(n)) {
            return;
        }
        let item = &mut self.items[at];
        let licence = &mut self.licences[item.licence];
        match n.kind {
            1 | 6 | 12 | 13 => {
                item.until = item.until.max(n.until);
                item.payment_status = item.payment_status.max(PaymentStatus::Paid);
            }
            2..=4 => {
                item.payment_status = item.payment_status.max(withdrawn_status(n.kind).expect("one of them"))
            }
            8 => licence.suspended = true,
            9 => {
                licence.suspended = false;
                licence.run_on = licence.run_on.max(n.until);
            }
            11 if licence.finished == 0 => licence.finished = n.finish,
            14 if matches!(item.payment_status, PaymentStatus::ChargedBack | PaymentStatus::Pending) => {
                let on_hold = item.flagged && licence.product == SITE;
                item.until = item.until.max(n.until);
                item.payment_status = if on_hold { PaymentStatus::OnHold } else { PaymentStatus::Paid };
            }
            15 => {
                if let Some(person) = item.person {
                    self.change_address(n, person);
                }
            }
            _ => {}
        }
    }

    fn change_address(&mut self, n: &Notification, person: usize) {
        let other = self.addresses.iter().find(|(_, a)| **a == n.buyer).map(|(id, _)| *id);
        match other {
            None => {
                self.addresses.insert(person, n.buyer.clone());
            }
            Some(other) if other == person => {}
            Some(other) => {
                let theirs = self.items.iter().filter(|i| i.order == n.order);
                let subscriptions: Vec<String> =
                    theirs.map(|i| i.subscription.clone()).chain([n.subscription.clone()]).collect();
                let moves = |i: &Item| {
                    i.person == Some(person)
                        && (i.order == n.order
                            || (!i.subscription.is_empty() && subscriptions.contains(&i.subscription)))
                };
                let moved: Vec<usize> = self.items.iter().filter(|i| moves(i)).map(|i| i.licence).collect();
                self.items.iter_mut().filter(|i| moves(i)).for_each(|i| i.person = Some(other));
                for licence in moved {
                    let holders = &mut self.licences[licence].holders;
                    holders.insert(other, true);
                    holders.remove(&person);
                }
                let keeps = self.items.iter().any(|i| i.person == Some(person))
                    || self.licences.iter().any(|l| l.holders.contains_key(&person))
                    || self.pending.iter().any(|w| w.0 == person);
                if !keeps {
                    self.addresses.remove(&person);
                }
            }
        }
    }

    fn erase(&mut self, address: &str) {
        let Some(id) = self.addresses.iter().find(|(_, a)| *a == address).map(|(id, _)| *id) else { return };
        self.addresses.remove(&id);
        for item in self.items.iter_mut().filter(|i| i.person == Some(id)) {
            item.person = None;
            self.tombstones.insert(item.order.clone());
        }
        self.licences.iter_mut().for_each(|l| l.holders.retain(|holder, _| *holder != id));
        for (_, notification) in self.pending.extract_if(.., |w| w.0 == id) {
            self.tombstones.insert(notification.order);
        }
    }

    fn licence(&self, at: usize) -> (String, u32) {
        let l = &self.licences[at];
        let terms: Vec<&Item> = self.items.iter().filter(|i| i.licence == at).collect();
        let paid_terms: Vec<&&Item> =
            terms.iter().filter(|i| i.payment_status == PaymentStatus::Paid).collect();
        let perpetual = kind_of(&l.product) == "perpetual";
        let state = match () {
            () if paid_terms.is_empty()
                && terms.iter().any(|i| i.payment_status <= PaymentStatus::OnHold) =>
            {
                "on hold"
            }
            () if paid_terms.is_empty() => "revoked",
            () if l.finished != 0 => "ended",
            () if l.suspended => "suspended",
            () => "active",
        };
        let until = if perpetual {
            match paid_terms.first() {
                Some(i) if l.product != "104" => format!("{} + 12 months", i.placed),
                _ => "ever".into(),
            }
        } else {
            let run_on = Some(l.run_on).filter(|day| *day != 0);
            let paid = paid_terms.iter().map(|i| i.until).chain(run_on).max();
            match (paid, l.finished) {
                (None, 0) => "ever".into(),
                (Some(day), 0) => day.to_string(),
                (paid, finished) => paid.map_or(finished, |day| day.min(finished)).to_string(),
            }
        };
        let holder = |(id, buyer): (&usize, &bool)| {
            format!("{}{}", self.addresses[id], if *buyer { "" } else { " (licensee)" })
        };
        let mut holders: Vec<String> = l.holders.iter().map(holder).collect();
        holders.sort();
        let holders = if holders.is_empty() { "no one".into() } else { holders.join(", ") };
        let (count, seats) = if l.product == "104" { (l.quantity, 1) } else { (1, l.quantity) };
        let kind = kind_of(&l.product);
        (format!("{} {kind} {state} until {until} seats {seats} held by {holders}", l.product), count)
    }

    /// The expected state as lines, in the form of `kit/state.rs`.
    pub fn state(&self) -> Vec<String> {
        let mut entries: Vec<String> = self.addresses.values().map(|a| format!("person {a}")).collect();
        for i in &self.items {
            let Some(person) = i.person else { continue };
            let (licence, count) = self.licence(i.licence);
            let licences = vec![licence; count as usize].join("; ");
            let flag = if i.flagged { " [a discount without a renewal]" } else { "" };
            let (product, payment_status) = (&self.licences[i.licence].product, i.payment_status.as_str());
            entries.push(format!(
                "order {}/{} {product} x{} {payment_status}{flag} of {}: {licences}",
                i.order, i.item, i.quantity, self.addresses[&person]
            ));
        }
        for at in 0..self.licences.len() {
            if !self.items.iter().any(|i| i.licence == at && i.person.is_some()) {
                let (licence, count) = self.licence(at);
                entries.extend((0..count).map(|_| format!("unassigned {licence}")));
            }
        }
        if !self.pending.is_empty() {
            entries.push(format!("pending 199 {}", self.pending.len()));
        }
        entries.sort();
        entries
    }
}

/// The identity of a notification (its idempotency key).
fn identity(n: &Notification) -> String {
    let numbers = format!("{} {} {} {}", n.kind, n.order, n.item, n.subscription);
    match n.kind {
        5 => format!("{numbers} {}", n.amount),
        7..=10 => format!("{numbers} {}", n.until),
        15 => format!("{numbers} {}", n.buyer),
        21 => format!("{numbers} {}", n.last4),
        _ => numbers,
    }
}
