//! What must hold of visitor statistics: published numbers are folded and rounded, what is closed is forgotten, and no
//! word is about one person. Nothing is opened.

use std::net::IpAddr;

use analytics::{ArchivedTable, Dimension, DisclosureThresholds, Figures};
use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::site::date;
use crate::tx::{fetch_all, slot_from_i64, statements};
use crate::{Audience, Error, Span, Tx};

/// How many rows visitor statistics have, and where they don't hold together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VisitIntegrity {
    /// Sites.
    pub sites: i64,
    /// Days that are counted.
    pub open: i64,
    /// Days whose figures are published.
    pub closed: i64,
    /// Figures of a day, week, month or year.
    pub figures: i64,
    /// Words that figures name.
    pub words: i64,
    /// Open days that should have been closed by the time that was asked for.
    pub overdue: i64,
    /// Closed days that still have a key.
    pub with_key: i64,
    /// Tallies of closed days.
    pub with_tallies: i64,
    /// Tallies of no day, or under another slot than their day.
    pub tallies_astray: i64,
    /// Figures of a day that isn't closed.
    pub early: i64,
    /// Days, figures, words, notes and positions of no site.
    pub without_site: i64,
}

/// What a look at all published figures found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DisclosureReport {
    /// Rows of figures.
    pub rows: u64,
    /// Numbers of words in them.
    pub cells: u64,
    /// Rows that hold a number that isn't a multiple of the audience's k, or that fewer than k people decided, or that
    /// can't be read.
    pub small: u64,
    /// The first of them: site, audience, dimension, span, first day.
    pub first: Option<(i64, String, String, String, i64)>,
}

/// Of which tables each figure of [`VisitIntegrity`] is the number of rows, and under which condition.
fn counts() -> [&'static [(&'static str, &'static str)]; 11] {
    const NO_SITE: &str = "NOT EXISTS (SELECT 1 FROM site WHERE site.id = t.site)";
    [
        &[("site", "0 = 0")],
        &[("visit_day", "closed = 0")],
        &[("visit_day", "closed = 1")],
        &[("figures", "0 = 0")],
        &[("dictionary", "0 = 0")],
        &[("visit_day", "closed = 0 AND open_until < $1")],
        &[("visit_day", "closed = 1 AND length(day_key) > 0")],
        &[(
            "visit_tally",
            "EXISTS (SELECT 1 FROM visit_day d WHERE d.site = t.site AND d.date = t.date AND d.closed = 1)",
        )],
        &[(
            "visit_tally",
            "NOT EXISTS (SELECT 1 FROM visit_day d WHERE d.site = t.site AND d.date = t.date AND d.slot = t.slot)",
        )],
        &[(
            "figures",
            "span = 'day' AND NOT EXISTS (SELECT 1 FROM visit_day d WHERE d.site = t.site AND d.date = t.start \
             AND d.closed = 1)",
        )],
        &[
            ("visit_day", NO_SITE),
            ("figures", NO_SITE),
            ("dictionary", NO_SITE),
            ("site_note", NO_SITE),
            ("log_position", NO_SITE),
        ],
    ]
}

fn statement((table, condition): &(&'static str, &'static str)) -> String {
    format!("SELECT COUNT(*) FROM {table} t WHERE {condition}")
}

statements! {
    CLOSED = "SELECT site, date, slot FROM visit_day WHERE closed = 1 ORDER BY site, date";
    FIGURES = "SELECT site, audience, dimension, span, start, views, visitors, evicted_views, days, cells FROM figures";
    TEXTS = "SELECT text FROM dictionary";
}

/// All statements of this file.
#[cfg(test)]
pub(super) fn all_statements() -> impl Iterator<Item = String> {
    let counts = counts().into_iter().flatten().map(statement);
    counts.chain(STATEMENTS.iter().map(|&sql| sql.to_owned()))
}

/// Numbers that at least `k` people decided, or none at all where that may be.
fn is_folded(figures: Figures, k: u64, may_be_none: bool) -> bool {
    let Figures { views, visitors } = figures;
    let rounded = views.is_multiple_of(k) && visitors.is_multiple_of(k) && views >= visitors;
    rounded && (visitors >= k || (may_be_none && views == 0))
}

/// The number of cells where all of a row's numbers are folded and the cells say what the columns say; else none.
fn folded(row: &AnyRow, folding: DisclosureThresholds) -> Result<Option<u64>, Error> {
    let number = |name| Ok::<_, Error>(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or(u64::MAX));
    let Ok(audience) = Audience::parse(row.try_get("audience")?) else { return Ok(None) };
    let k = match audience {
        Audience::Own => folding.staff(),
        Audience::Public => folding.public(),
    };
    let known = Dimension::from_name(row.try_get("dimension")?).is_some()
        && Span::parse(row.try_get("span")?).is_ok();
    let Ok(cells) = ArchivedTable::from_bytes(&row.try_get::<Vec<u8>, _>("cells")?) else { return Ok(None) };
    let total = Figures { views: number("views")?, visitors: number("visitors")? };
    let same = cells.total == total
        && (cells.evicted_views, u64::from(cells.days)) == (number("evicted_views")?, number("days")?);
    let fits = is_folded(total, k, true)
        && cells.evicted_views.is_multiple_of(k)
        && cells.rows.iter().all(|(_, figures)| is_folded(*figures, k, false));
    Ok((known && same && fits).then_some(cells.rows.len() as u64))
}

