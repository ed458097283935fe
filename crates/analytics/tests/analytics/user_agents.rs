//! User agents compared with uap-core's test cases and two public lists of crawlers.

use analytics::user_agent::{UserAgent, UserAgentCache, browser_family, is_bot, system_family};

const BROWSERS: &str = include_str!("facts/browsers.tsv");
const SYSTEMS: &str = include_str!("facts/systems.tsv");

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().skip(2)
}

/// Asserts that `family` returns the table's family for each user agent, and returns the number of cases.
fn recognised(table: &'static str, family: impl Fn(&str) -> Option<String>) -> usize {
    let cases = lines(table).map(|line| {
        let (user_agent, rest) = line.split_once('\t').expect("two cells a line");
        assert_eq!(
            Some(family(user_agent).as_deref().unwrap_or("Other")),
            rest.split('\t').next(),
            "{user_agent}"
        );
    });
    cases.count()
}

#[test]
fn every_browser_of_uap_core_is_recognised() {
    let cases = recognised(BROWSERS, browser_family);
    println!("browsers: {cases} cases");
    assert!(cases >= 1_700);
}

#[test]
fn every_system_of_uap_core_is_recognised() {
    let cases = recognised(SYSTEMS, system_family);
    println!("systems: {cases} cases");
    assert!(cases >= 490);
}

/// User agents of uap-core's cases whose family is a listed browser.
fn people() -> Vec<&'static str> {
    let families = include_str!("../../src/facts/families.tsv");
    let known: Vec<&str> = families
        .lines()
        .filter(|line| line.starts_with("browser\t"))
        .flat_map(|line| line.split('\t').skip(1).flat_map(|cell| cell.split('|')))
        .filter(|name| !name.is_empty() && *name != "HeadlessChrome")
        .collect();
    let cases = lines(BROWSERS).filter_map(|line| line.split_once('\t'));
    cases
        .filter(|(_, rest)| rest.split('\t').next().is_some_and(|family| known.contains(&family)))
        .map(|(user_agent, _)| user_agent)
        .collect()
}

#[test]
fn crawlers_are_bots_and_browsers_are_not() {
    let share = |list: Vec<&'static str>, name: &str| {
        let bots = list.iter().filter(|user_agent| is_bot(user_agent)).count();
        let share = bots as f64 / list.len() as f64;
        println!("{name}: {bots} of {} are bots, {:.1} %", list.len(), 100.0 * share);
        if std::env::var_os("SCRUPLE_SHOW").is_some() {
            let wrong = list.iter().filter(|user_agent| is_bot(user_agent) == (share < 0.5));
            wrong.for_each(|user_agent| println!("    {user_agent}"));
        }
        share
    };
    let crawlers = include_str!("facts/crawlers.txt").lines().skip(1).collect();
    assert!(share(crawlers, "crawler-user-agents") >= 0.97);
    let spiders = include_str!("facts/spiders.txt").lines().skip(2).collect();
    assert!(share(spiders, "spiders of uap-core") >= 0.95);
    assert!(share(people(), "browsers of uap-core") <= 0.02);
}

#[test]
fn free_text_of_a_user_agent_is_never_counted() {
    for synthetic in [
        "Mozilla/5.0 (X11; Linux x86_64) alice-example-org/1.0 CFNetwork/1 Darwin/1",
        "Mozilla/5.0 (iPhone; alice) secret/1.0 CFNetwork/711.1.16 Darwin/14.0.0",
        "secret/1.0 CFNetwork/711.1.16 Darwin/14.0.0",
    ] {
        let user_agent = UserAgent::of(synthetic);
        assert!(
            !user_agent.browser.contains("secret") && !user_agent.browser.contains("alice"),
            "{synthetic}"
        );
    }
}

#[test]
fn current_browsers_are_counted_under_their_names() {
    let cases = [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Chrome",
            "Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox", "Linux"),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox",
            "Linux",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
            "Safari",
            "Mac OS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
            "Safari",
            "iOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
            "Chrome",
            "Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge",
            "Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
            "Samsung Internet",
            "Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0",
            "Opera",
            "Windows",
        ),
    ];
    let agents = UserAgentCache::with_capacity(4);
    for (text, browser, system) in cases.into_iter().chain(cases) {
        assert_eq!(agents.read(text), UserAgent { browser, system, bot: false }, "{text}");
    }
}
