//! Change of a customer's address. The session proves the old address, an e-mail proves the new one.

use policy::purpose::Licensing;
use store::{Error, Inserted, MagicLinkKind, Operation, Tx};

use crate::email::{self, Action, EmailContent, EmailKind};
use crate::licensing::purchase::NotificationProcessor;
use crate::portal::magic_link::LINK_SECONDS;
use crate::settings::VendorSettings;
use crate::token::{AddressChange, PortalSession, Token};

/// The outcome of a request for a new address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressRequestOutcome {
    /// An e-mail was sent to the new address. The answer is the same where another customer has that address: it
    /// must not reveal who is a customer.
    EmailSent,
    /// This session has requested a change already. Each session may request one.
    AlreadyRequested,
    /// The text is not an e-mail address.
    InvalidAddress,
    /// The session has ended.
    SessionEnded,
}

/// Requests, on the portal, a change of address.
pub struct RequestAddressChange<'a> {
    /// The session's token.
    pub session: &'a Token<PortalSession>,
    /// The new address as typed.
    pub address: &'a str,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for RequestAddressChange<'_> {
    const NAME: &'static str = "request address change";
    type Output = AddressRequestOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<AddressRequestOutcome, Error> {
        let hash = self.session.hash();
        let Some(session) = tx.session(&hash).await? else { return Ok(AddressRequestOutcome::SessionEnded) };
        let Ok(address) = keyring::Address::parse(self.address) else {
            return Ok(AddressRequestOutcome::InvalidAddress);
        };
        if !tx.request_address_change(&hash).await? {
            return Ok(AddressRequestOutcome::AlreadyRequested);
        }
        let token = Token::<AddressChange>::generate()?;
        let expires_at = tx.now + LINK_SECONDS;
        let of = session.slot;
        tx.add_magic_link(&token.hash(), of, MagicLinkKind::Address, expires_at, &hash, address.as_written())
            .await?;
        let link = format!("{}/licence/address/{}", self.settings.public_url, token.text());
        let to = address.as_written().to_owned();
        email::enqueue_with_cause(
            tx,
            EmailKind::NewAddress,
            Action::RequestedAddressChange,
            of,
            &EmailContent::link(to, link),
            expires_at,
        )
        .await?;
        Ok(AddressRequestOutcome::EmailSent)
    }
}

/// The outcome of a confirmation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressConfirmation {
    /// The address was changed.
    Changed,
    /// The link was used already or has expired.
    InvalidLink,
    /// Another customer has that address. Only the owner of the address, who received the e-mail, learns this.
    AddressInUse,
}

/// Confirms a change of address: the person followed the link in the e-mail and pressed the button.
pub struct ConfirmAddressChange<'a> {
    /// The link's token.
    pub token: &'a Token<AddressChange>,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for ConfirmAddressChange<'_> {
    const NAME: &'static str = "confirm address change";
    type Output = AddressConfirmation;

    async fn execute(&self, tx: &mut Tx) -> Result<AddressConfirmation, Error> {
        let hash = self.token.hash();
        let Some(link) = tx.magic_link(&hash).await?.filter(|l| l.kind == MagicLinkKind::Address) else {
            return Ok(AddressConfirmation::InvalidLink);
        };
        if !tx.use_magic_link(&hash).await? {
            return Ok(AddressConfirmation::InvalidLink);
        }
        let permit =
            tx.permit::<Licensing>(link.slot, "magic_link.address", &store::Actor::Person, "").await?;
        let Some(address) = tx.open_magic_link_address(&link, &permit)? else {
            return Ok(AddressConfirmation::InvalidLink);
        };
        let mut processor = NotificationProcessor::open(tx, self.settings).await?;
        let inserted = processor.change_person_address(link.slot, address.text()).await?;
        processor.close().await?;
        Ok(match inserted {
            Inserted::Added => AddressConfirmation::Changed,
            Inserted::Existing(other) if other == link.slot.0 => AddressConfirmation::Changed,
            Inserted::Existing(_) => AddressConfirmation::AddressInUse,
        })
    }
}
