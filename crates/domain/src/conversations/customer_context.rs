//! Beside a thread: the customer to whom it is tied, their licences with their renewals, their orders and earlier
//! threads; and what staff do about them from there. Each opening is in the journal, with the thread as its case.

use keyring::Slot;
use policy::purpose::{Support, Writing};
use serde::Serialize;
use store::{Actor, Conversation, Error, MagicLinkKind, Operation, Tx};

use super::limits::MAX_ACTION_AGE_DAYS;
use super::queue::ConversationRow;
use super::staff::ChangeOutcome;
use super::{
    body::open_contact, number::case_of, reply_route::is_suppressed, suppression::record_link_request,
};
use crate::email::{self, EmailContent, EmailKind};
use crate::erasure::request::{AgreeToErasure, AgreementOutcome, ErasureAgreement};
use crate::licensing::manual_licensing;
use crate::licensing::purchase::address_tag;
use crate::lookup::{CustomerLicence, CustomerRecord, customer_licence, open_customer};
use crate::portal::magic_link::{LINK_SECONDS, rate_limit_reached};
use crate::settings::VendorSettings;
use crate::{licensing::renewal_offer, token};

/// What stands beside a thread. No Debug: it is about a person.
#[derive(Serialize)]
pub struct CustomerContext {
    /// The customer to whom the thread is tied.
    pub customer: Option<CustomerRecord>,
    /// Their licences, each with its renewal.
    pub renewals: Vec<RenewalOffer>,
    /// The licence whose number was typed with the first message: what it is, and not whose.
    pub named: Option<CustomerLicence>,
    /// Other threads of the same customer, or of the same proved address, latest change first.
    pub earlier: Vec<ConversationRow>,
}

/// Whether a licence can be renewed.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct RenewalOffer {
    /// Number of the licence.
    pub licence: String,
    /// `now`, `later`, `over` or `none`.
    pub state: &'static str,
    /// Last day on which a renewal is offered; empty for none.
    pub until: String,
}

/// Opens what stands beside a thread.
pub struct ViewCustomerContext<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Who looks.
    pub actor: &'a Actor,
}

impl Operation for ViewCustomerContext<'_> {
    const NAME: &'static str = "view customer context";
    type Output = Option<CustomerContext>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<CustomerContext>, Error> {
        let Some(conversation) = tx.conversation(self.id).await? else { return Ok(None) };
        let mut panel =
            CustomerContext { customer: None, renewals: Vec::new(), named: None, earlier: Vec::new() };
        if let Some(licence) = tx.licence(conversation.licence).await? {
            panel.named = Some(customer_licence(tx, &licence).await?);
        }
        if conversation.person != Slot(0) {
            panel.customer =
                open_customer(tx, conversation.person, self.actor, &case_of(conversation.id)).await?;
            panel.renewals = renewals(tx, conversation.person).await?;
        }
        let mut earlier = self.of_address(tx, &conversation, panel.customer.as_ref()).await?;
        earlier.extend(tx.conversations_of_person(conversation.person).await?);
        earlier.retain(|t| t.id != conversation.id);
        earlier.sort_by_key(|t| std::cmp::Reverse(t.revision));
        earlier.dedup_by_key(|t| t.id);
        panel.earlier = earlier.iter().map(|t| ConversationRow::of(tx, t)).collect();
        Ok(Some(panel))
    }
}

impl ViewCustomerContext<'_> {
    /// Untied threads with the address that this one proved, or that its customer has.
    async fn of_address(
        &self,
        tx: &mut Tx,
        conversation: &Conversation,
        customer: Option<&CustomerRecord>,
    ) -> Result<Vec<Conversation>, Error> {
        let address = match customer {
            Some(customer) => customer.email.clone(),
            None if conversation.verified => {
                let case = case_of(conversation.id);
                let permit = tx
                    .permit::<Support>(conversation.slot, "conversation.contact", self.actor, &case)
                    .await?;
                open_contact(tx, conversation, &permit)?.address.clone()
            }
            None => String::new(),
        };
        if address.is_empty() {
            return Ok(Vec::new());
        }
        let tag = address_tag(tx.keyring(), &address)?;
        tx.conversations_with_address(&tag).await
    }
}

async fn renewals(tx: &mut Tx, of: Slot) -> Result<Vec<RenewalOffer>, Error> {
    let (mut renewals, today) = (Vec::new(), tx.today());
    for licence in tx.licences_of(of).await? {
        let product = tx.product(licence.product).await?;
        let window = product.as_ref().and_then(|p| renewal_offer::renewal_window(&licence, p));
        let state = match window {
            None => "none",
            Some((first, _)) if today < first => "later",
            Some((_, last)) if today > last => "over",
            Some(_) => "now",
        };
        let until = window.map(|(_, last)| crate::day::text(last)).unwrap_or_default();
        renewals.push(RenewalOffer {
            licence: crate::licensing::issue::display_number(licence.serial),
            state,
            until,
        });
    }
    Ok(renewals)
}

