//! The vectors of RFC 9180 for our suite.

use hpke::inout::InOutBuf;
use hpke::{Deserializable, Serializable};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::test_vectors::{bytes, vectors};
use crate::transfer::encryption::{
    EncapsulatedKey, OpeningContext, PrivateKey, PublicKey, SealingContext, SenderSeed, Tag, recipient,
    sender,
};

fn sending(vector: &Value) -> (Vec<u8>, SealingContext) {
    let seed = SenderSeed::new(Zeroizing::new(bytes(vector, "ikm_e").try_into().unwrap()));
    let to = PublicKey::from_bytes(&bytes(vector, "pk_r")).unwrap();
    let (encapsulated, context) = sender(&to, &bytes(vector, "info"), seed).unwrap();
    (encapsulated.to_bytes().to_vec(), context)
}

fn seal(context: &mut SealingContext, associated_data: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut text = plain.to_vec();
    let tag = context.seal_inout_detached(InOutBuf::from(text.as_mut_slice()), associated_data).unwrap();
    text.extend_from_slice(&tag.to_bytes());
    text
}

fn open(context: &mut OpeningContext, associated_data: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (text, tag) = sealed.split_at_checked(sealed.len().checked_sub(16)?)?;
    let (mut text, tag) = (text.to_vec(), Tag::from_bytes(tag).unwrap());
    context.open_inout_detached(InOutBuf::from(text.as_mut_slice()), associated_data, &tag).ok()?;
    Some(text)
}

/// Decrypts the vector, after as many other messages as its sequence number says.
fn opened(vector: &Value) -> Option<Vec<u8>> {
    let key = PrivateKey::from_bytes(&bytes(vector, "sk_r")).unwrap();
    let encapsulated = EncapsulatedKey::from_bytes(&bytes(vector, "enc")).unwrap();
    let mut receiving = recipient(&key, &bytes(vector, "info"), &encapsulated)?;
    let (_, mut sending) = sending(vector);
    for _ in 0..vector["seq"].as_u64().unwrap() {
        let before = seal(&mut sending, b"", b"before");
        open(&mut receiving, b"", &before).unwrap();
    }
    open(&mut receiving, &bytes(vector, "aad"), &bytes(vector, "ciphertext"))
}

/// Encrypts the vector's text in the place of its sequence number.
fn sealed(vector: &Value) -> (Vec<u8>, Vec<u8>) {
    let (encapsulated, mut context) = sending(vector);
    for _ in 0..vector["seq"].as_u64().unwrap() {
        seal(&mut context, b"", b"before");
    }
    (encapsulated, seal(&mut context, &bytes(vector, "aad"), &bytes(vector, "plaintext")))
}

#[test]
fn hpke_matches_the_vectors_of_its_rfc_and_opens_nothing_else() {
    let (mut good, mut bad) = (0, 0);
    for vector in vectors("hpke.json") {
        if vector["valid"].as_bool().unwrap() {
            assert_eq!(sealed(&vector), (bytes(&vector, "enc"), bytes(&vector, "ciphertext")));
            assert_eq!(opened(&vector).unwrap(), bytes(&vector, "plaintext"));
            good += 1;
        } else {
            assert!(opened(&vector).is_none(), "{}", vector["name"]);
            bad += 1;
        }
    }
    assert!(good > 0 && bad > good);
}
