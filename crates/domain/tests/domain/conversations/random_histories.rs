//! Property: every e-mail has an action of its one recipient as its cause. Random histories of events are compared with
//! a small model, and each sent e-mail is traced to its cause.

mod model;

use domain::conversations::customer_context::ResendKeys;
use domain::conversations::staff::{AddNote, ChangeOutcome, MergeConversations, RedactMessage, ReplyOutcome};
use domain::conversations::{
    ConversationRef, EraseByCode, GiveAddress, GiveAddressOutcome, LinkCustomer, LinkOutcome, ReceiveOutcome,
    StartConversation,
};
use domain::email::{ClaimedEmail, EmailKind};
use inbound_mail::{AutomatedSender, SenderClass};
use proptest::prelude::*;

use crate::conversations::support::{code_hash, form, mail, staff};
use crate::kit::Shop;
use model::{ADDRESSES, Model, ReplyRoute};

/// An event. Small numbers name an address or one of the existing conversations.
#[derive(Clone, Debug)]
enum Event {
    Form { typed: Option<usize> },
    Mail { from: usize, verified: bool },
    Answer { from: usize, verified: bool, conversation: usize },
    Stop { from: usize, verified: bool, conversation: usize },
    Bounce { conversation: usize },
    Vacation { conversation: usize },
    Code { conversation: usize },
    Reply { conversation: usize },
    Note { conversation: usize },
    Resend { conversation: usize },
    RequestMagicLink { actor: usize },
    Give { conversation: usize, address: usize },
    Link { conversation: usize, person: usize },
    Redact { conversation: usize },
    Merge { conversation: usize, into: usize },
    EraseConversation { conversation: usize },
    ErasePerson { actor: usize },
    Pass { days: i64 },
    Send,
}

fn event() -> impl Strategy<Value = Event> {
    let (actor, conversation) = (0..ADDRESSES.len(), 0..12_usize);
    prop_oneof![
        2 => prop::option::of(actor.clone()).prop_map(|typed| Event::Form { typed }),
        3 => (actor.clone(), any::<bool>()).prop_map(|(from, verified)| Event::Mail { from, verified }),
        4 => (actor.clone(), any::<bool>(), conversation.clone())
            .prop_map(|(from, verified, conversation)| Event::Answer { from, verified, conversation }),
        2 => (actor.clone(), any::<bool>(), conversation.clone())
            .prop_map(|(from, verified, conversation)| Event::Stop { from, verified, conversation }),
        1 => conversation.clone().prop_map(|conversation| Event::Bounce { conversation }),
        1 => conversation.clone().prop_map(|conversation| Event::Vacation { conversation }),
        3 => conversation.clone().prop_map(|conversation| Event::Code { conversation }),
        9 => conversation.clone().prop_map(|conversation| Event::Reply { conversation }),
        1 => conversation.clone().prop_map(|conversation| Event::Note { conversation }),
        2 => conversation.clone().prop_map(|conversation| Event::Resend { conversation }),
        1 => actor.clone().prop_map(|actor| Event::RequestMagicLink { actor }),
        2 => (conversation.clone(), actor.clone()).prop_map(|(conversation, address)| Event::Give { conversation, address }),
        2 => (conversation.clone(), actor.clone()).prop_map(|(conversation, person)| Event::Link { conversation, person }),
        1 => conversation.clone().prop_map(|conversation| Event::Redact { conversation }),
        2 => (conversation.clone(), conversation.clone()).prop_map(|(conversation, into)| Event::Merge { conversation, into }),
        1 => conversation.clone().prop_map(|conversation| Event::EraseConversation { conversation }),
        1 => actor.prop_map(|actor| Event::ErasePerson { actor }),
        3 => (1..20_i64).prop_map(|days| Event::Pass { days }),
        4 => Just(Event::Send),
    ]
}

