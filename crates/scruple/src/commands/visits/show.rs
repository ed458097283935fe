//! `scruple visits show`

use analytics::Dimension;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::commands::words;
use domain::date::Date;

/// `scruple visits show`
#[derive(Args)]
pub struct ShowVisits {
    /// The site's id
    #[arg(long, value_name = "ID", value_parser = words::name)]
    pub site: String,
    /// First day, by the site's clock
    #[arg(long, value_name = "DAY")]
    pub from: Date,
    /// Last day, which is in it; today has no figures before it is over
    #[arg(long, value_name = "DAY")]
    pub to: Date,
    /// What they are counted by
    #[arg(long, value_name = "WHAT", value_parser = by())]
    pub by: By,
    /// Rows, at most; JSON has all of them
    #[arg(long, default_value_t = 40, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub most: u16,
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// What visits are shown by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Words of a dimension.
    Of(Dimension),
    /// Days.
    Day,
}

impl By {
    /// Its name in the command line.
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
    PossibleValuesParser::new(names).map(|name| Dimension::of_name(&name).map_or(By::Day, By::Of))
}
