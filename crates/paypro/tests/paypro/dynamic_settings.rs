//! Prices and discounts of checkout links: as text, encrypted, and in links that decode to what was put in.

use paypro::{CheckoutLink, DynamicKey, DynamicKeyError, DynamicSettings, NotificationKind, Secret};
use proptest::prelude::*;

use crate::kit::{draft, open, text};

fn key_of(length: usize) -> DynamicKey {
    let secret = |text: String| Secret::new(text).unwrap();
    DynamicKey::new(secret("k".repeat(length)), secret("fedcba9876543210".into())).unwrap()
}

fn price(currency: &str, hundredths: u64) -> DynamicSettings {
    DynamicSettings::Price { currency: currency.to_owned(), hundredths }
}

#[test]
fn settings_are_read_as_they_are_written() {
    for (text, expected) in [
        ("discountpercentage=1", DynamicSettings::DiscountPercent(1)),
        ("discountpercentage=100", DynamicSettings::DiscountPercent(100)),
        ("price[EUR][Amount]=0", price("EUR", 0)),
        ("price[EUR][Amount]=0.01", price("EUR", 1)),
        ("price[USD][Amount]=0.10", price("USD", 10)),
        ("price[JPY][Amount]=59.99", price("JPY", 5_999)),
        ("price[EUR][Amount]=184467440737095516.15", price("EUR", u64::MAX)),
    ] {
        assert_eq!(DynamicSettings::parse(text), Some(expected.clone()), "{text}");
        assert_eq!(expected.to_string(), text);
    }
    assert_eq!(DynamicSettings::parse("price[EUR][Amount]=60.00"), Some(price("EUR", 6_000)));
}

#[test]
fn nothing_else_is_a_setting() {
    for text in [
        "discountpercentage",
        "discountpercentage=",
        "discountpercentage=40%",
        "discountpercentage=+40",
        "discountpercentage=-1",
        "discountpercentage=256",
        "discountpercentage=40.0",
        "discountpercentage= 40",
        "DiscountPercentage=40",
        "discountpercentage=40&price[EUR][Amount]=1",
        "price=1",
        "price[][Amount]=1",
        "price[EU][Amount]=1",
        "price[EURO][Amount]=1",
        "price[ÄUR][Amount]=1",
        "price[EUR][amount]=1",
        "price[EUR]=1",
        "price[EUR][Amount]=",
        "price[EUR][Amount]=1.",
        "price[EUR][Amount]=1.000",
        "price[EUR][Amount]=.50",
        "price[EUR][Amount]=-1",
        "price[EUR][Amount]=+1",
        "price[EUR][Amount]=1.+5",
        "price[EUR][Amount]=1.-5",
        "price[EUR][Amount]=1,50",
        "price[EUR][Amount]=184467440737095516.16",
        "price[EUR][Amount]=184467440737095517",
    ] {
        assert_eq!(DynamicSettings::parse(text), None, "{text}");
    }
}

#[test]
fn a_key_fits_products_by_the_length_of_their_ids() {
    for (key, product, fits) in [
        (15, "1", true),
        (16, "1", false),
        (14, "1", false),
        (1, "123456789012345", true),
        (12, "4711", true),
        (20, "4711", true),
        (28, "4711", true),
        (28, "47110", false),
        (12, "", false),
        (16, "", true),
    ] {
        let expected = if fits { Ok(()) } else { Err(DynamicKeyError::Key { key, product: product.len() }) };
        assert_eq!(key_of(key).check_length(product), expected, "{key} and {product}");
        assert_eq!(key_of(key).seal(product, "x").err(), expected.err(), "{key} and {product}");
    }
}

#[test]
fn a_key_of_the_wrong_length_names_only_lengths_that_would_fit() {
    for (product, lengths) in [
        ("1", "a key of 15 or 23 or 31 bytes"),
        ("1234567890123456", "a key of 8 or 16 bytes"),
        ("12345678901234567890", "a key of 4 or 12 bytes"),
    ] {
        let refused = key_of(7).check_length(product).unwrap_err().to_string();
        assert!(refused.contains(lengths), "{refused}");
    }
}

