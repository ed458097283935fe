//! Recovery: a person who has lost a key proves their address and gets to their own page.

use keyring::Slot;
use policy::purpose::Writing;
use store::{Actor, BlindIndex, Error, LinkKind, Operation, Session, Tx};
use zeroize::Zeroizing;

use crate::email::{self, Act, Content, Kind};
use crate::licensing::purchase::address_tag;
use crate::settings::VendorSettings;
use crate::token;

/// How long a link in a letter is valid, in seconds.
pub const LINK_SECONDS: i64 = 3600;
/// How long a page stays open, in seconds.
pub const SESSION_SECONDS: i64 = 1800;
/// Letters that an address can be made to get: in an hour, and in a day.
const PER_ADDRESS: [(i64, i64); 2] = [(3600, 3), (86_400, 10)];
/// Letters in an hour that all forms together can cause.
const IN_ALL: i64 = 1000;

/// Somebody asks for the link to the page of an address. Whoever they are, they learn nothing: known or not, limited
/// or not, it returns nothing.
pub struct RequestMagicLink<'a> {
    /// The address as typed.
    pub address: &'a str,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for RequestMagicLink<'_> {
    const NAME: &'static str = "ask for page";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        let tag = address_tag(tx.vault(), self.address)?;
        let Some(of) = tx.index_find(BlindIndex::Address, &tag).await?.map(Slot) else { return Ok(()) };
        if let Some(why) = asked_too_often(tx, of).await? {
            tx.count(why, 1).await?;
            return Ok(());
        }
        let Some(person) = tx.person(of).await? else { return Ok(()) };
        // Whoever asks for a letter acts: a stop ends here.
        tx.set_stopped(of, "").await?;
        let leave = tx.leave::<Writing>(of, "person.email", &Actor::System, "").await?;
        // To the address as its owner gave it, not as it was typed here.
        let to = tx.open_email(&person, &leave)?.text().to_owned();
        let token = token::fresh()?;
        let expires_at = tx.now + LINK_SECONDS;
        tx.add_link(&token::tag(&token), of, LinkKind::Page, expires_at, &[], "").await?;
        let link = format!("{}/licence/open/{}", self.house.public_url, *token);
        email::write(tx, Kind::PageLink, Act::AskedForPage, of, &Content::link(to, link), expires_at).await
    }
}

/// Why no further link goes to a person now.
pub(crate) async fn asked_too_often(tx: &mut Tx, of: Slot) -> Result<Option<&'static str>, Error> {
    let now = tx.now;
    for (seconds, most) in PER_ADDRESS {
        if tx.links_asked_since(of, now - seconds).await? >= most {
            return Ok(Some("link refused: address asked too often"));
        }
    }
    let in_all = tx.links_in_all_since(now - 3600).await?;
    Ok((in_all >= IN_ALL).then_some("link refused: too many in all"))
}

/// The button behind the link is pressed: the link is used up and a page opens. Returns the session's token.
pub struct RedeemMagicLink<'a> {
    /// The link's token.
    pub token: &'a str,
}

impl Operation for RedeemMagicLink<'_> {
    const NAME: &'static str = "open page";
    type Done = Option<Zeroizing<String>>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<Zeroizing<String>>, Error> {
        let tag = token::tag(self.token);
        let Some(link) = tx.link(&tag).await?.filter(|l| l.kind == LinkKind::Page) else { return Ok(None) };
        if !tx.use_link(&tag).await? {
            return Ok(None);
        }
        let session = token::fresh()?;
        let expires_at = tx.now + SESSION_SECONDS;
        tx.add_session(&token::tag(&session), link.slot, expires_at).await?;
        Ok(Some(session))
    }
}

/// Whether a link could still be used: what its button page shows. Reads only, so that mail scanners change nothing.
///
/// # Errors
/// When the database is away.
pub async fn link_is_open(tx: &mut Tx, token: &str, kind: LinkKind) -> Result<bool, Error> {
    let now = tx.now;
    let link = tx.link(&token::tag(token)).await?;
    Ok(link.is_some_and(|l| l.kind == kind && !l.used && l.expires_at > now))
}

/// The open page of a session's token.
///
/// # Errors
/// When the database is away.
pub async fn session(tx: &mut Tx, token: &str) -> Result<Option<Session>, Error> {
    tx.session(&token::tag(token)).await
}

/// Closes a page.
pub struct EndSession<'a> {
    /// The session's token.
    pub token: &'a str,
}

impl Operation for EndSession<'_> {
    const NAME: &'static str = "close page";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.end_session(&token::tag(self.token)).await
    }
}
