//! Checkout links, to the byte.

use paypro::{CheckoutLink, CheckoutLinkError, DynamicKey, DynamicKeyError, DynamicSettings, Secret};
use proptest::prelude::*;

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn key() -> DynamicKey {
    DynamicKey::new(secret("0123456789ab"), secret("fedcba9876543210")).unwrap()
}

#[test]
fn the_shortest_link_names_product_and_quantity() {
    let url = CheckoutLink::new("4711").url().unwrap();
    assert_eq!(url, "https://store.payproglobal.com/checkout?products[1][id]=4711&products[1][qty]=1");
}

#[test]
fn every_parameter_has_its_name_and_its_value_is_encoded() {
    let url = CheckoutLink::new("4711")
        .quantity(3)
        .currency("EUR")
        .language("de")
        .coupon("50%&more")
        .page_template("12")
        .billing_email("zoë+shop@example.org")
        .billing_country("AT")
        .custom_field("x-renewal", "a b,c=d#e?")
        .test(secret("s&t"))
        .url()
        .unwrap();
    let expected = "https://store.payproglobal.com/checkout?products[1][id]=4711&products[1][qty]=3&currency=EUR\
        &language=de&coupon-code=50%25%26more&page-template=12&billing-email=zo%C3%AB%2Bshop%40example.org\
        &billing-country=AT&x-renewal=a%20b%2Cc%3Dd%23e%3F&use-test-mode=true&secret-key=s%26t";
    assert_eq!(url, expected);
}

#[test]
fn dynamic_settings_match_the_known_answer() {
    let settings = DynamicSettings::DiscountPercent(40);
    assert_eq!(settings.to_string(), "discountpercentage=40");
    let sealed = key().seal("4711", &settings.to_string()).unwrap();
    assert_eq!(sealed, "Bttg2jy127wIub/0GkWsp9S7DE3RncHwbld/DDEL044=");
    assert_eq!(key().open("4711", &sealed).unwrap(), "discountpercentage=40");
    let url = CheckoutLink::new("4711").dynamic_settings(settings, &key()).url().unwrap();
    let data = "&products[1][data]=Bttg2jy127wIub%2F0GkWsp9S7DE3RncHwbld%2FDDEL044%3D";
    assert!(url.ends_with(data), "{url}");
}

#[test]
fn a_price_is_written_with_its_currency() {
    let price = |hundredths| DynamicSettings::Price { currency: "EUR".to_owned(), hundredths };
    for (hundredths, text) in
        [(6000, "price[EUR][Amount]=60"), (5990, "price[EUR][Amount]=59.90"), (5, "price[EUR][Amount]=0.05")]
    {
        assert_eq!(price(hundredths).to_string(), text);
        assert_eq!(DynamicSettings::parse(text), Some(price(hundredths)));
    }
}

#[test]
fn invalid_settings_are_refused() {
    let wrong = [
        "",
        "discountpercentage=0",
        "discountpercentage=101",
        "price[eur][Amount]=1",
        "price[EUR][Amount]=1.5",
        "x=1",
    ];
    for text in wrong {
        assert_eq!(DynamicSettings::parse(text), None, "{text}");
    }
}

#[test]
fn only_the_three_key_lengths_of_aes_work() {
    for length in 1..40 {
        let key = DynamicKey::new(secret(&"k".repeat(length)), secret("fedcba9876543210")).unwrap();
        let sealed = key.seal("4711", "discountpercentage=40");
        match length + 4 {
            16 | 24 | 32 => assert_eq!(key.open("4711", &sealed.unwrap()).unwrap(), "discountpercentage=40"),
            _ => assert_eq!(sealed, Err(DynamicKeyError::Key { key: length, product: 4 })),
        }
    }
}

#[test]
fn a_key_of_the_wrong_length_says_what_to_do() {
    let error = key().check_length("47110").unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("for this product set a key of 11 or 19 or 27 bytes at the provider and here")
    );
    let error = DynamicKey::new(secret("0123456789ab"), secret("short")).err().unwrap();
    assert_eq!(error, DynamicKeyError::IvLength { length: 5 });
    assert!(error.to_string().contains("must be 16"));
}

#[test]
fn settings_of_another_product_or_truncated_ones_do_not_decrypt() {
    let sealed = key().seal("4711", "discountpercentage=40").unwrap();
    for (product, text) in [("4712", &*sealed), ("4711", &sealed[..20]), ("4711", "not base64"), ("4711", "")]
    {
        assert_eq!(key().open(product, text), Err(DynamicKeyError::NotDecryptable), "{product}");
    }
}

#[test]
fn a_link_that_the_checkout_could_not_read_is_refused() {
    let link = || CheckoutLink::new("4711");
    let cases = [
        (CheckoutLink::new(""), CheckoutLinkError::Product),
        (CheckoutLink::new("4711&products[2][id]=1"), CheckoutLinkError::Product),
        (link().quantity(0), CheckoutLinkError::Quantity),
        (link().quantity(65_536), CheckoutLinkError::Quantity),
        (link().currency("euro"), CheckoutLinkError::Currency),
        (
            link().dynamic_settings(DynamicSettings::DiscountPercent(0), &key()),
            CheckoutLinkError::DynamicSettings,
        ),
        (
            link().dynamic_settings(DynamicSettings::DiscountPercent(101), &key()),
            CheckoutLinkError::DynamicSettings,
        ),
        (link().custom_field("renewal", "1"), CheckoutLinkError::CustomName),
        (link().custom_field("x-", "1"), CheckoutLinkError::CustomName),
        (link().custom_field("x-a&b", "1"), CheckoutLinkError::CustomName),
        (link().custom_field("x-a", "1").custom_field("x-a", "2"), CheckoutLinkError::CustomName),
        (link().custom_field("x-a", "1,x-renewal=2"), CheckoutLinkError::CustomValue),
        (link().custom_field("x-a", "1\n"), CheckoutLinkError::CustomValue),
    ];
    for (checkout, error) in cases {
        assert_eq!(checkout.url(), Err(error));
    }
    let other = CheckoutLink::new("47110").dynamic_settings(DynamicSettings::DiscountPercent(40), &key());
    assert_eq!(other.url(), Err(CheckoutLinkError::DynamicKey(DynamicKeyError::Key { key: 12, product: 5 })));
}

proptest! {
    #[test]
    fn a_link_is_ascii_and_decodes_to_the_same_values(value in "[^\\p{Cc},]{0,40}", email in "[^\\p{Cc}]{1,40}") {
        let url = CheckoutLink::new("4711").billing_email(&*email).custom_field("x-a", &*value).url().unwrap();
        prop_assert!(url.is_ascii() && !url.contains([' ', '"', '\'', '<', '>', '#']));
        let query = url.split_once('?').unwrap().1;
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        prop_assert_eq!(&pairs[0], &("products[1][id]".to_owned(), "4711".to_owned()));
        prop_assert_eq!(&pairs[2], &("billing-email".to_owned(), email));
        prop_assert_eq!(&pairs[3], &("x-a".to_owned(), value));
        prop_assert_eq!(pairs.len(), 4);
    }

    #[test]
    fn encrypted_settings_decrypt_to_the_same_text(text in "\\PC{0,100}") {
        prop_assert_eq!(key().open("4711", &key().seal("4711", &text).unwrap()).unwrap(), text);
    }
}
