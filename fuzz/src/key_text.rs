use licence::{Claims, Day, Key, PublicKeys, Serial, SigningKey, Term, verify};

/// Parses a pasted licence key. It never panics, printing changes nothing, and only a key that the signer made
/// verifies.
pub fn key_text(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Ok(serial) = text.parse::<Serial>() {
        assert_eq!(serial.to_string().parse(), Ok(serial));
    }
    if let Ok(keys) = PublicKeys::parse(&text) {
        assert!(PublicKeys::parse(&keys.to_string()).is_ok(), "printed public keys don't parse");
    }
    let Ok(key) = Key::parse(&text) else { return };
    assert!(Key::parse(&key.to_string()) == Ok(key.clone()), "printing changes the key");
    let (signed, public) = signed();
    let genuine = signed.contains(&key);
    assert_eq!(verify(&key, &public).is_ok(), genuine, "only signed keys verify");
}

/// The keys in the corpus: two that a signer made, and the public half of that signer.
fn signed() -> (Vec<Key>, PublicKeys) {
    let signer = SigningKey::from_seed(5, &[7; 32]).expect("5 is a number of a signing key");
    let serial = Serial::from_bytes([1, 2, 3, 4, 5]);
    let perpetual = Claims { signing_key: 5, product: 3, edition: 1, term: Term::Forever, seats: 0, serial };
    let subscription = Claims { term: Term::Ends(Day::FIRST), seats: 20, edition: 127, ..perpetual };
    let keys = [perpetual, subscription].map(|claims| signer.sign(&claims).expect("its own claims"));
    let mut public = PublicKeys::new();
    public.add(signer.public()).expect("the first of its number");
    (keys.into(), public)
}
