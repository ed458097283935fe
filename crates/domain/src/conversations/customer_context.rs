//! Beside a thread: the customer to whom it is tied, their licences with their renewals, their orders and earlier
//! threads; and what staff do about them from there. Each opening is in the journal, with the thread as its case.

use keyring::Slot;
use policy::purpose::{Support, Writing};
use serde::Serialize;
use store::{Actor, Error, LinkKind, Operation, Thread, Tx};

use super::queue::Row;
use super::reply_route::MOST_DAYS;
use super::staff::Changed;
use super::{case, contact_of, is_stopped, wrote_about};
use crate::email::{self, Content, Kind};
use crate::erasure::intent::{Agree, Agreed, Agreement};
use crate::licensing::manual_licensing;
use crate::licensing::purchase::address_tag;
use crate::lookup::{Found, FoundLicence, licence as found_licence, open as found_person};
use crate::portal::magic_link::{LINK_SECONDS, asked_too_often};
use crate::settings::VendorSettings;
use crate::{licensing::renew, token};

/// What stands beside a thread. No Debug: it is about a person.
#[derive(Serialize)]
pub struct Panel {
    /// The customer to whom the thread is tied.
    pub customer: Option<Found>,
    /// Their licences, each with its renewal.
    pub renewals: Vec<Renewal>,
    /// The licence whose number was typed with the first message: what it is, and not whose.
    pub named: Option<FoundLicence>,
    /// Other threads of the same customer, or of the same proved address, latest change first.
    pub earlier: Vec<Row>,
}

/// Whether a licence can be renewed.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Renewal {
    /// Number of the licence.
    pub licence: String,
    /// `now`, `later`, `over` or `none`.
    pub state: &'static str,
    /// Last day on which a renewal is offered; empty for none.
    pub until: String,
}

/// Opens what stands beside a thread.
pub struct Show<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Who looks.
    pub who: &'a Actor,
}

impl Operation for Show<'_> {
    const NAME: &'static str = "show panel";
    type Done = Option<Panel>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<Panel>, Error> {
        let Some(thread) = tx.thread(self.id).await? else { return Ok(None) };
        let mut panel = Panel { customer: None, renewals: Vec::new(), named: None, earlier: Vec::new() };
        if let Some(licence) = tx.licence(thread.licence).await? {
            panel.named = Some(found_licence(tx, &licence).await?);
        }
        if thread.person != Slot(0) {
            panel.customer = found_person(tx, thread.person, self.who, &case(thread.id)).await?;
            panel.renewals = renewals(tx, thread.person).await?;
        }
        let mut earlier = self.of_address(tx, &thread, panel.customer.as_ref()).await?;
        earlier.extend(tx.threads_of_person(thread.person).await?);
        earlier.retain(|t| t.id != thread.id);
        earlier.sort_by_key(|t| std::cmp::Reverse(t.turn));
        earlier.dedup_by_key(|t| t.id);
        panel.earlier = earlier.iter().map(|t| Row::of(tx, t)).collect();
        Ok(Some(panel))
    }
}

impl Show<'_> {
    /// Untied threads with the address that this one proved, or that its customer has.
    async fn of_address(
        &self,
        tx: &mut Tx,
        thread: &Thread,
        customer: Option<&Found>,
    ) -> Result<Vec<Thread>, Error> {
        let address = match customer {
            Some(customer) => customer.email.clone(),
            None if thread.verified => {
                let case = case(thread.id);
                let leave = tx.leave::<Support>(thread.slot, "thread.contact", self.who, &case).await?;
                contact_of(tx, thread, &leave)?.address.clone()
            }
            None => String::new(),
        };
        if address.is_empty() {
            return Ok(Vec::new());
        }
        let tag = address_tag(tx.vault(), &address)?;
        tx.threads_marked(&tag).await
    }
}

async fn renewals(tx: &mut Tx, of: Slot) -> Result<Vec<Renewal>, Error> {
    let (mut renewals, today) = (Vec::new(), tx.today());
    for licence in tx.licences_of(of).await? {
        let product = tx.product(licence.product).await?;
        let window = product.as_ref().and_then(|p| renew::window(&licence, p));
        let state = match window {
            None => "none",
            Some((first, _)) if today < first => "later",
            Some((_, last)) if today > last => "over",
            Some(_) => "now",
        };
        let until = window.map(|(_, last)| crate::day::text(last)).unwrap_or_default();
        renewals.push(Renewal { licence: crate::licensing::issue::number(licence.serial), state, until });
    }
    Ok(renewals)
}

