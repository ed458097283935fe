//! Named sources compared with a public list.

use analytics::{SourceKind, named_source};

#[test]
fn sources_of_a_public_list_have_the_same_kind() {
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
