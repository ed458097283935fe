//! Integrity of visitor statistics: published figures are suppressed below k and rounded, closed days are forgotten,
//! and no dictionary value identifies a person. The checks open nothing.

use std::net::IpAddr;

use analytics::{ArchivedTable, Dimension, DisclosureThresholds, Figures};
use calendar::{Day, Timestamp};
use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::columns;
use crate::tx::{fetch_all, slot_from_i64, statements};
use crate::{Audience, Error, Span, Tx};

/// Numbers of rows of visitor statistics, and of rows that violate a relation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VisitIntegrity {
    pub sites: i64,
    /// Open days.
    pub open: i64,
    /// Closed days, with published figures.
    pub closed: i64,
    /// Rows of figures.
    pub figures: i64,
    /// Dictionary values.
    pub values: i64,
    /// Open days that should have been closed by the given time.
    pub overdue: i64,
    /// Closed days that still have a key.
    pub with_key: i64,
    /// Tallies of closed days.
    pub with_tallies: i64,
    /// Tallies without a day, or under another key slot than their day.
    pub mismatched_tallies: i64,
    /// Figures of a day that is not closed.
    pub early: i64,
    /// Days, figures, dictionary values, notes and log positions without a site.
    pub without_site: i64,
}

/// Result of checking all published figures for disclosure control.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DisclosureReport {
    /// Rows of figures.
    pub rows: u64,
    /// Figures by value in these rows.
    pub cells: u64,
    /// Rows that can't be read, or with a figure that is not a multiple of the audience's k or is based on fewer than
    /// k persons.
    pub small: u64,
    /// The first such row.
    pub first: Option<FiguresKey>,
}

/// The key of a row of figures, as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FiguresKey {
    /// The site's number.
    pub site: i64,
    /// For whom the figures are.
    pub audience: String,
    /// What they are broken down by.
    pub dimension: String,
    /// Period covered.
    pub span: String,
    /// First day of the period.
    pub start: Day,
}

/// Returns the tables and conditions of each number in [`VisitIntegrity`].
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
    VALUES = "SELECT text FROM dictionary";
}

/// All statements of this file.
#[cfg(test)]
pub(super) fn all_statements() -> impl Iterator<Item = String> {
    let counts = counts().into_iter().flatten().map(statement);
    counts.chain(STATEMENTS.iter().map(|&sql| sql.to_owned()))
}

/// Returns whether figures are based on at least `k` persons and rounded to multiples of `k`, or are zero if that is
/// allowed.
fn satisfies_threshold(figures: Figures, k: u64, may_be_none: bool) -> bool {
    let Figures { views, visitors } = figures;
    let rounded = views.is_multiple_of(k) && visitors.is_multiple_of(k) && views >= visitors;
    rounded && (visitors >= k || (may_be_none && views == 0))
}

/// Returns the number of cells if all figures of a row satisfy the thresholds and the cells agree with the columns;
/// `None` otherwise.
fn check_row(row: &AnyRow, thresholds: DisclosureThresholds) -> Result<Option<u64>, Error> {
    let number = |name| Ok::<_, Error>(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or(u64::MAX));
    let Ok(audience) = Audience::parse(row.try_get("audience")?) else { return Ok(None) };
    let k = match audience {
        Audience::Own => thresholds.staff(),
        Audience::Public => thresholds.public(),
    };
    let known = Dimension::from_name(row.try_get("dimension")?).is_some()
        && Span::parse(row.try_get("span")?).is_ok();
    let Ok(cells) = ArchivedTable::from_bytes(&row.try_get::<Vec<u8>, _>("cells")?) else { return Ok(None) };
    let total = Figures { views: number("views")?, visitors: number("visitors")? };
    let same = cells.total == total
        && (cells.evicted_views, u64::from(cells.days)) == (number("evicted_views")?, number("days")?);
    let fits = satisfies_threshold(total, k, true)
        && cells.evicted_views.is_multiple_of(k)
        && cells.rows.iter().all(|(_, figures)| satisfies_threshold(*figures, k, false));
    Ok((known && same && fits).then_some(cells.rows.len() as u64))
}

