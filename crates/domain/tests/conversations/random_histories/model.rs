//! What the desk must do, in the few words of the rules.

/// Those who write. The first two are customers.
pub const ADDRESSES: [&str; 3] = ["ada@example.org", "bea@example.org", "cyd@example.org"];

/// Days after an act in which it may cause a letter.
const DAYS: i64 = 30;

/// Which way an answer of staff goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplyRoute {
    Letter,
    Code,
    Impossible,
}

#[derive(Clone, Debug, Default)]
pub struct Thread {
    id: i64,
    alive: bool,
    code: Option<String>,
    /// Somebody in it has a code.
    by_page: bool,
    /// The owner of the address wrote into it by mail.
    by_mail: bool,
    /// Day on which they last did.
    mailed: i64,
    address: Option<usize>,
    tied: Option<usize>,
    verified: bool,
    acted: i64,
    letters: u32,
    /// Day on which staff last answered.
    answered: i64,
    stopped: bool,
    /// They asked for that.
    wish: bool,
    /// Into which thread it went.
    merged: Option<i64>,
}

impl Thread {
    /// It wasn't typed on the page, or was proved since.
    fn address_is_writers(&self) -> bool {
        self.verified || !self.by_page
    }
}

#[derive(Default)]
pub struct Model {
    pub today: i64,
    conversations: Vec<Thread>,
    customers: [bool; 3],
    stopped: [bool; 3],
}

impl Model {
    pub fn new() -> Self {
        Self { customers: [true, true, false], ..Self::default() }
    }

    fn at(&self, conversation: usize) -> Option<usize> {
        (!self.conversations.is_empty()).then(|| conversation % self.conversations.len())
    }

    fn living(&self, conversation: usize) -> Option<usize> {
        self.at(conversation).filter(|at| self.conversations[*at].alive)
    }

    pub fn show(&self, conversation: usize) -> Option<&Thread> {
        self.at(conversation).map(|at| &self.conversations[at])
    }

    /// The number of a thread that is there.
    pub fn id(&self, conversation: usize) -> Option<i64> {
        self.living(conversation).map(|at| self.conversations[at].id)
    }

    /// The number of a thread that is there or was.
    pub fn ever(&self, conversation: usize) -> Option<i64> {
        self.at(conversation).map(|at| self.conversations[at].id)
    }

    /// The code of a thread that is there.
    pub fn code(&self, conversation: usize) -> Option<String> {
        self.living(conversation).and_then(|at| self.conversations[at].code.clone())
    }

    pub fn form(&mut self, id: i64, code: String, typed: Option<usize>) {
        let (acted, code) = (self.today, Some(code));
        let (alive, by_page) = (true, true);
        self.conversations.push(Thread {
            id,
            alive,
            code,
            by_page,
            address: typed,
            acted,
            ..Thread::default()
        });
    }

    /// The thread that a mail means: the one that it names, or the one into which that was merged.
    fn meant(&self, conversation: Option<usize>) -> Option<usize> {
        let mut at = self.at(conversation?)?;
        // Only the last step of a chain of merges is known to its token: each merge moves the ways along.
        while let Some(into) = self.conversations[at].merged {
            at = self.conversations.iter().position(|t| t.id == into)?;
        }
        self.conversations[at].alive.then_some(at)
    }

    /// Whether a mail with the token of a thread finds one.
    pub fn is_meant(&self, conversation: usize) -> bool {
        self.meant(Some(conversation)).is_some()
    }

    pub fn joins(&self, from: usize, verified: bool, conversation: Option<usize>) -> bool {
        let Some(at) = self.meant(conversation).filter(|_| verified) else { return false };
        match self.conversations[at].tied {
            Some(person) => person == from && self.customers[from],
            None => self.conversations[at].address == Some(from),
        }
    }

    pub fn joined(&mut self, from: usize, conversation: usize, stop: bool) {
        let at = self.meant(Some(conversation)).unwrap();
        let customer = self.customers[from];
        let conversation = &mut self.conversations[at];
        (conversation.verified, conversation.by_mail, conversation.mailed) = (true, true, self.today);
        if customer && !conversation.by_page {
            conversation.tied = Some(from);
        }
        self.proved(at, from);
        if stop {
            self.stop(at, Some(from), true);
        }
    }

