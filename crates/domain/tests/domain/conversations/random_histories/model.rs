//! A small model of the rules for e-mails and conversations.

use store::ConversationId;

/// The addresses of the persons who write. The first two are customers.
pub const ADDRESSES: [&str; 3] = ["ada@example.org", "bea@example.org", "cyd@example.org"];

/// How many days after an action it may cause an e-mail.
const DAYS: i64 = 30;

/// How a reply of staff reaches the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplyRoute {
    Email,
    Code,
    Impossible,
}

#[derive(Clone, Debug)]
pub struct ModelConversation {
    id: ConversationId,
    exists: bool,
    code: Option<String>,
    /// A person reads it by access code.
    by_code: bool,
    /// The verified owner of the address wrote to it by mail.
    by_mail: bool,
    /// The day of the last such mail.
    last_mail_day: i64,
    address: Option<usize>,
    linked: Option<usize>,
    verified: bool,
    last_action: i64,
    emails: u32,
    /// The day of the last reply of staff.
    last_reply_day: i64,
    suppressed: bool,
    /// The owner of the address asked for the suppression.
    requested: bool,
    /// The conversation into which it was merged.
    merged: Option<ConversationId>,
}

impl ModelConversation {
    fn new(id: ConversationId) -> Self {
        Self {
            id,
            exists: false,
            code: None,
            by_code: false,
            by_mail: false,
            last_mail_day: 0,
            address: None,
            linked: None,
            verified: false,
            last_action: 0,
            emails: 0,
            last_reply_day: 0,
            suppressed: false,
            requested: false,
            merged: None,
        }
    }
}

impl ModelConversation {
    /// Tells whether the address comes from a mail or was verified.
    fn address_is_senders(&self) -> bool {
        self.verified || !self.by_code
    }
}

#[derive(Default)]
pub struct Model {
    pub today: i64,
    conversations: Vec<ModelConversation>,
    customers: [bool; 3],
    suppressed: [bool; 3],
}

impl Model {
    pub fn new() -> Self {
        Self { customers: [true, true, false], ..Self::default() }
    }

    fn at(&self, conversation: usize) -> Option<usize> {
        (!self.conversations.is_empty()).then(|| conversation % self.conversations.len())
    }

    fn existing(&self, conversation: usize) -> Option<usize> {
        self.at(conversation).filter(|at| self.conversations[*at].exists)
    }

    pub fn show(&self, conversation: usize) -> Option<&ModelConversation> {
        self.at(conversation).map(|at| &self.conversations[at])
    }

    /// The number of an existing conversation.
    pub fn id(&self, conversation: usize) -> Option<ConversationId> {
        self.existing(conversation).map(|at| self.conversations[at].id)
    }

    /// The number of a conversation, even if it is erased.
    pub fn id_of_any(&self, conversation: usize) -> Option<ConversationId> {
        self.at(conversation).map(|at| self.conversations[at].id)
    }

    /// The access code of an existing conversation.
    pub fn code(&self, conversation: usize) -> Option<String> {
        self.existing(conversation).and_then(|at| self.conversations[at].code.clone())
    }

    pub fn form(&mut self, id: ConversationId, code: String, typed: Option<usize>) {
        let (last_action, code) = (self.today, Some(code));
        let (exists, by_code) = (true, true);
        self.conversations.push(ModelConversation {
            exists,
            code,
            by_code,
            address: typed,
            last_action,
            ..ModelConversation::new(id)
        });
    }

    /// The conversation that the token of a mail leads to, after all merges.
    fn target(&self, conversation: Option<usize>) -> Option<usize> {
        let mut at = self.at(conversation?)?;
        // Each merge moves the tokens too, so follow the whole chain of merges.
        while let Some(into) = self.conversations[at].merged {
            at = self.conversations.iter().position(|t| t.id == into)?;
        }
        self.conversations[at].exists.then_some(at)
    }

    /// Tells whether the token of a conversation still leads to one.
    pub fn has_target(&self, conversation: usize) -> bool {
        self.target(Some(conversation)).is_some()
    }

    pub fn joins(&self, from: usize, verified: bool, conversation: Option<usize>) -> bool {
        let Some(at) = self.target(conversation).filter(|_| verified) else { return false };
        match self.conversations[at].linked {
            Some(person) => person == from && self.customers[from],
            None => self.conversations[at].address == Some(from),
        }
    }

