//! Draws charts as SVG.
//!
//! Horizontal positions are percentages and text is not stretched, so one drawing fits a phone and a wide screen.
//! Colours come from the style sheet. No script runs: the tooltips are part of the drawing.

use askama::Template;

/// Heights in pixels: the tooltip line, the plot, the labels below it.
const HEAD: f64 = 30.0;
const PLOT: f64 = 190.0;
const FOOT: f64 = 26.0;
/// Width of the plane on which lines are drawn before it is stretched.
const WIDTH: f64 = 1_000.0;

/// A line of a chart.
pub struct Line {
    /// Its class in the style sheet.
    pub class: &'static str,
    /// A height for each position. `None` where nothing was counted.
    pub heights: Vec<Option<f64>>,
}

/// A horizontal position of a chart.
pub struct Position {
    /// Label below the axis.
    pub tick: String,
    /// Text that is shown under the pointer.
    pub tooltip: String,
    /// Numbers of the notes on it.
    pub notes: String,
}

/// A chart of lines over consecutive positions. All lines have as many heights as there are positions.
pub struct LineChart {
    /// Description for screen readers.
    pub label: String,
    /// Positions from left to right.
    pub positions: Vec<Position>,
    /// The first line is drawn undermost.
    pub lines: Vec<Line>,
}

/// A chart of bars over consecutive positions: views, and visitors in front of them.
pub struct BarChart {
    /// Description for screen readers.
    pub label: String,
    /// Positions from left to right.
    pub positions: Vec<Position>,
    /// A bar of views for each position.
    pub views: Vec<u64>,
    /// A bar of visitors in front of it.
    pub visitors: Vec<u64>,
}

/// A point without neighbours, which a line can't show.
struct SinglePoint {
    x: String,
    y: String,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "templates/statistics/line_chart.html")]
struct LineChartTemplate<'a> {
    label: &'a str,
    frame: Frame,
    paths: Vec<(String, &'static str)>,
    hovers: Vec<HoverTarget<'a>>,
    single_points: Vec<SinglePoint>,
}

#[derive(Template)]
#[template(path = "templates/statistics/bar_chart.html")]
struct BarChartTemplate<'a> {
    label: &'a str,
    frame: Frame,
    bars: Vec<[String; 4]>,
    hovers: Vec<HoverTarget<'a>>,
}

/// Axes and labels of every chart.
struct Frame {
    height: f64,
    tick_baseline: f64,
    plot_top: f64,
    plot_height: f64,
    /// Vertical position and value of each grid line.
    grid_lines: Vec<(String, String)>,
    ticks: Vec<Tick>,
}

/// A label of the horizontal axis.
struct Tick {
    x: String,
    anchor: &'static str,
    label: String,
    hide_when_narrow: bool,
}

/// The area of one position that reacts to the pointer, with its tooltip.
struct HoverTarget<'a> {
    left: String,
    width: String,
    middle: String,
    tooltip: &'a str,
    notes: &'a str,
    /// Vertical position and class of each line's point.
    points: Vec<(String, &'static str)>,
}

impl LineChart {
    /// Returns the chart as SVG.
    ///
    /// # Errors
    /// Never in practice: the template contains only texts and numbers.
    pub fn svg(&self) -> Result<String, askama::Error> {
        let highest = self.lines.iter().flat_map(|line| line.heights.iter().flatten()).copied();
        let scale = Scale::to(highest.fold(0.0, f64::max));
        let count = self.positions.len();
        let mut paths = Vec::new();
        let mut single_points = Vec::new();
        for (n, line) in self.lines.iter().enumerate() {
            for run in runs(&line.heights) {
                let at = |position: usize| {
                    let height = line.heights[position].unwrap_or(0.0);
                    format!("{} {}", short(middle(position, count) * WIDTH), short(scale.above(height)))
                };
                if run.len() == 1 {
                    let height = line.heights[run.start].unwrap_or(0.0);
                    let (x, y) = (percent(middle(run.start, count)), short(HEAD + scale.above(height)));
                    single_points.push(SinglePoint { x, y, class: line.class });
                    continue;
                }
                let path = run.clone().map(at).collect::<Vec<_>>().join(" L");
                if n == 0 {
                    let (first, last) = (middle(run.start, count), middle(run.end - 1, count));
                    let (first, last) = (short(first * WIDTH), short(last * WIDTH));
                    paths.push((format!("M{first} {PLOT} L{path} L{last} {PLOT}Z"), "area"));
                }
                paths.push((format!("M{path}"), line.class));
            }
        }
        let hovers = self.positions.iter().enumerate().map(|(n, position)| {
            let points = self.lines.iter().filter_map(|line| {
                let height = line.heights.get(n).copied().flatten()?;
                Some((short(HEAD + scale.above(height)), line.class))
            });
            HoverTarget::of(position, n, count, points.collect())
        });
        let (label, frame) = (&*self.label, Frame::of(&scale, &self.positions));
        LineChartTemplate { label, frame, paths, hovers: hovers.collect(), single_points }.render()
    }
}

