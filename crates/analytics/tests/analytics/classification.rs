//! Tables of requests: what is counted and as what, what is refused and why, and which agents are bots.

use std::{collections::HashMap, sync::Arc};

use analytics::{
    Classifier, DayKey, Dimension, Outcome, Population, RefusalReason, Request, UserAgentCache, VisitKind,
    Visitor, named_source,
    user_agent::{UserAgent, browser_family, is_bot, system_family},
};

use crate::site::{AGENTS, Site, address, view};

/// What became of a request, in a word. A visit is named by its subject.
fn outcome(request: &Request<'_>) -> String {
    let site = Site::open();
    match site.classifier.classify(request, 12, &site.key) {
        Outcome::Count(visit, _) => format!("counted {}", visit.subject()),
        Outcome::Bot => "bot".into(),
        Outcome::OptedOut => "opted out".into(),
        Outcome::Prefetch => "prefetch".into(),
        Outcome::Refused(RefusalReason::ForeignHost) => "foreign".into(),
        Outcome::Refused(RefusalReason::UnnamedEvent) => "unnamed".into(),
        Outcome::Refused(RefusalReason::InvalidPage) => "no page".into(),
    }
}

#[test]
fn a_page_belongs_to_the_site_by_its_host() {
    for (page, expected) in [
        ("/docs", "counted /docs"),
        ("", "counted /"),
        ("https://vendor.example/docs?q=x", "counted /docs"),
        ("https://www.vendor.example/docs", "counted /docs"),
        ("HTTP://WWW.VENDOR.EXAMPLE:8080/docs", "counted /docs"),
        ("https://vendor.example./docs", "counted /docs"),
        ("https://vendor.example", "counted /"),
        ("//vendor.example/docs", "counted /docs"),
        ("https://user:secret@vendor.example/docs", "counted /docs"),
        ("https://evil.example/docs", "foreign"),
        ("https://vendor.example.evil.example/", "foreign"),
        ("https://vendor.example@evil.example/", "foreign"),
        ("https://evil.example/https://vendor.example/", "foreign"),
        ("https://sub.vendor.example/", "foreign"),
        ("https://wwwvendor.example/", "foreign"),
        ("//evil.example/vendor.example", "foreign"),
        ("docs", "no page"),
        ("javascript:alert(1)", "no page"),
        ("vendor.example/docs", "no page"),
        (" /docs", "no page"),
        ("?q=x", "no page"),
    ] {
        assert_eq!(outcome(&view(1, page)), expected, "{page}");
    }
}

#[test]
fn a_visitor_who_opted_out_is_not_looked_at_and_a_prefetch_is_no_visit() {
    let request = view(1, "https://evil.example/");
    let bot = Request { user_agent: "curl/8.0 with more text", ..view(1, "/") };
    for one in ["1", " 1 ", "1\r\n"] {
        for request in [request, bot] {
            assert_eq!(outcome(&Request { dnt: one, ..request }), "opted out", "{one:?}");
            assert_eq!(
                outcome(&Request { gpc: one, purpose: "prefetch", ..request }),
                "opted out",
                "{one:?}"
            );
        }
    }
    for other in ["0", "", "true", "11", "yes"] {
        assert_eq!(outcome(&Request { dnt: other, gpc: other, ..view(1, "/") }), "counted /", "{other:?}");
    }
    for purpose in ["prefetch", "Prefetch", "prefetch;prerender", "x, PRERENDER", "preview"] {
        assert_eq!(outcome(&Request { purpose, ..request }), "prefetch", "{purpose}");
        assert_eq!(outcome(&Request { purpose, ..bot }), "prefetch", "{purpose}");
    }
    for purpose in ["", "navigate", "fetch", "pre fetch", "prefetc"] {
        assert_eq!(outcome(&Request { purpose, ..view(1, "/") }), "counted /", "{purpose}");
    }
}

#[test]
fn an_event_has_a_name_and_a_file_a_path() {
    let event = |name| outcome(&Request { kind: VisitKind::Event, name, ..view(1, "/docs") });
    for (name, expected) in [
        ("Sign Up", "counted sign up"),
        ("  Video   Play ", "counted video play"),
        ("a/b", "counted a-b"),
        ("%53ign", "counted sign"),
        ("alice@example.org", "counted …"),
        ("", "unnamed"),
        ("   ", "unnamed"),
        ("+", "unnamed"),
        ("%20", "unnamed"),
    ] {
        assert_eq!(event(name), expected, "{name:?}");
    }
    let long = "ab ".repeat(40);
    assert_eq!(event(&long), format!("counted {}", &long[..50]).trim_end());
    for kind in [VisitKind::View, VisitKind::Download, VisitKind::Missing] {
        let request = Request { kind, name: "ignored", ..view(1, "https://vendor.example/a/setup.exe?x") };
        assert_eq!(outcome(&request), "counted /a/setup.exe", "{kind:?}");
    }
    for (name, kind) in [
        ("", Some(VisitKind::View)),
        ("view", Some(VisitKind::View)),
        ("event", Some(VisitKind::Event)),
        ("download", Some(VisitKind::Download)),
        ("404", Some(VisitKind::Missing)),
        ("View", None),
        ("missing", None),
        ("403", None),
    ] {
        assert_eq!(VisitKind::parse(name), kind, "{name:?}");
    }
}

