//! The simulated checkout page of the provider: reads a checkout link like the provider, and posts signed notifications
//! for a purchase.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use calendar::Timestamp;
use paypro::simulator::Party;
use paypro::{DynamicSettings, Purchase};
use serde::Deserialize;

use super::sample_orders::{self, name_of};
use super::state::Demo;
use web::app::Shared;
use web::extract::form::Fields;
use web::templates::{message_page, page};

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

/// The content of a checkout link.
#[derive(Deserialize)]
pub struct Cart {
    product: String,
    /// A text, because the flattened fields of a form are read as text.
    quantity: String,
    /// The encrypted dynamic settings; empty for none.
    settings: String,
    /// The renewal token; empty for none.
    renewal: String,
}

impl Cart {
    fn of(query: &str) -> Self {
        let mut cart = Self {
            product: sample_orders::STUDIO.into(),
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

    /// The discount in per cent from the dynamic settings; none if they cannot be decrypted.
    fn discount(&self, demo: &Demo) -> Option<u8> {
        if self.settings.is_empty() {
            return Some(0);
        }
        let opened = demo.dynamic.open(&self.product, &self.settings).ok()?;
        match DynamicSettings::parse(&opened)? {
            DynamicSettings::DiscountPercent(percent) => Some(percent),
            DynamicSettings::Price { .. } => None,
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
            let vendor = &app.settings.vendor;
            page(&CheckoutPage { vendor, product: &product, discount, cart: &cart }).into_response()
        }
        _ => invalid_link(),
    }
}

fn invalid_link() -> Response {
    let text =
        "This link is not valid. The product is unknown, or the discount was not created by this store.";
    (StatusCode::BAD_REQUEST, message_page("This link is not valid", text)).into_response()
}

/// The cart and the buyer.
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
        return invalid_link();
    };
    let purchase = purchase(&demo, &order, discount, app.db.clock.now());
    let key = async {
        demo.provider.post(&demo.provider.simulator.charged(&purchase)).await?;
        demo.provider.post(&demo.provider.simulator.licence_requested(&purchase)).await
    };
    match key.await {
        Ok(key) => page(&ThanksPage {
            vendor: &app.settings.vendor,
            product: &product,
            order: &purchase.order,
            key: &key,
            renewed: !cart.renewal.is_empty(),
        })
        .into_response(),
        Err(why) => (StatusCode::BAD_GATEWAY, message_page("The store refused the order", &why.to_string()))
            .into_response(),
    }
}

fn purchase(demo: &Demo, order: &Order, discount: u8, now: Timestamp) -> Purchase {
    let number = demo.next_order.fetch_add(1, Ordering::Relaxed).to_string();
    let buyer = Party::new(order.email.trim(), order.name.trim());
    let mut purchase = Purchase::new(number, &order.cart.product, buyer);
    purchase.quantity = order.cart.quantity.parse().unwrap_or(1);
    purchase.placed = now;
    if discount > 0 {
        // The price is 49.
        purchase.dynamic_discount =
            format!("{}.{:02}", 49 * u32::from(discount) / 100, 49 * u32::from(discount) % 100);
    }
    if !order.cart.renewal.is_empty() {
        purchase.custom =
            vec![(domain::licensing::purchase::RENEWAL_FIELD.to_owned(), order.cart.renewal.clone())];
    }
    purchase
}