impl BarChart {
    /// Returns the chart as SVG.
    ///
    /// # Errors
    /// Never in practice: the template contains only texts and numbers.
    pub fn svg(&self) -> Result<String, askama::Error> {
        let count = self.positions.len();
        let highest = self.views.iter().chain(&self.visitors).copied().max().unwrap_or(0);
        let scale = Scale::to(highest as f64);
        let bar = |number: u64, position: usize, share: f64| {
            let above = scale.above(number as f64);
            let width = share / count as f64;
            [
                percent(middle(position, count) - width / 2.0),
                percent(width),
                short(HEAD + above),
                short(PLOT - above),
            ]
        };
        let views = self.views.iter().enumerate().map(|(n, number)| bar(*number, n, 0.76));
        let visitors = self.visitors.iter().enumerate().map(|(n, number)| bar(*number, n, 0.4));
        let hovers = self
            .positions
            .iter()
            .enumerate()
            .map(|(n, position)| HoverTarget::of(position, n, count, Vec::new()));
        let (label, frame) = (&*self.label, Frame::of(&scale, &self.positions));
        BarChartTemplate { label, frame, bars: views.chain(visitors).collect(), hovers: hovers.collect() }
            .render()
    }
}

impl<'a> HoverTarget<'a> {
    fn of(position: &'a Position, n: usize, count: usize, points: Vec<(String, &'static str)>) -> Self {
        let width = 1.0 / count as f64;
        Self {
            left: percent(n as f64 * width),
            width: percent(width),
            middle: percent(middle(n, count)),
            tooltip: &position.tooltip,
            notes: &position.notes,
            points,
        }
    }
}

impl Frame {
    /// Labels at most eight positions, the last one always.
    fn of(scale: &Scale, positions: &[Position]) -> Self {
        let (count, every) = (positions.len(), positions.len().div_ceil(8).max(1));
        let first = count.saturating_sub(1) % every;
        let ticks = (first..count).step_by(every).enumerate().map(|(n, position)| {
            let across = middle(position, count);
            let anchor = match across {
                ..0.03 => "start",
                0.97.. => "end",
                _ => "middle",
            };
            Tick {
                x: percent(across),
                anchor,
                label: positions[position].tick.clone(),
                hide_when_narrow: (n + count / every).is_multiple_of(2),
            }
        });
        Self {
            height: HEAD + PLOT + FOOT,
            tick_baseline: HEAD + PLOT + 18.0,
            plot_top: HEAD,
            plot_height: PLOT,
            grid_lines: scale.grid_lines(),
            ticks: ticks.collect(),
        }
    }
}

/// Returns the points of a small line without axes, on a plane of 100 by 24. Empty for fewer than two numbers.
#[must_use]
pub fn sparkline(numbers: &[u64]) -> String {
    let most = numbers.iter().copied().max().unwrap_or(0).max(1) as f64;
    let points = numbers.iter().enumerate().map(|(n, number)| {
        let across = n as f64 * 100.0 / (numbers.len() - 1).max(1) as f64;
        format!("{},{}", short(across), short(23.0 - *number as f64 / most * 22.0))
    });
    if numbers.len() < 2 { String::new() } else { points.collect::<Vec<_>>().join(" ") }
}

/// The middle of a position as a fraction of the width.
fn middle(position: usize, count: usize) -> f64 {
    (position as f64 + 0.5) / count as f64
}

