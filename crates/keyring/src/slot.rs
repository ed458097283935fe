//! Slots: the numbers of the keys under which values are sealed.

#[cfg(test)]
mod tests;

/// The number of a key in the keyring. A person, a conversation, an index bucket and a year of tombstones each
/// have their own slot. A slot is never reused. Forgetting it makes everything sealed under it unreadable for
/// ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Slot(pub u64);

impl Slot {
    /// Key of the HMAC of the blind index.
    pub const INDEX: Slot = Slot(1);
    /// Key of the hash chain of the audit log.
    pub const AUDIT_LOG: Slot = Slot(2);
    /// Key under which the licence signing keys are sealed.
    pub const SIGNING: Slot = Slot(3);
    /// Key of tags that must never be forgotten.
    pub const TAGS: Slot = Slot(4);
    /// Key under which e-mails are sealed that belong to no person.
    pub const EMAILS: Slot = Slot(5);
    /// First slot that is leased and allocated. The slots below are fixed.
    pub const FIRST_ALLOCATED: Slot = Slot(1 << 16);
    /// The last slot: slots fit a signed 64-bit column.
    pub const LAST: Slot = Slot(i64::MAX as u64);

    const YEARS: u64 = 4096;

    /// The slot of a year's tombstone key. Years before 2000 share the first, years after 9999 the last.
    #[must_use]
    pub const fn year(year: i32) -> Slot {
        let y = if year < 2000 {
            2000
        } else if year > 9999 {
            9999
        } else {
            year
        };
        Slot(Self::YEARS + (y - 2000) as u64)
    }

    /// The year whose tombstone key this slot is.
    pub(crate) fn as_year(self) -> Option<i32> {
        let y = self.0.checked_sub(Self::YEARS)?;
        (y < 8000).then_some(2000 + y as i32)
    }

    /// Tells whether the slot may be forgotten. The program's own keys may not: losing them would erase no
    /// person.
    pub(crate) fn is_erasable(self) -> bool {
        self.as_year().is_some() || (self >= Self::FIRST_ALLOCATED && self <= Self::LAST)
    }

    /// The path from the root: base-128 digits, most significant first, 1 to 9 of them. The number of digits
    /// chooses the tree, so low slots have short paths.
    pub(crate) fn digits(self) -> Digits {
        let mut digits = [0u8; Digits::MAX];
        let mut rest = self.0;
        let mut at = Digits::MAX;
        loop {
            at -= 1;
            digits[at] = (rest & 127) as u8;
            rest >>= 7;
            if rest == 0 {
                return Digits { digits, from: at };
            }
        }
    }
}

/// The digits of a slot.
pub(crate) struct Digits {
    digits: [u8; Digits::MAX],
    from: usize,
}

impl Digits {
    /// ceil(64 / 7).
    pub(crate) const MAX: usize = 10;

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.digits[self.from..]
    }

    /// Index of the tree in the top record.
    pub(crate) fn tree(&self) -> usize {
        self.as_slice().len() - 1
    }
}
