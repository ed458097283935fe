//! `scruple product`: the products that the store sells.

use super::context::CommandContext;
use super::outcome::{CommandError, CommandResult, output, output_json};
use super::table::{count, table};
use super::value_parsers::{self, KeysArgument, RenewalWindow, SeatsArgument};
use clap::{Args, Subcommand, ValueEnum};
use domain::licensing::products;
use serde::Serialize;
use serde_json::json as value;
use store::{KeysPerOrder, LicenceModel, Product};

/// Manage the products that the store sells
#[derive(Subcommand)]
pub enum ProductCommand {
    /// Add a product; orders that waited for it are processed at once
    #[command(after_help = "Examples:
  scruple product add --id 4711 --name 'Pixel Studio' --kind perpetual --updates-months 12 \\
      --renewal-discount 40 --renewal-window 60..30
  scruple product add --id 4712 --name 'Pixel Cloud' --kind subscription --seats quantity
  scruple product add --id 4713 --name 'Pixel Studio, company' --kind perpetual --keys each --edition 2")]
    Add(AddProduct),
    /// List the products, with the product number in their licence keys
    #[command(after_help = "Examples:
  scruple product list
  scruple product list --json")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a product; issued licence keys stay as they are
    #[command(after_help = "Examples:
  scruple product edit --id 4711 --name 'Pixel Studio 2'
  scruple product edit --id 4711 --renewal-discount 0")]
    Edit(EditProduct),
}

/// Arguments of `scruple product add`
#[derive(Args)]
pub struct AddProduct {
    /// The provider's product number
    #[arg(long, value_name = "N", value_parser = value_parsers::provider_number)]
    pub id: String,
    /// The name that buyers see
    #[arg(long, value_name = "TEXT", value_parser = value_parsers::name)]
    pub name: String,
    /// The kind of licence
    #[arg(long, value_name = "KIND")]
    pub kind: KindArgument,
    /// Seats of an order: per-unit=N (N for each unit ordered), or quantity
    #[arg(long, default_value = "per-unit=1", value_name = "SEATS")]
    pub seats: SeatsArgument,
    /// For several units: one key with all seats, or one key for each unit
    #[arg(long, default_value = "one", value_name = "KEYS")]
    pub keys: KeysArgument,
    /// Months of updates from the purchase; without this option, updates do not end
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub updates_months: Option<u16>,
    /// The edition in the licence key, 0 to 127
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=127))]
    pub edition: u8,
    /// The renewal discount in per cent; 0 offers none
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub renewal_discount: u8,
    /// Days before and after the end of updates in which the discount is offered
    #[arg(long, default_value = "60..30", value_name = "BEFORE..AFTER")]
    pub renewal_window: RenewalWindow,
    /// Days that a subscription's key stays valid after its end, while the next charge is pending
    #[arg(long, default_value_t = 14, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=365))]
    pub grace_days: u16,
    /// Put an order on hold if it has a discount without a renewal link, until staff release it
    #[arg(long)]
    pub hold_unproved_discount: bool,
    /// Keep the buyer's company name, because the product displays it
    #[arg(long)]
    pub prints_company: bool,
}

/// Arguments of `scruple product edit`. Options that are left out stay as they are.
#[derive(Args)]
pub struct EditProduct {
    /// The provider's product number
    #[arg(long, value_name = "N", value_parser = value_parsers::provider_number)]
    pub id: String,
    /// The name that buyers see
    #[arg(long, value_name = "TEXT", value_parser = value_parsers::name)]
    pub name: Option<String>,
    /// The kind of licence
    #[arg(long, value_name = "KIND")]
    pub kind: Option<KindArgument>,
    /// Seats of an order: per-unit=N (N for each unit ordered), or quantity
    #[arg(long, value_name = "SEATS")]
    pub seats: Option<SeatsArgument>,
    /// For several units: one key with all seats, or one key for each unit
    #[arg(long, value_name = "KEYS")]
    pub keys: Option<KeysArgument>,
    /// Months of updates from the purchase; 0 means that updates do not end
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=600))]
    pub updates_months: Option<u16>,
    /// The edition in the licence key, 0 to 127
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=127))]
    pub edition: Option<u8>,
    /// The renewal discount in per cent; 0 offers none
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub renewal_discount: Option<u8>,
    /// Days before and after the end of updates in which the discount is offered
    #[arg(long, value_name = "BEFORE..AFTER")]
    pub renewal_window: Option<RenewalWindow>,
    /// Days that a subscription's key stays valid after its end, while the next charge is pending
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=365))]
    pub grace_days: Option<u16>,
    /// Whether an order with a discount without a renewal link is put on hold
    #[arg(long, value_name = "BOOL")]
    pub hold_unproved_discount: Option<bool>,
    /// Whether the buyer's company name is kept, because the product displays it
    #[arg(long, value_name = "BOOL")]
    pub prints_company: Option<bool>,
}

