//! The dimensions of the statistics. Each has a table of its own; no two dimensions are crossed.

/// A property by which visits are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Cleaned path of the page.
    Page,
    /// Cleaned path of the first page of a visit (entry page).
    Entry,
    /// Named source or host; empty for direct visits.
    Referrer,
    /// `source / medium / campaign`.
    Campaign,
    /// ISO 3166 code.
    Country,
    /// Primary tag of a language.
    Language,
    /// Family of the browser.
    Browser,
    /// Family of the operating system.
    System,
    /// Class of the screen's width.
    Screen,
    /// Name of an event.
    Event,
    /// Cleaned path of a file.
    Download,
    /// Cleaned path that doesn't exist.
    Missing,
    /// Hour of the site's day, `00` to `23`.
    Hour,
}

/// The population of which a dimension's cells are parts. It gives the dimension's total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Population {
    /// Visitors who viewed a page: the site's visitors.
    Viewers,
    /// Visitors who entered the site.
    Arrivals,
    /// Visitors who followed a campaign link.
    CampaignVisitors,
    /// Visitors who triggered an event.
    EventVisitors,
    /// Visitors who downloaded a file.
    Downloaders,
    /// Visitors who requested a missing page.
    MissingPageVisitors,
}

impl Dimension {
    /// Every dimension, in the order of the enum.
    pub const ALL: [Self; 13] = [
        Self::Page,
        Self::Entry,
        Self::Referrer,
        Self::Campaign,
        Self::Country,
        Self::Language,
        Self::Browser,
        Self::System,
        Self::Screen,
        Self::Event,
        Self::Download,
        Self::Missing,
        Self::Hour,
    ];

    /// Name in commands, URLs and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Entry => "entry",
            Self::Referrer => "referrer",
            Self::Campaign => "campaign",
            Self::Country => "country",
            Self::Language => "language",
            Self::Browser => "browser",
            Self::System => "system",
            Self::Screen => "screen",
            Self::Event => "event",
            Self::Download => "download",
            Self::Missing => "missing",
            Self::Hour => "hour",
        }
    }

    /// The dimension with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.name() == name)
    }

    /// The population of which its cells are parts.
    pub const fn population(self) -> Population {
        match self {
            Self::Page
            | Self::Country
            | Self::Language
            | Self::Browser
            | Self::System
            | Self::Screen
            | Self::Hour => Population::Viewers,
            Self::Entry | Self::Referrer => Population::Arrivals,
            Self::Campaign => Population::CampaignVisitors,
            Self::Event => Population::EventVisitors,
            Self::Download => Population::Downloaders,
            Self::Missing => Population::MissingPageVisitors,
        }
    }

    /// Maximum number of cells that one node keeps for a day. Beyond it, the cells with the fewest visitors are
    /// evicted.
    pub const fn max_cells(self) -> usize {
        match self {
            Self::Page | Self::Entry => 5_000,
            Self::Referrer | Self::Download | Self::Missing => 1_000,
            Self::Campaign | Self::Event => 500,
            Self::Country | Self::Language | Self::Browser | Self::System => 250,
            Self::Screen => 10,
            Self::Hour => 24,
        }
    }

    /// Precision of a cell's sketch (log2 of its registers): high where there are few cells, low where there are many.
    pub(crate) const fn precision(self) -> u8 {
        match self {
            Self::Country | Self::Language | Self::Browser | Self::System | Self::Screen | Self::Hour => 14,
            _ => 12,
        }
    }
}

impl Population {
    /// Every population, in the order of the enum.
    pub const ALL: [Self; 6] = [
        Self::Viewers,
        Self::Arrivals,
        Self::CampaignVisitors,
        Self::EventVisitors,
        Self::Downloaders,
        Self::MissingPageVisitors,
    ];

    /// Precision of its sketch. The site's visitors have a standard error of 0.3 %.
    pub(crate) const fn precision(self) -> u8 {
        match self {
            Self::Viewers => 17,
            _ => 14,
        }
    }
}
