//! The page of one site: charts with their tables.

use analytics::{Dimension, Figures};
use askama::Template;
use axum::response::Html;
use calendar::Day;
use domain::statistics::{FiguresPage, Point, Step};

use super::{Card, SiteView, TableRow, card, rows, title};
use crate::statistics::chart::{BarChart, Line, LineChart, Position};
use crate::statistics::format::{self, change, mean, number};
use crate::statistics::{Choice, Dashboard, labels};
use crate::templates::page;

/// A number at the top of the page.
struct Tile {
    name: &'static str,
    value: String,
    note: String,
}

/// A row of the table below the chart of days.
struct TimeRow {
    name: String,
    days: u32,
    views: String,
    visitors: String,
}

/// The link to a choice of period.
struct ChoiceLink {
    query: String,
    name: &'static str,
    is_current: bool,
}

/// A note on a day, with the number that marks it in the chart.
struct Note<'a> {
    number: usize,
    day: String,
    text: &'a str,
}

#[derive(Template)]
#[template(path = "templates/statistics/site.html")]
struct SiteTemplate<'a> {
    vendor: &'a str,
    view: &'a SiteView<'a>,
    title: &'a str,
    choices: Vec<ChoiceLink>,
    query: String,
    period: String,
    previous_period: String,
    visitors: &'static str,
    tiles: Vec<Tile>,
    has_figures: bool,
    chart: String,
    is_compared: bool,
    step: &'static str,
    whole_periods: bool,
    notes: Vec<Note<'a>>,
    time_rows: Vec<TimeRow>,
    cards: Vec<Card>,
    empty_tables: String,
    hours: String,
    hour_rows: Vec<TableRow>,
    left_out: String,
}

/// The page of a site.
///
/// # Errors
/// Never in practice: the charts contain only texts and numbers.
pub fn site(view: &SiteView<'_>, dashboard: &Dashboard) -> Result<Html<String>, askama::Error> {
    let notes = numbered_notes(dashboard);
    let chart = line_chart(dashboard, &notes);
    let hours = hour_chart(&dashboard.hours);
    let filled = dashboard.tables.iter().filter(|(_, read)| read.total.views > 0);
    let empty: Vec<&str> = (dashboard.tables.iter())
        .filter(|(_, read)| read.total.views == 0)
        .map(|(dimension, _)| labels::dimension(*dimension).title)
        .collect();
    let query = view.query;
    let choices = Choice::ALL.map(|choice| ChoiceLink {
        query: query.with_choice(choice),
        name: choice.name(),
        is_current: query.choice == Some(choice),
    });
    Ok(page(&SiteTemplate {
        vendor: view.vendor,
        view,
        title: title(view.site),
        choices: choices.into(),
        query: query.to_url(),
        period: format::period(query.period),
        previous_period: query.previous_period().map(format::period).unwrap_or_default(),
        visitors: if dashboard.step == Step::Hour { "visitors in each hour" } else { "daily visitors" },
        tiles: tiles(view, dashboard),
        has_figures: dashboard.site().days > 0,
        chart: chart.svg()?,
        is_compared: !dashboard.previous_points.is_empty(),
        step: dashboard.step.name(),
        whole_periods: matches!(dashboard.step, Step::Week | Step::Month | Step::Year),
        notes,
        time_rows: dashboard.points.iter().rev().map(|point| time_row(point, dashboard.step)).collect(),
        cards: filled.map(|(dimension, read)| card(*dimension, read)).collect(),
        empty_tables: empty.join(", "),
        hours: hours.svg()?,
        hour_rows: rows(Dimension::Hour, &dashboard.hours.rows),
        left_out: format::left_out(&dashboard.left_out),
    }))
}

fn tiles(view: &SiteView<'_>, dashboard: &Dashboard) -> Vec<Tile> {
    let now = dashboard.site();
    let before = dashboard.previous_total.as_ref().filter(|before| before.days > 0);
    let compared = |days: &str, number: fn(&Figures) -> u64| {
        let before = before.map(|before| (number(&before.total), before.days));
        let change = before.and_then(|before| change((number(&now.total), now.days), before));
        change.map_or_else(|| days.to_owned(), |change| format!("{days}; {change}"))
    };
    let tile = |name, value, note| Tile { name, value, note };
    let rounding = format!("in the last five minutes, rounded down to a multiple of {}", view.min_people);
    let mut tiles = vec![tile("Visitors now", number(view.visitors_now), rounding)];
    let days = match now.days {
        0 => return tiles,
        1 => "on one day".to_owned(),
        days => format!("average of {} days", number(days.into())),
    };
    let (views, visitors) = (|figures: &Figures| figures.views, |figures: &Figures| figures.visitors);
    tiles.push(tile("Views a day", mean(now.total.views, now.days), compared(&days, views)));
    tiles.push(tile("Daily visitors", mean(now.total.visitors, now.days), compared(&days, visitors)));
    if now.days > 1 {
        let sum = format!("sum of {} days", number(now.days.into()));
        tiles.push(tile("Views", number(now.total.views), sum.clone()));
        let twice = format!("{sum}; a person who comes on two days counts twice");
        tiles.push(tile("Sum of daily visitors", number(now.total.visitors), twice));
    }
    tiles
}