/// The kind of licence that a product gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindArgument {
    /// A licence without end
    Perpetual,
    /// A licence for as long as it is paid
    Subscription,
    /// A free licence for a limited time
    Trial,
}

pub async fn run(ctx: &CommandContext, command: ProductCommand) -> CommandResult {
    match command {
        ProductCommand::Add(new) => add(ctx, &new).await,
        ProductCommand::List { json } => list(ctx, json).await,
        ProductCommand::Edit(changes) => edit(ctx, changes).await,
    }
}

async fn add(ctx: &CommandContext, new: &AddProduct) -> CommandResult {
    let product = Product {
        id: 0,
        provider_id: new.id.clone(),
        name: new.name.clone(),
        kind: kind_of(new.kind),
        seats: seats(new.seats),
        keys: keys(new.keys),
        updates_months: new.updates_months.map_or(0, u32::from),
        edition: new.edition,
        renewal_discount: new.renewal_discount,
        window_before: u32::from(new.renewal_window.before),
        window_after: u32::from(new.renewal_window.after),
        grace_days: u32::from(new.grace_days),
        hold_discounts: new.hold_unproved_discount,
        prints_company: new.prints_company,
    };
    check_consistent(&product)?;
    let operation = products::AddProduct { product: &product, actor: &ctx.actor, settings: &ctx.settings };
    match ctx.db.execute(&operation).await? {
        products::AddProductOutcome::Added { id, served } => {
            let mut text =
                format!("Product {} is added. Its product number in licence keys is {id}.\n", new.id);
            if served > 0 {
                let waiting = count(served, "pending notification was", "pending notifications were");
                text += &format!("{waiting} processed.\n");
            }
            text += &discount_warning(ctx, &product);
            text += "Next: put that number and the output of `scruple licence keys export --public` into your program.\n";
            output(text)
        }
        products::AddProductOutcome::AlreadyExists => Err(CommandError::new(format!(
            "product {} exists already: change it with `scruple product edit --id {}`",
            new.id, new.id
        ))),
        products::AddProductOutcome::NoFreeProductByte => {
            Err(CommandError::new("all 255 product numbers of licence keys are in use"))
        }
    }
}

async fn edit(ctx: &CommandContext, changes: EditProduct) -> CommandResult {
    let known = ctx.db.read().await?.product_of_provider(&changes.id).await?;
    let Some(mut product) = known else {
        return Err(CommandError::new(format!(
            "there is no product {}: see `scruple product list`, or add it with `scruple product add`",
            changes.id
        )));
    };
    change(&mut product, changes);
    check_consistent(&product)?;
    ctx.db.execute(&products::EditProduct { product: &product, actor: &ctx.actor }).await?;
    let text = format!("Product {} is changed. Issued licence keys stay as they are.\n", product.provider_id);
    output(text + &discount_warning(ctx, &product))
}

fn change(product: &mut Product, changes: EditProduct) {
    fn set<T>(field: &mut T, change: Option<T>) {
        if let Some(change) = change {
            *field = change;
        }
    }
    set(&mut product.name, changes.name);
    set(&mut product.kind, changes.kind.map(kind_of));
    set(&mut product.seats, changes.seats.map(seats));
    set(&mut product.keys, changes.keys.map(keys));
    set(&mut product.updates_months, changes.updates_months.map(u32::from));
    set(&mut product.edition, changes.edition);
    set(&mut product.renewal_discount, changes.renewal_discount);
    set(&mut product.window_before, changes.renewal_window.map(|window| u32::from(window.before)));
    set(&mut product.window_after, changes.renewal_window.map(|window| u32::from(window.after)));
    set(&mut product.grace_days, changes.grace_days.map(u32::from));
    set(&mut product.hold_discounts, changes.hold_unproved_discount);
    set(&mut product.prints_company, changes.prints_company);
}

