//! The vectors in `vectors/`, which other implementations share, read as such a one would read them, and held
//! against what makes them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod forge;
mod form;
mod made;

use std::{collections::BTreeSet, fs, path::Path};

use form::Vector;
use licence::{Check, Day, PublicKeys, check};

fn text_of(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    fs::read_to_string(path).unwrap()
}

fn all() -> Vec<Vector> {
    made::FILES
        .iter()
        .flat_map(|(file, _)| serde_json::from_str::<Vec<Vector>>(&text_of(file)).unwrap())
        .collect()
}

fn outcome(vector: &Vector) -> Result<form::Said, String> {
    let keys = PublicKeys::parse(&vector.public_keys).map_err(|bad| form::name_of_bad_keys(&bad))?;
    let day = |text: &String| text.parse::<Day>().unwrap();
    let wish = Check {
        product: vector.check.product,
        today: day(&vector.check.today),
        build: vector.check.build.as_ref().map(day),
    };
    check(&vector.key, &keys, &wish)
        .map(|claims| form::Said::from(&claims))
        .map_err(|refusal| form::name_of(&refusal))
}

#[test]
fn every_vector_ends_as_it_says() {
    for vector in all() {
        let expected = match vector.expect.as_str() {
            "good" => Ok(vector.claims.clone().expect("a good vector says its claims")),
            refusal => Err(refusal.to_owned()),
        };
        assert_eq!(outcome(&vector), expected, "{}", vector.name);
    }
}

#[test]
fn the_files_are_what_makes_them() {
    for (file, make) in made::FILES {
        let made = serde_json::to_string_pretty(&make()).unwrap() + "\n";
        // What was made now lies there, to be compared when this fails.
        let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
        fs::write(&fresh, &made).unwrap();
        assert!(made == text_of(file), "{file} differs from {}", fresh.display());
    }
}

#[test]
fn bad_vectors_outnumber_good_ones_and_each_has_a_name_of_its_own() {
    let vectors = all();
    let good = vectors.iter().filter(|vector| vector.expect == "good").count();
    let names: BTreeSet<_> = vectors.iter().map(|vector| &vector.name).collect();
    assert_eq!(names.len(), vectors.len());
    assert!(vectors.len() >= 100, "{}", vectors.len());
    assert!(good * 2 < vectors.len(), "{good} of {}", vectors.len());
    assert!(vectors.iter().all(|vector| (vector.expect == "good") == vector.claims.is_some()));
}