fn numbered_notes(dashboard: &Dashboard) -> Vec<Note<'_>> {
    let notes = dashboard.notes.iter().enumerate();
    notes.map(|(n, (day, text))| Note { number: n + 1, day: format::day(*day), text }).collect()
}

/// The chart of views and visitors. It shows daily averages, so that steps of different lengths can be compared.
fn line_chart(dashboard: &Dashboard, notes: &[Note<'_>]) -> LineChart {
    let mean_of = |point: &Point, number: fn(&Figures) -> u64| {
        // An hour has one value and one day.
        (point.days > 0).then(|| number(&point.figures) as f64 / f64::from(point.days))
    };
    let heights = |points: &[Point], number: fn(&Figures) -> u64| {
        let heights = points.iter().map(|point| mean_of(point, number));
        heights.chain(std::iter::repeat(None)).take(dashboard.points.len()).collect::<Vec<_>>()
    };
    let mut lines = Vec::new();
    let views = |figures: &Figures| figures.views;
    let visitors = |figures: &Figures| figures.visitors;
    let (points, previous) = (&dashboard.points, &dashboard.previous_points);
    lines.push(Line { class: "views", heights: heights(points, views) });
    if !previous.is_empty() {
        lines.push(Line { class: "views past", heights: heights(previous, views) });
        lines.push(Line { class: "visitors past", heights: heights(previous, visitors) });
    }
    lines.push(Line { class: "visitors", heights: heights(points, visitors) });
    let positions = points.iter().enumerate().map(|(n, point)| {
        let next = points.get(n + 1).map_or(Day::MAX + 1, |next| next.start);
        let here = dashboard.notes.iter().zip(notes).filter(|((day, _), _)| match point.hour {
            // A note on a day is shown at the day's first hour.
            Some(hour) => hour == 0 && point.start == *day,
            None => (point.start..next).contains(day),
        });
        let here: Vec<String> = here.map(|(_, note)| note.number.to_string()).collect();
        let step = dashboard.step;
        Position {
            tick: format::axis_label(point, step),
            tooltip: tooltip(point, step),
            notes: here.join(", "),
        }
    });
    let label = "Views and daily visitors as lines. The table below has the same numbers.".to_owned();
    LineChart { label, positions: positions.collect(), lines }
}

fn tooltip(point: &Point, step: Step) -> String {
    let name = format::step_label(point, step);
    if point.days == 0 {
        return format!("{name}: no figures");
    }
    let means = [point.figures.views, point.figures.visitors].map(|sum| mean(sum, point.days));
    let a_day = if matches!(step, Step::Hour | Step::Day) { "" } else { " a day" };
    format!("{name}: {} views, {} visitors{a_day}", means[0], means[1])
}

fn time_row(point: &Point, step: Step) -> TimeRow {
    let shown = |sum: u64| if point.days == 0 { "–".to_owned() } else { number(sum) };
    TimeRow {
        name: format::step_label(point, step),
        days: point.days,
        views: shown(point.figures.views),
        visitors: shown(point.figures.visitors),
    }
}

/// The chart of the hours of the day, including hours without visitors.
fn hour_chart(read: &FiguresPage) -> BarChart {
    let figures_of = |hour: u32| {
        let name = format!("{hour:02}");
        read.rows.iter().find(|row| row.value == name).map_or(Figures::default(), |row| row.figures)
    };
    let all: Vec<Figures> = (0..24).map(figures_of).collect();
    let position = |(hour, figures): (usize, &Figures)| Position {
        tick: format!("{hour:02}:00"),
        tooltip: format!(
            "{hour:02}:00 to {:02}:00: {} views, {} visitors",
            hour + 1,
            number(figures.views),
            number(figures.visitors)
        ),
        notes: String::new(),
    };
    BarChart {
        label: "Views and visitors by hour of the day as bars. The table below has the same numbers."
            .to_owned(),
        positions: all.iter().enumerate().map(position).collect(),
        views: all.iter().map(|figures| figures.views).collect(),
        visitors: all.iter().map(|figures| figures.visitors).collect(),
    }
}
