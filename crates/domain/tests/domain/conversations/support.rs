//! Short methods for tests of conversations.

use domain::conversations::staff::{ReplyOutcome, ReplyToConversation, StaffView, ViewAsStaff};
use domain::conversations::upload::{AddChunk, FinishUpload, PendingFile, StartUpload, UploadTarget};
use domain::conversations::{
    AnswerByCode, AnswerOutcome, MessageRefusal, ReceiveMail, ReceiveOutcome, StartConversation, Started,
    access_code, view,
};
use domain::email::{ClaimEmail, ClaimedEmail, DeliveryOutcome, RecordDelivery};
use store::ConversationId;

use crate::kit::Shop;
pub use crate::kit::staff;

/// The stored hash of an access code.
pub fn code_hash(code: &str) -> [u8; 32] {
    match access_code::parse_code(code) {
        access_code::ParsedCode::Code(hash) => hash,
        access_code::ParsedCode::WrongCheckSymbol | access_code::ParsedCode::NotACode => {
            panic!("no access code")
        }
    }
}

/// An empty form.
pub fn form(shop: &Shop) -> StartConversation<'_> {
    StartConversation::with_message("", &shop.settings)
}

/// A received mail, parsed.
pub fn mail(
    shop: &Shop,
    from: &str,
    to: &str,
    verified: bool,
    more: &str,
    text: &str,
) -> inbound_mail::IncomingEmail {
    let domain = from.rsplit_once('@').expect("an address").1;
    let dmarc_result = if verified { "pass" } else { "fail" };
    let raw = format!(
        "Authentication-Results: mx.example.org; dmarc={dmarc_result} header.from={domain}\r\nFrom: A Writer <{from}>\r\n\
         To: {to}\r\n{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    );
    let own = inbound_mail::LocalIdentity {
        reply: shop.settings.reply.clone(),
        addresses: vec!["help@example.org".into()],
        authserv_id: Some("mx.example.org".into()),
    };
    let mut incoming = inbound_mail::parse_email(raw.as_bytes(), &own);
    // The test decides about the verification; the parser has its own tests.
    incoming.verified = verified;
    incoming
}

impl Shop {
    /// Starts a conversation by form. Returns its number and access code.
    pub async fn start(&self, form: &StartConversation<'_>) -> (ConversationId, String) {
        match self.db().execute(form).await.expect("started") {
            Started::Started { id, code } => (id, code.to_string()),
            Started::Refused(why) => panic!("refused: {why:?}"),
        }
    }

    /// Adds a customer with a licence. Returns slot and key.
    pub async fn customer(&self, order: &str, address: &str) -> (keyring::Slot, String) {
        let key = self.keys(&self.purchase(order, crate::kit::products::EDITOR, address)).await.remove(0);
        (self.slot(address).await.unwrap(), key)
    }

    /// Receives a mail from a verified address without a token. Returns the number of the conversation that it starts.
    pub async fn start_by_mail(&self, from: &str, text: &str) -> ConversationId {
        match self.receive(&mail(self, from, "help@example.org", true, "Subject: Help\r\n", text)).await {
            ReceiveOutcome::New(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Receives a mail that answers a conversation.
    pub async fn answer_by_mail(
        &self,
        id: ConversationId,
        from: &str,
        verified: bool,
        text: &str,
    ) -> ReceiveOutcome {
        self.receive(&mail(self, from, &self.reply_to(id), verified, "", text)).await
    }

    /// The reply address of a conversation.
    pub fn reply_to(&self, id: ConversationId) -> String {
        format!("help+{}@example.org", self.token(id))
    }

    /// The row of a conversation.
    pub async fn conversation(&self, id: ConversationId) -> store::Conversation {
        self.db().read().await.unwrap().conversation(id).await.unwrap().unwrap()
    }

    /// Uploads a file in chunks for a message.
    pub async fn upload(&self, target: UploadTarget<'_>, name: &str, bytes: &[u8]) -> PendingFile {
        let file = self.db().execute(&StartUpload { target, n: 0, name }).await.unwrap().unwrap();
        for (n, bytes) in bytes.chunks(store::CHUNK).enumerate() {
            let n = i64::try_from(n).unwrap();
            self.db().execute(&AddChunk { file, n, bytes }).await.unwrap();
        }
        let size = i64::try_from(bytes.len()).unwrap();
        self.db().execute(&FinishUpload { file, size, kind: store::FileKind::Text }).await.unwrap();
        file
    }

    /// Checks that the rows of conversations are consistent and that every value opens.
    pub async fn check_integrity(&self) {
        self.check_seals().await;
        let integrity = self.db().read().await.unwrap().conversation_integrity().await.unwrap();
        let faults = [
            integrity.not_anonymous,
            integrity.without_person,
            integrity.without_action,
            integrity.miscounted,
            integrity.mismatched_messages,
            integrity.mismatched_files,
            integrity.incomplete_files,
            integrity.mismatched_chunks,
            integrity.mismatched_access,
        ];
        assert_eq!(faults, [0; 9], "{integrity:?}");
    }

    /// Executes an operation.
    pub async fn execute<O: store::Operation>(&self, operation: O) -> O::Output {
        self.db().execute(&operation).await.expect(O::NAME)
    }

    /// The reason for which a form is refused.
    pub async fn refusal(&self, form: &StartConversation<'_>) -> MessageRefusal {
        match self.db().execute(form).await.expect("answered") {
            Started::Started { .. } => panic!("not refused"),
            Started::Refused(why) => why,
        }
    }

    /// Adds an answer by access code.
    pub async fn answer_by_code(&self, code: &str, message: &str) -> AnswerOutcome {
        let answer = AnswerByCode { code_hash: &code_hash(code), message, files: &[], quarantined: false };
        self.db().execute(&answer).await.expect("answered")
    }

    /// The conversation as its access code shows it.
    pub async fn view_by_code(&self, code: &str) -> Option<view::ConversationView> {
        self.db()
            .execute(&view::ViewConversation { code_hash: &code_hash(code), settings: &self.settings })
            .await
            .expect("readable")
    }

    /// Receives a mail.
    pub async fn receive(&self, incoming: &inbound_mail::IncomingEmail) -> ReceiveOutcome {
        self.db().execute(&ReceiveMail { incoming, settings: &self.settings }).await.expect("received")
    }

    /// The conversation as staff see it.
    pub async fn view_as_staff(&self, id: ConversationId) -> Option<StaffView> {
        self.db().execute(&ViewAsStaff { id, actor: &staff() }).await.expect("readable")
    }

    /// Adds a reply of staff.
    pub async fn reply(&self, id: ConversationId, text: &str, quote: bool) -> ReplyOutcome {
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

    /// Sends the next e-mail of the outbox, if there is one.
    pub async fn send(&self) -> Option<ClaimedEmail> {
        let email = self.db().execute(&ClaimEmail).await.expect("readable")?;
        let outcome = DeliveryOutcome::Sent([7; 32]);
        self.db().execute(&RecordDelivery { email: &email, outcome }).await.expect("recorded");
        Some(email)
    }

    /// The reply token of a conversation.
    pub fn token(&self, id: ConversationId) -> String {
        domain::conversations::reply_token(self.db().keyring(), id).expect("a token")
    }
}

impl Shop {
    /// Checks with the proof that every e-mail has its cause.
    pub async fn check_causes(&self) {
        let processors = domain::compliance::prove::Processors::default();
        let proof =
            domain::compliance::prove::prove(self.db(), &self.settings, &processors).await.expect("a proof");
        let finding = proof.finding(policy::promise::MAIL_SOLICITED).cloned();
        assert_eq!(finding.expect("a finding").violations, []);
    }
}
