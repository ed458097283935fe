//! The state of a shop as lines of text without random values: two shops in the same state have equal lines.

use calendar::Day;
use keyring::Slot;
use licence::Serial;
use policy::purpose::Access;
use store::{Actor, Error, Licence, LicenceModel, Operation, TermKind, Tx};

use super::Shop;
use store::testing::serial;

impl Shop {
    /// Lines, sorted. Days are counted from `first`.
    /// - `person ADDRESS`
    /// - `order ORDER/ITEM PRODUCT xQUANTITY STANDING [FLAG] of ADDRESS: LICENCE; LICENCE`
    /// - `unassigned LICENCE` for licences without a known order
    /// - `pending PRODUCT NUMBER-OF-NOTIFICATIONS`
    ///
    /// where a licence is `PRODUCT KIND STATE until DAY seats N held by ADDRESSES`, and the day of a licence bought
    /// once is the day of the order and the months of its updates.
    pub async fn state(&self, first: Day) -> Vec<String> {
        let numbers = self.scratch.numbers("SELECT serial FROM licence").await;
        let serials: Vec<Serial> = numbers.into_iter().map(|n| serial(n.cast_unsigned())).collect();
        self.db().execute(&ReadState { first, serials: &serials }).await.expect("readable")
    }
}

struct ReadState<'a> {
    first: Day,
    serials: &'a [Serial],
}

impl Operation for ReadState<'_> {
    const NAME: &'static str = "read the whole state, for tests";
    type Output = Vec<String>;

    async fn execute(&self, tx: &mut Tx) -> Result<Vec<String>, Error> {
        let mut lines = Vec::new();
        let mut after = Slot(0);
        loop {
            let persons = tx.persons_after(after).await?;
            let Some(last) = persons.last() else { break };
            after = last.slot;
            for person in &persons {
                let address = address(tx, person.slot).await?;
                lines.push(format!("person {address}"));
                for order in tx.orders_of(person.slot).await? {
                    lines.push(self.order(tx, &order, &address).await?);
                }
            }
        }
        for serial in self.serials {
            if tx.grants_of_serial(*serial).await?.is_empty() {
                lines.push(format!("unassigned {}", self.licence(tx, *serial).await?));
            }
        }
        for (product, count) in tx.count_pending_orders().await? {
            lines.push(format!("pending {product} {count}"));
        }
        lines.sort();
        Ok(lines)
    }
}

impl ReadState<'_> {
    async fn order(&self, tx: &mut Tx, order: &store::Order, of: &str) -> Result<String, Error> {
        let permit = tx.permit::<Access>(order.slot, "orders.provider_ids", &Actor::System, "").await?;
        let n = tx.open_provider_ids(order, &permit)?;
        let product = tx.product(order.product).await?.expect("in the catalogue").provider_id;
        let mut licences = Vec::new();
        for grant in tx.grants(order.id).await? {
            licences.push(self.licence(tx, grant.serial).await?);
        }
        licences.sort();
        let flag = if order.flag.is_empty() { String::new() } else { format!(" [{}]", order.flag) };
        Ok(format!(
            "order {}/{} {product} x{} {}{flag} of {of}: {}",
            n.order,
            n.item,
            order.quantity,
            order.payment_status.as_str(),
            licences.join("; ")
        ))
    }

    async fn licence(&self, tx: &mut Tx, serial: Serial) -> Result<String, Error> {
        let licence = tx.licence(serial).await?.expect("a licence that was given");
        let product = tx.product(licence.product).await?.expect("in the catalogue").provider_id;
        let until = self.until(tx, &licence).await?;
        let mut holders = Vec::new();
        for holder in tx.holders(serial).await? {
            let role = if holder.buyer { "" } else { " (licensee)" };
            holders.push(format!("{}{role}", address(tx, holder.slot).await?));
        }
        holders.sort();
        let holders = if holders.is_empty() { "no one".into() } else { holders.join(", ") };
        let (kind, state, seats) = (licence.kind.as_str(), licence.state.as_str(), licence.seats);
        Ok(format!("{product} {kind} {state} until {until} seats {seats} held by {holders}"))
    }

    async fn until(&self, tx: &mut Tx, licence: &Licence) -> Result<String, Error> {
        let Some(until) = licence.until_day else { return Ok("ever".into()) };
        let terms = tx.terms(licence.serial).await?;
        if licence.kind == LicenceModel::Perpetual
            && let Some(first) = terms.iter().find(|t| t.kind != TermKind::Renewal)
            && let Some(months) = (1..=60).find(|m| first.placed_day.plus_months(*m) == until)
        {
            return Ok(format!("{} + {months} months", first.placed_day - self.first));
        }
        Ok((until - self.first).to_string())
    }
}

async fn address(tx: &mut Tx, of: Slot) -> Result<String, Error> {
    let person = tx.person(of).await?.expect("a person who holds something");
    let permit = tx.permit::<Access>(of, "person.email", &Actor::System, "").await?;
    Ok(tx.open_email(&person, &permit)?.text().to_owned())
}
