//! `scruple product`.

use super::words::{count, table};
use super::{CommandContext, Done, Failed, json, say};
use domain::licensing::products;
use scruple::commands::{self, AddProduct, EditProduct, ProductCommand, Seats};
use serde::Serialize;
use store::{Keys, Kind, Product};

/// Does it.
pub async fn run(room: &CommandContext, command: ProductCommand) -> Done {
    match command {
        ProductCommand::Add(new) => add(room, &new).await,
        ProductCommand::List { json } => list(room, json).await,
        ProductCommand::Edit(changes) => edit(room, changes).await,
    }
}

async fn add(room: &CommandContext, new: &AddProduct) -> Done {
    let product = Product {
        id: 0,
        provider_id: new.id.clone(),
        name: new.name.clone(),
        kind: kind(new.kind),
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
    consistent(&product)?;
    let deed = products::AddProduct { product: &product, who: &room.who, house: &room.house };
    match room.db.write(&deed).await? {
        products::Added::Added { id, served } => {
            let mut text = format!("Product {} is in the shop, as number {id} in its keys.\n", new.id);
            if served > 0 {
                let waiting =
                    count(served, "notice that waited for it was", "notices that waited for it were");
                text += &format!("{waiting} served.\n");
            }
            text += &advice(room, &product);
            text += "Next: build that number and `scruple licence keys export --public` into your program.\n";
            say(text)
        }
        products::Added::Known => Err(Failed::new(format!(
            "product {} is in the shop already: change it with `scruple product edit --id {}`",
            new.id, new.id
        ))),
        products::Added::Full => {
            Err(Failed::new("all 255 product numbers that keys have room for are taken"))
        }
    }
}

async fn edit(room: &CommandContext, changes: EditProduct) -> Done {
    let known = room.db.read().await?.product_of_provider(&changes.id).await?;
    let Some(mut product) = known else {
        return Err(Failed::new(format!(
            "product {} is not in the shop: see `scruple product list`, or add it with `scruple product add`",
            changes.id
        )));
    };
    change(&mut product, changes);
    consistent(&product)?;
    room.db.write(&products::EditProduct { product: &product, who: &room.who }).await?;
    let text = format!("Product {} is changed; keys already issued stay as they are.\n", product.provider_id);
    say(text + &advice(room, &product))
}

fn change(product: &mut Product, changes: EditProduct) {
    fn set<T>(place: &mut T, change: Option<T>) {
        if let Some(change) = change {
            *place = change;
        }
    }
    set(&mut product.name, changes.name);
    set(&mut product.kind, changes.kind.map(kind));
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

/// Refuses what contradicts itself.
fn consistent(product: &Product) -> Result<(), Failed> {
    let refuse = |says: &str| Err(Failed::misuse(says));
    if product.renewal_discount > 0 && product.kind != Kind::Perpetual {
        return refuse("--renewal-discount needs --kind perpetual: a subscription renews by its next charge");
    }
    if product.renewal_discount > 0 && product.updates_months == 0 {
        return refuse(
            "--renewal-discount needs --updates-months: without an end of updates nothing is renewed",
        );
    }
    if product.seats == 0 && product.keys == Keys::Each {
        return refuse("--keys each gives a key for each unit, so it needs --seats per-unit=N, not quantity");
    }
    Ok(())
}

/// What keeps a renewal discount from being offered, if anything.
fn advice(room: &CommandContext, product: &Product) -> String {
    if product.renewal_discount == 0 {
        return String::new();
    }
    match &room.house.dynamic {
        None => {
            "The renewal discount is offered once paypro.checkout_key and paypro.checkout_vector are set.\n"
                .into()
        }
        Some(key) => match key.fits(&product.provider_id) {
            Ok(()) => String::new(),
            Err(why) => format!("The renewal discount can't be offered: paypro.checkout_key: {why}\n"),
        },
    }
}

/// A product as `--json` shows it.
#[derive(Serialize)]
struct Shown {
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

impl From<&Product> for Shown {
    fn from(p: &Product) -> Self {
        Self {
            id: p.provider_id.clone(),
            number_in_keys: p.id,
            name: p.name.clone(),
            kind: p.kind.word(),
            seats_per_unit: (p.seats > 0).then_some(p.seats),
            keys: p.keys.word(),
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

async fn list(room: &CommandContext, as_json: bool) -> Done {
    let products = room.db.read().await?.products().await?;
    if as_json {
        return json(&products.iter().map(Shown::from).collect::<Vec<_>>());
    }
    if products.is_empty() {
        return say("The shop has no product yet: `scruple product add --help`\n");
    }
    let rows: Vec<Vec<String>> = products.iter().map(row).collect();
    let heads = ["ID", "IN KEYS", "NAME", "KIND", "SEATS", "KEYS", "UPDATES", "EDITION", "RENEWAL"];
    say(table(&heads, &rows))
}

fn row(p: &Product) -> Vec<String> {
    let renewal = format!("-{}% {}..{}", p.renewal_discount, p.window_before, p.window_after);
    vec![
        p.provider_id.clone(),
        p.id.to_string(),
        p.name.clone(),
        p.kind.word().to_owned(),
        if p.seats == 0 { "quantity".to_owned() } else { format!("{} per unit", p.seats) },
        p.keys.word().to_owned(),
        if p.updates_months == 0 { "no end".to_owned() } else { format!("{} months", p.updates_months) },
        p.edition.to_string(),
        if p.renewal_discount == 0 { "none".to_owned() } else { renewal },
    ]
}

fn kind(kind: commands::Kind) -> Kind {
    match kind {
        commands::Kind::Perpetual => Kind::Perpetual,
        commands::Kind::Subscription => Kind::Subscription,
        commands::Kind::Trial => Kind::Trial,
    }
}

fn seats(seats: Seats) -> u16 {
    match seats {
        Seats::PerUnit(n) => n,
        Seats::Quantity => 0,
    }
}

fn keys(keys: commands::Keys) -> Keys {
    match keys {
        commands::Keys::One => Keys::One,
        commands::Keys::Each => Keys::Each,
    }
}
