//! What several benches use.

use domain::VendorSettings;

/// The settings of a bench's shop.
pub fn settings() -> VendorSettings {
    VendorSettings {
        vendor: "Bench".into(),
        public_url: "http://127.0.0.1".into(),
        horizon_months: 18,
        person_months: 24,
        cooling_days: 0,
        dynamic: None,
        checkout_page: None,
        reply: Some(("help".into(), "example.org".into())),
        conversation_months: 12,
        anonymous_days: 90,
    }
}
