//! Named referrers against a list by other hands.

use analytics::{SourceKind, named_source};

#[test]
fn what_others_know_as_a_source_is_named_as_the_same_kind_or_by_its_host() {
    let cases = include_str!("facts/referrers.tsv").lines().filter(|line| !line.starts_with('#'));
    let (mut all, mut named) = (0, 0);
    for case in cases {
        let (kind, host) = case.split_once('\t').expect("two cells a line");
        let kind = match kind {
            "search" => SourceKind::Search,
            "social" => SourceKind::Social,
            _ => SourceKind::Mail,
        };
        all += 1;
        let Some((name, ours)) = named_source(host) else { continue };
        assert_eq!(ours, kind, "{host} as {name}");
        named += 1;
    }
    println!("{named} of {all} hosts are named, none as another kind");
    assert!(named * 3 >= all * 2, "only {named} of {all}");
}
