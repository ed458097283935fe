//! Applying a row of the table of life to licences and their terms.

use store::{Error, Kind, Licence, Standing, State, Term};

use super::{Answer, Desk, OrderNotification, transitions};
use crate::licensing::issue::settle;
use transitions::Effect;

impl Desk<'_, '_> {
    /// Licence and term of everything that an order item gave.
    pub(crate) async fn tx_grants(&mut self, order: i64) -> Result<Vec<(i64, i64)>, Error> {
        Ok(self.tx.grants(order).await?.iter().map(|g| (g.serial, g.term)).collect())
    }

    /// Changes each of the terms.
    pub(crate) async fn for_each_grant(
        &mut self,
        grants: &[(i64, i64)],
        change: impl Fn(&mut Licence, &mut Term),
    ) -> Result<(), Error> {
        for (serial, n) in grants {
            settle(self.tx, &self.signers, *serial, |licence, terms| {
                if let Some(term) = terms.iter_mut().find(|t| t.n == *n) {
                    change(licence, term);
                }
            })
            .await?;
        }
        Ok(())
    }

    /// Applies an effect to terms and their licences.
    pub(crate) async fn apply(
        &mut self,
        a: &OrderNotification,
        effect: Effect,
        grants: &[(i64, i64)],
    ) -> Result<(), Error> {
        match effect {
            Effect::RunOn | Effect::Suspend | Effect::Terminate | Effect::Finish => {
                let mut serials: Vec<i64> = grants.iter().map(|g| g.0).collect();
                serials.dedup();
                let today = self.tx.today();
                for serial in serials {
                    settle(self.tx, &self.signers, serial, |l, terms| turn(effect, a, today, l, terms))
                        .await?;
                }
                Ok(())
            }
            Effect::Note | Effect::Address | Effect::Card => Ok(()),
            effect => {
                self.for_each_grant(grants, |_, term| transitions::apply(effect, a.until_day, term)).await
            }
        }
    }

    /// The answer to a request for keys: each as it was when it was first given.
    pub(crate) async fn keys(&mut self, grants: &[(i64, i64)]) -> Result<Answer, Error> {
        let (mut texts, mut held) = (Vec::new(), false);
        for (serial, n) in grants {
            let Some(licence) = self.tx.licence(*serial).await? else { continue };
            let terms = self.tx.terms(*serial).await?;
            let Some(term) = terms.iter().find(|t| t.n == *n) else { continue };
            if licence.state == State::Revoked {
                continue;
            }
            match term.standing {
                Standing::Standing => texts.push(self.signers.text(&term.given_key)?),
                Standing::Held | Standing::Waiting => held = true,
                Standing::Refunded | Standing::ChargedBack | Standing::Declined => {}
            }
        }
        Ok(match (texts.is_empty(), held) {
            (false, _) => Answer::Keys(texts),
            (true, true) => Answer::Held,
            (true, false) => Answer::Revoked,
        })
    }

    /// The answer to a notice that has had its effect.
    pub(crate) async fn answer(
        &mut self,
        a: &OrderNotification,
        grants: &[(i64, i64)],
    ) -> Result<Answer, Error> {
        if a.kind() == paypro::Kind::LicenceRequested { self.keys(grants).await } else { Ok(Answer::Taken) }
    }
}

/// What the notice that begins an order does to its new licence.
pub(crate) fn begin(
    effect: Effect,
    a: &OrderNotification,
    today: i64,
    licence: &mut Licence,
    terms: &mut Vec<Term>,
) {
    turn(effect, a, today, licence, terms);
    terms.iter_mut().for_each(|term| transitions::apply(effect, a.until_day, term));
}

/// What a notice of a subscription does to the licence as a whole.
fn turn(effect: Effect, a: &OrderNotification, today: i64, licence: &mut Licence, terms: &mut Vec<Term>) {
    match effect {
        Effect::RunOn => {
            licence.suspended = false;
            if licence.kind != Kind::Perpetual {
                transitions::run_on(a.placed_day, a.until_day, terms);
            }
        }
        Effect::Suspend => licence.suspended = true,
        Effect::Terminate => licence.terminated = true,
        Effect::Finish if licence.finished_day == 0 => {
            licence.finished_day = if a.finish_day == 0 { today } else { a.finish_day };
        }
        _ => {}
    }
}
