//! The customer beside a conversation: their licences with renewals, their orders and earlier conversations, and what
//! staff change there. Each opened value is in the audit log, with the conversation as the case.

use keyring::Slot;
use licence::Serial;
use policy::purpose::{Support, Writing};
use serde::Serialize;
use store::{Actor, Conversation, ConversationId, Error, MagicLinkKind, Operation, Tx};

use super::queue::ConversationRow;
use super::refusal::{ChangeRefusal, ResendRefusal};
use super::staff::ChangeOutcome;
use super::{
    body::open_contact,
    number::case_of,
    reply_route::{acted_recently, customer_of, is_suppressed},
    suppression::record_link_request,
};
use crate::email::{self, EmailContent, EmailKind};
use crate::erasure::request::{AgreeToErasure, AgreementOutcome, ErasureAgreement};
use crate::licensing::manual_licensing::{self, ExtensionOutcome};
use crate::licensing::purchase::address_tag;
use crate::licensing::renewal_offer;
use crate::lookup::{CustomerLicence, CustomerRecord, customer_licence, open_customer};
use crate::portal::magic_link::{LINK_SECONDS, rate_limit_reached};
use crate::settings::VendorSettings;
use crate::token::{MagicLink, Token};

/// The customer context of a conversation. Not `Debug`, because it holds personal data.
#[derive(Serialize)]
pub struct CustomerContext {
    /// The customer to whom the conversation is linked.
    pub customer: Option<CustomerRecord>,
    /// Renewals of the customer's licences.
    pub renewals: Vec<RenewalOffer>,
    /// The licence whose number was typed with the first message, without its holder.
    pub named: Option<CustomerLicence>,
    /// Other conversations of the same customer or the same proved address, latest change first.
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

/// Opens the customer context of a conversation.
pub struct ViewCustomerContext<'a> {
    pub id: ConversationId,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for ViewCustomerContext<'_> {
    const NAME: &'static str = "view customer context";
    type Output = Option<CustomerContext>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<CustomerContext>, Error> {
        let Some(conversation) = tx.conversation(self.id).await? else { return Ok(None) };
        let mut context =
            CustomerContext { customer: None, renewals: Vec::new(), named: None, earlier: Vec::new() };
        if let Some(serial) = conversation.licence
            && let Some(licence) = tx.licence(serial).await?
        {
            context.named = Some(customer_licence(tx, &licence).await?);
        }
        if let Some(person) = conversation.person {
            context.customer = open_customer(tx, person, self.actor, &case_of(conversation.id)).await?;
            context.renewals = renewals(tx, person).await?;
        }
        let mut earlier = self.conversations_of_address(tx, &conversation, context.customer.as_ref()).await?;
        if let Some(person) = conversation.person {
            earlier.extend(tx.conversations_of_person(person).await?);
        }
        earlier.retain(|t| t.id != conversation.id);
        earlier.sort_by_key(|t| std::cmp::Reverse(t.revision));
        earlier.dedup_by_key(|t| t.id);
        context.earlier = earlier.iter().map(|t| ConversationRow::of(tx, t)).collect();
        Ok(Some(context))
    }
}

impl ViewCustomerContext<'_> {
    /// Returns conversations without a customer that have the address that this one proved, or that its customer has.
    async fn conversations_of_address(
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

async fn renewals(tx: &mut Tx, person: Slot) -> Result<Vec<RenewalOffer>, Error> {
    let (mut renewals, today) = (Vec::new(), tx.today());
    for licence in tx.licences_of(person).await? {
        let product = tx.product(licence.product).await?;
        let window = product.as_ref().and_then(|p| renewal_offer::renewal_window(&licence, p));
        let state = match window {
            None => "none",
            Some((first, _)) if today < first => "later",
            Some((_, last)) if today > last => "over",
            Some(_) => "now",
        };
        let until = crate::day::text(window.map(|(_, last)| last));
        renewals.push(RenewalOffer { licence: licence.serial.to_string(), state, until });
    }
    Ok(renewals)
}

/// Sends a customer a magic link to their portal, where their keys are. Each of their messages allows one.
pub struct ResendKeys<'a> {
    /// The conversation, which must be linked to a customer.
    pub id: ConversationId,
    /// The member of staff.
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
        let Some(person) = customer_of(tx, &conversation).await? else {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::Resend(ResendRefusal::NotLinked)));
        };
        if let Some(refusal) = self.refusal(tx, &conversation, person.slot).await? {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::Resend(refusal)));
        }
        let of = person.slot;
        let permit = tx.permit::<Writing>(of, "person.email", self.actor, &case_of(conversation.id)).await?;
        let to = tx.open_email(&person, &permit)?.text().to_owned();
        let cause = record_link_request(tx, of, &conversation).await?;
        let token = Token::<MagicLink>::generate()?;
        let expires_at = tx.now + LINK_SECONDS;
        tx.add_magic_link(&token.hash(), of, MagicLinkKind::Portal, expires_at, &[], "").await?;
        let link = format!("{}/licence/open/{}", self.settings.public_url, token.text());
        email::enqueue(tx, EmailKind::MagicLink, cause, of, &EmailContent::link(to, link), expires_at)
            .await?;
        Ok(ChangeOutcome::Done)
    }
}

