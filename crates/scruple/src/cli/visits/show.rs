//! `scruple visits show`: published figures as a table with sparklines, or as JSON.

use super::super::context::CommandContext;
use super::super::outcome::{CommandError, CommandResult, output, output_json};
use super::super::table::one_line;
use super::super::value_parsers;
use analytics::{Dimension, DisclosureThresholds, Row};
use calendar::Day;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use domain::statistics::{
    DateRange, FiguresPage, FiguresQuery, SeriesQuery, Step, read_exclusions, read_figures, read_series,
};
use serde::Serialize;
use serde_json::json as value;
use std::collections::HashMap;
use store::{Audience, Error, Site, Tx};
use web::statistics::sparkline::{bar, sparkline};
use web::statistics::{Period, format as format_text, labels};

/// Arguments of `scruple visits show`
#[derive(Args)]
pub struct ShowVisits {
    /// The id of the site
    #[arg(long, value_name = "ID", value_parser = value_parsers::name)]
    pub site: String,
    /// The first day, in the site's time zone
    #[arg(long, value_name = "DAY")]
    pub from: Day,
    /// The last day, included; today has no figures until it is over
    #[arg(long, value_name = "DAY")]
    pub to: Day,
    /// The dimension to group by
    #[arg(long, value_name = "DIMENSION", value_parser = by())]
    pub by: By,
    /// The maximum number of rows; JSON has all of them
    #[arg(long, default_value_t = 40, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub limit: u16,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The grouping of the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By the values of a dimension.
    Of(Dimension),
    /// By day.
    Day,
}

impl By {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Of(dimension) => dimension.name(),
            Self::Day => "day",
        }
    }
}

fn by() -> impl TypedValueParser<Value = By> {
    let names = Dimension::ALL.map(Dimension::name).into_iter().chain([By::Day.name()]);
    PossibleValuesParser::new(names).map(|name| Dimension::from_name(&name).map_or(By::Day, By::Of))
}

/// The maximum number of points of a sparkline.
const PIECES: i64 = 31;
/// The maximum number of characters of a value in the table.
const LONGEST: usize = 60;

/// A row in JSON output.
#[derive(Serialize)]
struct Figure {
    value: String,
    views: u64,
    visitors: u64,
}

/// A line of the table: value, views, visitors, sparkline.
type Line = [String; 4];

/// Runs the command.
pub async fn show(
    ctx: &CommandContext,
    thresholds: DisclosureThresholds,
    args: &ShowVisits,
) -> CommandResult {
    let (from, to) = (since_1970(args.from)?, since_1970(args.to)?);
    let period = Period::new(from, to)
        .map_err(|_| CommandError::misuse(format!("--from {from} is after --to {to}")))?;
    let mut tx = ctx.db.read().await?;
    let Some(site) = tx.site(&args.site).await? else {
        return Err(CommandError::new(format!("there is no site {}: see `scruple site list`", args.site)));
    };
    let (lines, rest) = match args.by {
        By::Day => {
            let days = days(&mut tx, &site, period).await?;
            if args.json {
                return output_json(&value!({ "days": days }));
            }
            (lines_of_days(&days), String::new())
        }
        By::Of(dimension) => {
            let read = read(&mut tx, &site, dimension, period.range(), usize::MAX).await?;
            if args.json {
                let rows: Vec<Figure> = read.rows.into_iter().map(Figure::from).collect();
                return output_json(&value!({ "rows": rows }));
            }
            of_dimension(&mut tx, &site, dimension, (period, &read), args.limit.into(), thresholds).await?
        }
    };
    let left_out = format_text::left_out(&read_exclusions(&mut tx, site.id, period.range()).await?);
    output(text(args.by, &site, period, &lines, &rest, &left_out))
}

fn since_1970(day: Day) -> Result<Day, CommandError> {
    if day < Day::UNIX_EPOCH {
        return Err(CommandError::misuse(format!("{day} is before 1970")));
    }
    Ok(day)
}

impl From<Row> for Figure {
    fn from(row: Row) -> Self {
        Self { value: row.value, views: row.figures.views, visitors: row.figures.visitors }
    }
}

/// The days with figures.
async fn days(tx: &mut Tx, site: &Site, period: Period) -> Result<Vec<Figure>, Error> {
    let (audience, dimension) = (Audience::Own, Dimension::Page);
    let read = SeriesQuery { site: site.id, audience, dimension, range: period.range(), step: Step::Day };
    let points = read_series(tx, &read).await?.unwrap_or_default();
    let counted = points.into_iter().filter(|point| point.days > 0).map(|point| Figure {
        value: point.start.to_string(),
        views: point.figures.views,
        visitors: point.figures.visitors,
    });
    Ok(counted.collect())
}