#[test]
fn a_referrer_is_a_named_source_a_host_or_nothing() {
    let site = Site::open();
    let referrer = |from: Option<&'static str>, kind: VisitKind| {
        let request = Request { referrer: from, kind, name: "x", ..view(1, "/") };
        let Outcome::Count(visit, visitor) = site.classifier.classify(&request, 1, &site.key) else {
            panic!("{from:?}")
        };
        let mut tally = analytics::Tally::default();
        tally.count(&visit, visitor);
        let entered = tally.cells(Dimension::Entry) == 1;
        (visit.referrer().map(str::to_owned), entered)
    };
    for (from, expected) in [
        (None, (None, false)),
        (Some("https://vendor.example/a"), (None, false)),
        (Some("https://www.vendor.example/a"), (None, false)),
        (Some(""), (Some(""), true)),
        (Some("-"), (Some(""), true)),
        (Some("https://www.google.co.uk/search?q=illness"), (Some("Google"), true)),
        (Some("https://news.google.com/x"), (Some("Google News"), true)),
        (Some("https://blog.example.org:8443/post"), (Some("blog.example.org"), true)),
        (Some("https://BLOG.Example.org"), (Some("blog.example.org"), true)),
        (Some("ftp://files.example.org/"), (Some(""), true)),
        (Some("https://10.0.0.1/"), (Some(""), true)),
        (Some("https://intranet/"), (Some(""), true)),
        (Some("https://printer.local/"), (Some(""), true)),
        (Some("https://a.corp/"), (Some(""), true)),
        (Some("https://x.onion/"), (Some(""), true)),
        (Some("https://exa mple.org/"), (Some(""), true)),
        (Some("https://<b>.example.org/"), (Some(""), true)),
        (Some("https://.org/"), (Some(""), true)),
        (Some("https:///path"), (Some(""), true)),
    ] {
        let expected = (expected.0.map(str::to_owned), expected.1);
        assert_eq!(referrer(from, VisitKind::View), expected, "{from:?}");
        let (name, _) = referrer(from, VisitKind::Event);
        assert_eq!(name, expected.0, "{from:?}");
        assert!(!referrer(from, VisitKind::Download).1, "only a view enters the site");
    }
}

#[test]
fn every_listed_source_is_named_also_below_its_host_and_in_other_countries() {
    let sources = include_str!("../../src/facts/sources.tsv").lines().filter(|line| !line.starts_with('#'));
    let sources: Vec<[&str; 3]> = sources
        .map(|line| line.split('\t').collect::<Vec<_>>().try_into().expect("three cells a line"))
        .collect();
    let listed: HashMap<&str, &str> =
        sources.iter().flat_map(|[_, name, hosts]| hosts.split(' ').map(|host| (host, *name))).collect();
    let mut cases = 0;
    for (host, name) in &listed {
        let named = |host: &str| named_source(host).map(|(name, _)| name);
        let hosts = match host.strip_suffix(".*") {
            Some(label) => {
                ["de", "com", "co.uk", "com.br"].map(|suffix| format!("{label}.{suffix}")).to_vec()
            }
            None => vec![(*host).to_owned()],
        };
        for host in hosts {
            // A longer host may be a source of its own, such as news.google.com.
            if listed.get(&*host).is_none_or(|own| own == name) {
                assert_eq!(named(&host), Some(*name), "{host}");
                assert_eq!(named(&format!("sub-of.{host}")), Some(*name), "{host}");
                cases += 1;
            }
            assert_ne!(named(&format!("{host}.evil.example")), Some(*name), "{host}");
        }
    }
    assert!(cases > 250, "{cases}");
    for (host, why) in [
        ("google.example.org", "no country"),
        ("google.x.de", "a host of its own"),
        ("google.technology", "a long ending"),
        ("google.com.net", "two endings, and no country"),
        ("google.co.uk.example", "a country in the middle"),
        ("notgoogle.de", "another label"),
        ("google", "no ending"),
        ("", "nothing"),
    ] {
        assert_eq!(named_source(host), None, "{why}");
    }
}

/// The words of a kind in `bots.tsv`.
fn bot_words(kind: &str) -> Vec<&'static str> {
    let lines = include_str!("../../src/facts/bots.tsv").lines().filter_map(|line| line.split_once('\t'));
    lines.filter(|(of, _)| *of == kind).flat_map(|(_, words)| words.split('|')).collect()
}

