//! `scruple demo`: it starts quickly, the commands of its tour work, and it deletes its data.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::demo_process::DemoProcess;

#[test]
fn the_demo_starts_in_under_three_seconds_and_leaves_nothing() {
    for signal in ["TERM", "INT", "HUP"] {
        let began = Instant::now();
        let mut shop = DemoProcess::open();
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        let folder = shop.own_folder().unwrap();
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder.clone()), mode(folder.join("scruple.toml"))), (0o700, 0o600));
        let (tour, ended) = shop.stop(signal);
        assert_eq!(ended, Some(0), "{signal}");
        assert!(tour.contains("10. The proof"));
        assert_eq!(shop.own_folder(), None, "{signal}");
    }
}

#[test]
fn two_demos_run_at_the_same_time() {
    let (one, other) = (DemoProcess::open(), DemoProcess::open());
    assert_ne!(one.url, other.url);
}

/// Runs every command of the tour that needs no click before it.
#[test]
fn the_commands_of_the_tour_can_be_pasted() {
    let mut shop = DemoProcess::open();
    let configuration = shop.own_folder().unwrap().join("scruple.toml");
    let run = |command: &str| {
        let done = Command::new("sh").arg("-c").arg(command).output().unwrap();
        let output = String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap();
        assert!(done.status.success(), "{command}\n{output}");
        output
    };
    let scruple = format!("{} --config {}", env!("CARGO_BIN_EXE_scruple"), configuration.display());
    // Shows that the binary reads the configuration.
    let page = run(&format!("{scruple} paypro send --type 12 --print"));
    assert!(page.contains("SIGNATURE="));
    let commands = tour_commands(&shop);
    assert!(commands.len() > 8);
    let key = commands.iter().find_map(|c| c.split_once("licence verify ")).unwrap().1;
    let key = key.split(' ').next().unwrap();
    for command in commands.iter().filter(|c| !c.contains("receipt verify") && !c.starts_with("curl ")) {
        let output = run(command);
        if command.contains("paypro send --type 12") {
            assert!(output.contains(key), "the same key");
        }
        if command.contains("visits import") {
            assert!(output.contains("published: 28 days"), "{output}");
        }
    }
    shop.stop("TERM");
}

/// Returns the commands on the page of the tour.
fn tour_commands(shop: &DemoProcess) -> Vec<String> {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(shop.at()).unwrap();
    stream.write_all(b"GET /demo HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    let blocks = page.split("<pre class=\"copy\" tabindex=\"0\">").skip(1);
    let texts = blocks.map(|block| block.split_once("</pre>").unwrap().0.replace("&#39;", "'"));
    texts.filter(|text| text.contains(' ')).collect()
}