    pub fn mail(&mut self, id: i64, from: usize, verified: bool, named: Option<usize>, stop: bool) {
        let tied = (verified && self.customers[from]).then_some(from);
        let meant = self.meant(named);
        let (alive, by_mail, acted, mailed) = (true, true, self.today, self.today);
        let address = Some(from);
        self.conversations.push(Thread {
            id,
            alive,
            by_mail,
            address,
            tied,
            verified,
            acted,
            mailed,
            ..Thread::default()
        });
        let at = self.conversations.len() - 1;
        if verified {
            self.proved(at, from);
        }
        let own = meant.filter(|m| {
            self.conversations[*m].tied.is_none() && self.conversations[*m].address == Some(from)
        });
        if let Some(own) = own.filter(|m| !stop && !self.conversations[*m].stopped) {
            self.conversations[own].letters = 0;
        }
        if stop {
            if let Some(own) = own {
                self.stop(own, None, true);
            }
            let named = meant.is_some_and(|m| match self.conversations[m].tied {
                Some(person) => person == from && self.customers[from],
                None => {
                    self.conversations[m].address == Some(from) && self.conversations[m].address_is_writers()
                }
            });
            self.stop(at, (verified || named).then_some(from), true);
        }
    }

    /// The owner of an address acts: no letter to it is stopped any more.
    fn proved(&mut self, at: usize, from: usize) {
        self.acts(at, true);
        for conversation in
            self.conversations.iter_mut().filter(|t| t.tied.is_none() && t.address == Some(from))
        {
            (conversation.stopped, conversation.wish) = (false, false);
        }
    }

    /// Whoever writes in a thread acts.
    fn acts(&mut self, at: usize, proved: bool) {
        let conversation = &mut self.conversations[at];
        conversation.acted = self.today;
        if proved {
            conversation.letters = 0;
        }
        // What was asked for is lifted only by who is proved.
        conversation.stopped &= conversation.wish;
        if let Some(person) = conversation.tied {
            self.stopped[person] = false;
            for conversation in self.conversations.iter_mut().filter(|t| t.tied == Some(person)) {
                (conversation.stopped, conversation.wish) = (false, false);
            }
        }
    }

    fn stop(&mut self, at: usize, spread: Option<usize>, wish: bool) {
        self.conversations[at].stopped = true;
        self.conversations[at].wish |= wish;
        let Some(to) = spread else { return };
        self.stopped[to] = self.customers[to];
        for conversation in &mut self.conversations {
            let same = if conversation.tied.is_some() { conversation.tied } else { conversation.address };
            conversation.stopped |= same == Some(to);
            conversation.wish |= wish && same == Some(to);
        }
    }

    pub fn bounced(&mut self, conversation: usize) {
        let at = self.meant(Some(conversation)).unwrap();
        let own = self.conversations[at].address_is_writers();
        let to = self.conversations[at].tied.or(self.conversations[at].address.filter(|_| own));
        self.stop(at, to, false);
    }

    pub fn says(&mut self, conversation: usize) {
        let at = self.living(conversation).unwrap();
        self.acts(at, self.conversations[at].tied.is_some());
    }

    pub fn asks_for_page(&mut self, actor: usize) {
        self.stopped[actor] = false;
    }

    fn may_be_written_to(&self, at: usize) -> bool {
        let t = &self.conversations[at];
        let person_stopped = t.tied.is_some_and(|p| self.stopped[p]);
        !t.stopped && !person_stopped && self.today - t.acted <= DAYS
    }

    /// What an answer of staff does now.
    pub fn replied(&mut self, conversation: usize) -> ReplyRoute {
        let at = self.living(conversation).unwrap();
        let t = &self.conversations[at];
        let known = t.tied.is_some() || t.address.is_some();
        let by_page = t.by_page;
        if known && self.may_be_written_to(at) && (t.verified || self.may_get_one(at)) {
            (self.conversations[at].letters, self.conversations[at].answered) =
                (self.conversations[at].letters + 1, self.today);
            ReplyRoute::Letter
        } else if by_page {
            self.conversations[at].answered = self.today;
            ReplyRoute::Code
        } else {
            ReplyRoute::Impossible
        }
    }