/// Returns whether a value looks as if it identified a person: a network address, an e-mail address, or a full user
/// agent.
fn identifies_person(value: &str) -> bool {
    let bare = value.trim_start_matches('/').trim_matches(['[', ']']);
    // A name that begins with @ is a byline.
    let mail = value.split(['/', ' ']).any(|part| part.find('@').is_some_and(|at| at > 0));
    let agent = ["Mozilla/5.0 (", "Mozilla/4.0 (", "AppleWebKit/5", "AppleWebKit/6", "Gecko/20"];
    bare.parse::<IpAddr>().is_ok() || mail || agent.iter().any(|part| value.contains(part))
}

impl Tx {
    /// Counts the rows of visitor statistics, and the rows that violate a relation. An open day is overdue if it
    /// could have been closed before `since`.
    pub async fn visit_integrity(&mut self, since: Timestamp) -> Result<VisitIntegrity, Error> {
        let mut found = [0; 11];
        for (values, count) in found.iter_mut().zip(counts()) {
            for one in count {
                let sql = sqlx::query(AssertSqlSafe(statement(one)));
                let sql = if one.1.contains("$1") { sql.bind(since.to_unix_seconds()) } else { sql };
                *values += sql.fetch_one(self.flush().await?).await?.try_get::<i64, _>(0)?;
            }
        }
        let [sites, open, closed, figures, values, rest @ ..] = found;
        let [overdue, with_key, with_tallies, mismatched_tallies, early, without_site] = rest;
        Ok(VisitIntegrity {
            sites,
            open,
            closed,
            figures,
            values,
            overdue,
            with_key,
            with_tallies,
            mismatched_tallies,
            early,
            without_site,
        })
    }

    /// Returns site and date of closed days whose key slot is neither forgotten nor part of an erasure intent.
    pub async fn closed_days_not_forgotten(&mut self) -> Result<Vec<(i64, Day)>, Error> {
        // The intents are read first: the slots of an intent completed meanwhile are forgotten already.
        let in_progress: Vec<_> =
            self.erasure_intents().await?.into_iter().flat_map(|intent| intent.slots).collect();
        let mut not_forgotten = Vec::new();
        for row in fetch_all!(self, CLOSED)? {
            let of = slot_from_i64(row.try_get(2)?);
            if !in_progress.contains(&of) && !self.keyring.is_forgotten(of)? {
                not_forgotten.push((row.try_get(0)?, columns::day(&row, "visit_day.date")?));
            }
        }
        Ok(not_forgotten)
    }

    /// Checks all published figures. For a site whose k was raised, `thresholds` must hold the original thresholds.
    pub async fn check_disclosure(
        &mut self,
        thresholds: DisclosureThresholds,
    ) -> Result<DisclosureReport, Error> {
        let mut found = DisclosureReport::default();
        // Row by row, because years of a site may not fit into memory.
        let mut rows = sqlx::query(FIGURES).fetch(self.flush().await?);
        while let Some(row) = rows.try_next().await? {
            found.rows += 1;
            match check_row(&row, thresholds)? {
                Some(cells) => found.cells += cells,
                None => {
                    found.small += 1;
                    if found.first.is_none() {
                        let text = |n| row.try_get::<String, _>(n);
                        found.first = Some(FiguresKey {
                            site: row.try_get(0)?,
                            audience: text(1)?,
                            dimension: text(2)?,
                            span: text(3)?,
                            start: columns::day(&row, "figures.start")?,
                        });
                    }
                }
            }
        }
        Ok(found)
    }

    /// Returns the number of dictionary values that look as if they identified a person, such as network addresses,
    /// e-mail addresses and full user agents.
    pub async fn count_identifying_words(&mut self) -> Result<u64, Error> {
        let mut found = 0;
        let mut rows = sqlx::query(VALUES).fetch(self.flush().await?);
        while let Some(row) = rows.try_next().await? {
            found += u64::from(identifies_person(row.try_get(0)?));
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
            assert!(identifies_person(telling), "{telling}");
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
            assert!(!identifies_person(common), "{common}");
        }
    }

    #[test]
    fn only_multiples_that_enough_people_decided_are_folded() {
        let figures = |views, visitors| Figures { views, visitors };
        assert!(satisfies_threshold(figures(10, 5), 5, false));
        assert!(satisfies_threshold(figures(0, 0), 5, true));
        for small in [figures(0, 0), figures(5, 0), figures(7, 5), figures(10, 7), figures(5, 10)] {
            assert!(!satisfies_threshold(small, 5, false), "{small:?}");
        }
        assert!(
            !satisfies_threshold(figures(5, 0), 5, true) && !satisfies_threshold(figures(5, 5), 10, true)
        );
    }
}