#[test]
fn the_initialization_vector_has_sixteen_bytes() {
    for length in [1, 15, 17, 32] {
        let vector = Secret::new("v".repeat(length)).unwrap();
        let refused = DynamicKey::new(Secret::new("k").unwrap(), vector).err();
        assert_eq!(refused, Some(DynamicKeyError::IvLength { length }));
    }
    // Eight characters of two bytes.
    assert!(DynamicKey::new(Secret::new("k").unwrap(), Secret::new("é".repeat(8)).unwrap()).is_ok());
}

#[test]
fn a_changed_or_foreign_text_does_not_decrypt_to_the_settings() {
    let (key, settings) = (key_of(12), "discountpercentage=40");
    let sealed = key.seal("4711", settings).unwrap();
    for place in 0..sealed.len() {
        for symbol in ["A", "z", "/", "=", " "] {
            let mut changed = sealed.clone();
            changed.replace_range(place..=place, symbol);
            let opened = key.open("4711", &changed);
            assert_eq!(opened.as_deref() == Ok(settings), changed == sealed, "{place} as {symbol}");
        }
        assert_ne!(key.open("4711", &sealed[..place]).as_deref(), Ok(settings), "{place}");
    }
    for foreign in [key_of(20).seal("4711", settings), key.seal("4712", settings)] {
        assert_ne!(key.open("4711", &foreign.unwrap()).as_deref(), Ok(settings));
    }
}

#[test]
fn a_parameter_set_twice_has_its_last_value() {
    let link =
        CheckoutLink::new("4711").currency("euro").language("de").currency("USD").coupon("a").coupon("b");
    let url = link.url().unwrap();
    assert!(url.ends_with("&products[1][qty]=1&language=de&currency=USD&coupon-code=b"), "{url}");
}

#[test]
fn a_link_to_another_page_keeps_its_query_and_no_secret_is_in_it_unless_asked() {
    let link = || CheckoutLink::new("7").page("http://127.0.0.1:8080/demo/checkout");
    assert_eq!(
        link().url().unwrap(),
        "http://127.0.0.1:8080/demo/checkout?products[1][id]=7&products[1][qty]=1"
    );
    let settings = DynamicSettings::DiscountPercent(40);
    let url = link().dynamic_settings(settings, &key_of(15)).url().unwrap();
    assert!(!url.contains("use-test-mode") && !url.contains("secret-key") && !url.contains("kkk"), "{url}");
}

proptest! {
    #[test]
    fn settings_that_are_read_are_written_back_with_the_same_meaning(
        text in "(discountpercentage=|price\\[[A-Z]{3}\\]\\[Amount\\]=)[0-9+.-]{0,6}",
    ) {
        if let Some(settings) = DynamicSettings::parse(&text) {
            prop_assert_eq!(DynamicSettings::parse(&settings.to_string()), Some(settings));
            prop_assert!(!text.contains(['+', '-']), "{}", text);
        }
    }

    #[test]
    fn the_checkout_reads_the_settings_that_were_put_into_a_link(percent in 1..=100_u8, hundredths: u64, is_price: bool) {
        let settings = if is_price { price("EUR", hundredths) } else { DynamicSettings::DiscountPercent(percent) };
        let url = CheckoutLink::new("4711").dynamic_settings(settings.clone(), &key_of(12)).url().unwrap();
        let query = url.split_once('?').unwrap().1;
        let data = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "products[1][data]").unwrap().1;
        let opened = key_of(12).open("4711", &data).unwrap();
        prop_assert_eq!(DynamicSettings::parse(&opened), Some(settings));
    }

    #[test]
    fn custom_fields_of_a_link_come_back_in_the_notification_as_they_were(
        fields in prop::collection::vec(("[a-z0-9_-]{1,6}", "[a-z,=x-]{0,12}|[^\\p{Cc}]{0,12}"), 1..5),
    ) {
        let link = fields.iter().fold(CheckoutLink::new("4711"), |link, (name, value)| {
            link.custom_field(format!("x-{name}"), value)
        });
        // A link is refused where a value could not come back, or a name is there twice.
        prop_assume!(link.url().is_ok());
        let sent: Vec<String> = fields.iter().map(|(name, value)| format!("x-{name}={value}")).collect();
        let notification =
            open(&draft(NotificationKind::OrderCharged).field("ORDER_CUSTOM_FIELDS", sent.join(",")));
        prop_assert_eq!(notification.custom_fields().len(), fields.len());
        for (name, value) in &fields {
            let read = text(notification.custom_field(&format!("x-{name}")));
            prop_assert_eq!(read, Some(value.as_str()));
        }
    }
}