#[test]
fn a_browser_that_declares_a_machine_anywhere_is_a_bot() {
    let tokens = bot_words("token");
    assert!(tokens.len() > 200);
    for token in tokens {
        for agent in [format!("{} {token}", AGENTS[1]), format!("{} {}/1", AGENTS[0], token.to_uppercase())] {
            assert!(is_bot(&agent), "{token}");
            assert_eq!(UserAgent::of(&agent), UserAgent { browser: "", system: "", bot: true }, "{token}");
        }
    }
    for (more, bot) in [
        ("Robot/1", true),
        ("xbotx", true),
        ("CUBOT NOTE 7", false),
        ("cubot bot", true),
        ("botswana telecom", false),
        ("bots", true),
        ("crawler@example.org", true),
        ("x@localhost", false),
        ("@2x", false),
        ("scale@1.5", false),
    ] {
        assert_eq!(is_bot(&format!("{} {more}", AGENTS[1])), bot, "{more}");
    }
}

#[test]
fn a_browser_names_its_platform_in_the_form_of_browsers() {
    for platform in bot_words("platform") {
        assert!(!is_bot(&format!("Mozilla/5.0 ({platform}; x) Gecko/1")), "{platform}");
        assert!(is_bot(&format!("Mozilla/5.0 (x) Gecko/1 ({platform})")), "{platform} in later brackets");
        assert!(is_bot(&format!("Gecko/1 ({platform}; x) something")), "{platform} without Mozilla");
    }
    for prefix in bot_words("prefix") {
        assert!(!is_bot(&format!("{prefix} 1.0 with text")), "{prefix}");
        assert!(is_bot(&format!("other {prefix} 1.0 text")), "{prefix} in second place");
    }
    for (agent, bot) in [
        ("Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.1)", false),
        ("Mozilla/5.0 (compatible; Konqueror/4.5; FreeBSD)", false),
        ("Mozilla/5.0 (compatible; Sleuth/1.0)", true),
        ("Mozilla/5.0 (Windows NT 10.0) (compatible; Sleuth)", true),
        ("Mozilla/5.0 (X11; U; x)", false),
        ("Mozilla/5.0", true),
        ("Mozilla/5.0 ()", true),
        ("Mozilla/5.0 (", true),
        ("", true),
    ] {
        assert_eq!(is_bot(agent), bot, "{agent}");
    }
}

#[test]
fn an_agent_that_is_too_short_or_too_long_is_a_bot() {
    let agent = |length: usize| format!("mot-{}", "x".repeat(length - 4));
    for (length, bot) in [(11, true), (12, false), (2_048, false), (2_049, true)] {
        assert_eq!(is_bot(&agent(length)), bot, "{length} bytes");
        assert_eq!(is_bot(&format!("  {} \t", agent(length))), bot, "{length} bytes and blanks");
    }
}

#[test]
fn a_family_is_counted_under_its_listed_name_and_under_no_other() {
    let mut names: HashMap<(&str, &str), &str> = HashMap::new();
    for line in include_str!("../../src/facts/families.tsv").lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        for family in cells.get(2).into_iter().flat_map(|all| all.split('|')).chain([cells[1]]) {
            names.insert((cells[0], family), cells[1]);
        }
    }
    let counted = |kind, family: Option<String>| {
        family.and_then(|family| names.get(&(kind, &*family)).copied()).unwrap_or("")
    };
    let (mut browsers, mut systems) = (0, 0);
    let cases = [include_str!("facts/browsers.tsv"), include_str!("facts/systems.tsv")];
    for line in cases.iter().flat_map(|table| table.lines().skip(2)) {
        let agent = line.split('\t').next().unwrap_or_default();
        let found = UserAgent::of(agent);
        if !found.bot {
            assert_eq!(found.browser, counted("browser", browser_family(agent)), "{agent}");
            assert_eq!(found.system, counted("system", system_family(agent)), "{agent}");
            browsers += usize::from(!found.browser.is_empty());
            systems += usize::from(!found.system.is_empty());
        }
    }
    assert!(browsers > 500 && systems > 500, "{browsers} and {systems}");
}

#[test]
fn a_cache_that_is_full_or_cleared_classifies_as_before() {
    let agents: Vec<String> =
        (0..100).map(|n| format!("{} Extra/{n}", AGENTS[n % 4])).chain(["curl/8.0 text".into()]).collect();
    let cache = UserAgentCache::with_capacity(0);
    for _ in 0..3 {
        for agent in &agents {
            assert_eq!(cache.read(agent), UserAgent::of(agent), "{agent}");
        }
        cache.clear();
    }
}

