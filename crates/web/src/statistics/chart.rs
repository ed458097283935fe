//! Charts as SVG. Their places across are shares of whatever width there is, and text isn't stretched with it, so one
//! drawing fits a telephone and a wide screen. Colours come from the style sheet; nothing runs, and what shows under
//! the pointer is there all along.

use askama::Template;

/// Heights in pixels: what the pointer says, the plot, the names below it.
const HEAD: f64 = 30.0;
const PLOT: f64 = 190.0;
const FOOT: f64 = 26.0;
/// A curve is drawn on a plane of this width, which is then stretched.
const WIDTH: f64 = 1_000.0;

/// One of several curves.
pub struct Curve {
    /// Its class in the style sheet.
    pub class: &'static str,
    /// A height for each place; none where nothing was counted.
    pub heights: Vec<Option<f64>>,
}

/// A place across, of a chart.
pub struct Place {
    /// Below the axis.
    pub tick: String,
    /// What it says under the pointer.
    pub says: String,
    /// Numbers of notes on it.
    pub notes: String,
}

/// Curves over places that follow each other. All curves are as long as there are places.
pub struct Curves {
    /// What it shows, for whom it isn't drawn.
    pub label: String,
    /// From left to right.
    pub places: Vec<Place>,
    /// The first lies undermost.
    pub curves: Vec<Curve>,
}

/// Bars over places that follow each other: views, and people before them.
pub struct Bars {
    /// What it shows, for whom it isn't drawn.
    pub label: String,
    /// From left to right.
    pub places: Vec<Place>,
    /// A bar for each place.
    pub views: Vec<u64>,
    /// A bar before it.
    pub visitors: Vec<u64>,
}

#[derive(Template)]
#[template(path = "templates/statistics/curves.html")]
struct CurvesDrawn<'a> {
    label: &'a str,
    frame: Frame,
    paths: Vec<(String, &'static str)>,
    spots: Vec<Spot<'a>>,
    lone: Vec<(String, String, &'static str)>,
}

#[derive(Template)]
#[template(path = "templates/statistics/bars.html")]
struct BarsDrawn<'a> {
    label: &'a str,
    frame: Frame,
    bars: Vec<[String; 4]>,
    spots: Vec<Spot<'a>>,
}

/// What stands around every plot.
struct Frame {
    height: f64,
    foot: f64,
    head: f64,
    plot: f64,
    /// Height, and what it means.
    lines: Vec<(String, String)>,
    /// Place across, anchor, name, and whether a narrow screen has room for it.
    ticks: Vec<(String, &'static str, String, bool)>,
}

/// One place, with what the pointer shows there.
struct Spot<'a> {
    left: String,
    width: String,
    middle: String,
    says: &'a str,
    notes: &'a str,
    /// Height and class of each curve's point.
    points: Vec<(String, &'static str)>,
}

impl Curves {
    /// The drawing.
    ///
    /// # Errors
    /// Never in practice: it is made of texts and numbers.
    pub fn svg(&self) -> Result<String, askama::Error> {
        let highest = self.curves.iter().flat_map(|curve| curve.heights.iter().flatten()).copied();
        let scale = Scale::to(highest.fold(0.0, f64::max));
        let count = self.places.len();
        let mut paths = Vec::new();
        let mut lone = Vec::new();
        for (n, curve) in self.curves.iter().enumerate() {
            for run in runs(&curve.heights) {
                let at = |place: usize| {
                    let height = curve.heights[place].unwrap_or(0.0);
                    format!("{} {}", short(middle(place, count) * WIDTH), short(scale.above(height)))
                };
                if run.len() == 1 {
                    let height = curve.heights[run.start].unwrap_or(0.0);
                    let across = percent(middle(run.start, count));
                    lone.push((across, short(HEAD + scale.above(height)), curve.class));
                    continue;
                }
                let line = run.clone().map(at).collect::<Vec<_>>().join(" L");
                if n == 0 {
                    let (first, last) = (middle(run.start, count), middle(run.end - 1, count));
                    let (first, last) = (short(first * WIDTH), short(last * WIDTH));
                    paths.push((format!("M{first} {PLOT} L{line} L{last} {PLOT}Z"), "area"));
                }
                paths.push((format!("M{line}"), curve.class));
            }
        }
        let spots = self.places.iter().enumerate().map(|(n, place)| {
            let points = self.curves.iter().filter_map(|curve| {
                let height = curve.heights.get(n).copied().flatten()?;
                Some((short(HEAD + scale.above(height)), curve.class))
            });
            Spot::of(place, n, count, points.collect())
        });
        let (label, frame) = (&*self.label, Frame::of(&scale, &self.places));
        CurvesDrawn { label, frame, paths, spots: spots.collect(), lone }.render()
    }
}

impl Bars {
    /// The drawing.
    ///
    /// # Errors
    /// Never in practice: it is made of texts and numbers.
    pub fn svg(&self) -> Result<String, askama::Error> {
        let count = self.places.len();
        let highest = self.views.iter().chain(&self.visitors).copied().max().unwrap_or(0);
        let scale = Scale::to(highest as f64);
        let bar = |number: u64, place: usize, share: f64| {
            let above = scale.above(number as f64);
            let width = share / count as f64;
            [
                percent(middle(place, count) - width / 2.0),
                percent(width),
                short(HEAD + above),
                short(PLOT - above),
            ]
        };
        let views = self.views.iter().enumerate().map(|(n, number)| bar(*number, n, 0.76));
        let visitors = self.visitors.iter().enumerate().map(|(n, number)| bar(*number, n, 0.4));
        let spots = self.places.iter().enumerate().map(|(n, place)| Spot::of(place, n, count, Vec::new()));
        let (label, frame) = (&*self.label, Frame::of(&scale, &self.places));
        BarsDrawn { label, frame, bars: views.chain(visitors).collect(), spots: spots.collect() }.render()
    }
}

impl<'a> Spot<'a> {
    fn of(place: &'a Place, n: usize, count: usize, points: Vec<(String, &'static str)>) -> Self {
        let width = 1.0 / count as f64;
        Self {
            left: percent(n as f64 * width),
            width: percent(width),
            middle: percent(middle(n, count)),
            says: &place.says,
            notes: &place.notes,
            points,
        }
    }
}