/// Refuses options that contradict each other.
fn check_consistent(product: &Product) -> Result<(), CommandError> {
    let refuse = |message: &str| Err(CommandError::misuse(message));
    if product.renewal_discount > 0 && product.kind != LicenceModel::Perpetual {
        return refuse(
            "--renewal-discount needs --kind perpetual: a subscription is renewed by its next charge",
        );
    }
    if product.renewal_discount > 0 && product.updates_months == 0 {
        return refuse(
            "--renewal-discount needs --updates-months: without an end of updates there is nothing to renew",
        );
    }
    if product.seats == 0 && product.keys == KeysPerOrder::Each {
        return refuse("--keys each issues one key for each unit, so it needs --seats per-unit=N");
    }
    Ok(())
}

/// The reason why a renewal discount cannot be offered, if there is one.
fn discount_warning(ctx: &CommandContext, product: &Product) -> String {
    if product.renewal_discount == 0 {
        return String::new();
    }
    match &ctx.settings.dynamic {
        None => {
            "The renewal discount is not offered until paypro.checkout_key and paypro.checkout_vector are set.\n"
                .into()
        }
        Some(key) => match key.check_length(&product.provider_id) {
            Ok(()) => String::new(),
            Err(why) => format!("The renewal discount cannot be offered: paypro.checkout_key: {why}\n"),
        },
    }
}

/// A product in JSON output.
#[derive(Serialize)]
struct ProductJson {
    id: String,
    number_in_keys: u8,
    name: String,
    kind: &'static str,
    seats_per_unit: Option<u16>,
    keys: &'static str,
    updates_months: Option<u32>,
    edition: u8,
    renewal_discount: u8,
    renewal_window: [u32; 2],
    grace_days: u32,
    hold_unproved_discount: bool,
    prints_company: bool,
}

impl From<&Product> for ProductJson {
    fn from(p: &Product) -> Self {
        Self {
            id: p.provider_id.clone(),
            number_in_keys: p.id,
            name: p.name.clone(),
            kind: p.kind.as_str(),
            seats_per_unit: (p.seats > 0).then_some(p.seats),
            keys: p.keys.as_str(),
            updates_months: (p.updates_months > 0).then_some(p.updates_months),
            edition: p.edition,
            renewal_discount: p.renewal_discount,
            renewal_window: [p.window_before, p.window_after],
            grace_days: p.grace_days,
            hold_unproved_discount: p.hold_discounts,
            prints_company: p.prints_company,
        }
    }
}

async fn list(ctx: &CommandContext, as_json: bool) -> CommandResult {
    let products = ctx.db.read().await?.products().await?;
    if as_json {
        let products: Vec<ProductJson> = products.iter().map(ProductJson::from).collect();
        return output_json(&value!({ "products": products }));
    }
    if products.is_empty() {
        return output("There are no products yet: see `scruple product add --help`\n");
    }
    let rows: Vec<Vec<String>> = products.iter().map(row).collect();
    let heads = ["ID", "IN KEYS", "NAME", "KIND", "SEATS", "KEYS", "UPDATES", "EDITION", "RENEWAL"];
    output(table(&heads, &rows))
}

fn row(p: &Product) -> Vec<String> {
    let renewal = format!("-{}% {}..{}", p.renewal_discount, p.window_before, p.window_after);
    vec![
        p.provider_id.clone(),
        p.id.to_string(),
        p.name.clone(),
        p.kind.as_str().to_owned(),
        if p.seats == 0 { "quantity".to_owned() } else { format!("{} per unit", p.seats) },
        p.keys.as_str().to_owned(),
        if p.updates_months == 0 { "no end".to_owned() } else { format!("{} months", p.updates_months) },
        p.edition.to_string(),
        if p.renewal_discount == 0 { "none".to_owned() } else { renewal },
    ]
}

fn kind_of(kind: KindArgument) -> LicenceModel {
    match kind {
        KindArgument::Perpetual => LicenceModel::Perpetual,
        KindArgument::Subscription => LicenceModel::Subscription,
        KindArgument::Trial => LicenceModel::Trial,
    }
}

fn seats(seats: SeatsArgument) -> u16 {
    match seats {
        SeatsArgument::PerUnit(n) => n,
        SeatsArgument::Quantity => 0,
    }
}

fn keys(keys: KeysArgument) -> KeysPerOrder {
    match keys {
        KeysArgument::One => KeysPerOrder::One,
        KeysArgument::Each => KeysPerOrder::Each,
    }
}
