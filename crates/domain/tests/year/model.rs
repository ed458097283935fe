//! What a shop ought to come to, in a small model: no keys, no sealing, no index, and everything remembered.

use std::collections::{BTreeMap, BTreeSet};

use super::line::{Act, Line, Notice};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Waiting,
    Paid,
    Held,
    ChargedBack,
    Refunded,
    Declined,
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Paid => "standing",
            Self::Held => "held",
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
    standing: Standing,
    flagged: bool,
    owner: Option<usize>,
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

/// The shop as it ought to be.
#[derive(Default)]
pub struct Model {
    addresses: BTreeMap<usize, String>,
    persons_ever: usize,
    items: Vec<Item>,
    licences: Vec<Licence>,
    acted: BTreeSet<String>,
    early: BTreeSet<(String, String, Standing)>,
    buried: BTreeSet<String>,
    waiting: Vec<(usize, Notice)>,
}

const SITE: &str = "105";

fn kind_of(product: &str) -> &'static str {
    match product {
        "102" => "subscription",
        "103" => "trial",
        _ => "perpetual",
    }
}

fn taken_back(kind: u32) -> Option<Standing> {
    [(2, Standing::Refunded), (3, Standing::ChargedBack), (4, Standing::Declined)]
        .into_iter()
        .find_map(|(k, s)| (k == kind).then_some(s))
}

impl Model {
    /// The state after all of these lines.
    pub fn after(lines: &[Line]) -> Vec<String> {
        let mut model = Self::default();
        lines.iter().for_each(|line| model.play(line));
        model.state()
    }

    /// Plays a line.
    pub fn play(&mut self, line: &Line) {
        match &line.act {
            Act::Notice(notice) => self.take(notice, line.day),
            Act::Erase(address) => self.erase(address),
        }
    }

    fn take(&mut self, n: &Notice, day: i64) {
        if matches!(n.kind, 16 | 17) {
            return;
        }
        let known = self.items.iter().position(|i| (&i.order, &i.item) == (&n.order, &n.item));
        let of_subscription =
            self.items.iter().position(|i| !n.subscription.is_empty() && i.subscription == n.subscription);
        let speaks_of_it = matches!(n.kind, 7..=11 | 21);
        let gives = matches!(n.kind, 1..=4 | 6 | 12..=14);
        match (known, of_subscription) {
            (_, Some(founding)) if speaks_of_it => self.act(n, founding),
            (Some(known), _) => self.act(n, known),
            (None, Some(founding)) if gives => {
                let (licence, owner) = (self.items[founding].licence, self.items[founding].owner);
                let item = self.add(n, licence, owner);
                self.act(n, item);
            }
            (None, Some(founding)) => self.act(n, founding),
            (None, None) => self.begin(n, day),
        }
    }

    fn begin(&mut self, n: &Notice, day: i64) {
        let buried = self.buried.contains(&n.order);
        let issues = matches!(n.kind, 1 | 6 | 12 | 13);
        if n.placed < day - 600 && !buried {
            return;
        }
        if n.kind == 4 || (buried && !issues) {
            if let Some(standing) = taken_back(n.kind) {
                self.early.insert((n.order.clone(), n.item.clone(), standing));
            }
            return;
        }
        if n.product == "199" {
            self.wait(n, buried);
            return;
        }
        let mut licence = Licence { product: n.product.clone(), quantity: n.quantity, ..Licence::default() };
        let mut owner = None;
        if !buried {
            let buyer = self.person(&n.buyer);
            owner = Some(buyer);
            licence.holders.insert(buyer, true);
            if !n.licensee.is_empty() {
                let licensee = self.person(&n.licensee);
                licence.holders.entry(licensee).or_insert(false);
            }
        }
        self.licences.push(licence);
        let item = self.add(n, self.licences.len() - 1, owner);
        self.act(n, item);
    }

    fn wait(&mut self, n: &Notice, buried: bool) {
        let same = |w: &Notice| identity(w) == identity(n);
        if buried || self.waiting.iter().any(|(_, w)| same(w)) {
            return;
        }
        let same_item = |w: &Notice| (&w.order, &w.item) == (&n.order, &n.item);
        let known = self.waiting.iter().any(|(_, w)| same_item(w));
        let buyer = self.person(&n.buyer);
        if !known && !n.licensee.is_empty() {
            self.person(&n.licensee);
        }
        self.waiting.push((buyer, n.clone()));
    }

    fn person(&mut self, address: &str) -> usize {
        if let Some((id, _)) = self.addresses.iter().find(|(_, a)| *a == address) {
            return *id;
        }
        self.persons_ever += 1;
        self.addresses.insert(self.persons_ever, address.to_owned());
        self.persons_ever
    }

    fn add(&mut self, n: &Notice, licence: usize, owner: Option<usize>) -> usize {
        let founds = !self.items.iter().any(|i| i.licence == licence);
        let flagged = founds && owner.is_some() && !n.discount.is_empty();
        let held = flagged && n.product == SITE;
        let early = self.early.iter().filter(|e| (&e.0, &e.1) == (&n.order, &n.item)).map(|e| e.2).max();
        let before = if held { Standing::Held } else { Standing::Waiting };
        self.items.push(Item {
            order: n.order.clone(),
            item: n.item.clone(),
            quantity: n.quantity,
            subscription: n.subscription.clone(),
            placed: n.placed,
            until: 0,
            standing: early.map_or(before, |e| e.max(before)),
            flagged,
            owner,
            licence,
        });
        self.items.len() - 1
    }