    pub fn joined(&mut self, from: usize, conversation: usize, stop: bool) {
        let at = self.target(Some(conversation)).unwrap();
        let customer = self.customers[from];
        let conversation = &mut self.conversations[at];
        (conversation.verified, conversation.by_mail, conversation.last_mail_day) = (true, true, self.today);
        if customer && !conversation.by_code {
            conversation.linked = Some(from);
        }
        self.verified_action(at, from);
        if stop {
            self.stop(at, Some(from), true);
        }
    }

    pub fn mail(
        &mut self,
        id: ConversationId,
        from: usize,
        verified: bool,
        named: Option<usize>,
        stop: bool,
    ) {
        let linked = (verified && self.customers[from]).then_some(from);
        let target = self.target(named);
        let (exists, by_mail, last_action, last_mail_day) = (true, true, self.today, self.today);
        let address = Some(from);
        self.conversations.push(ModelConversation {
            exists,
            by_mail,
            address,
            linked,
            verified,
            last_action,
            last_mail_day,
            ..ModelConversation::new(id)
        });
        let at = self.conversations.len() - 1;
        if verified {
            self.verified_action(at, from);
        }
        let own = target.filter(|m| {
            self.conversations[*m].linked.is_none() && self.conversations[*m].address == Some(from)
        });
        if let Some(own) = own.filter(|m| !stop && !self.conversations[*m].suppressed) {
            self.conversations[own].emails = 0;
        }
        if stop {
            if let Some(own) = own {
                self.stop(own, None, true);
            }
            let named = target.is_some_and(|m| match self.conversations[m].linked {
                Some(person) => person == from && self.customers[from],
                None => {
                    self.conversations[m].address == Some(from) && self.conversations[m].address_is_senders()
                }
            });
            self.stop(at, (verified || named).then_some(from), true);
        }
    }

    /// The verified owner of an address acts, which ends its suppression.
    fn verified_action(&mut self, at: usize, from: usize) {
        self.record_action(at, true);
        for conversation in
            self.conversations.iter_mut().filter(|t| t.linked.is_none() && t.address == Some(from))
        {
            (conversation.suppressed, conversation.requested) = (false, false);
        }
    }

    /// A message in a conversation is an action.
    fn record_action(&mut self, at: usize, verified_action: bool) {
        let conversation = &mut self.conversations[at];
        conversation.last_action = self.today;
        if verified_action {
            conversation.emails = 0;
        }
        // Only the verified owner ends a suppression that they asked for.
        conversation.suppressed &= conversation.requested;
        if let Some(person) = conversation.linked {
            self.suppressed[person] = false;
            for conversation in self.conversations.iter_mut().filter(|t| t.linked == Some(person)) {
                (conversation.suppressed, conversation.requested) = (false, false);
            }
        }
    }

    fn stop(&mut self, at: usize, spread: Option<usize>, requested: bool) {
        self.conversations[at].suppressed = true;
        self.conversations[at].requested |= requested;
        let Some(to) = spread else { return };
        self.suppressed[to] = self.customers[to];
        for conversation in &mut self.conversations {
            let owner =
                if conversation.linked.is_some() { conversation.linked } else { conversation.address };
            conversation.suppressed |= owner == Some(to);
            conversation.requested |= requested && owner == Some(to);
        }
    }

    pub fn bounced(&mut self, conversation: usize) {
        let at = self.target(Some(conversation)).unwrap();
        let own = self.conversations[at].address_is_senders();
        let to = self.conversations[at].linked.or(self.conversations[at].address.filter(|_| own));
        self.stop(at, to, false);
    }

    pub fn answer_by_code(&mut self, conversation: usize) {
        let at = self.existing(conversation).unwrap();
        self.record_action(at, self.conversations[at].linked.is_some());
    }

    pub fn request_magic_link(&mut self, actor: usize) {
        self.suppressed[actor] = false;
    }

    fn may_get_email(&self, at: usize) -> bool {
        let t = &self.conversations[at];
        let person_suppressed = t.linked.is_some_and(|p| self.suppressed[p]);
        !t.suppressed && !person_suppressed && self.today - t.last_action <= DAYS
    }