impl Frame {
    /// At most eight names, the last places' rather than the first ones'.
    fn of(scale: &Scale, places: &[Place]) -> Self {
        let (count, every) = (places.len(), places.len().div_ceil(8).max(1));
        let first = count.saturating_sub(1) % every;
        let ticks = (first..count).step_by(every).enumerate().map(|(n, place)| {
            let across = middle(place, count);
            let anchor = match across {
                ..0.03 => "start",
                0.97.. => "end",
                _ => "middle",
            };
            (percent(across), anchor, places[place].tick.clone(), (n + count / every).is_multiple_of(2))
        });
        Self {
            height: HEAD + PLOT + FOOT,
            foot: HEAD + PLOT + 18.0,
            head: HEAD,
            plot: PLOT,
            lines: scale.lines(),
            ticks: ticks.collect(),
        }
    }
}

/// The points of a small curve without axes, on a plane of 100 by 24; empty for fewer than two numbers.
#[must_use]
pub fn spark(numbers: &[u64]) -> String {
    let most = numbers.iter().copied().max().unwrap_or(0).max(1) as f64;
    let points = numbers.iter().enumerate().map(|(n, number)| {
        let across = n as f64 * 100.0 / (numbers.len() - 1).max(1) as f64;
        format!("{},{}", short(across), short(23.0 - *number as f64 / most * 22.0))
    });
    if numbers.len() < 2 { String::new() } else { points.collect::<Vec<_>>().join(" ") }
}

/// The middle of a place, as a share of the width.
fn middle(place: usize, count: usize) -> f64 {
    (place as f64 + 0.5) / count as f64
}

/// Runs of places that have a height.
fn runs(heights: &[Option<f64>]) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    for (place, height) in heights.iter().enumerate() {
        match (height, start) {
            (Some(_), None) => start = Some(place),
            (None, Some(first)) => {
                runs.push(first..place);
                start = None;
            }
            _ => {}
        }
    }
    runs.extend(start.map(|first| first..heights.len()));
    runs
}

/// Round numbers from nothing to at least the highest.
struct Scale {
    step: u64,
    steps: u64,
}

impl Scale {
    fn to(highest: f64) -> Self {
        let mut step = 1_u64;
        // 1, 2, 5, 10, 20, 50: until four of them reach it.
        for factor in [2, 5, 10].into_iter().cycle() {
            if step as f64 * 4.0 >= highest || step > u64::MAX / 100 {
                break;
            }
            step = match factor {
                5 => step / 2 * 5,
                _ => step * 2,
            };
        }
        let steps = (1..4).find(|steps| (step * steps) as f64 >= highest).unwrap_or(4);
        Self { step, steps }
    }

