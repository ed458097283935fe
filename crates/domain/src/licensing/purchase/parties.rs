//! The buyer and the licensee of a notification: found by their address, or added.

use keyring::{Address, Slot, Tag16};
use licence::Serial;
use policy::purpose::Licensing;
use store::{Actor, BlindIndex, Error, Holder, Inserted, NewPerson};

use super::{NotificationProcessor, OrderNotification, PartyDetails};

/// Computes the blind-index tag of an address. A text that isn't a valid address is indexed as trimmed text.
pub(crate) fn address_tag(keyring: &keyring::Keyring, spelled: &str) -> Result<Tag16, Error> {
    let tag = match Address::parse(spelled) {
        Ok(address) => keyring.tag("address", address.canonical()),
        Err(_) => keyring.tag("address", &spelled.trim().to_lowercase()),
    };
    Ok(tag?)
}

impl NotificationProcessor<'_, '_> {
    /// Returns the slot of a person, and adds the person when the address is new.
    pub(crate) async fn person(&mut self, named: &PartyDetails, prints_company: bool) -> Result<Slot, Error> {
        let tag = address_tag(self.tx.keyring(), &named.email)?;
        let company = if prints_company { &*named.company } else { "" };
        let new = NewPerson { email: &named.email, name: &named.name, company, language: &named.language };
        if let Some(known) = self.tx.index_find_locked(BlindIndex::Address, &tag).await? {
            let known = Slot(known);
            self.tx.set_ended(known, None).await?;
            if !new.company.is_empty() && !new.name.is_empty() {
                // None of their earlier products prints it.
                self.tx.set_details(known, &new).await?;
            }
            return Ok(known);
        }
        let fresh = self.tx.keyring().allocate_slot()?;
        let day = self.tx.today();
        self.tx.add_person(fresh, &new, day).await?;
        match self.tx.index_insert(BlindIndex::Address, &tag, fresh.0, &mut self.replaced_buckets).await? {
            Inserted::Added => Ok(fresh),
            Inserted::Existing(_) => Err(Error::Conflict),
        }
    }

    /// Returns buyer and licensee of a notification; the licensee only where it is another person.
    pub(crate) async fn persons(
        &mut self,
        notification: &OrderNotification,
        prints_company: bool,
    ) -> Result<(Slot, Option<Slot>), Error> {
        if notification.slots.0 != 0 {
            let (buyer, licensee) = (
                Slot(notification.slots.0),
                self.tx.person(Slot(notification.slots.1)).await?.map(|p| p.slot),
            );
            if prints_company && !notification.buyer.company.is_empty() && !notification.buyer.name.is_empty()
            {
                let PartyDetails { email, name, company, language } = &notification.buyer;
                self.tx.set_details(buyer, &NewPerson { email, name, company, language }).await?;
            }
            return Ok((buyer, licensee));
        }
        let buyer = self.person(&notification.buyer, prints_company).await?;
        let licensee = match &notification.licensee {
            Some(named) => Some(self.person(named, false).await?).filter(|l| *l != buyer),
            None => None,
        };
        Ok((buyer, licensee))
    }

    /// Makes both persons holders of a licence.
    pub(crate) async fn hold(
        &mut self,
        serial: Serial,
        buyer: Slot,
        licensee: Option<Slot>,
    ) -> Result<(), Error> {
        self.tx.add_holder(&Holder { serial, slot: buyer, buyer: true }).await?;
        if let Some(slot) = licensee {
            self.tx.add_holder(&Holder { serial, slot, buyer: false }).await?;
        }
        Ok(())
    }

    /// Changes a person's address in the index and in their row, unless another person has it.
    pub(crate) async fn change_person_address(&mut self, of: Slot, email: &str) -> Result<Inserted, Error> {
        let person = self.tx.person(of).await?.ok_or(Error::Unknown("a person that isn't there"))?;
        let permit = self.tx.permit::<Licensing>(of, "person.email", &Actor::System, "").await?;
        let old_tag = address_tag(self.tx.keyring(), self.tx.open_email(&person, &permit)?.text())?;
        let new_tag = address_tag(self.tx.keyring(), email)?;
        if old_tag != new_tag {
            if let Inserted::Existing(other) =
                self.tx.index_insert(BlindIndex::Address, &new_tag, of.0, &mut self.replaced_buckets).await?
            {
                return Ok(Inserted::Existing(other));
            }
            self.tx.index_remove(BlindIndex::Address, &old_tag, &mut self.replaced_buckets).await?;
        }
        self.tx.set_email(of, email).await?;
        Ok(Inserted::Added)
    }
}