    /// Applies a reply of staff and returns its route.
    pub fn replied(&mut self, conversation: usize) -> ReplyRoute {
        let at = self.existing(conversation).unwrap();
        let t = &self.conversations[at];
        let known = t.linked.is_some() || t.address.is_some();
        let by_code = t.by_code;
        if known && self.may_get_email(at) && (t.verified || self.may_get_first_email(at)) {
            (self.conversations[at].emails, self.conversations[at].last_reply_day) =
                (self.conversations[at].emails + 1, self.today);
            ReplyRoute::Email
        } else if by_code {
            self.conversations[at].last_reply_day = self.today;
            ReplyRoute::Code
        } else {
            ReplyRoute::Impossible
        }
    }

    /// Tells whether an unverified address may get an e-mail: it had none recently and is not suppressed.
    fn may_get_first_email(&self, at: usize) -> bool {
        let address = self.conversations[at].address;
        let written =
            |t: &ModelConversation| !t.verified && t.emails > 0 && self.today - t.last_reply_day <= DAYS;
        let alike = |t: &&ModelConversation| t.exists && t.linked.is_none() && t.address == address;
        let suppressed =
            |t: &ModelConversation| t.suppressed && t.address_is_senders() && (t.verified || t.emails > 0);
        let person = address.is_some_and(|a| self.customers[a] && self.suppressed[a]);
        !person
            && !written(&self.conversations[at])
            && !self.conversations.iter().filter(alike).any(|t| written(t) || suppressed(t))
    }

    pub fn may_resend(&self, conversation: usize) -> bool {
        self.existing(conversation)
            .is_some_and(|at| self.conversations[at].linked.is_some() && self.may_get_email(at))
    }

    pub fn give(&mut self, conversation: usize, address: usize) -> bool {
        let at = self.existing(conversation).unwrap();
        let t = &mut self.conversations[at];
        let may = t.linked.is_some() || !t.by_mail;
        if may {
            t.address = Some(address);
        }
        may
    }

    pub fn link(&mut self, conversation: usize, person: usize) -> bool {
        let at = self.existing(conversation).unwrap();
        let t = &mut self.conversations[at];
        let may = match t.linked {
            Some(other) => other == person,
            None => !t.by_mail || (t.verified && t.address == Some(person)),
        };
        if may {
            (t.linked, t.verified) = (Some(person), true);
        }
        may
    }

    pub fn merge(&mut self, conversation: usize, into: usize) -> bool {
        let (Some(from), Some(to)) = (self.existing(conversation), self.existing(into)) else { return false };
        let (a, b) = (self.conversations[from].clone(), &mut self.conversations[to]);
        let one_person = a.linked.is_some() && a.linked == b.linked;
        let both_unlinked = a.linked.is_none() && b.linked.is_none();
        let one_address =
            both_unlinked && a.verified && b.verified && a.address.is_some() && a.address == b.address;
        if from == to || !(one_person || one_address) {
            return false;
        }
        if a.last_action > b.last_action {
            (b.last_action, b.emails) = (a.last_action, a.emails);
        }
        if !b.suppressed {
            (b.suppressed, b.requested) = (a.suppressed, a.requested);
        }
        b.by_code |= a.by_code;
        b.by_mail |= a.by_mail;
        b.last_mail_day = b.last_mail_day.max(a.last_mail_day);
        let id = b.id;
        self.conversations[from].exists = false;
        self.conversations[from].merged = Some(id);
        true
    }

    pub fn erase_conversation(&mut self, conversation: usize) {
        let at = self.existing(conversation).unwrap();
        let conversation = &mut self.conversations[at];
        if conversation.linked.is_none() && conversation.by_mail {
            // The code does not erase messages that came by mail.
            (conversation.code, conversation.by_code, conversation.last_action) =
                (None, false, conversation.last_mail_day);
        } else {
            conversation.exists = false;
        }
    }

    pub fn erase_person(&mut self, actor: usize) {
        if !self.customers[actor] {
            return;
        }
        (self.customers[actor], self.suppressed[actor]) = (false, false);
        for conversation in &mut self.conversations {
            let owner =
                if conversation.linked.is_some() { conversation.linked } else { conversation.address };
            conversation.exists &= owner != Some(actor);
        }
    }

    /// The recipient of an e-mail about a conversation.
    pub fn recipient(&self, id: ConversationId) -> &'static str {
        let conversation =
            self.conversations.iter().find(|t| t.id == id).expect("a conversation of the history");
        assert!(conversation.exists);
        ADDRESSES[conversation.linked.or(conversation.address).expect("an address")]
    }
}
