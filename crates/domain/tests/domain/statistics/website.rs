//! Websites with synthetic visitors, nodes that count them, and a clock.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock};

use analytics::{
    Classifier, DayKey, Dimension, DisclosureThresholds, Outcome, Request, Table, Tally, UserAgentCache,
    VisitKind,
};
use calendar::Day;
use domain::statistics::{
    AddSite, ClosedDays, DateRange, DayOpening, FiguresPage, FiguresQuery, KeepOpen, NodeTally, OpenDay,
    SealOutcome, SealTallies, SealTalliesOutcome, SiteOutcome, close_due, new_node_id, read_figures,
    tally_state,
};
use keyring::{Keyring, KeyringConfig, StaticShare, StoreId};
use store::testing::{NOON, Scratch, fresh_url};
use store::{Actor, Audience, Db, Operation, Site, Store};

/// 2026-11-22, a Sunday.
pub const TODAY: Day = Day::from_unix_days(NOON / 86_400);

static AGENTS: LazyLock<Arc<UserAgentCache>> = LazyLock::new(|| Arc::new(UserAgentCache::default()));

const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 \
     Mobile/15E148 Safari/604.1",
];

const REFERRERS: [&str; 3] = ["", "https://www.google.com/search?q=words", "https://blog.example.net/post"];

/// A request of a visitor that is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Action {
    pub person: u32,
    pub page: u64,
    pub hour: u8,
    pub kind: VisitKind,
}

impl Action {
    /// A view of a page.
    pub fn view(person: u32, page: u64) -> Self {
        Self { person, page, hour: 12, kind: VisitKind::View }
    }
}

/// A store with one site, and a clock.
pub struct Web {
    pub scratch: Scratch,
    pub site: Site,
    pub thresholds: DisclosureThresholds,
}

impl Web {
    /// Opens a store with a site in UTC.
    pub async fn open() -> Self {
        Self::in_zone("UTC").await
    }

    pub async fn in_zone(zone: &str) -> Self {
        let scratch = Scratch::new().await;
        domain::startup::prepare_store(&scratch.db).await.unwrap();
        let site = add_site(&scratch.db, "vendor", zone).await;
        Self { scratch, site, thresholds: DisclosureThresholds::default() }
    }

    pub fn db(&self) -> &Db {
        &self.scratch.db
    }

    pub async fn execute<O: Operation>(&self, operation: &O) -> O::Output {
        self.db().execute(operation).await.expect(O::NAME)
    }

    /// Sets the clock to `second` seconds after midnight of a day in UTC.
    pub fn set(&self, date: Day, second: i64) {
        self.scratch.now.store(date.to_unix_days() * 86_400 + second, Ordering::SeqCst);
    }

    /// Closes all days that are due.
    pub async fn close(&self) -> ClosedDays {
        close_due(self.db(), self.thresholds).await.unwrap()
    }

    /// Counts a day on one node and closes it. Afterwards the clock is at two in the next night.
    pub async fn day(&self, date: Day, actions: &[Action]) -> Tally {
        self.set(date, 43_200);
        let mut node = Node::new(&self.site);
        node.open(self.db(), date).await;
        node.count_all(date, actions);
        node.seal(self.db(), true).await;
        self.set(date + 1, 7_200);
        assert_eq!(self.close().await, ClosedDays { days: 1, ..ClosedDays::default() });
        node.tally(date).clone()
    }

    /// The published figures of days, with all words.
    pub async fn published(
        &self,
        audience: Audience,
        dimension: Dimension,
        from: Day,
        to: Day,
    ) -> FiguresPage {
        read(self.db(), &self.site, audience, dimension, from, to).await
    }

    /// The excluded requests and missing seconds of a closed day.
    pub async fn exclusions(&self, date: Day) -> domain::statistics::Exclusions {
        let mut tx = self.db().read().await.unwrap();
        domain::statistics::read_exclusions(&mut tx, self.site.id, DateRange { from: date, to: date })
            .await
            .unwrap()
    }

    /// The bytes of a backup.
    pub async fn backup(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.db().write_backup(&mut out).await.unwrap();
        out
    }

    /// Restores a backup into an empty database in a folder of this name, with the current keyring.
    pub async fn restored(&self, backup: &[u8], name: &str) -> Db {
        let folder = self.scratch.folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        let url = fresh_url().await;
        Store::connect(&folder, &url).await.unwrap().restore(&mut &backup[..]).await.unwrap();
        let store = Store::connect(&folder, &url).await.unwrap();
        let replicas = [self.scratch.replica()];
        let opening = KeyringConfig {
            replicas: &replicas,
            share: StaticShare::none(),
            store: StoreId(store.id),
            keyring_id: Some(self.db().keyring().keyring_id()),
            seen_epoch: store.seen_epoch().await.unwrap(),
        };
        store.with_keyring(Arc::new(Keyring::open(opening).unwrap()), self.db().clock.clone())
    }
}

/// Adds a site on `vendor.example`.
pub async fn add_site(db: &Db, name: &str, zone: &str) -> Site {
    let hosts = ["vendor.example".to_owned()];
    let operation = AddSite { name, hosts: &hosts, zone, public: false, actor: &Actor::System };
    match db.execute(&operation).await.unwrap() {
        SiteOutcome::Done(site) => site,
        other => panic!("{other:?}"),
    }
}

