//! `scruple visits show`: published figures as a table with a small curve in each row, or as JSON.

use std::collections::HashMap;

use analytics::{Date, Dimension, DisclosureThresholds, Row};
use domain::statistics::{Range, ReadFigures, ReadSeries, Reading, Step, aside, figures, series};
use scruple::commands::{By, ShowVisits};
use serde::Serialize;
use store::{Audience, Error, Site, Tx};
use web::statistics::sparkline::{bar, sparkline};
use web::statistics::{Period, named, wording};

use crate::acts::words::on_one_line;
use crate::acts::{CommandContext, Done, Failed, json, say};

/// Pieces of a row's curve, at most.
const PIECES: i32 = 31;
/// Characters of a word in a table, at most.
const LONGEST: usize = 60;

/// A row, as `--json` has it.
#[derive(Serialize)]
struct Shown {
    value: String,
    views: u64,
    visitors: u64,
}

/// A line of the table: word, views, visitors, and what stands behind them.
type Line = [String; 4];

/// Does it.
pub async fn show(room: &CommandContext, folding: DisclosureThresholds, asked: &ShowVisits) -> Done {
    let (from, to) = (date(asked.from)?, date(asked.to)?);
    let period = Period::new(from, to)
        .map_err(|_| Failed::misuse(format!("--from {from} comes after --to {to}: exchange them")))?;
    let mut tx = room.db.read().await?;
    let Some(site) = tx.site(&asked.site).await? else {
        return Err(Failed::new(format!(
            "there is no site {}: `scruple site list` shows those that there are",
            asked.site
        )));
    };
    let (lines, rest) = match asked.by {
        By::Day => {
            let days = days(&mut tx, &site, period).await?;
            if asked.json {
                return json(&days);
            }
            (lines_of_days(&days), String::new())
        }
        By::Of(dimension) => {
            let read = read(&mut tx, &site, dimension, period.range(), usize::MAX).await?;
            if asked.json {
                return json(&read.rows.into_iter().map(Shown::from).collect::<Vec<_>>());
            }
            of_dimension(&mut tx, &site, dimension, (period, &read), asked.most.into(), folding).await?
        }
    };
    let left_out = wording::left_out(&aside(&mut tx, site.id, period.range()).await?);
    say(text(asked.by, &site, period, &lines, &rest, &left_out))
}

fn date(of: scruple::commands::Date) -> Result<Date, Failed> {
    Date::of(of.year.into(), of.month.into(), of.day.into())
        .ok_or_else(|| Failed::misuse(format!("{of} is before 1970, when days begin here")))
}

impl From<Row> for Shown {
    fn from(row: Row) -> Self {
        Self { value: row.value, views: row.figures.views, visitors: row.figures.visitors }
    }
}

/// Days that have figures.
async fn days(tx: &mut Tx, site: &Site, period: Period) -> Result<Vec<Shown>, Error> {
    let (audience, dimension) = (Audience::Own, Dimension::Page);
    let read = ReadSeries { site: site.id, audience, dimension, range: period.range(), step: Step::Day };
    let points = series(tx, &read).await?.unwrap_or_default();
    let counted = points.into_iter().filter(|point| point.days > 0).map(|point| Shown {
        value: point.start.to_string(),
        views: point.figures.views,
        visitors: point.figures.visitors,
    });
    Ok(counted.collect())
}

fn lines_of_days(days: &[Shown]) -> Vec<Line> {
    let most = days.iter().map(|day| day.views).max().unwrap_or(0);
    let line = |day: &Shown| line(day.value.clone(), (day.views, day.visitors), bar(day.views, most));
    days.iter().map(line).collect()
}

async fn read(
    tx: &mut Tx,
    site: &Site,
    dimension: Dimension,
    range: Range,
    most: usize,
) -> Result<Reading, Error> {
    figures(tx, &ReadFigures { site: site.id, audience: Audience::Own, dimension, range, skip: 0, most })
        .await
}

