//! Stands in for the provider's checkout: reads the link as the provider does, and when the button is pressed tells
//! the shop of it in signed notices.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use paypro::simulator::Party;
use paypro::{Dynamic, Moment, Purchase};
use serde::Deserialize;

use super::shop::{name_of, take};
use super::{Demo, shop};
use web::app::Shared;
use web::handlers::fields::Fields;
use web::templates::{page, say};

#[derive(Template)]
#[template(path = "demo/checkout.html")]
struct CheckoutPage<'a> {
    vendor: &'a str,
    product: &'a str,
    discount: u8,
    cart: &'a Cart,
}

#[derive(Template)]
#[template(path = "demo/thanks.html")]
struct ThanksPage<'a> {
    vendor: &'a str,
    product: &'a str,
    order: &'a str,
    key: &'a str,
    renewed: bool,
}

/// What a checkout link asks for.
#[derive(Deserialize)]
pub struct Cart {
    product: String,
    /// As text: a form's flattened fields are read as such.
    quantity: String,
    /// The sealed dynamic settings; empty for none.
    settings: String,
    /// The renewal's token; empty for none.
    renewal: String,
}

impl Cart {
    fn of(query: &str) -> Self {
        let mut cart = Self {
            product: shop::STUDIO.into(),
            quantity: "1".into(),
            settings: String::new(),
            renewal: String::new(),
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "products[1][id]" => cart.product = value.into_owned(),
                "products[1][qty]" => cart.quantity = value.into_owned(),
                "products[1][data]" => cart.settings = value.into_owned(),
                domain::licensing::purchase::RENEWAL_FIELD => cart.renewal = value.into_owned(),
                _ => {}
            }
        }
        cart
    }

    /// Percent off, as the settings say; none where they aren't the shop's.
    fn discount(&self, demo: &Demo) -> Option<u8> {
        if self.settings.is_empty() {
            return Some(0);
        }
        let opened = demo.dynamic.open(&self.product, &self.settings).ok()?;
        match Dynamic::parse(&opened)? {
            Dynamic::DiscountPercent(percent) => Some(percent),
            Dynamic::Price { .. } => None,
        }
    }
}

/// `GET /demo/checkout`
pub async fn show(
    State(app): State<Shared>,
    Extension(demo): Extension<Arc<Demo>>,
    RawQuery(query): RawQuery,
) -> Response {
    let cart = Cart::of(query.as_deref().unwrap_or_default());
    match (name_of(&cart.product), cart.discount(&demo)) {
        (Some(product), Some(discount)) => {
            let vendor = &app.house.vendor;
            page(&CheckoutPage { vendor, product: &product, discount, cart: &cart }).into_response()
        }
        _ => unreadable(),
    }
}

fn unreadable() -> Response {
    let says = "The checkout can't read this link: its product is unknown, or its discount isn't the shop's.";
    (StatusCode::BAD_REQUEST, say("No such offer", says)).into_response()
}

/// The cart once more, and who pays.
#[derive(Deserialize)]
pub struct Order {
    #[serde(flatten)]
    cart: Cart,
    name: String,
    email: String,
}

/// `POST /demo/checkout`
pub async fn pay(
    State(app): State<Shared>,
    Extension(demo): Extension<Arc<Demo>>,
    Fields(order): Fields<Order>,
) -> Response {
    let cart = &order.cart;
    let (Some(product), Some(discount)) = (name_of(&cart.product), cart.discount(&demo)) else {
        return unreadable();
    };
    let purchase = purchase(&demo, &order, discount, app.db.clock.now());
    let key = async {
        take(&demo, &demo.provider.charged(&purchase)).await?;
        take(&demo, &demo.provider.licence_requested(&purchase)).await
    };
    match key.await {
        Ok(key) => page(&ThanksPage {
            vendor: &app.house.vendor,
            product: &product,
            order: &purchase.order,
            key: &key,
            renewed: !cart.renewal.is_empty(),
        })
        .into_response(),
        Err(why) => {
            (StatusCode::BAD_GATEWAY, say("The shop did not take it", &why.to_string())).into_response()
        }
    }
}

fn purchase(demo: &Demo, order: &Order, discount: u8, now: i64) -> Purchase {
    let minute = u32::try_from(now.rem_euclid(86_400) / 60).unwrap_or(0);
    let day = i32::try_from(now.div_euclid(86_400)).unwrap_or(0);
    let (hour, minute) = (u8::try_from(minute / 60).unwrap_or(0), u8::try_from(minute % 60).unwrap_or(0));
    let number = demo.next_order.fetch_add(1, Ordering::Relaxed).to_string();
    let buyer = Party::new(order.email.trim(), order.name.trim());
    let mut purchase = Purchase::new(number, &order.cart.product, buyer);
    purchase.quantity = order.cart.quantity.parse().unwrap_or(1);
    purchase.placed = Moment::at(day, hour, minute).unwrap_or(Moment::midnight(day));
    if discount > 0 {
        // Of a price of 49.
        purchase.dynamic_discount =
            format!("{}.{:02}", 49 * u32::from(discount) / 100, 49 * u32::from(discount) % 100);
    }
    if !order.cart.renewal.is_empty() {
        purchase.custom =
            vec![(domain::licensing::purchase::RENEWAL_FIELD.to_owned(), order.cart.renewal.clone())];
    }
    purchase
}
