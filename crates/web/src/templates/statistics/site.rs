//! The page of a site: charts with their tables.

use analytics::{Date, Dimension, Figures};
use askama::Template;
use axum::response::Html;
use domain::statistics::{Point, Reading, Step};

use super::{Card, Line, Seen, card, lines, title};
use crate::statistics::chart::{Bars, Curve, Curves, Place};
use crate::statistics::wording::{self, change, mean, number};
use crate::statistics::{Choice, Dashboard, named};
use crate::templates::page;

/// A number of the page's head.
struct Tile {
    name: &'static str,
    value: String,
    says: String,
}

/// A row of the table below the chart of days.
struct Piece {
    name: String,
    days: u32,
    views: String,
    visitors: String,
}

#[derive(Template)]
#[template(path = "templates/statistics/site.html")]
struct SitePage<'a> {
    vendor: &'a str,
    seen: &'a Seen<'a>,
    title: &'a str,
    choices: Vec<(String, &'static str, bool)>,
    query: String,
    words: String,
    before: String,
    visitors: &'static str,
    tiles: Vec<Tile>,
    counted: bool,
    chart: String,
    compared: bool,
    step: &'static str,
    whole: bool,
    notes: Vec<(usize, String, &'a str)>,
    pieces: Vec<Piece>,
    cards: Vec<Card>,
    empty: String,
    hours: String,
    hour_lines: Vec<Line>,
    left_out: String,
}

/// The page of a site.
///
/// # Errors
/// Never in practice: drawings are made of texts and numbers.
pub fn site(seen: &Seen<'_>, of: &Dashboard) -> Result<Html<String>, askama::Error> {
    let notes = numbered(of);
    let curves = curves(of, &notes);
    let hours = hours(&of.hours);
    let full = of.tables.iter().filter(|(_, read)| read.total.views > 0);
    let empty: Vec<&str> = (of.tables.iter())
        .filter(|(_, read)| read.total.views == 0)
        .map(|(dimension, _)| named::dimension(*dimension).title)
        .collect();
    let choices = Choice::ALL
        .map(|choice| (seen.asked.choosing(choice), choice.name(), seen.asked.choice == Some(choice)));
    Ok(page(&SitePage {
        vendor: seen.vendor,
        seen,
        title: title(seen.site),
        choices: choices.to_vec(),
        query: seen.asked.query(),
        words: wording::period(seen.asked.period),
        before: seen.asked.before().map(wording::period).unwrap_or_default(),
        visitors: if of.step == Step::Hour { "visitors of each hour" } else { "daily visitors" },
        tiles: tiles(seen, of),
        counted: of.site().days > 0,
        chart: curves.svg()?,
        compared: !of.past.is_empty(),
        step: of.step.name(),
        whole: matches!(of.step, Step::Week | Step::Month | Step::Year),
        notes,
        pieces: of.points.iter().rev().map(|point| piece(point, of.step)).collect(),
        cards: full.map(|(dimension, read)| card(*dimension, read)).collect(),
        empty: empty.join(", "),
        hours: hours.svg()?,
        hour_lines: lines(Dimension::Hour, &of.hours.rows),
        left_out: wording::left_out(&of.aside),
    }))
}

fn tiles(seen: &Seen<'_>, of: &Dashboard) -> Vec<Tile> {
    let (now, before) = (of.site(), of.before.as_ref().filter(|before| before.days > 0));
    let compared = |of_day: &str, number: fn(&Figures) -> u64| {
        let before = before.map(|before| (number(&before.total), before.days));
        let change = before.and_then(|before| change((number(&now.total), now.days), before));
        change.map_or_else(|| of_day.to_owned(), |change| format!("{of_day}; {change}"))
    };
    let tile = |name, number, says| Tile { name, value: number, says };
    let multiple = format!("in the last five minutes, rounded down to a multiple of {}", seen.people);
    let mut tiles = vec![tile("Visitors now", number(seen.here), multiple)];
    let days = match now.days {
        0 => return tiles,
        1 => "of one day".to_owned(),
        days => format!("the mean of {} days", number(days.into())),
    };
    let (views, visitors) = (|figures: &Figures| figures.views, |figures: &Figures| figures.visitors);
    tiles.push(tile("Views a day", mean(now.total.views, now.days), compared(&days, views)));
    tiles.push(tile("Daily visitors", mean(now.total.visitors, now.days), compared(&days, visitors)));
    if now.days > 1 {
        let sum = format!("the sum of {} days", number(now.days.into()));
        tiles.push(tile("Views", number(now.total.views), sum.clone()));
        let twice = format!("{sum}; who comes on two days counts twice");
        tiles.push(tile("Sum of daily visitors", number(now.total.visitors), twice));
    }
    tiles
}

/// Notes with the numbers under which the chart shows them.
fn numbered(of: &Dashboard) -> Vec<(usize, String, &str)> {
    let notes = of.notes.iter().enumerate();
    notes.map(|(n, (day, text))| (n + 1, wording::day(*day), &**text)).collect()
}

/// Means of days, so that pieces of unlike lengths stand beside each other.
fn curves(of: &Dashboard, notes: &[(usize, String, &str)]) -> Curves {
    let mean_of = |point: &Point, number: fn(&Figures) -> u64| {
        // Of hours there is one number each.
        (point.days > 0).then(|| number(&point.figures) as f64 / f64::from(point.days))
    };
    let heights = |points: &[Point], number: fn(&Figures) -> u64| {
        let heights = points.iter().map(|point| mean_of(point, number));
        heights.chain(std::iter::repeat(None)).take(of.points.len()).collect::<Vec<_>>()
    };
    let mut curves = Vec::new();
    let views = |figures: &Figures| figures.views;
    let visitors = |figures: &Figures| figures.visitors;
    curves.push(Curve { class: "views", heights: heights(&of.points, views) });
    if !of.past.is_empty() {
        curves.push(Curve { class: "views past", heights: heights(&of.past, views) });
        curves.push(Curve { class: "visitors past", heights: heights(&of.past, visitors) });
    }
    curves.push(Curve { class: "visitors", heights: heights(&of.points, visitors) });
    let places = of.points.iter().enumerate().map(|(n, point)| {
        let next = of.points.get(n + 1).map_or(Date(i32::MAX), |next| next.start);
        let here = of.notes.iter().zip(notes).filter(|((day, _), _)| match point.hour {
            // A day's note stands where the day begins.
            Some(hour) => hour == 0 && point.start == *day,
            None => (point.start..next).contains(day),
        });
        let here: Vec<String> = here.map(|(_, (number, ..))| number.to_string()).collect();
        Place { tick: wording::tick(point, of.step), says: says(point, of.step), notes: here.join(", ") }
    });
    let label = "Views and daily visitors: curves of the numbers that stand in the table below.".to_owned();
    Curves { label, places: places.collect(), curves }
}

fn says(point: &Point, step: Step) -> String {
    let name = wording::piece(point, step);
    if point.days == 0 {
        return format!("{name}: nothing counted");
    }
    let means = [point.figures.views, point.figures.visitors].map(|sum| mean(sum, point.days));
    let a_day = if matches!(step, Step::Hour | Step::Day) { "" } else { " a day" };
    format!("{name}: {} views, {} visitors{a_day}", means[0], means[1])
}

fn piece(point: &Point, step: Step) -> Piece {
    let shown = |sum: u64| if point.days == 0 { "–".to_owned() } else { number(sum) };
    Piece {
        name: wording::piece(point, step),
        days: point.days,
        views: shown(point.figures.views),
        visitors: shown(point.figures.visitors),
    }
}

/// The hours of the clock, those without people too.
fn hours(read: &Reading) -> Bars {
    let of = |hour: u32| {
        let name = format!("{hour:02}");
        read.rows.iter().find(|row| row.value == name).map_or(Figures::default(), |row| row.figures)
    };
    let all: Vec<Figures> = (0..24).map(of).collect();
    let place = |(hour, figures): (usize, &Figures)| Place {
        tick: format!("{hour:02}:00"),
        says: format!(
            "{hour:02}:00 to {:02}:00: {} views, {} visitors",
            hour + 1,
            number(figures.views),
            number(figures.visitors)
        ),
        notes: String::new(),
    };
    Bars {
        label:
            "Views and visitors by the hour of the day: bars of the numbers that stand in the table below."
                .to_owned(),
        places: all.iter().enumerate().map(place).collect(),
        views: all.iter().map(|figures| figures.views).collect(),
        visitors: all.iter().map(|figures| figures.visitors).collect(),
    }
}
