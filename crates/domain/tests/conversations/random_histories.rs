//! The rule that every letter follows from an act of its one recipient, tried on random histories: what the desk does
//! is compared with a small model, and every letter that leaves is led back to what its recipient did.

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

use crate::kit::Shop;
use crate::support::{form, mail, staff, tag};
use model::{ADDRESSES, Model, ReplyRoute};

/// Something that happens. Small numbers name an address, or a thread among those that there are.
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
    Tie { conversation: usize, person: usize },
    Redact { conversation: usize },
    Merge { conversation: usize, into: usize },
    EraseThread { conversation: usize },
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
        2 => (conversation.clone(), actor.clone()).prop_map(|(conversation, person)| Event::Tie { conversation, person }),
        1 => conversation.clone().prop_map(|conversation| Event::Redact { conversation }),
        2 => (conversation.clone(), conversation.clone()).prop_map(|(conversation, into)| Event::Merge { conversation, into }),
        1 => conversation.clone().prop_map(|conversation| Event::EraseThread { conversation }),
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
    fn every_letter_follows_from_an_act_of_its_one_recipient(events in prop::collection::vec(event(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut played = Played::new().await;
            for (n, event) in events.iter().enumerate() {
                played.play(n, event).await;
            }
            played.send().await;
            played.shop.holds().await;
            played.shop.solicited().await;
        });
    }
}

/// A history while it is played: the shop, and what the model thinks of it.
struct Played {
    shop: Shop,
    model: Model,
}