/// Sends a customer the link to their own page, where their keys are: once for each message of theirs.
pub struct ResendKeys<'a> {
    /// Number of the thread, which is tied to them.
    pub id: i64,
    /// Who sends it.
    pub who: &'a Actor,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for ResendKeys<'_> {
    const NAME: &'static str = "resend keys";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        let Some(person) = tx.person(thread.person).await? else {
            return Ok(Changed::Refused("it is tied to no customer: only a customer has a page".into()));
        };
        if let Some(why) = self.no_letter(tx, &thread).await? {
            return Ok(Changed::Refused(why.to_owned()));
        }
        let of = person.slot;
        let leave = tx.leave::<Writing>(of, "person.email", self.who, &case(thread.id)).await?;
        let to = tx.open_email(&person, &leave)?.text().to_owned();
        let cause = wrote_about(tx, of, &thread).await?;
        let token = token::fresh()?;
        let expires_at = tx.now + LINK_SECONDS;
        tx.add_link(&token::tag(&token), of, LinkKind::Page, expires_at, &[], "").await?;
        let link = format!("{}/licence/open/{}", self.house.public_url, *token);
        email::put(tx, Kind::PageLink, cause, of, &Content::link(to, link), expires_at).await?;
        Ok(Changed::Done)
    }
}

impl ResendKeys<'_> {
    async fn no_letter(&self, tx: &mut Tx, thread: &Thread) -> Result<Option<&'static str>, Error> {
        if !thread.stopped.is_empty() || is_stopped(tx, thread).await? {
            return Ok(Some(
                "the customer wants no letters, or they come back: none goes until they write again",
            ));
        }
        if thread.last_act == 0 || tx.today() - thread.last_act_day > MOST_DAYS {
            return Ok(Some(
                "the customer's last message is more than 30 days old: a letter needs a new one",
            ));
        }
        // The act that the link names as its cause is the message: a second link for it would be one too many.
        let sent = tx.lines_about(thread.person).await?;
        let is_sent = email::Act::IsSentLink.name();
        if sent.iter().any(|l| l.what == is_sent && l.cause == thread.last_act) {
            return Ok(Some("the link was sent already since they wrote last"));
        }
        if asked_too_often(tx, thread.person).await?.is_some() {
            return Ok(Some("this address got as many links as it may in a day: they can be used"));
        }
        Ok(None)
    }
}

/// Extends a licence of the thread: one of its customer's, or the one that was named.
pub struct Extend<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Licence number.
    pub serial: i64,
    /// Months.
    pub months: i64,
    /// Who does it.
    pub who: &'a Actor,
}

impl Operation for Extend<'_> {
    const NAME: &'static str = "extend from thread";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        if !is_of(tx, &thread, self.serial).await? {
            return Ok(Changed::Refused(NOT_OF_IT.into()));
        }
        let extend = manual_licensing::Extend { serial: self.serial, months: self.months, who: self.who };
        Ok(match extend.act(tx).await? {
            manual_licensing::Extended::Done(_) => Changed::Done,
            manual_licensing::Extended::Refused(why) => Changed::Refused(why.into()),
            manual_licensing::Extended::NoLicence => Changed::Refused(NOT_OF_IT.into()),
        })
    }
}

/// Revokes a licence of the thread, or takes that back.
pub struct Revoke<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Licence number.
    pub serial: i64,
    /// Revoke, or take a revocation back.
    pub revoked: bool,
    /// Who does it.
    pub who: &'a Actor,
}

impl Operation for Revoke<'_> {
    const NAME: &'static str = "revoke from thread";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        if !is_of(tx, &thread, self.serial).await? {
            return Ok(Changed::Refused(NOT_OF_IT.into()));
        }
        manual_licensing::Revoke { serial: self.serial, revoked: self.revoked, who: self.who }
            .act(tx)
            .await?;
        Ok(Changed::Done)
    }
}

const NOT_OF_IT: &str = "the licence is neither the customer's nor the one that was named";

async fn is_of(tx: &mut Tx, thread: &Thread, serial: i64) -> Result<bool, Error> {
    let held = tx.holders(serial).await?.iter().any(|h| h.slot == thread.person);
    Ok(tx.licence(serial).await?.is_some() && (held || thread.licence == serial))
}

/// Starts the erasure of the customer to whom a thread is tied, who agreed to it in the thread. With them goes the
/// thread.
pub struct StartErasure<'a> {
    /// Number of the thread.
    pub id: i64,
    /// The text of their agreement; only its hash is kept.
    pub agreement: &'a str,
    /// Who took it.
    pub who: &'a Actor,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for StartErasure<'_> {
    const NAME: &'static str = "start erasure from thread";
    /// None where the thread is tied to nobody, or there is no text.
    type Done = Option<Agreed>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<Agreed>, Error> {
        let Some(thread) = tx.thread(self.id).await?.filter(|t| t.person != Slot(0)) else { return Ok(None) };
        if self.agreement.trim().is_empty() {
            return Ok(None);
        }
        let agreement = Agreement::ToStaff { text: self.agreement, who: self.who.word() };
        Agree { slot: thread.person, agreement, house: self.house }.act(tx).await.map(Some)
    }
}
