//! The commands in the README print the output that it shows, while a demo runs.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::demo_process::DemoProcess;
use crate::source::sources::workspace;

/// Returns the commands of all `console` blocks, each with its shown output.
fn shown() -> Vec<(String, Vec<String>)> {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let blocks = readme.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut all = Vec::new();
    for block in blocks {
        for command in block.split("$ ").skip(1) {
            let (command, output) = command.split_once('\n').unwrap();
            all.push((command.to_owned(), output.lines().map(str::to_owned).collect()));
        }
    }
    all
}

/// `…` alone on a line stands for any lines, and at the end of a line for the rest of it.
fn matches(shown: &[String], printed: &[&str]) -> bool {
    match shown {
        [] => printed.iter().all(|line| line.trim().is_empty()),
        [any, rest @ ..] if any == "…" => (0..=printed.len()).any(|from| matches(rest, &printed[from..])),
        [line, rest @ ..] => printed.split_first().is_some_and(|(first, others)| {
            let same = match line.strip_suffix('…') {
                Some(start) => first.starts_with(start),
                None => first.trim_end() == line.trim_end(),
            };
            same && matches(rest, others)
        }),
    }
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let shop = DemoProcess::open();
    let binary = Path::new(env!("CARGO_BIN_EXE_scruple")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let commands = shown();
    assert!(commands.len() > 1);
    for (command, output) in commands {
        let done = Command::new("sh")
            .args(["-c", &command])
            .current_dir(shop.own_folder().unwrap())
            .env("PATH", &path)
            .output()
            .unwrap();
        let printed = String::from_utf8(done.stdout).unwrap();
        assert!(done.status.success(), "{command}\n{}", String::from_utf8_lossy(&done.stderr));
        assert!(matches(&output, &printed.lines().collect::<Vec<_>>()), "{command} prints\n{printed}");
    }
}

#[test]
fn an_ellipsis_stands_for_lines_and_for_the_rest_of_one() {
    let shown = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(matches(&shown("a\n…\nd…"), &["a", "b", "c", "dx"]));
    assert!(matches(&shown("…\nb"), &["b", ""]));
    assert!(!matches(&shown("a\nc"), &["a", "b", "c"]));
    assert!(!matches(&shown("a"), &["a", "b"]));
}
