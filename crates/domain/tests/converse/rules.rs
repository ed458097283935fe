//! The rule that every letter follows from an act of its one recipient, tried on random histories: what the desk does
//! is compared with a small model, and every letter that leaves is led back to what its recipient did.

mod model;

use domain::conversations::customer_context::ResendKeys;
use domain::conversations::staff::{Changed, Merge, Note, Redact, Replied};
use domain::conversations::{Begin, EraseByCode, GiveAddress, Given, Taken, Tie, Tied, Which};
use domain::email::{ClaimedEmail, Kind};
use inbound_mail::{Machine, SenderClass};
use proptest::prelude::*;

use crate::desk_of::{form, mail, staff, tag};
use crate::kit::Shop;
use model::{ADDRESSES, Model, ReplyRoute};

/// Something that happens. Small numbers name an address, or a thread among those that there are.
#[derive(Clone, Debug)]
enum Event {
    Form { typed: Option<usize> },
    Mail { from: usize, verified: bool },
    Answer { from: usize, verified: bool, thread: usize },
    Stop { from: usize, verified: bool, thread: usize },
    Bounce { thread: usize },
    Vacation { thread: usize },
    Code { thread: usize },
    Reply { thread: usize },
    Note { thread: usize },
    Resend { thread: usize },
    RequestMagicLink { who: usize },
    Give { thread: usize, address: usize },
    Tie { thread: usize, person: usize },
    Redact { thread: usize },
    Merge { thread: usize, into: usize },
    EraseThread { thread: usize },
    ErasePerson { who: usize },
    Pass { days: i64 },
    Send,
}

