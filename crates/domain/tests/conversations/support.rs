//! What a test does with threads, in short.

use domain::conversations::staff::{ReplyOutcome, ReplyToConversation, StaffView, ViewAsStaff};
use domain::conversations::upload::{AddChunk, FinishUpload, PendingFile, StartUpload, UploadTarget};
use domain::conversations::{
    AnswerByCode, AnswerOutcome, ReceiveMail, ReceiveOutcome, StartConversation, Started, access_code, view,
};
use domain::email::{ClaimEmail, ClaimedEmail, DeliveryOutcome, RecordDelivery};
use store::Actor;

use crate::kit::Shop;

/// A member of staff.
pub fn staff() -> Actor {
    Actor::Staff("Sam".into())
}

/// What is kept of a code.
pub fn tag(code: &str) -> [u8; 32] {
    match access_code::parse_code(code) {
        access_code::ParsedCode::Code(tag) => tag,
        access_code::ParsedCode::WrongCheckSymbol | access_code::ParsedCode::NotACode => panic!("no code"),
    }
}

/// An empty form.
pub fn form(shop: &Shop) -> StartConversation<'_> {
    StartConversation {
        message: "",
        name: "",
        address: "",
        licence: "",
        subject: "",
        files: &[],
        slot: None,
        quarantined: false,
        person: None,
        settings: &shop.settings,
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
) -> inbound_mail::IncomingEmail {
    let domain = from.rsplit_once('@').expect("an address").1;
    let vouched = if verified { "pass" } else { "fail" };
    let raw = format!(
        "Authentication-Results: mx.example.org; dmarc={vouched} header.from={domain}\r\nFrom: A Writer <{from}>\r\n\
         To: {to}\r\n{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    );
    let own = inbound_mail::LocalIdentity {
        reply: shop.settings.reply.clone(),
        addresses: vec!["help@example.org".into()],
        authserv_id: Some("mx.example.org".into()),
    };
    let mut incoming = inbound_mail::parse_email(raw.as_bytes(), &own);
    // Whether the reader knows how is its own matter: here it is what the test says.
    incoming.verified = verified;
    incoming
}

impl Shop {
    /// Somebody writes on the page: number and code.
    pub async fn begin(&self, begin: &StartConversation<'_>) -> (i64, String) {
        match self.db().execute(begin).await.expect("begun") {
            Started::Started { id, code } => (id, code.to_string()),
            Started::Refused(why) => panic!("refused: {why}"),
        }
    }

    /// A customer with a licence: slot and key.
    pub async fn customer(&self, order: &str, address: &str) -> (keyring::Slot, String) {
        let key = self.keys(&self.purchase(order, crate::kit::products::EDITOR, address)).await.remove(0);
        (self.slot(address).await.unwrap(), key)
    }

    /// A mail comes in from a proved address, without a token: the thread that it begins.
    pub async fn writes(&self, from: &str, text: &str) -> i64 {
        match self.mail_in(&mail(self, from, "help@example.org", true, "Subject: Help\r\n", text)).await {
            ReceiveOutcome::New(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// A mail comes in that answers a thread.
    pub async fn answers(&self, id: i64, from: &str, verified: bool, text: &str) -> ReceiveOutcome {
        self.mail_in(&mail(self, from, &self.reply_to(id), verified, "", text)).await
    }

    /// The reply address of a thread.
    pub fn reply_to(&self, id: i64) -> String {
        format!("help+{}@example.org", self.token(id))
    }

    /// The thread as its row stands.
    pub async fn conversation(&self, id: i64) -> store::Conversation {
        self.db().read().await.unwrap().conversation(id).await.unwrap().unwrap()
    }

    /// Uploads a file of one piece or more for a message.
    pub async fn upload(&self, place: UploadTarget<'_>, name: &str, bytes: &[u8]) -> PendingFile {
        let file = self.db().execute(&StartUpload { place, n: 0, name }).await.unwrap().unwrap();
        for (n, bytes) in bytes.chunks(store::CHUNK).enumerate() {
            let n = i64::try_from(n).unwrap();
            self.db().execute(&AddChunk { file, n, bytes }).await.unwrap();
        }
        let size = i64::try_from(bytes.len()).unwrap();
        self.db().execute(&FinishUpload { file, size, kind: store::FileKind::Text }).await.unwrap();
        file
    }

    /// Everything between the rows of threads holds, and every value opens.
    pub async fn holds(&self) {
        self.check_seals().await;
        let ties = self.db().read().await.unwrap().conversation_integrity().await.unwrap();
        let astray = [
            ties.not_anonymous,
            ties.without_person,
            ties.without_action,
            ties.miscounted,
            ties.messages_astray,
            ties.files_astray,
            ties.files_broken,
            ties.chunks_astray,
            ties.access_astray,
        ];
        assert_eq!(astray, [0; 9], "{ties:?}");
    }

    /// Does a deed.
    pub async fn does<D: store::Operation>(&self, deed: D) -> D::Output {
        self.db().execute(&deed).await.expect(D::NAME)
    }

    /// Why a form is refused.
    pub async fn refused(&self, begin: &StartConversation<'_>) -> &'static str {
        match self.db().execute(begin).await.expect("answered") {
            Started::Started { .. } => panic!("not refused"),
            Started::Refused(why) => why,
        }
    }

    /// Somebody answers with their code.
    pub async fn say(&self, code: &str, message: &str) -> AnswerOutcome {
        let answer = AnswerByCode { code_hash: &tag(code), message, files: &[], quarantined: false };
        self.db().execute(&answer).await.expect("answered")
    }

    /// What a code shows.
    pub async fn look(&self, code: &str) -> Option<view::ConversationView> {
        self.db()
            .execute(&view::ViewConversation { code_hash: &tag(code), settings: &self.settings })
            .await
            .expect("a look")
    }

    /// A mail comes in.
    pub async fn mail_in(&self, incoming: &inbound_mail::IncomingEmail) -> ReceiveOutcome {
        self.db().execute(&ReceiveMail { incoming, settings: &self.settings }).await.expect("taken")
    }

    /// What staff see.
    pub async fn seen(&self, id: i64) -> Option<StaffView> {
        self.db().execute(&ViewAsStaff { id, actor: &staff() }).await.expect("a look")
    }

    /// Staff answer.
    pub async fn reply(&self, id: i64, text: &str, quote: bool) -> ReplyOutcome {
        let actor = staff();
        let (seen, force, close) = (None, false, false);
        let reply = ReplyToConversation {
            id,
            text,
            quote,
            seen,
            force,
            close,
            actor: &actor,
            settings: &self.settings,
        };
        self.db().execute(&reply).await.expect("answered")
    }

    /// Sends the letter that is due, if one is.
    pub async fn send(&self) -> Option<ClaimedEmail> {
        let letter = self.db().execute(&ClaimEmail).await.expect("a look")?;
        let outcome = DeliveryOutcome::Sent([7; 32]);
        self.db().execute(&RecordDelivery { email: &letter, outcome }).await.expect("noted");
        Some(letter)
    }

    /// The token of a thread.
    pub fn token(&self, id: i64) -> String {
        domain::conversations::reply_token(self.db().keyring(), id).expect("a token")
    }
}

impl Shop {
    /// Every letter has its cause, as the proof sees it.
    pub async fn solicited(&self) {
        let processors = domain::compliance::prove::Processors::default();
        let proof =
            domain::compliance::prove::prove(self.db(), &self.settings, &processors).await.expect("a proof");
        let finding = proof.finding(policy::promise::MAIL_SOLICITED).cloned();
        assert_eq!(finding.expect("a finding").violations, [""; 0]);
    }
}
