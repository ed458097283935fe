//! Sites and their notes.

use calendar::Day;
use domain::statistics::{
    AddSite, Annotate, AnnotateOutcome, AnnotationRefusal, EditSite, SiteOutcome, SiteRefusal,
};
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
    let (unknown, url) = ("Mars/Olympus", "https://other.example/".to_owned());
    for (wrong, why) in [
        (AddSite { ..add }, SiteRefusal::InvalidName),
        (AddSite { name: "", ..add }, SiteRefusal::InvalidName),
        (
            AddSite { name: "other", zone: unknown, ..add },
            SiteRefusal::UnknownTimeZone { zone: unknown.to_owned() },
        ),
        (AddSite { name: "other", hosts: &[], ..add }, SiteRefusal::HostCount),
        (
            AddSite { name: "other", hosts: std::slice::from_ref(&url), ..add },
            SiteRefusal::InvalidHost { host: url.clone() },
        ),
    ] {
        assert_eq!(web.execute(&wrong).await, SiteOutcome::Refused(why));
    }
    let without_host = SiteOutcome::Refused(SiteRefusal::HostCount);
    assert_eq!(edit(&web, Some(&[]), None, None).await, without_host);
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
    for (wrong, why) in [
        ("thanks to ada@example.org", AnnotationRefusal::ContainsAddress),
        (&*long, AnnotationRefusal::TooLong),
    ] {
        assert_eq!(note(TODAY, wrong).await, AnnotateOutcome::Refused(why));
    }
    let notes =
        async |from, to| web.db().read().await.unwrap().site_notes(web.site.id, from, to).await.unwrap();
    assert_eq!(notes(TODAY - 8, TODAY).await, [(TODAY, "Version 8.2 released".to_owned())]);
    assert_eq!(notes(Day::MIN, Day::MAX).await.len(), 2);
    assert_eq!(note(TODAY, "").await, AnnotateOutcome::Done);
    assert_eq!(notes(Day::MIN, Day::MAX).await.len(), 1);
}
