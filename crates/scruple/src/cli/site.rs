//! `scruple site`: web sites whose visits are counted.

use super::context::CommandContext;
use super::outcome::{CommandError, CommandResult, output, output_json};
use super::table::table;
use super::value_parsers;
use calendar::Day;
use clap::{Args, Subcommand};
use domain::statistics::{self, Annotate, AnnotateOutcome, SiteOutcome};
use message_catalogue::English as _;
use serde_json::json as value;
use store::Site;

/// Manage the web sites whose visits are counted
#[derive(Subcommand)]
pub enum SiteCommand {
    /// Add a site, and print the HTML for its pages
    #[command(after_help = "Examples:
  scruple site add --id vendor --host example.com
  scruple site add --id docs --host docs.example.com,docs.example.net --time-zone Europe/Berlin --public")]
    Add(AddSite),
    /// List the sites
    #[command(after_help = "Examples:
  scruple site list
  scruple site list --json")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a site; options that are left out stay as they are
    #[command(after_help = "Examples:
  scruple site edit --id docs --host docs.example.com,help.example.com
  scruple site edit --id docs --public false")]
    Edit(EditSite),
    /// Add a note about a day to the site's chart; an empty text removes the note
    #[command(after_help = "Example:
  scruple site note --site vendor --day 2026-10-01 --text 'Version 8.2 is out'")]
    Note {
        /// The id of the site
        #[arg(long, value_name = "ID", value_parser = value_parsers::name)]
        site: String,
        /// The day, in the site's time zone (YYYY-MM-DD)
        #[arg(long, value_name = "DAY")]
        day: Day,
        /// One line of at most 200 characters; it is stored unencrypted and shows on a public page
        #[arg(long, value_name = "TEXT")]
        text: String,
    },
}

/// Arguments of `scruple site add`
#[derive(Args)]
pub struct AddSite {
    /// The id of the site in requests: small letters, digits and dashes
    #[arg(long, value_name = "ID", value_parser = value_parsers::name)]
    pub id: String,
    /// Host names of the site, separated by commas; www. before them is included
    #[arg(long, required = true, value_name = "HOST", value_delimiter = ',')]
    pub host: Vec<String>,
    /// The time zone whose midnight ends the site's days, by its IANA name
    #[arg(long, default_value = "UTC", value_name = "AREA/CITY")]
    pub time_zone: String,
    /// Publish the site's statistics; each public figure needs more people (visits.public_people)
    #[arg(long)]
    pub public: bool,
}

/// Arguments of `scruple site edit`. Options that are left out stay as they are.
#[derive(Args)]
pub struct EditSite {
    /// The id of the site in requests
    #[arg(long, value_name = "ID", value_parser = value_parsers::name)]
    pub id: String,
    /// All host names of the site, separated by commas
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    pub host: Option<Vec<String>>,
    /// The time zone whose midnight ends the site's days; it applies to days that start from now on
    #[arg(long, value_name = "AREA/CITY")]
    pub time_zone: Option<String>,
    /// Whether the site's statistics are public
    #[arg(long, value_name = "BOOL")]
    pub public: Option<bool>,
}

pub async fn run(ctx: &CommandContext, command: SiteCommand) -> CommandResult {
    match command {
        SiteCommand::Add(args) => add(ctx, &args).await,
        SiteCommand::List { json } => list(ctx, json).await,
        SiteCommand::Edit(args) => edit(ctx, &args).await,
        SiteCommand::Note { site, day, text } => note(ctx, &site, day, &text).await,
    }
}

async fn add(ctx: &CommandContext, args: &AddSite) -> CommandResult {
    let AddSite { id, host, time_zone, public } = args;
    let (hosts, zone) = (host, time_zone);
    let operation = statistics::AddSite { name: id, hosts, zone, public: *public, actor: &ctx.actor };
    match ctx.db.execute(&operation).await? {
        SiteOutcome::Done(site) => output(format!(
            "The visits of the site {id} on {} are counted, in the time zone {}. Put this into its pages:\n\n{}\n",
            site.hosts.join(", "),
            site.zone,
            html_snippet(&ctx.settings.public_url, id)
        )),
        SiteOutcome::NameExists => Err(CommandError::new(format!(
            "the site {id} exists already: change it with `scruple site edit --id {id}`"
        ))),
        SiteOutcome::Unknown => Err(not_found(id)),
        SiteOutcome::Refused(why) => Err(CommandError::misuse(why.english())),
    }
}

/// The HTML that counts a page view, with and without JavaScript.
fn html_snippet(at: &str, id: &str) -> String {
    format!(
        "<script async src=\"{at}/count.js\" data-site=\"{id}\"></script>\n\
         <noscript><img src=\"{at}/count.gif?s={id}\" alt=\"\" referrerpolicy=\"no-referrer-when-downgrade\"></noscript>\n"
    )
}

fn not_found(id: &str) -> CommandError {
    CommandError::new(format!("there is no site {id}: see `scruple site list`"))
}

async fn list(ctx: &CommandContext, as_json: bool) -> CommandResult {
    let sites = ctx.db.read().await?.sites().await?;
    if as_json {
        let one =
            |s: &Site| value!({ "id": s.name, "hosts": s.hosts, "time_zone": s.zone, "public": s.public });
        return output_json(&value!({ "sites": sites.iter().map(one).collect::<Vec<_>>() }));
    }
    if sites.is_empty() {
        return output("There are no sites. Add one with `scruple site add`.\n");
    }
    let audience = |site: &Site| if site.public { "public" } else { "staff" }.to_owned();
    let row = |s: &Site| vec![s.name.clone(), s.hosts.join(","), s.zone.clone(), audience(s)];
    let rows: Vec<Vec<String>> = sites.iter().map(row).collect();
    output(table(&["SITE", "HOSTS", "TIME ZONE", "AUDIENCE"], &rows))
}

async fn edit(ctx: &CommandContext, args: &EditSite) -> CommandResult {
    let EditSite { id, host, time_zone, public } = args;
    let (hosts, zone) = (host.as_deref(), time_zone.as_deref());
    let operation = statistics::EditSite { name: id, hosts, zone, public: *public, actor: &ctx.actor };
    match ctx.db.execute(&operation).await? {
        SiteOutcome::Done(_) => output(format!("The site {id} is changed.\n")),
        SiteOutcome::Refused(why) => Err(CommandError::misuse(why.english())),
        SiteOutcome::Unknown | SiteOutcome::NameExists => Err(not_found(id)),
    }
}

async fn note(ctx: &CommandContext, id: &str, day: Day, text: &str) -> CommandResult {
    let Some(site) = ctx.db.read().await?.site(id).await? else { return Err(not_found(id)) };
    let operation = Annotate { site: site.id, date: day, text, actor: &ctx.actor };
    match ctx.db.execute(&operation).await? {
        AnnotateOutcome::Done => output(format!("The note for {day} is saved.\n")),
        AnnotateOutcome::Refused(why) => Err(CommandError::misuse(why.english())),
    }
}