fn lines_of_days(days: &[Figure]) -> Vec<Line> {
    let most = days.iter().map(|day| day.views).max().unwrap_or(0);
    let line = |day: &Figure| line(day.value.clone(), (day.views, day.visitors), bar(day.views, most));
    days.iter().map(line).collect()
}

async fn read(
    tx: &mut Tx,
    site: &Site,
    dimension: Dimension,
    range: DateRange,
    most: usize,
) -> Result<FiguresPage, Error> {
    read_figures(
        tx,
        &FiguresQuery { site: site.id, audience: Audience::Own, dimension, range, skip: 0, limit: most },
    )
    .await
}

/// The rows with their sparklines, and a note about rows that are not shown.
async fn of_dimension(
    tx: &mut Tx,
    site: &Site,
    dimension: Dimension,
    (period, whole): (Period, &FiguresPage),
    most: usize,
    thresholds: DisclosureThresholds,
) -> Result<(Vec<Line>, String), Error> {
    let mut pieces = Vec::new();
    for range in cut(period) {
        let read = read(tx, site, dimension, range, usize::MAX).await?;
        let rows = read.rows.into_iter().map(|row| (row.value, row.figures.views));
        pieces.push(Piece { days: read.days, views: read.total.views, rows: rows.collect() });
    }
    let line_of = |row: &Row| {
        let curve = curve(&pieces, |piece| piece.rows.get(&row.value).copied().unwrap_or(0));
        let word = short(&one_line(&labels::label(dimension, &row.value)));
        line(word, (row.figures.views, row.figures.visitors), curve)
    };
    let mut lines: Vec<Line> = whole.rows.iter().take(most).map(line_of).collect();
    if whole.other > 0 {
        let why = format!("rounded off, or fewer than {} people on a day", thresholds.staff());
        lines.push(["other".to_owned(), format_text::number(whole.other), String::new(), why]);
    }
    if whole.days > 0 {
        let total = (whole.total.views, whole.total.visitors);
        lines.push(line("all".to_owned(), total, curve(&pieces, |piece| piece.views)));
    }
    let more = whole.rows.len().saturating_sub(most);
    let mut rest = String::new();
    if more > 0 {
        rest += &format!("{} rows more: --limit {}\n", format_text::number(more as u64), whole.rows.len());
    }
    if whole.evicted_views > 0 {
        rest += &format!(
            "A day had more different values than can be stored: rows with few people may be missing ({} views).\n",
            format_text::number(whole.evicted_views)
        );
    }
    Ok((lines, rest))
}

/// A part of the period: its days with figures, its views, and the views of each value.
struct Piece {
    days: u32,
    views: u64,
    rows: HashMap<String, u64>,
}

/// A sparkline of the mean views per day, because parts can differ by one day.
fn curve(pieces: &[Piece], of: impl Fn(&Piece) -> u64) -> String {
    let mean = |piece: &Piece| of(piece).saturating_mul(100).checked_div(u64::from(piece.days));
    let heights: Vec<_> = pieces.iter().map(mean).collect();
    sparkline(&heights)
}

/// Divides a period into parts of equal length, as far as possible.
fn cut(period: Period) -> Vec<DateRange> {
    let (days, count) = (period.days(), period.days().min(PIECES));
    let start = |n: i64| period.from() + days * n / count;
    (0..count).map(|n| DateRange { from: start(n), to: start(n + 1) - 1 }).collect()
}

fn line(word: String, (views, visitors): (u64, u64), behind: String) -> Line {
    [word, format_text::number(views), format_text::number(visitors), behind]
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
            let named = labels::dimension(dimension);
            (named.title, [named.value, named.views, named.visitors, "TREND"])
        }
    };
    let title = format!("{title}: {}, {}\n\n", site.name, format_text::period(period));
    if lines.is_empty() {
        return title + "There are no figures for these days. A day is published when it is over.\n";
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
        "{text}{rest}\nVisitors are daily visitors: a person who comes on two days counts twice.\n{left_out}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_cut_into_pieces_that_hold_each_day_once() {
        let from = "2016-01-01".parse::<Day>().unwrap();
        for days in [1, 7, 30, 31, 32, 365, 3_653] {
            let period = Period::new(from, from + days - 1).unwrap();
            let pieces = cut(period);
            assert_eq!(pieces.len(), usize::try_from(days.min(PIECES)).unwrap());
            assert_eq!((pieces[0].from, pieces[pieces.len() - 1].to), (period.from(), period.to()));
            assert!(pieces.windows(2).all(|two| two[0].to + 1 == two[1].from));
            assert!(pieces.iter().all(|piece| piece.from <= piece.to));
        }
    }

    #[test]
    fn a_long_value_is_shortened_in_the_table() {
        let long = "/ä".repeat(50);
        assert_eq!(short(&long).chars().count(), LONGEST);
        assert!(short(&long).ends_with('…') && short("/a") == "/a");
    }
}