fn event() -> impl Strategy<Value = Event> {
    let (who, thread) = (0..ADDRESSES.len(), 0..12_usize);
    prop_oneof![
        2 => prop::option::of(who.clone()).prop_map(|typed| Event::Form { typed }),
        3 => (who.clone(), any::<bool>()).prop_map(|(from, verified)| Event::Mail { from, verified }),
        4 => (who.clone(), any::<bool>(), thread.clone())
            .prop_map(|(from, verified, thread)| Event::Answer { from, verified, thread }),
        2 => (who.clone(), any::<bool>(), thread.clone())
            .prop_map(|(from, verified, thread)| Event::Stop { from, verified, thread }),
        1 => thread.clone().prop_map(|thread| Event::Bounce { thread }),
        1 => thread.clone().prop_map(|thread| Event::Vacation { thread }),
        3 => thread.clone().prop_map(|thread| Event::Code { thread }),
        9 => thread.clone().prop_map(|thread| Event::Reply { thread }),
        1 => thread.clone().prop_map(|thread| Event::Note { thread }),
        2 => thread.clone().prop_map(|thread| Event::Resend { thread }),
        1 => who.clone().prop_map(|who| Event::RequestMagicLink { who }),
        2 => (thread.clone(), who.clone()).prop_map(|(thread, address)| Event::Give { thread, address }),
        2 => (thread.clone(), who.clone()).prop_map(|(thread, person)| Event::Tie { thread, person }),
        1 => thread.clone().prop_map(|thread| Event::Redact { thread }),
        2 => (thread.clone(), thread.clone()).prop_map(|(thread, into)| Event::Merge { thread, into }),
        1 => thread.clone().prop_map(|thread| Event::EraseThread { thread }),
        1 => who.prop_map(|who| Event::ErasePerson { who }),
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

    async fn play(&mut self, n: usize, event: &Event) {
        self.model.today = self.shop.today();
        let before = self.shop.letters().await;
        let mut may_write = false;
        match *event {
            Event::Form { typed } => {
                let address = typed.map_or("", |t| ADDRESSES[t]);
                let message = format!("word {n}");
                let (id, code) =
                    self.shop.begin(&Begin { message: &message, address, ..form(&self.shop) }).await;
                self.model.form(id, code, typed);
            }
            Event::Mail { from, verified } => self.mail(n, from, verified, None, "word").await,
            Event::Answer { from, verified, thread } => {
                self.mail(n, from, verified, Some(thread), "word").await
            }
            Event::Stop { from, verified, thread } => {
                self.mail(n, from, verified, Some(thread), "stop").await
            }
            Event::Bounce { thread } => self.machine(n, thread, Machine::Bounce { hard: true }).await,
            Event::Vacation { thread } => self.machine(n, thread, Machine::Vacation).await,
            Event::Code { thread } => {
                if let Some(code) = self.model.code(thread) {
                    self.shop.say(&code, &format!("word {n}")).await;
                    self.model.says(thread);
                }
            }
            Event::Note { thread } => {
                if let Some(id) = self.model.id(thread) {
                    self.shop.does(Note { id, text: "word", seen: None, anyway: false, who: &staff() }).await;
                }
            }
            Event::Reply { thread } => {
                may_write = true;
                self.reply(thread).await;
            }
            Event::Resend { thread } => {
                may_write = true;
                if let Some(id) = self.model.id(thread) {
                    let resend = ResendKeys { id, who: &staff(), house: &self.shop.house };
                    if self.shop.does(resend).await == Changed::Done {
                        assert!(self.model.may_resend(thread), "keys were resent");
                    }
                }
            }
            Event::RequestMagicLink { who } => {
                may_write = true;
                let address = ADDRESSES[who];
                self.shop
                    .does(domain::portal::magic_link::RequestMagicLink { address, house: &self.shop.house })
                    .await;
                self.model.asks_for_page(who);
            }
            Event::Pass { days } => self.shop.pass(days),
            Event::Send => self.send().await,
            _ => self.change(event).await,
        }
        let now = self.shop.letters().await;
        assert!(may_write || now <= before, "a letter came of {event:?}");
    }

    /// What changes threads without anybody writing.
    async fn change(&mut self, event: &Event) {
        match *event {
            Event::Give { thread, address } => {
                let Some(code) = self.model.code(thread) else { return };
                let give = GiveAddress { tag: &tag(&code), address: ADDRESSES[address] };
                assert_eq!(self.shop.does(give).await == Given::Done, self.model.gives(thread, address));
            }
            Event::Tie { thread, person } => {
                let Some(code) = self.model.code(thread) else { return };
                let Some(slot) = self.shop.slot(ADDRESSES[person]).await else { return };
                let tie = Tie { which: Which::Code(&tag(&code)), person: slot };
                assert_eq!(self.shop.does(tie).await == Tied::Done, self.model.ties(thread, person));
            }
            Event::Redact { thread } => {
                let Some(id) = self.model.id(thread) else { return };
                self.shop.does(Redact { id, message: 1, passage: "word", files: &[], who: &staff() }).await;
                self.shop.roll().await;
            }
            Event::Merge { thread, into } => {
                let (Some(id), Some(to)) = (self.model.id(thread), self.model.id(into)) else { return };
                let merged = self.shop.does(Merge { id, into: to, who: &staff() }).await == Changed::Done;
                assert_eq!(merged, self.model.merges(thread, into));
                self.shop.roll().await;
            }
            Event::EraseThread { thread } => {
                let Some(code) = self.model.code(thread) else { return };
                assert!(self.shop.does(EraseByCode { tag: &tag(&code) }).await);
                self.model.erases_thread(thread);
                self.shop.roll().await;
            }
            Event::ErasePerson { who } => {
                self.shop.erase(ADDRESSES[who]).await;
                self.model.erases_person(who);
            }
            _ => {}
        }
    }

    async fn mail(&mut self, n: usize, from: usize, verified: bool, thread: Option<usize>, text: &str) {
        let named = thread.and_then(|t| self.model.ever(t));
        let to = named.map_or_else(|| "help@example.org".to_owned(), |id| self.shop.reply_to(id));
        let more = format!("Message-ID: <{n}@mail>\r\n");
        let incoming = mail(&self.shop, ADDRESSES[from], &to, verified, &more, text);
        let taken = self.shop.mail_in(&incoming).await;
        let stop = text == "stop";
        match (taken, self.model.joins(from, verified, thread)) {
            (Taken::Joined(_), true) => self.model.joined(from, thread.unwrap(), stop),
            (Taken::New(id), false) => self.model.mail(id, from, verified, thread, stop),
            (taken, joins) => panic!("{taken:?}, and to join was {joins}"),
        }
    }

    async fn machine(&mut self, n: usize, thread: usize, kind: Machine) {
        let Some(id) = self.model.ever(thread) else { return };
        let to = self.shop.reply_to(id);
        let mut report =
            mail(&self.shop, "mailer@example.net", &to, false, &format!("Date: {n}\r\n"), "Report");
        report.nature = SenderClass::Machine(kind);
        match self.shop.mail_in(&report).await {
            Taken::Recorded(_) => {
                assert!(self.model.is_meant(thread));
                if kind != Machine::Vacation {
                    self.model.bounced(thread);
                }
            }
            Taken::New(_) | Taken::Dropped(_) => assert!(!self.model.is_meant(thread)),
            other => panic!("{other:?}"),
        }
    }

    async fn reply(&mut self, thread: usize) {
        let Some(id) = self.model.id(thread) else { return };
        let replied = match self.shop.reply(id, "word of staff", true).await {
            Replied::Sent => ReplyRoute::Letter,
            Replied::Waits(_) => ReplyRoute::Code,
            Replied::Refused(_) => ReplyRoute::Nowhere,
            other => panic!("{other:?}"),
        };
        assert_eq!(replied, self.model.replied(thread), "{:?}", self.model.show(thread));
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
        let line = tx.line(letter.cause).await.unwrap().expect("a cause");
        assert_eq!((&*line.kind, &*line.who), ("act", "person"));
        assert!(letter.kind.caused_by().iter().any(|act| act.name() == line.what));
        match letter.kind {
            Kind::StaffReply => {
                let thread = tx.thread_of_slot(letter.slot).await.unwrap().expect("a living thread");
                assert_eq!(letter.content.to, self.model.recipient(thread.id), "another recipient");
                let quoted = &letter.reply.as_ref().unwrap().quoted;
                assert!(quoted.is_empty() || thread.verified);
            }
            Kind::PageLink => {
                let person = tx.person(letter.slot).await.unwrap();
                assert!(person.is_some() && line.slot == letter.slot);
                assert_eq!(self.shop.slot(&letter.content.to).await, Some(letter.slot));
            }
            Kind::NewAddress => panic!("nobody asked for a new address"),
        }
        assert!(self.model.today * 86_400 - line.at <= 30 * 86_400, "too late");
    }
}
