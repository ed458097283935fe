//! `scruple site`: web sites whose visitors are counted.

use super::words;
use clap::{Args, Subcommand};
use domain::date::Date;

/// Web sites whose visitors are counted
#[derive(Subcommand)]
pub enum SiteCommand {
    /// Add a site, and print what to put on its pages
    #[command(after_help = "Examples:
  scruple site add --id vendor --host example.com
  scruple site add --id docs --host docs.example.com,docs.example.net --time-zone Europe/Berlin --public")]
    Add(AddSite),
    /// List the sites
    #[command(after_help = "Examples:
  scruple site list
  scruple site list --json")]
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a site; what is left out stays
    #[command(after_help = "Examples:
  scruple site edit --id docs --host docs.example.com,help.example.com
  scruple site edit --id docs --public false")]
    Edit(EditSite),
    /// Note on the chart what happened on a day; an empty text removes the note
    #[command(after_help = "Example:
  scruple site note --site vendor --day 2026-10-01 --text 'Version 8.2 is out'")]
    Note {
        /// The site's id
        #[arg(long, value_name = "ID", value_parser = words::name)]
        site: String,
        /// The day of the site (YYYY-MM-DD)
        #[arg(long, value_name = "DAY")]
        day: Date,
        /// One line of at most 200 characters; it lies in clear, and everybody reads it on a public page
        #[arg(long, value_name = "TEXT")]
        text: String,
    },
}

/// `scruple site add`
#[derive(Args)]
pub struct AddSite {
    /// Its name on the wire: small letters, digits and dashes
    #[arg(long, value_name = "ID", value_parser = words::name)]
    pub id: String,
    /// Hosts on which it lives; www. before them belongs to it
    #[arg(long, required = true, value_name = "HOST", value_delimiter = ',')]
    pub host: Vec<String>,
    /// Whose midnight ends its days, as the IANA database calls it
    #[arg(long, default_value = "UTC", value_name = "AREA/CITY")]
    pub time_zone: String,
    /// Everybody may see its statistics, with the higher number of people that each figure needs there
    #[arg(long)]
    pub public: bool,
}

/// `scruple site edit`: what is left out stays.
#[derive(Args)]
pub struct EditSite {
    /// Its name on the wire
    #[arg(long, value_name = "ID", value_parser = words::name)]
    pub id: String,
    /// All hosts on which it lives
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    pub host: Option<Vec<String>>,
    /// Whose midnight ends its days, for those that begin from now on
    #[arg(long, value_name = "AREA/CITY")]
    pub time_zone: Option<String>,
    /// Whether everybody may see its statistics
    #[arg(long, value_name = "BOOL")]
    pub public: Option<bool>,
}