/// Sends a customer the link to their own page, where their keys are: once for each message of theirs.
pub struct ResendKeys<'a> {
    /// Number of the thread, which is tied to them.
    pub id: i64,
    /// Who sends it.
    pub actor: &'a Actor,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for ResendKeys<'_> {
    const NAME: &'static str = "resend keys";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        let Some(person) = tx.person(conversation.person).await? else {
            return Ok(ChangeOutcome::Refused(
                "the conversation is not linked to a customer, and only a customer has a portal".into(),
            ));
        };
        if let Some(why) = self.no_email_reason(tx, &conversation).await? {
            return Ok(ChangeOutcome::Refused(why.to_owned()));
        }
        let of = person.slot;
        let permit = tx.permit::<Writing>(of, "person.email", self.actor, &case_of(conversation.id)).await?;
        let to = tx.open_email(&person, &permit)?.text().to_owned();
        let cause = record_link_request(tx, of, &conversation).await?;
        let token = token::generate()?;
        let expires_at = tx.now + LINK_SECONDS;
        tx.add_magic_link(&token::token_hash(&token), of, MagicLinkKind::Portal, expires_at, &[], "").await?;
        let link = format!("{}/licence/open/{}", self.settings.public_url, *token);
        email::enqueue(tx, EmailKind::MagicLink, cause, of, &EmailContent::link(to, link), expires_at)
            .await?;
        Ok(ChangeOutcome::Done)
    }
}

impl ResendKeys<'_> {
    async fn no_email_reason(
        &self,
        tx: &mut Tx,
        conversation: &Conversation,
    ) -> Result<Option<&'static str>, Error> {
        if !conversation.suppression.is_empty() || is_suppressed(tx, conversation).await? {
            return Ok(Some(
                "e-mails to this customer are stopped, because the customer asked for it or an e-mail bounced; the customer must write first",
            ));
        }
        if conversation.last_action == 0 || tx.today() - conversation.last_action_day > MAX_ACTION_AGE_DAYS {
            return Ok(Some(
                "the customer's last message is more than 30 days old; the customer must write first",
            ));
        }
        // The act that the link names as its cause is the message: a second link for it would be one too many.
        let sent = tx.audit_entries_of(conversation.person).await?;
        let is_sent = email::Action::AnsweredWithMagicLink.name();
        if sent.iter().any(|l| l.name == is_sent && l.cause == conversation.last_action) {
            return Ok(Some("the link was already sent after the customer's last message"));
        }
        if rate_limit_reached(tx, conversation.person).await?.is_some() {
            return Ok(Some(
                "this address got the maximum number of links for a day; the customer can use one of them",
            ));
        }
        Ok(None)
    }
}

/// Extends a licence of the thread: one of its customer's, or the one that was named.
pub struct ExtendLinkedLicence<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Licence number.
    pub serial: i64,
    /// Months.
    pub months: i64,
    /// Who does it.
    pub actor: &'a Actor,
}

impl Operation for ExtendLinkedLicence<'_> {
    const NAME: &'static str = "extend linked licence";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if !is_of(tx, &conversation, self.serial).await? {
            return Ok(ChangeOutcome::Refused(NOT_OF_IT.into()));
        }
        let extend =
            manual_licensing::ExtendLicence { serial: self.serial, months: self.months, actor: self.actor };
        Ok(match extend.execute(tx).await? {
            manual_licensing::ExtensionOutcome::Extended(_) => ChangeOutcome::Done,
            manual_licensing::ExtensionOutcome::Refused(why) => ChangeOutcome::Refused(why.into()),
            manual_licensing::ExtensionOutcome::UnknownLicence => ChangeOutcome::Refused(NOT_OF_IT.into()),
        })
    }
}

/// Revokes a licence of the thread, or takes that back.
pub struct RevokeLinkedLicence<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Licence number.
    pub serial: i64,
    /// Revoke, or take a revocation back.
    pub revoked: bool,
    /// Who does it.
    pub actor: &'a Actor,
}

impl Operation for RevokeLinkedLicence<'_> {
    const NAME: &'static str = "revoke linked licence";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if !is_of(tx, &conversation, self.serial).await? {
            return Ok(ChangeOutcome::Refused(NOT_OF_IT.into()));
        }
        manual_licensing::RevokeLicence { serial: self.serial, revoked: self.revoked, actor: self.actor }
            .execute(tx)
            .await?;
        Ok(ChangeOutcome::Done)
    }
}

const NOT_OF_IT: &str = "the licence belongs neither to the customer nor to this conversation";

async fn is_of(tx: &mut Tx, conversation: &Conversation, serial: i64) -> Result<bool, Error> {
    let held = tx.holders(serial).await?.iter().any(|h| h.slot == conversation.person);
    Ok(tx.licence(serial).await?.is_some() && (held || conversation.licence == serial))
}

/// Starts the erasure of the customer to whom a thread is tied, who agreed to it in the thread. With them goes the
/// thread.
pub struct StartCustomerErasure<'a> {
    /// Number of the thread.
    pub id: i64,
    /// The text of their agreement; only its hash is kept.
    pub agreement: &'a str,
    /// Who took it.
    pub actor: &'a Actor,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for StartCustomerErasure<'_> {
    const NAME: &'static str = "start customer erasure";
    /// None where the thread is tied to nobody, or there is no text.
    type Output = Option<AgreementOutcome>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<AgreementOutcome>, Error> {
        let Some(conversation) = tx.conversation(self.id).await?.filter(|t| t.person != Slot(0)) else {
            return Ok(None);
        };
        if self.agreement.trim().is_empty() {
            return Ok(None);
        }
        let agreement = ErasureAgreement::ToStaff { text: self.agreement, actor: self.actor.as_str() };
        AgreeToErasure { slot: conversation.person, agreement, settings: self.settings }
            .execute(tx)
            .await
            .map(Some)
    }
}
