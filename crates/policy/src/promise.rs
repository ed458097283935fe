//! The vendor's public promises.

use std::fmt;

/// A promise that the vendor makes in public.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Promise {
    /// The id of the promise in code, proof, privacy page and tests.
    pub id: &'static str,
    /// What is promised, in one sentence for the people concerned.
    pub says: &'static str,
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

macro_rules! promises {
    ($($name:ident = $id:literal, $says:literal;)*) => {
        $(#[doc = $says] pub const $name: Promise = Promise { id: $id, says: $says };)*
        /// All promises, in the order of the privacy page.
        pub const ALL: &[Promise] = &[$($name),*];
    };
}

promises! {
    CONTACT_VOLUNTARY = "contact.voluntary", "We take contact details only when you choose to give them.";
    CONTACT_ADMINISTRATIVE = "contact.administrative", "We use them to answer you and to administer your purchase, and for nothing else.";
    CONTACT_UNSHARED = "contact.unshared", "We give them to no partner and to no third party.";
    CONTACT_ANONYMOUS = "contact.anonymous", "A general question needs nothing about you at all.";
    PAYMENT_DIRECT = "payment.direct", "Your payment details go from you to the payment provider directly, encrypted; we never see them.";
    PAYMENT_PARTIAL = "payment.partial", "The provider tells us your contact details and a small part of the payment details, such as the last four digits.";
    DETAILS_LICENCE = "details.licence", "We use these to issue the software licence that you bought.";
    DETAILS_SUPPORT = "details.support", "Afterwards we keep them for supporting you only, as long as there is something to support.";
    DETAILS_SECURE = "details.secure", "We keep them sealed, each person's under a key of their own that lies apart from the database.";
    ERASURE_REQUEST = "erasure.request", "You can have everything that we hold about you deleted, backups included.";
    ERASURE_AGREEMENT = "erasure.agreement", "We first tell you what will become impossible, and delete only if you agree.";
    ERASURE_LICENCE_SURVIVES = "erasure.licence-survives", "Your licence goes on working as before.";
    ERASURE_UNIDENTIFIABLE = "erasure.unidentifiable", "Afterwards we cannot know that you were a customer, so whatever needs your purchase cannot be had any more.";
    MAIL_SOLICITED = "mail.solicited", "We send no mail that you did not cause yourself, and no marketing, ever.";
    VISITORS_GENERAL = "visitors.general", "We count visits to our website in general, for a broad picture.";
    VISITORS_UNIDENTIFIABLE = "visitors.unidentifiable", "These counts cannot identify any particular person.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promise_has_an_id_of_its_own() {
        let mut ids: Vec<_> = ALL.iter().map(|p| p.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 16);
    }
}