    fn act(&mut self, n: &Notice, at: usize) {
        if !self.acted.insert(identity(n)) {
            return;
        }
        let item = &mut self.items[at];
        let licence = &mut self.licences[item.licence];
        match n.kind {
            1 | 6 | 12 | 13 => {
                item.until = item.until.max(n.until);
                item.standing = item.standing.max(Standing::Paid);
            }
            2..=4 => item.standing = item.standing.max(taken_back(n.kind).expect("one of them")),
            8 => licence.suspended = true,
            9 => {
                licence.suspended = false;
                licence.run_on = licence.run_on.max(n.until);
            }
            11 if licence.finished == 0 => licence.finished = n.finish,
            14 if matches!(item.standing, Standing::ChargedBack | Standing::Waiting) => {
                let held = item.flagged && licence.product == SITE;
                item.until = item.until.max(n.until);
                item.standing = if held { Standing::Held } else { Standing::Paid };
            }
            15 => {
                if let Some(owner) = item.owner {
                    self.readdress(n, owner);
                }
            }
            _ => {}
        }
    }

    fn readdress(&mut self, n: &Notice, owner: usize) {
        let other = self.addresses.iter().find(|(_, a)| **a == n.buyer).map(|(id, _)| *id);
        match other {
            None => {
                self.addresses.insert(owner, n.buyer.clone());
            }
            Some(other) if other == owner => {}
            Some(other) => {
                let theirs = self.items.iter().filter(|i| i.order == n.order);
                let subscriptions: Vec<String> =
                    theirs.map(|i| i.subscription.clone()).chain([n.subscription.clone()]).collect();
                let moves = |i: &Item| {
                    i.owner == Some(owner)
                        && (i.order == n.order
                            || (!i.subscription.is_empty() && subscriptions.contains(&i.subscription)))
                };
                let moved: Vec<usize> = self.items.iter().filter(|i| moves(i)).map(|i| i.licence).collect();
                self.items.iter_mut().filter(|i| moves(i)).for_each(|i| i.owner = Some(other));
                for licence in moved {
                    let holders = &mut self.licences[licence].holders;
                    holders.insert(other, true);
                    holders.remove(&owner);
                }
                let keeps = self.items.iter().any(|i| i.owner == Some(owner))
                    || self.licences.iter().any(|l| l.holders.contains_key(&owner))
                    || self.waiting.iter().any(|w| w.0 == owner);
                if !keeps {
                    self.addresses.remove(&owner);
                }
            }
        }
    }

    fn erase(&mut self, address: &str) {
        let Some(id) = self.addresses.iter().find(|(_, a)| *a == address).map(|(id, _)| *id) else { return };
        self.addresses.remove(&id);
        for item in self.items.iter_mut().filter(|i| i.owner == Some(id)) {
            item.owner = None;
            self.buried.insert(item.order.clone());
        }
        self.licences.iter_mut().for_each(|l| l.holders.retain(|holder, _| *holder != id));
        for (_, notice) in self.waiting.extract_if(.., |w| w.0 == id) {
            self.buried.insert(notice.order);
        }
    }

    fn licence(&self, at: usize) -> (String, u32) {
        let l = &self.licences[at];
        let terms: Vec<&Item> = self.items.iter().filter(|i| i.licence == at).collect();
        let standing: Vec<&&Item> = terms.iter().filter(|i| i.standing == Standing::Paid).collect();
        let perpetual = kind_of(&l.product) == "perpetual";
        let state = match () {
            () if standing.is_empty() && terms.iter().any(|i| i.standing <= Standing::Held) => "held",
            () if standing.is_empty() => "revoked",
            () if l.finished != 0 => "ended",
            () if l.suspended => "suspended",
            () => "active",
        };
        let until = if perpetual {
            match standing.first() {
                Some(i) if l.product != "104" => format!("{} + 12 months", i.placed),
                _ => "ever".into(),
            }
        } else {
            let run_on = Some(l.run_on).filter(|day| *day != 0);
            let paid = standing.iter().map(|i| i.until).chain(run_on).max();
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
        let held = if holders.is_empty() { "nobody".into() } else { holders.join(", ") };
        let (count, seats) = if l.product == "104" { (l.quantity, 1) } else { (1, l.quantity) };
        let kind = kind_of(&l.product);
        (format!("{} {kind} {state} until {until} seats {seats} held by {held}", l.product), count)
    }

    /// Lines as the kit's state has them.
    pub fn state(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.addresses.values().map(|a| format!("person {a}")).collect();
        for i in &self.items {
            let Some(owner) = i.owner else { continue };
            let (licence, count) = self.licence(i.licence);
            let licences = vec![licence; count as usize].join("; ");
            let flag = if i.flagged { " [a discount without a renewal]" } else { "" };
            let (product, standing) = (&self.licences[i.licence].product, i.standing.word());
            lines.push(format!(
                "order {}/{} {product} x{} {standing}{flag} of {}: {licences}",
                i.order, i.item, i.quantity, self.addresses[&owner]
            ));
        }
        for at in 0..self.licences.len() {
            if !self.items.iter().any(|i| i.licence == at && i.owner.is_some()) {
                let (licence, count) = self.licence(at);
                lines.extend((0..count).map(|_| format!("nobody's {licence}")));
            }
        }
        if !self.waiting.is_empty() {
            lines.push(format!("waiting 199 {}", self.waiting.len()));
        }
        lines.sort();
        lines
    }
}

/// What tells a notice from all others.
fn identity(n: &Notice) -> String {
    let numbers = format!("{} {} {} {}", n.kind, n.order, n.item, n.subscription);
    match n.kind {
        5 => format!("{numbers} {}", n.amount),
        7..=10 => format!("{numbers} {}", n.until),
        15 => format!("{numbers} {}", n.buyer),
        21 => format!("{numbers} {}", n.last4),
        _ => numbers,
    }
}
