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
    Nowhere,
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
    fn has_own_address(&self) -> bool {
        self.verified || !self.by_page
    }
}

#[derive(Default)]
pub struct Model {
    pub today: i64,
    threads: Vec<Thread>,
    customers: [bool; 3],
    stopped: [bool; 3],
}

impl Model {
    pub fn new() -> Self {
        Self { customers: [true, true, false], ..Self::default() }
    }

    fn at(&self, thread: usize) -> Option<usize> {
        (!self.threads.is_empty()).then(|| thread % self.threads.len())
    }

    fn living(&self, thread: usize) -> Option<usize> {
        self.at(thread).filter(|at| self.threads[*at].alive)
    }

    pub fn show(&self, thread: usize) -> Option<&Thread> {
        self.at(thread).map(|at| &self.threads[at])
    }

    /// The number of a thread that is there.
    pub fn id(&self, thread: usize) -> Option<i64> {
        self.living(thread).map(|at| self.threads[at].id)
    }

    /// The number of a thread that is there or was.
    pub fn ever(&self, thread: usize) -> Option<i64> {
        self.at(thread).map(|at| self.threads[at].id)
    }

    /// The code of a thread that is there.
    pub fn code(&self, thread: usize) -> Option<String> {
        self.living(thread).and_then(|at| self.threads[at].code.clone())
    }

    pub fn form(&mut self, id: i64, code: String, typed: Option<usize>) {
        let (acted, code) = (self.today, Some(code));
        let (alive, by_page) = (true, true);
        self.threads.push(Thread { id, alive, code, by_page, address: typed, acted, ..Thread::default() });
    }

    /// The thread that a mail means: the one that it names, or the one into which that was merged.
    fn meant(&self, thread: Option<usize>) -> Option<usize> {
        let mut at = self.at(thread?)?;
        // Only the last step of a chain of merges is known to its token: each merge moves the ways along.
        while let Some(into) = self.threads[at].merged {
            at = self.threads.iter().position(|t| t.id == into)?;
        }
        self.threads[at].alive.then_some(at)
    }

    /// Whether a mail with the token of a thread finds one.
    pub fn is_meant(&self, thread: usize) -> bool {
        self.meant(Some(thread)).is_some()
    }

    pub fn joins(&self, from: usize, verified: bool, thread: Option<usize>) -> bool {
        let Some(at) = self.meant(thread).filter(|_| verified) else { return false };
        match self.threads[at].tied {
            Some(person) => person == from && self.customers[from],
            None => self.threads[at].address == Some(from),
        }
    }

