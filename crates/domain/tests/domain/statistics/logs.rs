//! Logs are counted once: the position in a log is committed together with its tallies.

use analytics::Tally;
use domain::statistics::{
    LogPosition, NodeTally, SealOutcome, SealTallies, SealTalliesOutcome, log_tag, tally_state,
};

use crate::statistics::website::{Node, TODAY, Web};

#[tokio::test]
async fn of_two_nodes_that_read_the_same_part_of_a_log_only_one_counts_it() {
    let web = Web::open().await;
    let (mut first, mut second) = (Node::new(&web.site), Node::new(&web.site));
    first.open(web.db(), TODAY).await;
    second.open(web.db(), TODAY).await;
    let file = log_tag(web.db(), b"192.0.2.7 - - [22/Nov/2026:00:00:01 +0000]").unwrap();
    let state = tally_state(web.db().clock.now(), Tally::default().to_bytes());
    let seal = async |node: &Node, from, to| {
        let position = Some(LogPosition { site: web.site.id, file: &file, from, to });
        let days = [NodeTally { site: web.site.id, date: TODAY, state: &state, last: true }];
        web.execute(&SealTallies { node: node.id, days: &days, position }).await
    };
    let sealed = SealTalliesOutcome::Days(vec![SealOutcome::Sealed]);
    assert_eq!(seal(&first, 0, 1_000).await, sealed);
    assert_eq!(seal(&second, 0, 2_000).await, SealTalliesOutcome::CountedElsewhere);
    assert_eq!(web.scratch.numbers("SELECT COUNT(*) FROM visit_tally").await, [1]);
    assert_eq!(seal(&first, 1_000, 2_000).await, sealed);
    let position = web.db().read().await.unwrap().log_position(web.site.id, &file).await.unwrap();
    assert_eq!(position, 2_000);
}

#[tokio::test]
async fn the_position_advances_over_lines_of_closed_days() {
    let web = Web::open().await;
    let mut node = Node::new(&web.site);
    let yesterday = TODAY - 1;
    node.open(web.db(), yesterday).await;
    node.open(web.db(), TODAY).await;
    node.seal(web.db(), true).await;
    assert_eq!(web.close().await.days, 1);
    let file = log_tag(web.db(), b"a first line").unwrap();
    let state = tally_state(web.db().clock.now(), Tally::default().to_bytes());
    let days = [(TODAY, 7), (yesterday, 8)].map(|(date, _)| NodeTally {
        site: web.site.id,
        date,
        state: &state,
        last: true,
    });
    let position = Some(LogPosition { site: web.site.id, file: &file, from: 0, to: 5 });
    let seals = web.execute(&SealTallies { node: node.id, days: &days, position }).await;
    assert_eq!(
        seals,
        SealTalliesOutcome::Days(vec![SealOutcome::Sealed, SealOutcome::Closed]),
        "in the order of the days given"
    );
    assert_eq!(web.db().read().await.unwrap().log_position(web.site.id, &file).await.unwrap(), 5);
}

#[tokio::test]
async fn a_rotated_log_has_another_tag_and_its_position_is_deleted_in_time() {
    let web = Web::open().await;
    let tag = |beginning: &[u8]| log_tag(web.db(), beginning).unwrap();
    assert!(
        tag(b"a first line") == tag(b"a first line") && tag(b"a first line") != tag(b"another first line")
    );
    let file = tag(b"a first line");
    let position = Some(LogPosition { site: web.site.id, file: &file, from: 0, to: 5 });
    web.execute(&SealTallies { node: 1, days: &[], position }).await;
    web.set(TODAY + 89, 0);
    domain::erasure::retention::run_retention(web.db(), &crate::kit::settings()).await.unwrap();
    let known = async || web.db().read().await.unwrap().log_position(web.site.id, &file).await.unwrap();
    assert_eq!(known().await, 5);
    web.set(TODAY + 91, 0);
    domain::erasure::retention::run_retention(web.db(), &crate::kit::settings()).await.unwrap();
    assert_eq!(known().await, 0);
}