    /// Pixels from the plot's top.
    fn above(&self, height: f64) -> f64 {
        let top = (self.step * self.steps) as f64;
        PLOT - (height / top).clamp(0.0, 1.0) * PLOT
    }

    fn lines(&self) -> Vec<(String, String)> {
        let line = |n: u64| {
            let height = (self.step * n) as f64;
            (short(HEAD + self.above(height)), super::wording::number(self.step * n))
        };
        (0..=self.steps).map(line).collect()
    }
}

/// At most two decimals, none that say nothing.
fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn percent(share: f64) -> String {
    short(share * 100.0) + "%"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(n: usize) -> Place {
        Place { tick: format!("{n}"), says: format!("<{n}>"), notes: String::new() }
    }

    fn curves(heights: Vec<Option<f64>>) -> Curves {
        let places = (0..heights.len()).map(place).collect();
        Curves { label: "Views \"a day\"".into(), places, curves: vec![Curve { class: "views", heights }] }
    }

    #[test]
    fn an_axis_has_few_round_numbers_and_reaches_the_highest() {
        for (highest, step, steps) in [
            (0.0, 1, 1),
            (1.0, 1, 1),
            (4.0, 1, 4),
            (5.0, 2, 3),
            (35.0, 10, 4),
            (99.9, 50, 2),
            (140.0, 50, 3),
            (4_100.0, 2_000, 3),
            (7_000_000.0, 2_000_000, 4),
        ] {
            let scale = Scale::to(highest);
            assert_eq!((scale.step, scale.steps), (step, steps), "{highest}");
        }
        let most = Scale::to(u64::MAX as f64);
        assert!(most.steps == 4 && most.above(1.0) <= PLOT);
    }

    #[test]
    fn a_curve_breaks_where_nothing_was_counted() {
        assert_eq!(runs(&[None, Some(1.0), Some(2.0), None, Some(3.0)]), [1..3, 4..5]);
        assert!(runs(&[]).is_empty() && runs(&[None]).is_empty());
        let svg = curves(vec![Some(0.0), Some(100.0), None, Some(50.0)]).svg().unwrap();
        assert!(svg.contains(r#"d="M125 190 L375 0""#), "{svg}");
        assert!(
            svg.contains(r#"<circle class="views" cx="87.5%" cy="125""#),
            "a day alone is a point: {svg}"
        );
    }

    #[test]
    fn words_of_strangers_are_text_and_nothing_needs_a_style() {
        let svg = curves(vec![Some(1.0); 3]).svg().unwrap();
        assert!(svg.contains("&#60;1&#62;") && !svg.contains("<1>"), "{svg}");
        assert!(svg.contains("aria-label=\"Views &#34;a day&#34;\""), "{svg}");
        assert!(!svg.contains("style") && !svg.contains("NaN"));
    }

    #[test]
    fn an_empty_chart_is_drawn_too() {
        let bars = Bars { label: String::new(), places: vec![], views: vec![], visitors: vec![] };
        for svg in [curves(vec![]).svg().unwrap(), curves(vec![None]).svg().unwrap(), bars.svg().unwrap()] {
            assert!(svg.starts_with("<svg") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn a_small_curve_reaches_from_edge_to_edge() {
        assert_eq!(spark(&[0, 5, 10]), "0,23 50,12 100,1");
        assert_eq!((spark(&[]), spark(&[7])), (String::new(), String::new()));
    }

    #[test]
    fn bars_stand_on_the_foot_and_hold_what_they_count() {
        let bars = Bars {
            label: "Hours".into(),
            places: (0..2).map(place).collect(),
            views: vec![100, 50],
            visitors: vec![50, 0],
        };
        let svg = bars.svg().unwrap();
        assert!(svg.contains(r#"x="6%" width="38%" y="30" height="190""#), "{svg}");
        assert!(svg.contains(r#"x="56%" width="38%" y="125" height="95""#), "{svg}");
    }

    #[test]
    fn at_most_eight_names_stand_below_and_the_last_place_has_one() {
        for count in [1, 7, 8, 9, 24, 31, 53, 93, 131] {
            let places: Vec<Place> = (0..count).map(place).collect();
            let frame = Frame::of(&Scale::to(1.0), &places);
            assert!((1..=8).contains(&frame.ticks.len()), "{count}");
            assert_eq!(frame.ticks.last().unwrap().2, (count - 1).to_string());
        }
    }
}