/// The published figures of days, with all words.
pub async fn read(
    db: &Db,
    site: &Site,
    audience: Audience,
    dimension: Dimension,
    from: Day,
    to: Day,
) -> FiguresPage {
    let mut tx = db.read().await.unwrap();
    let range = DateRange { from, to };
    let read = FiguresQuery { site: site.id, audience, dimension, range, skip: 0, limit: usize::MAX };
    read_figures(&mut tx, &read).await.unwrap()
}

/// The page of a published table, with ties sorted by word.
pub fn published_page(table: &Table) -> FiguresPage {
    let mut rows = table.rows.clone();
    sort(&mut rows, table.dimension);
    FiguresPage {
        total: table.total,
        other: table.other(),
        evicted_views: table.evicted_views,
        days: table.days,
        words: rows.len(),
        rows,
    }
}

/// The same page with ties sorted by word.
pub fn sorted(mut page: FiguresPage, dimension: Dimension) -> FiguresPage {
    sort(&mut page.rows, dimension);
    page
}

fn sort(rows: &mut [analytics::Row], dimension: Dimension) {
    rows.sort_by(|a, b| {
        let by_number = (b.figures.views, b.figures.visitors).cmp(&(a.figures.views, a.figures.visitors));
        let by_number = if dimension == Dimension::Hour { std::cmp::Ordering::Equal } else { by_number };
        by_number.then_with(|| a.value.cmp(&b.value))
    });
}

/// A process that counts visits.
pub struct Node {
    pub id: i64,
    site: Site,
    classifier: Classifier,
    days: BTreeMap<Day, (DayKey, Tally)>,
}

impl Node {
    pub fn new(site: &Site) -> Self {
        let hosts: Vec<&str> = site.hosts.iter().map(|host| &**host).collect();
        let classifier = Classifier::new(&site.name, &hosts, Arc::clone(&AGENTS));
        Self { id: new_node_id().unwrap(), site: site.clone(), classifier, days: BTreeMap::new() }
    }

    /// Opens a day. Returns false if it is closed.
    pub async fn try_open(&mut self, db: &Db, date: Day, until: KeepOpen) -> bool {
        match db.execute(&OpenDay { site: &self.site, date, until }).await.unwrap() {
            DayOpening::Open(key) => {
                self.days.entry(date).or_insert_with(|| (key, Tally::default()));
                true
            }
            DayOpening::Closed => false,
        }
    }

    pub async fn open(&mut self, db: &Db, date: Day) {
        assert!(self.try_open(db, date, KeepOpen::Over).await);
    }

    pub fn count(&mut self, date: Day, action: Action) {
        let page = format!("/page-{}", action.page);
        let (person, pick) = (action.person, action.person as usize);
        let [.., c, d] = person.to_be_bytes();
        let request = Request {
            user_agent: BROWSERS[pick % 3],
            languages: ["de", "en-GB", "fr"][pick / 3 % 3],
            width: Some([390, 1_300][pick % 2]),
            referrer: Some(REFERRERS[pick / 2 % 3]),
            kind: action.kind,
            name: &page,
            ..Request::view(IpAddr::V4(Ipv4Addr::new([8, 193, 133][pick % 3], 1, c, d)), &page)
        };
        let (key, tally) = self.days.get_mut(&date).expect("an open day");
        match self.classifier.classify(&request, action.hour, key) {
            Outcome::Count(visit, visitor) => tally.count(&visit, visitor),
            _ => panic!("not a visit"),
        }
    }

    pub fn count_all(&mut self, date: Day, actions: &[Action]) {
        actions.iter().for_each(|action| self.count(date, *action));
    }

    pub fn tally(&self, date: Day) -> &Tally {
        &self.days[&date].1
    }

    pub fn tally_mut(&mut self, date: Day) -> &mut Tally {
        &mut self.days.get_mut(&date).expect("an open day").1
    }

    /// Seals all days of the node. Returns an outcome for each.
    pub async fn seal(&self, db: &Db, last: bool) -> Vec<SealOutcome> {
        let bytes: Vec<(Day, Vec<u8>)> = self
            .days
            .iter()
            .map(|(date, (_, tally))| (*date, tally_state(db.clock.now(), tally.to_bytes())))
            .collect();
        let days: Vec<NodeTally<'_>> = bytes
            .iter()
            .map(|(date, state)| NodeTally { site: self.site.id, date: *date, state, last })
            .collect();
        match db.execute(&SealTallies { node: self.id, days: &days, position: None }).await.unwrap() {
            SealTalliesOutcome::Days(answers) => answers,
            SealTalliesOutcome::CountedElsewhere => panic!("no log is read"),
        }
    }
}

/// A seeded pseudorandom generator (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// 0 to `bound` - 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) % bound
    }

    /// The actions of a day by `people` persons. The first pages are far more frequent than the last.
    pub fn day(&mut self, people: u64, pages: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        for person in 0..people as u32 {
            for _ in 0..=self.below(4) {
                let most = 1 + self.below(pages);
                let kind = match self.below(9) {
                    0 => VisitKind::Event,
                    1 => VisitKind::Download,
                    2 => VisitKind::Missing,
                    _ => VisitKind::View,
                };
                let (page, hour) = (self.below(most), (9 + self.below(6)) as u8);
                actions.push(Action { person, page, hour, kind });
            }
        }
        actions
    }
}