/// The rows with their curves, what is left of them, and how many more there are.
async fn of_dimension(
    tx: &mut Tx,
    site: &Site,
    dimension: Dimension,
    (period, whole): (Period, &Reading),
    most: usize,
    folding: DisclosureThresholds,
) -> Result<(Vec<Line>, String), Error> {
    let mut pieces = Vec::new();
    for range in cut(period) {
        let read = read(tx, site, dimension, range, usize::MAX).await?;
        let rows = read.rows.into_iter().map(|row| (row.value, row.figures.views));
        pieces.push(Piece { days: read.days, views: read.total.views, rows: rows.collect() });
    }
    let line_of = |row: &Row| {
        let curve = curve(&pieces, |piece| piece.rows.get(&row.value).copied().unwrap_or(0));
        let word = short(&on_one_line(&named::word(dimension, &row.value)));
        line(word, (row.figures.views, row.figures.visitors), curve)
    };
    let mut lines: Vec<Line> = whole.rows.iter().take(most).map(line_of).collect();
    if whole.other > 0 {
        let why = format!("rounded off, or fewer than {} people on a day", folding.own());
        lines.push(["other".to_owned(), wording::number(whole.other), String::new(), why]);
    }
    if whole.days > 0 {
        let total = (whole.total.views, whole.total.visitors);
        lines.push(line("all".to_owned(), total, curve(&pieces, |piece| piece.views)));
    }
    let more = whole.rows.len().saturating_sub(most);
    let mut rest = String::new();
    if more > 0 {
        rest += &format!("{} rows more: --most {}\n", wording::number(more as u64), whole.rows.len());
    }
    if whole.beyond > 0 {
        rest += &format!(
            "There were more different ones on a day than there is room for: rows of few people may be lacking ({} views).\n",
            wording::number(whole.beyond)
        );
    }
    Ok((lines, rest))
}

/// A piece of the period: its days that have figures, its views, and those of each word.
struct Piece {
    days: u32,
    views: u64,
    rows: HashMap<String, u64>,
}

/// Of means of days: pieces may differ by one.
fn curve(pieces: &[Piece], of: impl Fn(&Piece) -> u64) -> String {
    let mean = |piece: &Piece| of(piece).saturating_mul(100).checked_div(u64::from(piece.days));
    let heights: Vec<_> = pieces.iter().map(mean).collect();
    sparkline(&heights)
}

/// A period in pieces of equal days, as far as that can be.
fn cut(period: Period) -> Vec<Range> {
    let (days, count) = (period.days(), period.days().min(PIECES));
    let start = |n: i32| {
        let day = i64::from(days) * i64::from(n) / i64::from(count);
        period.from().0 + i32::try_from(day).unwrap_or(days)
    };
    (0..count).map(|n| Range { from: Date(start(n)), to: Date(start(n + 1) - 1) }).collect()
}

fn line(word: String, (views, visitors): (u64, u64), behind: String) -> Line {
    [word, wording::number(views), wording::number(visitors), behind]
}

fn short(word: &str) -> String {
    if word.chars().count() <= LONGEST {
        return word.to_owned();
    }
    word.chars().take(LONGEST - 1).chain(['…']).collect()
}

fn text(by: By, site: &Site, period: Period, lines: &[Line], rest: &str, left_out: &str) -> String {
    let (title, heads) = match by {
        By::Day => ("Days", ["DAY", "VIEWS", "DAILY VISITORS", ""]),
        By::Of(dimension) => {
            let named = named::dimension(dimension);
            (named.title, [named.word, named.views, named.visitors, "TREND"])
        }
    };
    let title = format!("{title}: {}, {}\n\n", site.name, wording::period(period));
    if lines.is_empty() {
        return title + "There are no figures of these days: a day is published when it is over.\n";
    }
    let heads = heads.map(str::to_uppercase);
    let width = |n: usize| {
        std::iter::once(&heads).chain(lines).map(|line| line[n].chars().count()).max().unwrap_or(0)
    };
    let (first, second, third) = (width(0), width(1), width(2));
    let mut text = title;
    for [word, views, visitors, behind] in std::iter::once(&heads).chain(lines) {
        let line = format!("{word:<first$}  {views:>second$}  {visitors:>third$}  {behind}");
        text += line.trim_end();
        text.push('\n');
    }
    format!(
        "{text}{rest}\nVisitors are daily visitors: whoever comes on two days counts twice.\n{left_out}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_cut_into_pieces_that_hold_each_day_once() {
        let from = Date::parse("2016-01-01").unwrap();
        for days in [1, 7, 30, 31, 32, 365, 3_653] {
            let period = Period::new(from, Date(from.0 + days - 1)).unwrap();
            let pieces = cut(period);
            assert_eq!(pieces.len(), usize::try_from(days.min(PIECES)).unwrap());
            assert_eq!((pieces[0].from, pieces[pieces.len() - 1].to), (period.from(), period.to()));
            assert!(pieces.windows(2).all(|two| two[0].to.0 + 1 == two[1].from.0));
            assert!(pieces.iter().all(|piece| piece.from <= piece.to));
        }
    }

    #[test]
    fn a_long_word_is_cut_for_the_eye() {
        let long = "/ä".repeat(50);
        assert_eq!(short(&long).chars().count(), LONGEST);
        assert!(short(&long).ends_with('…') && short("/a") == "/a");
    }
}