    /// Whether an address that nobody proved may get a letter: it had none of late, and nobody wanted none.
    fn may_get_one(&self, at: usize) -> bool {
        let address = self.conversations[at].address;
        let written = |t: &Thread| !t.verified && t.letters > 0 && self.today - t.answered <= DAYS;
        let alike = |t: &&Thread| t.alive && t.tied.is_none() && t.address == address;
        let stopped = |t: &Thread| t.stopped && t.address_is_writers() && (t.verified || t.letters > 0);
        let person = address.is_some_and(|a| self.customers[a] && self.stopped[a]);
        !person
            && !written(&self.conversations[at])
            && !self.conversations.iter().filter(alike).any(|t| written(t) || stopped(t))
    }

    pub fn may_resend(&self, conversation: usize) -> bool {
        self.living(conversation)
            .is_some_and(|at| self.conversations[at].tied.is_some() && self.may_be_written_to(at))
    }

    pub fn gives(&mut self, conversation: usize, address: usize) -> bool {
        let at = self.living(conversation).unwrap();
        let t = &mut self.conversations[at];
        let may = t.tied.is_some() || !t.by_mail;
        if may {
            t.address = Some(address);
        }
        may
    }

    pub fn ties(&mut self, conversation: usize, person: usize) -> bool {
        let at = self.living(conversation).unwrap();
        let t = &mut self.conversations[at];
        let may = match t.tied {
            Some(other) => other == person,
            None => !t.by_mail || (t.verified && t.address == Some(person)),
        };
        if may {
            (t.tied, t.verified) = (Some(person), true);
        }
        may
    }

    pub fn merges(&mut self, conversation: usize, into: usize) -> bool {
        let (Some(from), Some(to)) = (self.living(conversation), self.living(into)) else { return false };
        let (a, b) = (self.conversations[from].clone(), &mut self.conversations[to]);
        let one_person = a.tied.is_some() && a.tied == b.tied;
        let nobodys = a.tied.is_none() && b.tied.is_none();
        let one_address =
            nobodys && a.verified && b.verified && a.address.is_some() && a.address == b.address;
        if from == to || !(one_person || one_address) {
            return false;
        }
        if a.acted > b.acted {
            (b.acted, b.letters) = (a.acted, a.letters);
        }
        if !b.stopped {
            (b.stopped, b.wish) = (a.stopped, a.wish);
        }
        b.by_page |= a.by_page;
        b.by_mail |= a.by_mail;
        b.mailed = b.mailed.max(a.mailed);
        let id = b.id;
        self.conversations[from].alive = false;
        self.conversations[from].merged = Some(id);
        true
    }

    pub fn erases_thread(&mut self, conversation: usize) {
        let at = self.living(conversation).unwrap();
        let conversation = &mut self.conversations[at];
        if conversation.tied.is_none() && conversation.by_mail {
            // What came by mail isn't the code's to erase.
            (conversation.code, conversation.by_page, conversation.acted) =
                (None, false, conversation.mailed);
        } else {
            conversation.alive = false;
        }
    }

    pub fn erases_person(&mut self, actor: usize) {
        if !self.customers[actor] {
            return;
        }
        (self.customers[actor], self.stopped[actor]) = (false, false);
        for conversation in &mut self.conversations {
            let same = if conversation.tied.is_some() { conversation.tied } else { conversation.address };
            conversation.alive &= same != Some(actor);
        }
    }

    /// To whom a letter about a thread goes.
    pub fn recipient(&self, id: i64) -> &'static str {
        let conversation = self.conversations.iter().find(|t| t.id == id).expect("a thread of the history");
        assert!(conversation.alive);
        ADDRESSES[conversation.tied.or(conversation.address).expect("somebody to write to")]
    }
}
