//! The columns in clear. None of them holds a value about a person.

use super::{Column, Holds};

macro_rules! plain {
    ($($table:ident { $($column:ident $holds:ident $why:literal;)* })*) => {
        /// Every column in clear.
        pub const PLAIN: &[Column] = &[$($(Column {
            table: stringify!($table), column: stringify!($column), holds: Holds::$holds, why: $why, opens_for: &[],
        }),*),*];
    };
}

plain! {
    meta {
        name Plain "Name of the fact.";
        value Plain "The fact: schema version, store id, highest epoch seen, changes of threads.";
    }
    product {
        id Plain "The product byte in keys, assigned by us.";
        provider_id Plain "The provider's product number.";
        name Plain "Name in letters and pages.";
        kind Plain "perpetual, subscription or trial.";
        seats Plain "Seats for each unit; 0 means by quantity.";
        keys Plain "One key for the order, or one for each unit.";
        updates_months Plain "Months of updates or of a charge; 0 without end.";
        edition Plain "Edition in keys.";
        renewal_discount Plain "Percent off for a renewal.";
        window_before Plain "Days before the end of updates from which renewal is offered.";
        window_after Plain "Days after it until which it is offered.";
        grace_days Plain "Days that a subscription's key outlives its end.";
        hold_discounts Plain "1 where an unproved discount holds the order back.";
        prints_company Plain "1 where the company is kept because the product prints it.";
    }
    person {
        slot Pseudonym "The person's slot of the keyring.";
        since_day Plain "Day of the first notice.";
        ended_day Plain "Day on which the last licence ended; 0 while one lives.";
        erase_day Plain "Day on which an agreed erasure falls due; 0 for none.";
        stopped Plain "Why no letter may go to them until they act again: bounce, complaint or stop.";
    }
    orders {
        id Pseudonym "Random number of the row.";
        slot Pseudonym "The buyer's slot.";
        product Plain "Our product.";
        quantity Plain "Units, as the first notice said.";
        placed_day Plain "Day of the order.";
        test Plain "1 for a test order.";
        standing Plain "Waiting, standing, refunded, charged back, declined.";
        flag Plain "Why staff should look: a discount without a renewal.";
    }
    grants {
        order_id Pseudonym "The order item.";
        slot Pseudonym "The buyer's slot.";
        serial Plain "The licence.";
        term Plain "Which term of the licence.";
    }
    holder {
        serial Plain "The licence.";
        slot Pseudonym "Who holds it.";
        role Plain "buyer or licensee.";
    }
    licence {
        serial Plain "Licence number: random.";
        product Plain "Our product.";
        kind Plain "perpetual, subscription or trial.";
        edition Plain "Edition.";
        seats Plain "Seats.";
        grace_days Plain "Grace of its product when it was issued.";
        state Plain "active, suspended, ended, revoked or held: derived from the terms.";
        until_day Plain "Updates until, or end; 0 without end: derived from the terms.";
        suspended Plain "1 while a subscription is suspended.";
        terminated Plain "1 when it ends at the date paid for.";
        finished_day Plain "Day on which a subscription finished.";
        revoked Plain "1 when staff revoked it by hand.";
        issued_day Plain "Day of issue.";
        current_key Plain "Payload of the current key, without signature.";
    }
    term {
        serial Plain "The licence.";
        n Plain "Number of the term.";
        kind Plain "purchase, charge, renewal or by hand.";
        placed_day Plain "Day of the order that gave it.";
        months Plain "Months that it gives.";
        until_day Plain "Day until which it was paid, where the provider says so.";
        standing Plain "Standing, refunded, charged back, declined.";
        given_key Plain "Payload of the key that was answered for it, without signature.";
    }
    renewal {
        tag Tag "Hash of the token in the link.";
        slot Pseudonym "To whom it was offered.";
        serial Plain "The licence that it extends.";
        expires_at Plain "When the offer ends.";
        used Plain "1 when an order has used it.";
    }
    pending {
        id Pseudonym "Random number of the row.";
        slot Pseudonym "The buyer's slot.";
        provider_id Plain "The product number that the shop doesn't know.";
        arrived Plain "Place in the order of arrival.";
        day Plain "Day of arrival.";
    }
    bucket {
        kind Plain "Which index: address or order number.";
        low Plain "Lowest hash that it holds.";
        slot Pseudonym "The bucket's own slot.";
    }
    intent {
        id Pseudonym "Random number of the row.";
        slots Pseudonym "Slots to forget.";
        tombstones Tag "Keyed tags of orders that must not come back, with serials.";
        day Plain "Day of the intent.";
        why Plain "erasure, sweep, split or address.";
    }
    acted {
        tag Tag "Keyed hash of the notice.";
        year Plain "Year whose key it is under.";
    }
    early {
        tag Tag "Keyed hash of the order item.";
        year Plain "Year whose key it is under.";
    }
    link {
        tag Tag "Hash of the token in the letter.";
        slot Pseudonym "Whose page it opens.";
        kind Plain "page or address.";
        asked_at Plain "When it was asked for.";
        expires_at Plain "When it ends.";
        used Plain "1 when used up.";
        session Tag "The session that asked, for a new address.";
    }
    session {
        tag Tag "Hash of the cookie.";
        slot Pseudonym "Whose page is open.";
        expires_at Plain "When it ends.";
        address_asked Plain "1 when it has asked for a new address.";
    }
    outbox {
        id Pseudonym "Random number of the row.";
        slot Pseudonym "The recipient's slot.";
        kind Plain "Which letter of the closed list.";
        cause Pseudonym "The act that caused it: a line of the journal.";
        tries Plain "How often it was tried.";
        next_at Plain "When to try next.";
        expires_at Plain "When it is no longer wanted.";
        taken_until Plain "Until when a sender has it in hand.";
        state Plain "waiting, or given up with the kind of failure.";
    }
    receipt {
        tag Tag "Hash of the pick-up code.";
        intent Pseudonym "The forgetting that it waits for; 0 when done.";
        day Plain "Day of the erasure.";
        body Plain "The signed receipt, without identity; empty while withheld.";
    }
    signing_key {
        id Plain "Signing-key id in keys, 0 to 15.";
        slot Pseudonym "The slot under which the secret lies.";
        public Plain "The public half.";
        state Plain "current or retired.";
        since_day Plain "Day on which it was made.";
    }
    journal {
        id Pseudonym "Random number of the line.";
        link Plain "The link of the chain that covers it; 0 until closed.";
        at Plain "When, in seconds; whole days for acts of a person.";
        kind Plain "act, opening, letter, erasure, change.";
        what Plain "Which act, field, letter or change, by name.";
        purpose Plain "Purpose of an opening.";
        who Plain "system, person, or the member of staff.";
        slot Pseudonym "Whose slot it concerns; 0 for none.";
        cause Pseudonym "The line of the act that caused it; 0 for none.";
        recipient Tag "Recipient's address, hashed under a key of their own slot.";
        digest Tag "Hash of a letter, or of an agreement's text.";
    }
    journal_link {
        seq Plain "Number of the link.";
        lines Plain "How many lines it covers.";
        closed_at Plain "When it was closed.";
        mac Tag "Keyed hash over the link before and these lines.";
    }
    counted {
        day Plain "The day.";
        name Plain "What was counted.";
        n Plain "How many.";
    }
    thread {
        id Pseudonym "Random number, shown as the thread's symbols.";
        slot Pseudonym "The thread's own slot.";
        kind Plain "anonymous, address or customer.";
        state Plain "open, waiting, closed or held.";
        person Pseudonym "The slot of the customer it is tied to; 0 for none.";
        assigned Plain "The member of staff who has it.";
        snoozed_day Plain "Day on which it wakes; 0 for none.";
        messages Plain "How many messages it has had.";
        opened_day Plain "Day of the first message.";
        touched_day Plain "Day of the last message.";
        closed_day Plain "Day on which it was closed; 0 while it isn't.";
        turn Plain "Place of its last change among the changes of all threads.";
        licence Plain "The licence that it is about; 0 for none.";
        linked Pseudonym "Another thread that staff may want to look at; 0 for none.";
        last_act Pseudonym "The journal's line of the writer's last act.";
        last_act_day Plain "Day of that act.";
        letters_since_act Plain "Letters since that act; to an address that nobody proved, since its owner was heard.";
        verified Plain "1 when the sender's address was proved.";
        stopped Plain "Why no letter may go out until the writer acts again: bounce, complaint or stop.";
    }
    message {
        id Pseudonym "Random number of the row.";
        thread Pseudonym "Its thread.";
        slot Pseudonym "The thread's slot.";
        n Plain "Its place in the thread.";
        day Plain "Day on which it came or was written.";
        kind Plain "person, staff, note or machine.";
        via Plain "page, mail or desk.";
        who Plain "The member of staff who wrote it; empty for others.";
        act Pseudonym "The journal's line of the act; 0 for none.";
    }
    attachment {
        id Pseudonym "Random number of the row.";
        message Pseudonym "Its message; 0 until it has one.";
        thread Pseudonym "Its thread; 0 until it has one.";
        slot Pseudonym "The thread's slot.";
        n Plain "Its place in the message.";
        day Plain "Day on which it came.";
        size Plain "Bytes of the file.";
        kind Plain "image, text or other; empty until the file is whole.";
    }
    chunk {
        attachment Pseudonym "The file.";
        n Plain "Its place in the file.";
        slot Pseudonym "The thread's slot.";
    }
    way {
        tag Tag "Hash of the code, of a letter's link or of a merged thread's token.";
        thread Pseudonym "The thread it leads to.";
        slot Pseudonym "The thread's slot.";
        kind Plain "code, letter or merged.";
        expires_day Plain "Day from which it leads nowhere; 0 for never.";
    }
    taken {
        tag Tag "Keyed hash of a mail that was taken.";
        slot Pseudonym "The thread's slot; 0 where it went into none, or that was forgotten.";
        day Plain "Day on which it came last.";
    }
    canned {
        name Plain "Name of the reply.";
        body Plain "Its text, with placeholders.";
    }
    api_token {
        tag Tag "Hash of the token.";
        name Plain "Name that staff gave it.";
        staff Plain "The member of staff for whom it acts.";
        scopes Plain "What it may do.";
        made_day Plain "Day on which it was made.";
        expires_day Plain "Day from which it is void; 0 for never.";
    }
    site {
        id Plain "Its number.";
        name Plain "Its name in addresses and commands.";
        hosts Plain "Hosts under which it is reached.";
        zone Plain "Time zone of its days.";
        public Plain "1 where everybody may see the public figures.";
    }
    visit_day {
        site Plain "The site.";
        date Plain "The day, by the site's clock.";
        slot Pseudonym "The day's slot.";
        open_until Plain "When it may be closed.";
        closed Plain "1 when its figures are published and its slot is to be forgotten.";
        bots Plain "Requests of machines, rounded.";
        late Plain "Visits that came after their day was closed, rounded.";
        refused Plain "Requests that were no visit, rounded.";
        missing Plain "Seconds of which the counts may have been lost.";
    }
    visit_tally {
        site Plain "The site.";
        date Plain "The day.";
        node Pseudonym "Random number of the process that counts.";
        part Plain "Which piece of its counts, from 0.";
        slot Pseudonym "The day's slot.";
        last Plain "1 when that process will count no more on this day.";
    }
    figures {
        site Plain "The site.";
        audience Plain "own or public.";
        dimension Plain "What was counted by.";
        span Plain "day, week, month or year.";
        start Plain "First day of the span.";
        views Plain "Views in all, rounded.";
        visitors Plain "Daily visitors in all, rounded.";
        beyond Plain "Views in cells for which there was no room, rounded.";
        days Plain "Published days that are in it.";
        cells Plain "Numbers of each word, folded and rounded.";
    }
    word {
        id Plain "Its number.";
        site Plain "The site.";
        text Plain "A page, a source, a country: whatever enough people had in common.";
    }
    site_note {
        site Plain "The site.";
        date Plain "The day.";
        text Plain "What staff noted.";
    }
    log_position {
        site Plain "The site.";
        file Tag "Keyed hash of a log's beginning.";
        read_to Plain "Bytes of it that were counted.";
        day Plain "Day on which it was last read.";
    }
}
