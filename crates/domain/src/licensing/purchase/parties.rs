//! The persons of a notice: found by their address, or new.

use keyring::{Address, Slot, Tag16};
use policy::purpose::Licensing;
use store::{Actor, BlindIndex, Error, Holder, NewPerson, Put};

use super::{Desk, Named, OrderNotification};

/// The index's tag of an address. What isn't an address by the rules still leads to one place: its trimmed text.
pub(crate) fn address_tag(vault: &keyring::Vault, spelled: &str) -> Result<Tag16, Error> {
    let tag = match Address::parse(spelled) {
        Ok(address) => vault.tag("address", address.folded()),
        Err(_) => vault.tag("address", &spelled.trim().to_lowercase()),
    };
    Ok(tag?)
}

impl Desk<'_, '_> {
    /// The slot of a person, who is added when the address is new.
    pub(crate) async fn person(&mut self, named: &Named, prints_company: bool) -> Result<Slot, Error> {
        let tag = address_tag(self.tx.vault(), &named.email)?;
        let company = if prints_company { &*named.company } else { "" };
        let new = NewPerson { email: &named.email, name: &named.name, company, language: &named.language };
        if let Some(known) = self.tx.index_find_locked(BlindIndex::Address, &tag).await? {
            let known = Slot(known);
            self.tx.set_ended(known, 0).await?;
            if !new.company.is_empty() && !new.name.is_empty() {
                // So far there was no product of theirs that prints it.
                self.tx.set_details(known, &new).await?;
            }
            return Ok(known);
        }
        let fresh = self.tx.vault().take_slot()?;
        let day = self.tx.today();
        self.tx.add_person(fresh, &new, day).await?;
        match self.tx.index_put(BlindIndex::Address, &tag, fresh.0, &mut self.old).await? {
            Put::Done => Ok(fresh),
            Put::Taken(_) => Err(Error::Collided),
        }
    }

    /// Both persons of a notice; the licensee only where it is another than the buyer.
    pub(crate) async fn persons(
        &mut self,
        a: &OrderNotification,
        prints_company: bool,
    ) -> Result<(Slot, Option<Slot>), Error> {
        if a.slots.0 != 0 {
            let (buyer, licensee) = (Slot(a.slots.0), self.tx.person(Slot(a.slots.1)).await?.map(|p| p.slot));
            if prints_company && !a.buyer.company.is_empty() && !a.buyer.name.is_empty() {
                let Named { email, name, company, language } = &a.buyer;
                self.tx.set_details(buyer, &NewPerson { email, name, company, language }).await?;
            }
            return Ok((buyer, licensee));
        }
        let buyer = self.person(&a.buyer, prints_company).await?;
        let licensee = match &a.licensee {
            Some(named) => Some(self.person(named, false).await?).filter(|l| *l != buyer),
            None => None,
        };
        Ok((buyer, licensee))
    }

    /// Makes both persons holders of a licence.
    pub(crate) async fn hold(
        &mut self,
        serial: i64,
        buyer: Slot,
        licensee: Option<Slot>,
    ) -> Result<(), Error> {
        self.tx.add_holder(&Holder { serial, slot: buyer, buyer: true }).await?;
        if let Some(slot) = licensee {
            self.tx.add_holder(&Holder { serial, slot, buyer: false }).await?;
        }
        Ok(())
    }

    /// Gives a person a new address in the index and in their row. The address must not be another's.
    pub(crate) async fn readdress(&mut self, of: Slot, email: &str) -> Result<Put, Error> {
        let person = self.tx.person(of).await?.ok_or(Error::Unknown("a person that isn't there"))?;
        let leave = self.tx.leave::<Licensing>(of, "person.email", &Actor::System, "").await?;
        let old = address_tag(self.tx.vault(), self.tx.open_email(&person, &leave)?.text())?;
        let new = address_tag(self.tx.vault(), email)?;
        if old != new {
            if let Put::Taken(other) =
                self.tx.index_put(BlindIndex::Address, &new, of.0, &mut self.old).await?
            {
                return Ok(Put::Taken(other));
            }
            self.tx.index_drop(BlindIndex::Address, &old, &mut self.old).await?;
        }
        self.tx.set_email(of, email).await?;
        Ok(Put::Done)
    }
}