fn cases() -> u32 {
    if std::env::var_os("SCRUPLE_LONG").is_some() { 600 } else { 24 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_email_is_caused_by_an_action_of_its_one_recipient(events in prop::collection::vec(event(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut replay = Replay::new().await;
            for (n, event) in events.iter().enumerate() {
                replay.play(n, event).await;
            }
            replay.send().await;
            replay.shop.check_integrity().await;
            replay.shop.check_causes().await;
        });
    }
}

/// A shop and the model of its expected state, between two events of a history.
struct Replay {
    shop: Shop,
    model: Model,
}

impl Replay {
    async fn new() -> Self {
        let shop = Shop::open().await;
        for (n, address) in ADDRESSES.iter().enumerate().take(2) {
            shop.customer(&format!("1{n}"), address).await;
        }
        Self { shop, model: Model::new() }
    }

    async fn form(&mut self, n: usize, typed: Option<usize>) {
        let address = typed.map_or("", |t| ADDRESSES[t]);
        let message = format!("word {n}");
        let (id, code) =
            self.shop.start(&StartConversation { message: &message, address, ..form(&self.shop) }).await;
        self.model.form(id, code, typed);
    }

    async fn request_magic_link(&mut self, actor: usize) {
        let address = ADDRESSES[actor];
        self.shop
            .execute(domain::portal::magic_link::RequestMagicLink { address, settings: &self.shop.settings })
            .await;
        self.model.request_magic_link(actor);
    }

    async fn play(&mut self, n: usize, event: &Event) {
        self.model.today = self.shop.today().to_unix_days();
        let before = self.shop.email_count().await;
        let mut may_send = false;
        match *event {
            Event::Form { typed } => {
                self.form(n, typed).await;
            }
            Event::Mail { from, verified } => self.mail(n, from, verified, None, "word").await,
            Event::Answer { from, verified, conversation } => {
                self.mail(n, from, verified, Some(conversation), "word").await
            }
            Event::Stop { from, verified, conversation } => {
                self.mail(n, from, verified, Some(conversation), "stop").await
            }
            Event::Bounce { conversation } => {
                self.receive_automated(n, conversation, AutomatedSender::Bounce { hard: true }).await
            }
            Event::Vacation { conversation } => {
                self.receive_automated(n, conversation, AutomatedSender::Vacation).await
            }
            Event::Code { conversation } => {
                if let Some(code) = self.model.code(conversation) {
                    self.shop.answer_by_code(&code, &format!("word {n}")).await;
                    self.model.answer_by_code(conversation);
                }
            }
            Event::Note { conversation } => {
                if let Some(id) = self.model.id(conversation) {
                    self.shop
                        .execute(AddNote { id, text: "word", seen: None, force: false, actor: &staff() })
                        .await;
                }
            }
            Event::Reply { conversation } => {
                may_send = true;
                self.reply(conversation).await;
            }
            Event::Resend { conversation } => {
                may_send = true;
                if let Some(id) = self.model.id(conversation) {
                    let resend = ResendKeys { id, actor: &staff(), settings: &self.shop.settings };
                    if self.shop.execute(resend).await == ChangeOutcome::Done {
                        assert!(self.model.may_resend(conversation), "keys were resent");
                    }
                }
            }
            Event::RequestMagicLink { actor } => {
                may_send = true;
                self.request_magic_link(actor).await;
            }
            Event::Pass { days } => self.shop.pass_days(days),
            Event::Send => self.send().await,
            _ => self.change(event).await,
        }
        let now = self.shop.email_count().await;
        assert!(may_send || now <= before, "{event:?} caused an e-mail");
    }

    /// Applies an event that changes conversations without a message.
    async fn change(&mut self, event: &Event) {
        match *event {
            Event::Give { conversation, address } => {
                let Some(code) = self.model.code(conversation) else { return };
                let give = GiveAddress { code_hash: &code_hash(&code), address: ADDRESSES[address] };
                assert_eq!(
                    self.shop.execute(give).await == GiveAddressOutcome::Done,
                    self.model.give(conversation, address)
                );
            }
            Event::Link { conversation, person } => {
                let Some(code) = self.model.code(conversation) else { return };
                let Some(slot) = self.shop.slot(ADDRESSES[person]).await else { return };
                let link = LinkCustomer { which: ConversationRef::Code(&code_hash(&code)), person: slot };
                assert_eq!(
                    self.shop.execute(link).await == LinkOutcome::Done,
                    self.model.link(conversation, person)
                );
            }
            Event::Redact { conversation } => {
                let Some(id) = self.model.id(conversation) else { return };
                self.shop
                    .execute(RedactMessage { id, message: 1, passage: "word", files: &[], actor: &staff() })
                    .await;
                self.shop.roll_forward().await;
            }
            Event::Merge { conversation, into } => {
                let (Some(id), Some(to)) = (self.model.id(conversation), self.model.id(into)) else { return };
                let merged = self.shop.execute(MergeConversations { id, into: to, actor: &staff() }).await
                    == ChangeOutcome::Done;
                assert_eq!(merged, self.model.merge(conversation, into));
                self.shop.roll_forward().await;
            }
            Event::EraseConversation { conversation } => {
                let Some(code) = self.model.code(conversation) else { return };
                assert!(self.shop.execute(EraseByCode { code_hash: &code_hash(&code) }).await);
                self.model.erase_conversation(conversation);
                self.shop.roll_forward().await;
            }
            Event::ErasePerson { actor } => {
                self.shop.erase(ADDRESSES[actor]).await;
                self.model.erase_person(actor);
            }
            _ => {}
        }
    }

    async fn mail(&mut self, n: usize, from: usize, verified: bool, conversation: Option<usize>, text: &str) {
        let named = conversation.and_then(|t| self.model.id_of_any(t));
        let to = named.map_or_else(|| "help@example.org".to_owned(), |id| self.shop.reply_to(id));
        let more = format!("Message-ID: <{n}@mail>\r\n");
        let incoming = mail(&self.shop, ADDRESSES[from], &to, verified, &more, text);
        let received = self.shop.receive(&incoming).await;
        let stop = text == "stop";
        match (received, self.model.joins(from, verified, conversation)) {
            (ReceiveOutcome::Joined(_), true) => self.model.joined(from, conversation.unwrap(), stop),
            (ReceiveOutcome::New(id), false) => self.model.mail(id, from, verified, conversation, stop),
            (received, joins) => panic!("{received:?}, and the model joins: {joins}"),
        }
    }

    async fn receive_automated(&mut self, n: usize, conversation: usize, kind: AutomatedSender) {
        let Some(id) = self.model.id_of_any(conversation) else { return };
        let to = self.shop.reply_to(id);
        let mut report =
            mail(&self.shop, "mailer@example.net", &to, false, &format!("Date: {n}\r\n"), "Report");
        report.sender_class = SenderClass::Automated(kind);
        match self.shop.receive(&report).await {
            ReceiveOutcome::Recorded(_) => {
                assert!(self.model.has_target(conversation));
                if kind != AutomatedSender::Vacation {
                    self.model.bounced(conversation);
                }
            }
            ReceiveOutcome::New(_) | ReceiveOutcome::Dropped => {
                assert!(!self.model.has_target(conversation))
            }
            other => panic!("{other:?}"),
        }
    }

    async fn reply(&mut self, conversation: usize) {
        let Some(id) = self.model.id(conversation) else { return };
        let replied = match self.shop.reply(id, "word of staff", true).await {
            ReplyOutcome::Sent => ReplyRoute::Email,
            ReplyOutcome::Waits(_) => ReplyRoute::Code,
            ReplyOutcome::Refused(_) => ReplyRoute::Impossible,
            other => panic!("{other:?}"),
        };
        assert_eq!(replied, self.model.replied(conversation), "{:?}", self.model.show(conversation));
    }

    async fn send(&mut self) {
        self.model.today = self.shop.today().to_unix_days();
        while let Some(email) = self.shop.send().await {
            self.check_cause(&email).await;
        }
    }

    /// Checks that the cause of an e-mail is an action of its recipient.
    async fn check_cause(&self, email: &ClaimedEmail) {
        let mut tx = self.shop.db().read().await.unwrap();
        let entry = tx.audit_entry(email.cause).await.unwrap().expect("a cause");
        assert_eq!((&*entry.kind, &*entry.actor), ("action", "person"));
        assert!(email.kind.caused_by().iter().any(|action| action.name() == entry.name));
        match email.kind {
            EmailKind::StaffReply => {
                let conversation =
                    tx.conversation_of_slot(email.slot).await.unwrap().expect("an existing conversation");
                assert_eq!(email.content.to, self.model.recipient(conversation.id), "another recipient");
                let quoted = &email.reply.as_ref().unwrap().quoted;
                assert!(quoted.is_empty() || conversation.verified);
            }
            EmailKind::MagicLink => {
                let person = tx.person(email.slot).await.unwrap();
                assert!(person.is_some() && entry.slot == Some(email.slot));
                assert_eq!(self.shop.slot(&email.content.to).await, Some(email.slot));
            }
            EmailKind::NewAddress => panic!("no event changes an address"),
        }
        assert!(self.shop.today().midnight() - entry.at <= 30 * 86_400, "too late");
    }
}