/// Ranges of consecutive positions that have a height.
fn runs(heights: &[Option<f64>]) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    for (position, height) in heights.iter().enumerate() {
        match (height, start) {
            (Some(_), None) => start = Some(position),
            (None, Some(first)) => {
                runs.push(first..position);
                start = None;
            }
            _ => {}
        }
    }
    runs.extend(start.map(|first| first..heights.len()));
    runs
}

/// A vertical scale with round numbers, from 0 to at least the highest value.
struct Scale {
    step: u64,
    steps: u64,
}

impl Scale {
    fn to(highest: f64) -> Self {
        let mut step = 1_u64;
        // Steps of 1, 2, 5, 10, 20, 50, ... until four steps reach the highest value.
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

    /// Pixels from the top of the plot.
    fn above(&self, height: f64) -> f64 {
        let top = (self.step * self.steps) as f64;
        PLOT - (height / top).clamp(0.0, 1.0) * PLOT
    }

    fn grid_lines(&self) -> Vec<(String, String)> {
        let line = |n: u64| {
            let height = (self.step * n) as f64;
            (short(HEAD + self.above(height)), super::format::number(self.step * n))
        };
        (0..=self.steps).map(line).collect()
    }
}

/// Formats a number with at most two decimals and without trailing zeros.
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

    fn position(n: usize) -> Position {
        Position { tick: format!("{n}"), tooltip: format!("<{n}>"), notes: String::new() }
    }

    fn lines(heights: Vec<Option<f64>>) -> LineChart {
        let positions = (0..heights.len()).map(position).collect();
        LineChart {
            label: "Views \"a day\"".into(),
            positions,
            lines: vec![Line { class: "views", heights }],
        }
    }

    #[test]
    fn a_scale_has_few_round_steps_and_reaches_the_highest_value() {
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
    fn a_line_is_interrupted_where_nothing_was_counted() {
        assert_eq!(runs(&[None, Some(1.0), Some(2.0), None, Some(3.0)]), [1..3, 4..5]);
        assert!(runs(&[]).is_empty() && runs(&[None]).is_empty());
        let svg = lines(vec![Some(0.0), Some(100.0), None, Some(50.0)]).svg().unwrap();
        assert!(svg.contains(r#"d="M125 190 L375 0""#), "{svg}");
        assert!(
            svg.contains(r#"<circle class="views" cx="87.5%" cy="125""#),
            "a single day is a point: {svg}"
        );
    }

    #[test]
    fn markup_in_labels_is_escaped_and_no_style_attribute_is_used() {
        let svg = lines(vec![Some(1.0); 3]).svg().unwrap();
        assert!(svg.contains("&#60;1&#62;") && !svg.contains("<1>"), "{svg}");
        assert!(svg.contains("aria-label=\"Views &#34;a day&#34;\""), "{svg}");
        assert!(!svg.contains("style") && !svg.contains("NaN"));
    }

    #[test]
    fn an_empty_chart_is_valid_svg() {
        let bars = BarChart { label: String::new(), positions: vec![], views: vec![], visitors: vec![] };
        for svg in [lines(vec![]).svg().unwrap(), lines(vec![None]).svg().unwrap(), bars.svg().unwrap()] {
            assert!(svg.starts_with("<svg") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn a_sparkline_spans_the_whole_width() {
        assert_eq!(sparkline(&[0, 5, 10]), "0,23 50,12 100,1");
        assert_eq!((sparkline(&[]), sparkline(&[7])), (String::new(), String::new()));
    }

    #[test]
    fn bars_start_at_the_axis_and_are_as_high_as_their_values() {
        let bars = BarChart {
            label: "Hours".into(),
            positions: (0..2).map(position).collect(),
            views: vec![100, 50],
            visitors: vec![50, 0],
        };
        let svg = bars.svg().unwrap();
        assert!(svg.contains(r#"x="6%" width="38%" y="30" height="190""#), "{svg}");
        assert!(svg.contains(r#"x="56%" width="38%" y="125" height="95""#), "{svg}");
    }

    #[test]
    fn at_most_eight_positions_are_labelled_including_the_last() {
        for count in [1, 7, 8, 9, 24, 31, 53, 93, 131] {
            let positions: Vec<Position> = (0..count).map(position).collect();
            let frame = Frame::of(&Scale::to(1.0), &positions);
            assert!((1..=8).contains(&frame.ticks.len()), "{count}");
            assert_eq!(frame.ticks.last().unwrap().label, (count - 1).to_string());
        }
    }
}
