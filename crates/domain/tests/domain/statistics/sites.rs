//! Sites and their notes.

use calendar::Day;
use domain::statistics::{AddSite, Annotate, AnnotateOutcome, EditSite, SiteOutcome};
use store::{Actor, Site};

use crate::statistics::website::{TODAY, Web};

async fn edit(web: &Web, hosts: Option<&[String]>, zone: Option<&str>, public: Option<bool>) -> SiteOutcome {
    web.execute(&EditSite { name: "vendor", hosts, zone, public, actor: &Actor::System }).await
}

#[tokio::test]
async fn a_site_is_added_once_and_all_but_its_name_can_be_edited() {
    let web = Web::open().await;
    let hosts = ["WWW.other.example".to_owned(), "shop.other.example".into()];
    let add =
        AddSite { name: "other", hosts: &hosts, zone: "europe/berlin", public: true, actor: &Actor::System };
    let SiteOutcome::Done(other) = web.execute(&add).await else { panic!("not added") };
    assert_eq!(other.hosts, ["other.example", "shop.other.example"]);
    assert_eq!(web.execute(&add).await, SiteOutcome::NameExists);
    let edited = Site { zone: "Asia/Tokyo".into(), public: true, ..web.site.clone() };
    assert_eq!(edit(&web, None, Some("Asia/Tokyo"), Some(true)).await, SiteOutcome::Done(edited.clone()));
    assert_eq!(web.db().read().await.unwrap().sites().await.unwrap(), [other, edited]);
    let unknown = EditSite { name: "nobody", hosts: None, zone: None, public: None, actor: &Actor::System };
    assert_eq!(web.execute(&unknown).await, SiteOutcome::Unknown);
}

#[tokio::test]
async fn an_invalid_site_is_refused_with_the_reason() {
    let web = Web::open().await;
    let host = ["other.example".to_owned()];
    let add = AddSite { name: "a b", hosts: &host, zone: "UTC", public: false, actor: &Actor::System };
    for wrong in [
        AddSite { ..add },
        AddSite { name: "", ..add },
        AddSite { name: "other", zone: "Mars/Olympus", ..add },
        AddSite { name: "other", hosts: &[], ..add },
        AddSite { name: "other", hosts: &["https://other.example/".into()], ..add },
    ] {
        assert!(
            matches!(web.execute(&wrong).await, SiteOutcome::Refused(_)),
            "{} {}",
            wrong.name,
            wrong.zone
        );
    }
    assert!(matches!(edit(&web, Some(&[]), None, None).await, SiteOutcome::Refused(_)));
    assert_eq!(web.scratch.numbers("SELECT COUNT(*) FROM site").await, [1]);
}

#[tokio::test]
async fn a_note_stays_on_its_day_until_it_is_removed() {
    let web = Web::open().await;
    let (actor, long) = (Actor::Staff("Sam".into()), "long ".repeat(41));
    let note =
        async |date, text| web.execute(&Annotate { site: web.site.id, date, text, actor: &actor }).await;
    assert_eq!(note(TODAY, "Version 8.1").await, AnnotateOutcome::Done);
    assert_eq!(note(TODAY, " Version 8.2\nreleased ").await, AnnotateOutcome::Done);
    assert_eq!(note(TODAY - 9, "News").await, AnnotateOutcome::Done);
    assert!(matches!(note(TODAY, "thanks to ada@example.org").await, AnnotateOutcome::Refused(_)));
    assert!(matches!(note(TODAY, &long).await, AnnotateOutcome::Refused(_)));
    let notes =
        async |from, to| web.db().read().await.unwrap().site_notes(web.site.id, from, to).await.unwrap();
    assert_eq!(notes(TODAY - 8, TODAY).await, [(TODAY, "Version 8.2 released".to_owned())]);
    assert_eq!(notes(Day::MIN, Day::MAX).await.len(), 2);
    assert_eq!(note(TODAY, "").await, AnnotateOutcome::Done);
    assert_eq!(notes(Day::MIN, Day::MAX).await.len(), 1);
}