impl ResendKeys<'_> {
    async fn refusal(
        &self,
        tx: &mut Tx,
        conversation: &Conversation,
        person: Slot,
    ) -> Result<Option<ResendRefusal>, Error> {
        if conversation.suppression.is_some() || is_suppressed(tx, conversation).await? {
            return Ok(Some(ResendRefusal::EmailsStopped));
        }
        if !acted_recently(conversation, tx.today()) {
            return Ok(Some(ResendRefusal::LastMessageTooOld));
        }
        // The message is the cause of the link, so each message causes one link at most.
        let sent = tx.audit_entries_of(person).await?;
        let is_sent = email::Action::AnsweredWithMagicLink.name();
        if sent.iter().any(|l| l.name == is_sent && l.cause == conversation.last_action) {
            return Ok(Some(ResendRefusal::AlreadySent));
        }
        Ok(rate_limit_reached(tx, person).await?.is_some().then_some(ResendRefusal::RateLimit))
    }
}

/// Extends a licence of the conversation: one of its customer, or the one that the sender named.
pub struct ExtendLinkedLicence<'a> {
    pub id: ConversationId,
    /// Licence number.
    pub serial: Serial,
    pub months: i64,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for ExtendLinkedLicence<'_> {
    const NAME: &'static str = "extend linked licence";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if !is_related_licence(tx, &conversation, self.serial).await? {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::UnrelatedLicence));
        }
        let extend =
            manual_licensing::ExtendLicence { serial: self.serial, months: self.months, actor: self.actor };
        Ok(match extend.execute(tx).await? {
            ExtensionOutcome::Extended(_) => ChangeOutcome::Done,
            ExtensionOutcome::Refused(why) => ChangeOutcome::Refused(ChangeRefusal::Extension(why)),
            ExtensionOutcome::UnknownLicence => ChangeOutcome::Refused(ChangeRefusal::UnrelatedLicence),
        })
    }
}

/// Revokes a licence of the conversation, or withdraws the revocation.
pub struct RevokeLinkedLicence<'a> {
    pub id: ConversationId,
    /// Licence number.
    pub serial: Serial,
    /// True to revoke, false to withdraw the revocation.
    pub revoked: bool,
    /// The member of staff.
    pub actor: &'a Actor,
}

impl Operation for RevokeLinkedLicence<'_> {
    const NAME: &'static str = "revoke linked licence";
    type Output = ChangeOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<ChangeOutcome, Error> {
        let Some(conversation) = tx.conversation(self.id).await? else {
            return Ok(ChangeOutcome::NoConversation);
        };
        if !is_related_licence(tx, &conversation, self.serial).await? {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::UnrelatedLicence));
        }
        manual_licensing::RevokeLicence { serial: self.serial, revoked: self.revoked, actor: self.actor }
            .execute(tx)
            .await?;
        Ok(ChangeOutcome::Done)
    }
}

async fn is_related_licence(tx: &mut Tx, conversation: &Conversation, serial: Serial) -> Result<bool, Error> {
    let is_holder = tx.holders(serial).await?.iter().any(|h| Some(h.slot) == conversation.person);
    Ok(tx.licence(serial).await?.is_some() && (is_holder || conversation.licence == Some(serial)))
}

/// Starts the erasure of the customer to whom a conversation is linked, who agreed to it in the conversation. The
/// conversation is erased with them.
pub struct StartCustomerErasure<'a> {
    pub id: ConversationId,
    /// Text of the agreement; only its hash is stored.
    pub agreement: &'a str,
    /// The member of staff.
    pub actor: &'a Actor,
    /// The vendor's settings.
    pub settings: &'a VendorSettings,
}

impl Operation for StartCustomerErasure<'_> {
    const NAME: &'static str = "start customer erasure";
    /// `None` if the conversation is not linked to a customer, or the text is empty.
    type Output = Option<AgreementOutcome>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<AgreementOutcome>, Error> {
        let Some(slot) = tx.conversation(self.id).await?.and_then(|t| t.person) else { return Ok(None) };
        if self.agreement.trim().is_empty() {
            return Ok(None);
        }
        let agreement = ErasureAgreement::ToStaff { text: self.agreement, actor: self.actor.as_str() };
        AgreeToErasure { slot, agreement, settings: self.settings }.execute(tx).await.map(Some)
    }
}
