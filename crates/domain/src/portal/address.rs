//! Correcting one's address: the session proves the old one, a letter the new.

use policy::purpose::Licensing;
use store::{Error, LinkKind, Operation, Put, Tx};

use crate::email::{self, Act, Content, Kind};
use crate::licensing::purchase::Desk;
use crate::portal::magic_link::LINK_SECONDS;
use crate::settings::VendorSettings;
use crate::token;

/// What became of the wish for a new address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// A letter goes to the new address. So it is said even where that address is somebody's already: whoever asks
    /// must not learn who is a customer.
    LetterGoes,
    /// This page has asked already: one letter for each session.
    AlreadyAsked,
    /// This is no address.
    NoAddress,
    /// The page isn't open any more.
    Closed,
}

/// A person asks, on their page, for a new address.
pub struct AskForAddress<'a> {
    /// The session's token.
    pub session: &'a str,
    /// The new address as typed.
    pub address: &'a str,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for AskForAddress<'_> {
    const NAME: &'static str = "ask for address";
    type Done = Asked;

    async fn act(&self, tx: &mut Tx) -> Result<Asked, Error> {
        let tag = token::tag(self.session);
        let Some(session) = tx.session(&tag).await? else { return Ok(Asked::Closed) };
        let Ok(address) = keyring::Address::parse(self.address) else { return Ok(Asked::NoAddress) };
        if !tx.session_asks_address(&tag).await? {
            return Ok(Asked::AlreadyAsked);
        }
        let token = token::fresh()?;
        let expires_at = tx.now + LINK_SECONDS;
        let of = session.slot;
        tx.add_link(&token::tag(&token), of, LinkKind::Address, expires_at, &tag, address.spelled()).await?;
        let link = format!("{}/licence/address/{}", self.house.public_url, *token);
        let to = address.spelled().to_owned();
        email::write(tx, Kind::NewAddress, Act::AskedForAddress, of, &Content::link(to, link), expires_at)
            .await?;
        Ok(Asked::LetterGoes)
    }
}

/// What became of a confirmation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Confirmed {
    /// The person has the new address now.
    Changed,
    /// The link was used or has ended.
    NoLink,
    /// Somebody has that address. Only its owner, who got the letter, learns this.
    Taken,
}

/// The button behind the letter's link is pressed.
pub struct ConfirmAddress<'a> {
    /// The link's token.
    pub token: &'a str,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for ConfirmAddress<'_> {
    const NAME: &'static str = "confirm address";
    type Done = Confirmed;

    async fn act(&self, tx: &mut Tx) -> Result<Confirmed, Error> {
        let tag = token::tag(self.token);
        let Some(link) = tx.link(&tag).await?.filter(|l| l.kind == LinkKind::Address) else {
            return Ok(Confirmed::NoLink);
        };
        if !tx.use_link(&tag).await? {
            return Ok(Confirmed::NoLink);
        }
        let leave = tx.leave::<Licensing>(link.slot, "link.address", &store::Actor::Person, "").await?;
        let Some(address) = tx.open_link_address(&link, &leave)? else { return Ok(Confirmed::NoLink) };
        let mut desk = Desk::open(tx, self.house).await?;
        let put = desk.readdress(link.slot, address.text()).await?;
        desk.close().await?;
        Ok(match put {
            Put::Done => Confirmed::Changed,
            Put::Taken(other) if other == link.slot.0 => Confirmed::Changed,
            Put::Taken(_) => Confirmed::Taken,
        })
    }
}
