//! The vectors in `vectors/`, for other implementations. The test reads them as another implementation would, and
//! compares them with the code that makes them.

mod forge;
mod form;
mod generator;

use std::{collections::BTreeSet, fs, path::Path};

use form::Vector;
use licence::{Check, Day, PublicKeys, check};

fn text_of(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    fs::read_to_string(path).unwrap()
}

fn all() -> Vec<Vector> {
    generator::FILES
        .iter()
        .flat_map(|(file, _)| serde_json::from_str::<Vec<Vector>>(&text_of(file)).unwrap())
        .collect()
}

fn outcome(vector: &Vector) -> Result<form::ExpectedClaims, String> {
    let keys = PublicKeys::parse(&vector.public_keys).map_err(|bad| form::name_of_bad_keys(&bad))?;
    let day = |text: &String| text.parse::<Day>().unwrap();
    let conditions = Check {
        product: vector.check.product,
        today: day(&vector.check.today),
        build: vector.check.build.as_ref().map(day),
    };
    check(&vector.key, &keys, &conditions)
        .map(|claims| form::ExpectedClaims::from(&claims))
        .map_err(|refusal| form::name_of(&refusal))
}

#[test]
fn every_vector_has_its_expected_outcome() {
    for vector in all() {
        let expected = match vector.expect.as_str() {
            "good" => Ok(vector.claims.clone().expect("a good vector contains its claims")),
            refusal => Err(refusal.to_owned()),
        };
        assert_eq!(outcome(&vector), expected, "{}", vector.name);
    }
}

#[test]
fn the_vector_files_are_up_to_date() {
    for (file, make) in generator::FILES {
        let made = serde_json::to_string_pretty(&make()).unwrap() + "\n";
        // Writes the new file, for comparison when this test fails.
        let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
        fs::write(&fresh, &made).unwrap();
        assert!(made == text_of(file), "{file} differs from {}", fresh.display());
    }
}

#[test]
fn bad_vectors_outnumber_good_ones_and_names_are_unique() {
    let vectors = all();
    let good = vectors.iter().filter(|vector| vector.expect == "good").count();
    let names: BTreeSet<_> = vectors.iter().map(|vector| &vector.name).collect();
    assert_eq!(names.len(), vectors.len());
    assert!(vectors.len() >= 100, "{}", vectors.len());
    assert!(good * 2 < vectors.len(), "{good} of {}", vectors.len());
    assert!(vectors.iter().all(|vector| (vector.expect == "good") == vector.claims.is_some()));
}
