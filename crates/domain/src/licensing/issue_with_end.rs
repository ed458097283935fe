//! Issues a licence manually, with an end of its own.

use calendar::Day;
use licence::Key;
use store::{Error, Operation, Tx};

use crate::licensing::issue::{Signers, update_licence};
use crate::licensing::manual_licensing::IssueManually;

/// Issues a licence manually; if an end is given, the licence is paid until that day.
pub struct IssueWithEnd<'a> {
    /// The manual issue.
    pub issue: IssueManually<'a>,
    /// The last paid day. The grace period of a subscription follows it.
    pub paid_until: Option<Day>,
}

impl Operation for IssueWithEnd<'_> {
    const NAME: &'static str = IssueManually::NAME;
    /// The licence keys; none if the product does not exist.
    type Output = Option<Vec<String>>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        let (keys, day) = match (self.issue.execute(tx).await?, self.paid_until) {
            (Some(keys), Some(day)) => (keys, day),
            (keys, _) => return Ok(keys),
        };
        let signers = Signers::load(tx).await?;
        let mut dated = Vec::new();
        for key in keys {
            let key = Key::parse(&key).map_err(|_| Error::Unknown("a key just signed"))?;
            let serial = key.unverified().serial;
            let licence = update_licence(tx, &signers, serial, |_, terms| {
                for term in terms {
                    term.until_day = Some(day);
                    term.issued_key.clear();
                }
            });
            dated.push(signers.text(&licence.await?.current_key)?);
        }
        Ok(Some(dated))
    }
}