/// Visitors of two requests on one site and day.
fn are_one(one: &Request<'_>, other: &Request<'_>) -> bool {
    let site = Site::open();
    let visitor = |request: &Request<'_>| match site.classifier.classify(request, 1, &site.key) {
        Outcome::Count(_, visitor) => visitor,
        _ => panic!("a visit"),
    };
    visitor(one) == visitor(other)
}

#[test]
fn a_visitor_is_an_address_and_an_agent_on_one_site_and_day() {
    let from = |address: &str| Request { address: address.parse().unwrap(), ..view(1, "/") };
    for (one, other, same) in [
        ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "::ffff:192.0.2.1", true),
        ("192.0.2.1", "64:ff9b::c000:201", true),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
        ("192.0.2.1", "192.0.2.2", false),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("2001:db8:1:2::1", "2001:db8:1:2:8000::", true),
        ("192.0.2.1", "c000:201::", false),
        ("192.0.2.1", "64:ff9b:1::c000:201", false),
        ("0.0.0.1", "::1", false),
    ] {
        assert_eq!(are_one(&from(one), &from(other)), same, "{one} and {other}");
    }
    let agent = |user_agent| Request { user_agent, ..view(1, "/") };
    assert!(!are_one(&agent(AGENTS[0]), &agent(AGENTS[1])));
    let other_page = Request { languages: "fr", width: Some(500), referrer: None, ..view(1, "/other") };
    assert!(are_one(&view(1, "/"), &other_page), "nothing else tells visitors apart");
    let classify = |site: &str, key: u8| -> Visitor {
        let classifier = Classifier::new(site, &["vendor.example"], Arc::default());
        match classifier.classify(&view(1, "/"), 1, &DayKey::new([key; 32])) {
            Outcome::Count(_, visitor) => visitor,
            _ => panic!("a visit"),
        }
    };
    assert!(classify("vendor", 7) == classify("vendor", 7));
    assert!(classify("vendor", 7) != classify("vendor", 8), "another day");
    assert!(classify("vendor", 7) != classify("vender", 7), "another site");
}

#[test]
fn each_kind_of_visit_is_counted_in_its_dimensions_and_its_population() {
    use Dimension::{
        Browser, Campaign, Country, Download, Entry, Event, Hour, Language, Missing, Page, Referrer, Screen,
        System,
    };
    let always = [Page, Country, Language, Browser, System, Screen, Hour];
    let view_of = |referrer, page| Request { referrer, ..view(1, page) };
    let kind = |kind| Request { kind, name: "x", ..view(1, "/?utm_source=x") };
    let entered = [&always[..], &[Entry, Referrer]].concat();
    let cases: [(Request<'_>, Vec<Dimension>, Vec<Population>); 7] = [
        (view_of(Some(""), "/"), entered.clone(), vec![Population::Viewers, Population::Arrivals]),
        (view_of(None, "/"), always.to_vec(), vec![Population::Viewers]),
        (view_of(Some("https://vendor.example/x"), "/"), always.to_vec(), vec![Population::Viewers]),
        (
            view_of(Some(""), "/?utm_source=x"),
            [&entered[..], &[Campaign]].concat(),
            vec![Population::Viewers, Population::Arrivals, Population::CampaignVisitors],
        ),
        (kind(VisitKind::Event), vec![Event], vec![Population::EventVisitors]),
        (kind(VisitKind::Download), vec![Download], vec![Population::Downloaders]),
        (kind(VisitKind::Missing), vec![Missing], vec![Population::MissingPageVisitors]),
    ];
    for (request, dimensions, populations) in cases {
        let mut site = Site::open();
        assert!(site.count(&request, 23) && site.count(&request, 23));
        for dimension in Dimension::ALL {
            let cells = usize::from(dimensions.contains(&dimension));
            assert_eq!(site.tally.cells(dimension), cells, "{dimension:?} of {:?}", request.kind);
        }
        for population in Population::ALL {
            let counted = site.tally.population(population);
            let expected = if populations.contains(&population) { (2, 1) } else { (0, 0) };
            assert_eq!(
                (counted.views(), counted.visitors()),
                expected,
                "{population:?} of {:?}",
                request.kind
            );
        }
        assert_eq!(site.tally.sequence(), 2);
    }
    let mut site = Site::open();
    for hour in [0, 23, 24, 255] {
        site.count(&view(2, "/"), hour);
    }
    let at = |hour| site.tally.cell(Hour, hour).map_or(0, |cell| cell.views());
    assert_eq!((at("00"), at("23"), site.tally.cells(Hour)), (1, 3, 2), "an hour beyond the day is its last");
    assert_eq!(site.tally.cell(Country, "US").map(|cell| cell.views()), None);
    assert_eq!(address(1).to_string(), "193.0.0.0");
    assert_eq!(site.tally.cell(Country, "JP").map(|cell| cell.views()), Some(4));
}
