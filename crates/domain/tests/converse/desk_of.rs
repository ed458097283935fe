//! What a test does with threads, in short.

use domain::conversations::staff::{Replied, Reply, Seen, Show};
use domain::conversations::upload::{AddPiece, BeginFile, Coming, FinishFile, Place};
use domain::conversations::{Answer, Answered, Begin, ReceiveMail, Started, Taken, code, view};
use domain::email::{ClaimEmail, ClaimedEmail, Outcome, RecordDelivery};
use store::Actor;

use crate::kit::Shop;

/// A member of staff.
pub fn staff() -> Actor {
    Actor::Staff("Sam".into())
}

/// What is kept of a code.
pub fn tag(code: &str) -> [u8; 32] {
    match code::read(code) {
        code::Read::Code(tag) => tag,
        code::Read::WrongCheck | code::Read::NoCode => panic!("no code"),
    }
}

/// An empty form.
pub fn form(shop: &Shop) -> Begin<'_> {
    Begin {
        message: "",
        name: "",
        address: "",
        licence: "",
        subject: "",
        files: &[],
        slot: None,
        held: false,
        person: None,
        house: &shop.house,
    }
}

/// A mail as it is read.
pub fn mail(
    shop: &Shop,
    from: &str,
    to: &str,
    verified: bool,
    more: &str,
    text: &str,
) -> inbound_mail::Incoming {
    let domain = from.rsplit_once('@').expect("an address").1;
    let vouched = if verified { "pass" } else { "fail" };
    let raw = format!(
        "Authentication-Results: mx.example.org; dmarc={vouched} header.from={domain}\r\nFrom: A Writer <{from}>\r\n\
         To: {to}\r\n{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    );
    let own = inbound_mail::Own {
        reply: shop.house.reply.clone(),
        addresses: vec!["help@example.org".into()],
        authserv: Some("mx.example.org".into()),
    };
    let mut incoming = inbound_mail::read(raw.as_bytes(), &own);
    // Whether the reader knows how is its own matter: here it is what the test says.
    incoming.verified = verified;
    incoming
}

impl Shop {
    /// Somebody writes on the page: number and code.
    pub async fn begin(&self, begin: &Begin<'_>) -> (i64, String) {
        match self.db().write(begin).await.expect("begun") {
            Started::Started { id, code } => (id, code.to_string()),
            Started::Refused(why) => panic!("refused: {why}"),
        }
    }

    /// A customer with a licence: slot and key.
    pub async fn customer(&self, order: &str, address: &str) -> (keyring::Slot, String) {
        let key = self.keys(&self.purchase(order, crate::kit::shelf::EDITOR, address)).await.remove(0);
        (self.slot(address).await.unwrap(), key)
    }

    /// A mail comes in from a proved address, without a token: the thread that it begins.
    pub async fn writes(&self, from: &str, text: &str) -> i64 {
        match self.mail_in(&mail(self, from, "help@example.org", true, "Subject: Help\r\n", text)).await {
            Taken::New(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// A mail comes in that answers a thread.
    pub async fn answers(&self, id: i64, from: &str, verified: bool, text: &str) -> Taken {
        self.mail_in(&mail(self, from, &self.reply_to(id), verified, "", text)).await
    }

    /// The reply address of a thread.
    pub fn reply_to(&self, id: i64) -> String {
        format!("help+{}@example.org", self.token(id))
    }

    /// The thread as its row stands.
    pub async fn thread(&self, id: i64) -> store::Thread {
        self.db().read().await.unwrap().thread(id).await.unwrap().unwrap()
    }

    /// Uploads a file of one piece or more for a message.
    pub async fn upload(&self, place: Place<'_>, name: &str, bytes: &[u8]) -> Coming {
        let file = self.db().write(&BeginFile { place, n: 0, name }).await.unwrap().unwrap();
        for (n, bytes) in bytes.chunks(store::CHUNK).enumerate() {
            let n = i64::try_from(n).unwrap();
            self.db().write(&AddPiece { file, n, bytes }).await.unwrap();
        }
        let size = i64::try_from(bytes.len()).unwrap();
        self.db().write(&FinishFile { file, size, kind: store::FileKind::Text }).await.unwrap();
        file
    }

    /// Everything between the rows of threads holds, and every value opens.
    pub async fn holds(&self) {
        self.sound().await;
        let ties = self.db().read().await.unwrap().thread_ties().await.unwrap();
        let astray = [
            ties.not_anonymous,
            ties.without_person,
            ties.without_act,
            ties.miscounted,
            ties.messages_astray,
            ties.files_astray,
            ties.files_broken,
            ties.chunks_astray,
            ties.ways_astray,
        ];
        assert_eq!(astray, [0; 9], "{ties:?}");
    }

    /// Does a deed.
    pub async fn does<D: store::Operation>(&self, deed: D) -> D::Done {
        self.db().write(&deed).await.expect(D::NAME)
    }

    /// Why a form is refused.
    pub async fn refused(&self, begin: &Begin<'_>) -> &'static str {
        match self.db().write(begin).await.expect("answered") {
            Started::Started { .. } => panic!("not refused"),
            Started::Refused(why) => why,
        }
    }

    /// Somebody answers with their code.
    pub async fn say(&self, code: &str, message: &str) -> Answered {
        let answer = Answer { tag: &tag(code), message, files: &[], held: false };
        self.db().write(&answer).await.expect("answered")
    }

    /// What a code shows.
    pub async fn look(&self, code: &str) -> Option<view::ConversationView> {
        self.db().write(&view::Look { tag: &tag(code), house: &self.house }).await.expect("a look")
    }

    /// A mail comes in.
    pub async fn mail_in(&self, incoming: &inbound_mail::Incoming) -> Taken {
        self.db().write(&ReceiveMail { incoming, house: &self.house }).await.expect("taken")
    }

    /// What staff see.
    pub async fn seen(&self, id: i64) -> Option<Seen> {
        self.db().write(&Show { id, who: &staff() }).await.expect("a look")
    }

    /// Staff answer.
    pub async fn reply(&self, id: i64, text: &str, quote: bool) -> Replied {
        let who = staff();
        let (seen, anyway, close) = (None, false, false);
        let reply = Reply { id, text, quote, seen, anyway, close, who: &who, house: &self.house };
        self.db().write(&reply).await.expect("answered")
    }

    /// Sends the letter that is due, if one is.
    pub async fn send(&self) -> Option<ClaimedEmail> {
        let letter = self.db().write(&ClaimEmail).await.expect("a look")?;
        let outcome = Outcome::Sent([7; 32]);
        self.db().write(&RecordDelivery { letter: &letter, outcome }).await.expect("noted");
        Some(letter)
    }

    /// The token of a thread.
    pub fn token(&self, id: i64) -> String {
        domain::conversations::token(self.db().vault(), id).expect("a token")
    }
}

impl Shop {
    /// Every letter has its cause, as the proof sees it.
    pub async fn solicited(&self) {
        let carriers = domain::compliance::prove::Carriers::default();
        let proof =
            domain::compliance::prove::prove(self.db(), &self.house, &carriers).await.expect("a proof");
        let finding = proof.on(policy::promise::MAIL_SOLICITED).cloned();
        assert_eq!(finding.expect("a finding").broken, [""; 0]);
    }
}
