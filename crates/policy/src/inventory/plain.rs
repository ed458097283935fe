//! The columns stored in clear. None of them holds a value about a person.

use super::{Column, Holds};

macro_rules! plain {
    ($($table:ident { $($column:ident $holds:ident $description:literal;)* })*) => {
        /// Every column stored in clear.
        pub const PLAIN: &[Column] = &[$($(Column {
            table: stringify!($table), column: stringify!($column), holds: Holds::$holds,
            description: $description, opens_for: &[],
        }),*),*];
    };
}

plain! {
    meta {
        name Plain "Name of the fact.";
        value Plain "The fact, such as schema version, store id, highest keyring epoch, or revision of conversations.";
    }
    product {
        id Plain "Our product number; one byte of every licence key.";
        provider_id Plain "The payment provider's product number.";
        name Plain "Name in e-mails and on pages.";
        kind Plain "Licence model: perpetual, subscription or trial.";
        seats Plain "Seats for each unit; 0 if the order's quantity is the number of seats.";
        keys Plain "One key for the order, or one for each unit.";
        updates_months Plain "Months of updates, or of one charge; 0 for no end.";
        edition Plain "Edition number in keys.";
        renewal_discount Plain "Percent off for a renewal.";
        window_before Plain "Days before the end of updates from which a renewal is offered.";
        window_after Plain "Days after the end of updates until which a renewal is offered.";
        grace_days Plain "Days that a subscription's key stays valid after the paid time.";
        hold_discounts Plain "1 if an order with an unproved discount is put on hold.";
        prints_company Plain "1 if the product prints the company's name, so the name is kept.";
    }
    signing_key {
        id Plain "Number of the signing key in licence keys, 0 to 15.";
        slot Pseudonym "The key slot under which the secret half is sealed.";
        public Plain "The public half.";
        state Plain "current or retired.";
        since_day Plain "Day on which it was created.";
    }
    person {
        slot Pseudonym "The person's key slot.";
        since_day Plain "Day of the first notification.";
        ended_day Plain "Day on which the last licence ended; 0 while a licence is valid.";
        erase_day Plain "Day on which an agreed erasure is due; 0 for none.";
        suppression Plain "Why e-mails are suppressed until the person's next action: bounce, complaint or stop.";
    }
    orders {
        id Pseudonym "Random row number.";
        slot Pseudonym "The buyer's key slot.";
        product Plain "Our product number.";
        quantity Plain "Number of units in the first notification.";
        placed_day Plain "Day of the order.";
        test Plain "1 for a test order.";
        payment_status Plain "pending, paid, refunded, charged back, declined or on hold.";
        flag Plain "Why staff should review the order, such as a discount without a renewal.";
    }
    pending_order {
        id Pseudonym "Random row number.";
        slot Pseudonym "The buyer's key slot.";
        provider_id Plain "The provider's product number, which the store does not know yet.";
        arrival Plain "Position in the order of arrival.";
        day Plain "Day of arrival.";
    }
    processed_notification {
        tag Tag "Keyed hash of the notification.";
        year Plain "Year of the hash key.";
    }
    early_notification {
        tag Tag "Keyed hash of the order item.";
        year Plain "Year of the hash key.";
    }
    licence {
        serial Plain "Random licence number.";
        product Plain "Our product number.";
        kind Plain "Licence model: perpetual, subscription or trial.";
        edition Plain "Edition number.";
        seats Plain "Number of seats.";
        grace_days Plain "The product's grace days at the time of issue.";
        state Plain "active, suspended, ended, revoked or on hold; derived from the terms.";
        until_day Plain "Last day of updates or of the paid time; 0 for no end; derived from the terms.";
        suspended Plain "1 while the subscription is suspended.";
        terminated Plain "1 if the subscription ends on the day it is paid until.";
        finished_day Plain "Day on which the subscription finished.";
        revoked Plain "1 if staff revoked the licence.";
        issued_day Plain "Day of issue.";
        current_key Plain "Payload of the current key, without signature.";
    }
    term {
        serial Plain "The licence.";
        number Plain "Number of the term.";
        kind Plain "purchase, charge, renewal or manual.";
        placed_day Plain "Day of the order that gave the term.";
        months Plain "Length in months.";
        until_day Plain "Day that the term is paid until, if the provider names one.";
        payment_status Plain "paid, refunded, charged back, declined or on hold.";
        issued_key Plain "Payload of the key issued for the term, without signature.";
    }
    grants {
        order_id Pseudonym "The order item.";
        slot Pseudonym "The buyer's key slot.";
        serial Plain "The licence.";
        term Plain "Number of the licence's term.";
    }
    holder {
        serial Plain "The licence.";
        slot Pseudonym "The holder's key slot.";
        role Plain "buyer or licensee.";
    }
    renewal {
        token_hash Tag "Hash of the token in the link.";
        slot Pseudonym "Key slot of the person who was offered the renewal; 0 after the person's erasure.";
        serial Plain "The licence that the renewal extends.";
        expires_at Plain "When the offer expires.";
        used Plain "1 if an order has used the offer.";
    }
    index_bucket {
        kind Plain "Which blind index: address or order number.";
        low Plain "Lowest hash of the bucket's range.";
        slot Pseudonym "The bucket's own key slot.";
    }
    erasure_intent {
        id Pseudonym "Random row number.";
        slots Pseudonym "Key slots to forget.";
        tombstones Tag "Keyed tags of orders that must not come back, with serials.";
        day Plain "Day of the decision.";
        reason Plain "erasure, retention, index, conversation or day.";
    }
    receipt {
        code_hash Tag "Hash of the pick-up code.";
        erasure_intent Pseudonym "The erasure that the receipt waits for; 0 when the erasure is complete.";
        day Plain "Day of the erasure.";
        body Plain "The signed receipt, without identity; empty while it is withheld.";
    }
    magic_link {
        token_hash Tag "Hash of the token in the e-mail.";
        slot Pseudonym "Key slot of the person whose portal the link opens.";
        kind Plain "portal or address.";
        requested_at Plain "When the link was requested.";
        expires_at Plain "When the link expires.";
        used Plain "1 if the link was used.";
        session Tag "The session that requested a change of address.";
    }
    session {
        token_hash Tag "Hash of the session cookie.";
        slot Pseudonym "Key slot of the signed-in person.";
        expires_at Plain "When the session expires.";
        address_change_requested Plain "1 if the session has requested a change of address.";
    }
    outbox {
        id Pseudonym "Random row number.";
        slot Pseudonym "The recipient's key slot.";
        kind Plain "Which e-mail of the closed list.";
        cause Pseudonym "The audit entry of the action that caused the e-mail.";
        attempts Plain "Number of delivery attempts.";
        next_attempt_at Plain "When to try next.";
        expires_at Plain "When delivery is given up.";
        claimed_until Plain "Until when one sender has claimed the e-mail.";
        state Plain "waiting, or the kind of failure after which delivery was given up.";
    }
    audit_entry {
        id Pseudonym "Random number of the entry.";
        audit_link Pseudonym "The link of the hash chain that covers the entry; 0 until one does.";
        at Plain "When, in seconds; whole days for actions of a person.";
        kind Plain "action, opening, email, erasure, agreement or change.";
        name Plain "Which action, field, e-mail or change.";
        purpose Plain "Purpose of an opening.";
        actor Plain "system, person, or the name of the member of staff.";
        slot Pseudonym "Key slot that the entry concerns; 0 for none.";
        cause Pseudonym "The audit entry of the action that caused this one; 0 for none.";
        recipient Tag "The recipient's address, hashed under a key of the recipient's own slot.";
        digest Tag "Hash of an e-mail, or of the text of an agreement.";
    }
    audit_link {
        seq Plain "Number of the link.";
        entries Plain "Number of audit entries that the link covers.";
        closed_at Plain "When the link was added to the chain.";
        mac Tag "Keyed hash (HMAC) over the previous link and these entries.";
    }
    counter {
        day Plain "The day.";
        name Plain "Name of the counter.";
        total Plain "The day's total.";
    }
    conversation {
        id Pseudonym "Random number, shown as the conversation's codename.";
        slot Pseudonym "The conversation's own key slot.";
        kind Plain "anonymous, address or customer.";
        state Plain "open, waiting, closed or quarantined.";
        person Pseudonym "Key slot of the linked customer; 0 for none.";
        assigned Plain "The member of staff to whom it is assigned.";
        snoozed_day Plain "Day on which snoozing ends; 0 for none.";
        messages Plain "Number of messages so far.";
        opened_day Plain "Day of the first message.";
        last_message_day Plain "Day of the last message.";
        closed_day Plain "Day on which it was closed; 0 while it is not closed.";
        revision Plain "Position of its last change among the changes of all conversations.";
        licence Plain "The licence that it is about; 0 for none.";
        related Pseudonym "Another conversation that staff should see; 0 for none.";
        last_action Pseudonym "The audit entry of the sender's last action.";
        last_action_day Plain "Day of the sender's last action.";
        emails_since_action Plain "E-mails sent since the sender's last action; for an unverified address, since its owner's last action.";
        verified Plain "1 if the sender's address is verified.";
        suppression Plain "Why e-mails are suppressed until the sender's next action: bounce, complaint or stop.";
    }
    message {
        id Pseudonym "Random row number.";
        conversation Pseudonym "Its conversation.";
        slot Pseudonym "The conversation's key slot.";
        number Plain "Position in the conversation.";
        day Plain "Day on which it arrived or was written.";
        kind Plain "person, staff, note or machine.";
        via Plain "web, email or staff.";
        actor Plain "The member of staff who wrote it; empty for others.";
        action Pseudonym "The audit entry of the action; 0 for none.";
    }
    attachment {
        id Pseudonym "Random row number.";
        message Pseudonym "Its message; 0 until it is attached.";
        conversation Pseudonym "Its conversation; 0 until it is attached.";
        slot Pseudonym "The conversation's key slot.";
        number Plain "Position in the message.";
        day Plain "Day on which it arrived.";
        size Plain "Size in bytes.";
        kind Plain "image, text or other; empty until the upload is complete.";
    }
    chunk {
        attachment Pseudonym "The file.";
        number Plain "Position in the file.";
        slot Pseudonym "The conversation's key slot.";
    }
    conversation_access {
        token_hash Tag "Hash of an access code, of an e-mail's token, or of a merged conversation's token.";
        conversation Pseudonym "The conversation that it gives access to.";
        slot Pseudonym "The conversation's key slot.";
        kind Plain "code, email or merged.";
        expires_day Plain "Day on which it expires; 0 for never.";
    }
    processed_mail {
        tag Tag "Keyed hash of a received e-mail.";
        slot Pseudonym "The conversation's key slot; 0 if it belongs to none, or if that one was forgotten.";
        day Plain "Day on which it was last seen.";
    }
    canned_response {
        name Plain "Name of the response.";
        body Plain "Its text, with placeholders.";
    }
    api_token {
        token_hash Tag "Hash of the token.";
        name Plain "Name given by staff.";
        staff Plain "The member of staff for whom the token acts.";
        scopes Plain "Its permissions.";
        created_day Plain "Day on which it was created.";
        expires_day Plain "Day on which it expires; 0 for never.";
    }
    site {
        id Plain "Number of the site.";
        name Plain "Name in addresses and commands.";
        hosts Plain "Host names of the site.";
        zone Plain "Time zone of its days.";
        public Plain "1 if its public statistics are open to everybody.";
    }
    visit_day {
        site Plain "The site.";
        date Plain "The day in the site's time zone.";
        slot Pseudonym "The day's key slot.";
        open_until Plain "When the day may be closed.";
        closed Plain "1 if its figures are published and its slot is forgotten or about to be.";
        bots Plain "Requests of bots, rounded.";
        late Plain "Visits reported after their day was closed, rounded.";
        refused Plain "Requests that were not visits, rounded.";
        missing Plain "Seconds for which counts may be lost.";
    }
    visit_tally {
        site Plain "The site.";
        date Plain "The day.";
        node Pseudonym "Random number of the counting process.";
        part Plain "Which part of the counts, from 0.";
        slot Pseudonym "The day's key slot.";
        complete Plain "1 if the process will count nothing more on this day.";
    }
    figures {
        site Plain "The site.";
        audience Plain "own or public.";
        dimension Plain "The dimension counted by.";
        span Plain "day, week, month or year.";
        start Plain "First day of the span.";
        views Plain "Total views, rounded.";
        visitors Plain "Total daily visitors, rounded.";
        evicted_views Plain "Views of values for which there was no room, rounded.";
        days Plain "Number of published days in the span.";
        cells Plain "Figures by value, suppressed below k and rounded.";
    }
    dictionary {
        id Plain "Number of the value.";
        site Plain "The site.";
        text Plain "A page, a referrer, a country, or another value that enough visitors share.";
    }
    site_note {
        site Plain "The site.";
        date Plain "The day.";
        text Plain "The note that staff wrote.";
    }
    log_position {
        site Plain "The site.";
        file Tag "Keyed hash of the log's first bytes.";
        read_to Plain "Number of bytes counted.";
        day Plain "Day on which the log was last read.";
    }
}