impl Played {
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
            self.shop.begin(&StartConversation { message: &message, address, ..form(&self.shop) }).await;
        self.model.form(id, code, typed);
    }

    async fn request_magic_link(&mut self, actor: usize) {
        let address = ADDRESSES[actor];
        self.shop
            .does(domain::portal::magic_link::RequestMagicLink { address, settings: &self.shop.settings })
            .await;
        self.model.asks_for_page(actor);
    }

    async fn play(&mut self, n: usize, event: &Event) {
        self.model.today = self.shop.today();
        let before = self.shop.email_count().await;
        let mut may_write = false;
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
                self.machine(n, conversation, AutomatedSender::Bounce { hard: true }).await
            }
            Event::Vacation { conversation } => {
                self.machine(n, conversation, AutomatedSender::Vacation).await
            }
            Event::Code { conversation } => {
                if let Some(code) = self.model.code(conversation) {
                    self.shop.say(&code, &format!("word {n}")).await;
                    self.model.says(conversation);
                }
            }
            Event::Note { conversation } => {
                if let Some(id) = self.model.id(conversation) {
                    self.shop
                        .does(AddNote { id, text: "word", seen: None, force: false, actor: &staff() })
                        .await;
                }
            }
            Event::Reply { conversation } => {
                may_write = true;
                self.reply(conversation).await;
            }
            Event::Resend { conversation } => {
                may_write = true;
                if let Some(id) = self.model.id(conversation) {
                    let resend = ResendKeys { id, actor: &staff(), settings: &self.shop.settings };
                    if self.shop.does(resend).await == ChangeOutcome::Done {
                        assert!(self.model.may_resend(conversation), "keys were resent");
                    }
                }
            }
            Event::RequestMagicLink { actor } => {
                may_write = true;
                self.request_magic_link(actor).await;
            }
            Event::Pass { days } => self.shop.pass_days(days),
            Event::Send => self.send().await,
            _ => self.change(event).await,
        }
        let now = self.shop.email_count().await;
        assert!(may_write || now <= before, "a letter came of {event:?}");
    }

    /// What changes threads without anybody writing.
    async fn change(&mut self, event: &Event) {
        match *event {
            Event::Give { conversation, address } => {
                let Some(code) = self.model.code(conversation) else { return };
                let give = GiveAddress { code_hash: &tag(&code), address: ADDRESSES[address] };
                assert_eq!(
                    self.shop.does(give).await == GiveAddressOutcome::Done,
                    self.model.gives(conversation, address)
                );
            }
            Event::Tie { conversation, person } => {
                let Some(code) = self.model.code(conversation) else { return };
                let Some(slot) = self.shop.slot(ADDRESSES[person]).await else { return };
                let tie = LinkCustomer { which: ConversationRef::Code(&tag(&code)), person: slot };
                assert_eq!(
                    self.shop.does(tie).await == LinkOutcome::Done,
                    self.model.ties(conversation, person)
                );
            }
            Event::Redact { conversation } => {
                let Some(id) = self.model.id(conversation) else { return };
                self.shop
                    .does(RedactMessage { id, message: 1, passage: "word", files: &[], actor: &staff() })
                    .await;
                self.shop.roll_forward().await;
            }
            Event::Merge { conversation, into } => {
                let (Some(id), Some(to)) = (self.model.id(conversation), self.model.id(into)) else { return };
                let merged = self.shop.does(MergeConversations { id, into: to, actor: &staff() }).await
                    == ChangeOutcome::Done;
                assert_eq!(merged, self.model.merges(conversation, into));
                self.shop.roll_forward().await;
            }
            Event::EraseThread { conversation } => {
                let Some(code) = self.model.code(conversation) else { return };
                assert!(self.shop.does(EraseByCode { code_hash: &tag(&code) }).await);
                self.model.erases_thread(conversation);
                self.shop.roll_forward().await;
            }
            Event::ErasePerson { actor } => {
                self.shop.erase(ADDRESSES[actor]).await;
                self.model.erases_person(actor);
            }
            _ => {}
        }
    }

    async fn mail(&mut self, n: usize, from: usize, verified: bool, conversation: Option<usize>, text: &str) {
        let named = conversation.and_then(|t| self.model.ever(t));
        let to = named.map_or_else(|| "help@example.org".to_owned(), |id| self.shop.reply_to(id));
        let more = format!("Message-ID: <{n}@mail>\r\n");
        let incoming = mail(&self.shop, ADDRESSES[from], &to, verified, &more, text);
        let taken = self.shop.mail_in(&incoming).await;
        let stop = text == "stop";
        match (taken, self.model.joins(from, verified, conversation)) {
            (ReceiveOutcome::Joined(_), true) => self.model.joined(from, conversation.unwrap(), stop),
            (ReceiveOutcome::New(id), false) => self.model.mail(id, from, verified, conversation, stop),
            (taken, joins) => panic!("{taken:?}, and to join was {joins}"),
        }
    }

    async fn machine(&mut self, n: usize, conversation: usize, kind: AutomatedSender) {
        let Some(id) = self.model.ever(conversation) else { return };
        let to = self.shop.reply_to(id);
        let mut report =
            mail(&self.shop, "mailer@example.net", &to, false, &format!("Date: {n}\r\n"), "Report");
        report.sender_class = SenderClass::Automated(kind);
        match self.shop.mail_in(&report).await {
            ReceiveOutcome::Recorded(_) => {
                assert!(self.model.is_meant(conversation));
                if kind != AutomatedSender::Vacation {
                    self.model.bounced(conversation);
                }
            }
            ReceiveOutcome::New(_) | ReceiveOutcome::Dropped(_) => {
                assert!(!self.model.is_meant(conversation))
            }
            other => panic!("{other:?}"),
        }
    }

    async fn reply(&mut self, conversation: usize) {
        let Some(id) = self.model.id(conversation) else { return };
        let replied = match self.shop.reply(id, "word of staff", true).await {
            ReplyOutcome::Sent => ReplyRoute::Letter,
            ReplyOutcome::Waits(_) => ReplyRoute::Code,
            ReplyOutcome::Refused(_) => ReplyRoute::Impossible,
            other => panic!("{other:?}"),
        };
        assert_eq!(replied, self.model.replied(conversation), "{:?}", self.model.show(conversation));
    }

    async fn send(&mut self) {
        self.model.today = self.shop.today();
        while let Some(letter) = self.shop.send().await {
            self.follows(&letter).await;
        }
    }

    /// Leads a letter back to the act of its recipient.
    async fn follows(&self, letter: &ClaimedEmail) {
        let mut tx = self.shop.db().read().await.unwrap();
        let line = tx.audit_entry(letter.cause).await.unwrap().expect("a cause");
        assert_eq!((&*line.kind, &*line.actor), ("action", "person"));
        assert!(letter.kind.caused_by().iter().any(|act| act.name() == line.name));
        match letter.kind {
            EmailKind::StaffReply => {
                let conversation =
                    tx.conversation_of_slot(letter.slot).await.unwrap().expect("a living thread");
                assert_eq!(letter.content.to, self.model.recipient(conversation.id), "another recipient");
                let quoted = &letter.reply.as_ref().unwrap().quoted;
                assert!(quoted.is_empty() || conversation.verified);
            }
            EmailKind::MagicLink => {
                let person = tx.person(letter.slot).await.unwrap();
                assert!(person.is_some() && line.slot == letter.slot);
                assert_eq!(self.shop.slot(&letter.content.to).await, Some(letter.slot));
            }
            EmailKind::NewAddress => panic!("nobody asked for a new address"),
        }
        assert!(self.model.today * 86_400 - line.at <= 30 * 86_400, "too late");
    }
}
