//! The refresh of a key: the current key, or an answer that tells a program to keep the one it has.

use paypro::Purchase;
use paypro::simulator::Party;

use crate::kit::Kit;

#[tokio::test]
async fn a_genuine_key_is_answered_with_the_current_one_until_its_licence_is_revoked() {
    let kit = Kit::open().await;
    let key = kit.sell("1001", "ada@example.com", "Ada Lovelace").await;
    let refresh = async |text: &str| kit.send("POST", "/licence/refresh", &[], text).await;
    let current = refresh(&key.to_lowercase()).await;
    assert_eq!((current.status, current.body.trim()), (200, key.trim()));
    for (text, reason) in [
        ("", "it has 0 letters and digits instead of 122"),
        (&key[..20], "instead of 122"),
        (&key.replacen('-', "%", 1), "is not allowed"),
        (
            &key.replacen(&key[40..41], if &key[40..41] == "2" { "3" } else { "2" }, 1),
            "this licence key is mistyped",
        ),
    ] {
        let refused = refresh(text).await;
        assert_eq!(refused.status, 400, "{text}");
        assert!(refused.body.contains(reason), "{text}: {}", refused.body);
    }
    let purchase = Purchase::new("1001", "4711", Party::new("ada@example.com", "Ada Lovelace"));
    let purchase = Purchase { placed: (kit.app.db.clock.today() - 340).midnight(), ..purchase };
    assert_eq!(kit.post("/paypro", &[], &kit.provider.refunded(&purchase).body()).await.status, 200);
    let revoked = refresh(&key).await;
    assert_eq!((revoked.status, revoked.body.trim()), (409, "this licence was revoked"));
}
