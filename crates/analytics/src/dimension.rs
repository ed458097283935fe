//! What visits are counted by. Each dimension has a table of its own; two are never crossed.

/// One way to look at a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Cleaned path of the page.
    Page,
    /// Cleaned path of the page with which a person came.
    Entry,
    /// Named source or host; empty for those who came directly.
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

/// The people of which a dimension's cells are parts: its total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Crowd {
    /// Whoever saw a page: the site's visitors.
    Viewers,
    /// Whoever came to the site.
    Arrivals,
    /// Whoever followed a campaign's link.
    Campaigned,
    /// Whoever set off an event.
    Doers,
    /// Whoever fetched a file.
    Fetchers,
    /// Whoever missed a page.
    Missers,
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

    /// Its name in commands, addresses and tables.
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

    /// The dimension of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.name() == name)
    }

    /// The people of whom its cells are parts.
    pub const fn crowd(self) -> Crowd {
        match self {
            Self::Page
            | Self::Country
            | Self::Language
            | Self::Browser
            | Self::System
            | Self::Screen
            | Self::Hour => Crowd::Viewers,
            Self::Entry | Self::Referrer => Crowd::Arrivals,
            Self::Campaign => Crowd::Campaigned,
            Self::Event => Crowd::Doers,
            Self::Download => Crowd::Fetchers,
            Self::Missing => Crowd::Missers,
        }
    }

    /// Cells that one node keeps for a day. Those with the fewest people make way beyond it.
    pub const fn most_cells(self) -> usize {
        match self {
            Self::Page | Self::Entry => 5_000,
            Self::Referrer | Self::Download | Self::Missing => 1_000,
            Self::Campaign | Self::Event => 500,
            Self::Country | Self::Language | Self::Browser | Self::System => 250,
            Self::Screen => 10,
            Self::Hour => 24,
        }
    }

    /// Registers of a cell's sketch, as a power of two: few cells may be large, many must be small.
    pub(crate) const fn precision(self) -> u8 {
        match self {
            Self::Country | Self::Language | Self::Browser | Self::System | Self::Screen | Self::Hour => 14,
            _ => 12,
        }
    }
}

impl Crowd {
    /// Every crowd, in the order of the enum.
    pub const ALL: [Self; 6] =
        [Self::Viewers, Self::Arrivals, Self::Campaigned, Self::Doers, Self::Fetchers, Self::Missers];

    /// Registers of its sketch, as a power of two. The site's visitors are right to 0.3 % (one standard deviation).
    pub(crate) const fn precision(self) -> u8 {
        match self {
            Self::Viewers => 17,
            _ => 14,
        }
    }
}
