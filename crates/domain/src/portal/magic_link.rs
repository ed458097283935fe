//! Magic links: a person who lost a licence key proves their address and gets a session of their portal.

use keyring::Slot;
use policy::purpose::Writing;
use store::{Actor, BlindIndex, Error, MagicLinkKind, Operation, Session, Tx};

use crate::counter::Counter;
use crate::email::{self, Action, EmailContent, EmailKind};
use crate::licensing::purchase::address_tag;
use crate::settings::VendorSettings;
use crate::token::{AddressChange, MagicLink, PortalSession, Token, TokenPurpose};

/// Seconds that a link in an e-mail is valid.
pub const LINK_SECONDS: i64 = 3600;
/// Seconds that a session lasts.
pub const SESSION_SECONDS: i64 = 1800;
/// Rate limit per address: e-mails in an hour, and in a day.
const LIMITS_PER_ADDRESS: [(i64, i64); 2] = [(3600, 3), (86_400, 10)];
/// Rate limit of e-mails in an hour that all forms together can cause.
const GLOBAL_HOURLY_LIMIT: i64 = 1000;

/// Requests the magic link of an address. The output is empty, so that the answer doesn't reveal whether the
/// address is known or rate limited.
pub struct RequestMagicLink<'a> {
    /// The address as typed.
    pub address: &'a str,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for RequestMagicLink<'_> {
    const NAME: &'static str = "request magic link";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let tag = address_tag(tx.keyring(), self.address)?;
        let Some(of) = tx.index_find(BlindIndex::Address, &tag).await?.map(Slot) else { return Ok(()) };
        if let Some(limit) = rate_limit_reached(tx, of).await? {
            return limit.add_one(tx).await;
        }
        let Some(person) = tx.person(of).await? else { return Ok(()) };
        // A request for an e-mail lifts the suppression of the address.
        tx.set_suppression(of, None).await?;
        let permit = tx.permit::<Writing>(of, "person.email", &Actor::System, "").await?;
        // The e-mail is sent to the stored address, not to the typed one.
        let to = tx.open_email(&person, &permit)?.text().to_owned();
        let token = Token::<MagicLink>::generate()?;
        let expires_at = tx.now + LINK_SECONDS;
        tx.add_magic_link(&token.hash(), of, MagicLinkKind::Portal, expires_at, &[], "").await?;
        let link = format!("{}/licence/open/{}", self.settings.public_url, token.text());
        email::enqueue_with_cause(
            tx,
            EmailKind::MagicLink,
            Action::RequestedMagicLink,
            of,
            &EmailContent::link(to, link),
            expires_at,
        )
        .await
    }
}

/// The counter of the rate limit because of which no further magic link is sent to a person now.
pub(crate) async fn rate_limit_reached(tx: &mut Tx, of: Slot) -> Result<Option<Counter>, Error> {
    let now = tx.now;
    for (seconds, limit) in LIMITS_PER_ADDRESS {
        if tx.magic_links_requested_since(of, now - seconds).await? >= limit {
            return Ok(Some(Counter::MagicLinkAddressLimit));
        }
    }
    let total = tx.all_magic_links_requested_since(now - 3600).await?;
    Ok((total >= GLOBAL_HOURLY_LIMIT).then_some(Counter::MagicLinkGlobalLimit))
}

/// Redeems a magic link: uses it up and starts a session. Returns the session's token.
pub struct RedeemMagicLink<'a> {
    /// The link's token.
    pub token: &'a Token<MagicLink>,
}

impl Operation for RedeemMagicLink<'_> {
    const NAME: &'static str = "redeem magic link";
    type Output = Option<Token<PortalSession>>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        let hash = self.token.hash();
        let Some(link) = tx.magic_link(&hash).await?.filter(|l| l.kind == MagicLinkKind::Portal) else {
            return Ok(None);
        };
        if !tx.use_magic_link(&hash).await? {
            return Ok(None);
        }
        let session = Token::<PortalSession>::generate()?;
        let expires_at = tx.now + SESSION_SECONDS;
        tx.add_session(&session.hash(), link.slot, expires_at).await?;
        Ok(Some(session))
    }
}

/// Tells whether a link is still valid, for the page with its button. It only reads, so that a mail scanner that
/// follows the link changes nothing.
///
/// # Errors
///
/// When the database is unreachable.
pub async fn is_link_valid<P: PortalLink>(tx: &mut Tx, token: &Token<P>) -> Result<bool, Error> {
    let now = tx.now;
    let link = tx.magic_link(&token.hash()).await?;
    Ok(link.is_some_and(|l| l.kind == P::KIND && !l.used && l.expires_at > now))
}

/// The purpose of a link whose page shows a button.
pub trait PortalLink: TokenPurpose {
    /// How the link is stored.
    const KIND: MagicLinkKind;
}

impl PortalLink for MagicLink {
    const KIND: MagicLinkKind = MagicLinkKind::Portal;
}

impl PortalLink for AddressChange {
    const KIND: MagicLinkKind = MagicLinkKind::Address;
}

/// Finds the session of a token.
///
/// # Errors
///
/// When the database is unreachable.
pub async fn find_session(tx: &mut Tx, token: &Token<PortalSession>) -> Result<Option<Session>, Error> {
    tx.session(&token.hash()).await
}

pub struct EndSession<'a> {
    /// The session's token.
    pub token: &'a Token<PortalSession>,
}

impl Operation for EndSession<'_> {
    const NAME: &'static str = "end session";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.end_session(&self.token.hash()).await
    }
}