    pub fn joined(&mut self, from: usize, thread: usize, stop: bool) {
        let at = self.meant(Some(thread)).unwrap();
        let customer = self.customers[from];
        let thread = &mut self.threads[at];
        (thread.verified, thread.by_mail, thread.mailed) = (true, true, self.today);
        if customer && !thread.by_page {
            thread.tied = Some(from);
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
        self.threads.push(Thread {
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
        let at = self.threads.len() - 1;
        if verified {
            self.proved(at, from);
        }
        let own = meant.filter(|m| self.threads[*m].tied.is_none() && self.threads[*m].address == Some(from));
        if let Some(own) = own.filter(|m| !stop && !self.threads[*m].stopped) {
            self.threads[own].letters = 0;
        }
        if stop {
            if let Some(own) = own {
                self.stop(own, None, true);
            }
            let named = meant.is_some_and(|m| match self.threads[m].tied {
                Some(person) => person == from && self.customers[from],
                None => self.threads[m].address == Some(from) && self.threads[m].has_own_address(),
            });
            self.stop(at, (verified || named).then_some(from), true);
        }
    }

    /// The owner of an address acts: no letter to it is stopped any more.
    fn proved(&mut self, at: usize, from: usize) {
        self.acts(at, true);
        for thread in self.threads.iter_mut().filter(|t| t.tied.is_none() && t.address == Some(from)) {
            (thread.stopped, thread.wish) = (false, false);
        }
    }

    /// Whoever writes in a thread acts.
    fn acts(&mut self, at: usize, proved: bool) {
        let thread = &mut self.threads[at];
        thread.acted = self.today;
        if proved {
            thread.letters = 0;
        }
        // What was asked for is lifted only by who is proved.
        thread.stopped &= thread.wish;
        if let Some(person) = thread.tied {
            self.stopped[person] = false;
            for thread in self.threads.iter_mut().filter(|t| t.tied == Some(person)) {
                (thread.stopped, thread.wish) = (false, false);
            }
        }
    }

    fn stop(&mut self, at: usize, spread: Option<usize>, wish: bool) {
        self.threads[at].stopped = true;
        self.threads[at].wish |= wish;
        let Some(to) = spread else { return };
        self.stopped[to] = self.customers[to];
        for thread in &mut self.threads {
            let same = if thread.tied.is_some() { thread.tied } else { thread.address };
            thread.stopped |= same == Some(to);
            thread.wish |= wish && same == Some(to);
        }
    }

    pub fn bounced(&mut self, thread: usize) {
        let at = self.meant(Some(thread)).unwrap();
        let own = self.threads[at].has_own_address();
        let to = self.threads[at].tied.or(self.threads[at].address.filter(|_| own));
        self.stop(at, to, false);
    }

    pub fn says(&mut self, thread: usize) {
        let at = self.living(thread).unwrap();
        self.acts(at, self.threads[at].tied.is_some());
    }

    pub fn asks_for_page(&mut self, who: usize) {
        self.stopped[who] = false;
    }

    fn may_be_written_to(&self, at: usize) -> bool {
        let t = &self.threads[at];
        let person_stopped = t.tied.is_some_and(|p| self.stopped[p]);
        !t.stopped && !person_stopped && self.today - t.acted <= DAYS
    }

    /// What an answer of staff does now.
    pub fn replied(&mut self, thread: usize) -> ReplyRoute {
        let at = self.living(thread).unwrap();
        let t = &self.threads[at];
        let known = t.tied.is_some() || t.address.is_some();
        let by_page = t.by_page;
        if known && self.may_be_written_to(at) && (t.verified || self.may_get_one(at)) {
            (self.threads[at].letters, self.threads[at].answered) =
                (self.threads[at].letters + 1, self.today);
            ReplyRoute::Letter
        } else if by_page {
            self.threads[at].answered = self.today;
            ReplyRoute::Code
        } else {
            ReplyRoute::Nowhere
        }
    }

    /// Whether an address that nobody proved may get a letter: it had none of late, and nobody wanted none.
    fn may_get_one(&self, at: usize) -> bool {
        let address = self.threads[at].address;
        let written = |t: &Thread| !t.verified && t.letters > 0 && self.today - t.answered <= DAYS;
        let alike = |t: &&Thread| t.alive && t.tied.is_none() && t.address == address;
        let stopped = |t: &Thread| t.stopped && t.has_own_address() && (t.verified || t.letters > 0);
        let person = address.is_some_and(|a| self.customers[a] && self.stopped[a]);
        !person
            && !written(&self.threads[at])
            && !self.threads.iter().filter(alike).any(|t| written(t) || stopped(t))
    }

    pub fn may_resend(&self, thread: usize) -> bool {
        self.living(thread).is_some_and(|at| self.threads[at].tied.is_some() && self.may_be_written_to(at))
    }

    pub fn gives(&mut self, thread: usize, address: usize) -> bool {
        let at = self.living(thread).unwrap();
        let t = &mut self.threads[at];
        let may = t.tied.is_some() || !t.by_mail;
        if may {
            t.address = Some(address);
        }
        may
    }

    pub fn ties(&mut self, thread: usize, person: usize) -> bool {
        let at = self.living(thread).unwrap();
        let t = &mut self.threads[at];
        let may = match t.tied {
            Some(other) => other == person,
            None => !t.by_mail || (t.verified && t.address == Some(person)),
        };
        if may {
            (t.tied, t.verified) = (Some(person), true);
        }
        may
    }

    pub fn merges(&mut self, thread: usize, into: usize) -> bool {
        let (Some(from), Some(to)) = (self.living(thread), self.living(into)) else { return false };
        let (a, b) = (self.threads[from].clone(), &mut self.threads[to]);
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
        self.threads[from].alive = false;
        self.threads[from].merged = Some(id);
        true
    }

    pub fn erases_thread(&mut self, thread: usize) {
        let at = self.living(thread).unwrap();
        let thread = &mut self.threads[at];
        if thread.tied.is_none() && thread.by_mail {
            // What came by mail isn't the code's to erase.
            (thread.code, thread.by_page, thread.acted) = (None, false, thread.mailed);
        } else {
            thread.alive = false;
        }
    }

    pub fn erases_person(&mut self, who: usize) {
        if !self.customers[who] {
            return;
        }
        (self.customers[who], self.stopped[who]) = (false, false);
        for thread in &mut self.threads {
            let same = if thread.tied.is_some() { thread.tied } else { thread.address };
            thread.alive &= same != Some(who);
        }
    }

    /// To whom a letter about a thread goes.
    pub fn recipient(&self, id: i64) -> &'static str {
        let thread = self.threads.iter().find(|t| t.id == id).expect("a thread of the history");
        assert!(thread.alive);
        ADDRESSES[thread.tied.or(thread.address).expect("somebody to write to")]
    }
}