/// Whether a word looks as if it told one person: a network address, an e-mail address, a browser's whole name.
fn tells(word: &str) -> bool {
    let bare = word.trim_start_matches('/').trim_matches(['[', ']']);
    // A name with @ before it is a byline.
    let mail = word.split(['/', ' ']).any(|part| part.find('@').is_some_and(|at| at > 0));
    let agent = ["Mozilla/5.0 (", "Mozilla/4.0 (", "AppleWebKit/5", "AppleWebKit/6", "Gecko/20"];
    bare.parse::<IpAddr>().is_ok() || mail || agent.iter().any(|part| word.contains(part))
}

impl Tx {
    /// Counts the rows of visitor statistics, and those that don't hold together. Overdue is an open day that might have
    /// been closed before `since`, in seconds since 1970.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn visit_integrity(&mut self, since: i64) -> Result<VisitIntegrity, Error> {
        let mut found = [0; 11];
        for (to, count) in found.iter_mut().zip(counts()) {
            for one in count {
                let sql = sqlx::query(AssertSqlSafe(statement(one)));
                let sql = if one.1.contains("$1") { sql.bind(since) } else { sql };
                *to += sql.fetch_one(self.flush().await?).await?.try_get::<i64, _>(0)?;
            }
        }
        let [sites, open, closed, figures, words, rest @ ..] = found;
        let [overdue, with_key, with_tallies, tallies_astray, early, without_site] = rest;
        Ok(VisitIntegrity {
            sites,
            open,
            closed,
            figures,
            words,
            overdue,
            with_key,
            with_tallies,
            tallies_astray,
            early,
            without_site,
        })
    }

    /// Closed days whose slot still lives, and for which no forgetting waits: site and date.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn closed_days_not_forgotten(&mut self) -> Result<Vec<(i64, i32)>, Error> {
        // In this order: an intent that is done meanwhile has its slots forgotten already.
        let going: Vec<_> =
            self.erasure_intents().await?.into_iter().flat_map(|intent| intent.slots).collect();
        let mut living = Vec::new();
        for row in fetch_all!(self, CLOSED)? {
            let of = slot_from_i64(row.try_get(2)?);
            if !going.contains(&of) && !self.keyring.is_forgotten(of)? {
                living.push((row.try_get(0)?, date(row.try_get(1)?)?));
            }
        }
        Ok(living)
    }

    /// Looks at every published number. A site whose k was raised has older figures by the old k: `folding` is then
    /// what was used at first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn check_disclosure(
        &mut self,
        folding: DisclosureThresholds,
    ) -> Result<DisclosureReport, Error> {
        let mut found = DisclosureReport::default();
        // Row by row: years of a site may not fit into memory.
        let mut rows = sqlx::query(FIGURES).fetch(self.flush().await?);
        while let Some(row) = rows.try_next().await? {
            found.rows += 1;
            match folded(&row, folding)? {
                Some(cells) => found.cells += cells,
                None => {
                    found.small += 1;
                    if found.first.is_none() {
                        let text = |n| row.try_get::<String, _>(n);
                        found.first = Some((row.try_get(0)?, text(1)?, text(2)?, text(3)?, row.try_get(4)?));
                    }
                }
            }
        }
        Ok(found)
    }

    /// How many published words look as if they told one person: network and e-mail addresses, names of browsers with all
    /// their parts.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_identifying_words(&mut self) -> Result<u64, Error> {
        let mut found = 0;
        let mut rows = sqlx::query(TEXTS).fetch(self.flush().await?);
        while let Some(row) = rows.try_next().await? {
            found += u64::from(tells(row.try_get(0)?));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_tell_one_person_are_told_from_words_that_many_have_in_common() {
        for telling in [
            "192.0.2.7",
            "2001:db8::7",
            "[2001:db8::7]",
            "/192.0.2.7",
            "ada@example.org",
            "/o/ada@example.org/pay",
            "Mozilla/5.0 (X11; Linux x86_64)",
        ] {
            assert!(tells(telling), "{telling}");
        }
        for common in [
            "",
            "/",
            "/docs/8.2.0.1",
            "/@ada",
            "/a/@ada.lovelace",
            "@ada.lovelace",
            "/docs/Chrome/1",
            "Chrome",
            "example.org",
            "std::io",
            "12",
            "DE",
            "/…",
        ] {
            assert!(!tells(common), "{common}");
        }
    }

    #[test]
    fn only_multiples_that_enough_people_decided_are_folded() {
        let figures = |views, visitors| Figures { views, visitors };
        assert!(is_folded(figures(10, 5), 5, false));
        assert!(is_folded(figures(0, 0), 5, true));
        for small in [figures(0, 0), figures(5, 0), figures(7, 5), figures(10, 7), figures(5, 10)] {
            assert!(!is_folded(small, 5, false), "{small:?}");
        }
        assert!(!is_folded(figures(5, 0), 5, true) && !is_folded(figures(5, 5), 10, true));
    }
}
