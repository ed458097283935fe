//! 24 MB of hostile messages, one after the other.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::conversation::vendor_address;
use super::kit::mail::fresh;
use super::kit::{print_figures, wait_until};
use super::mail_server::{StaffInbox as _, SubmissionPort, TestMailServer, message};

const HEAD: &str = "From: eve@buyers.example\r\nTo: us@shop.example\r\nMIME-Version: 1.0\r\n";

/// Returns the `n`-th hostile message, of about half a megabyte. Twelve kinds alternate.
fn hostile_message(n: usize) -> Vec<u8> {
    const SIZE: usize = 500_000;
    let head = format!("{HEAD}Message-ID: <h{n}@buyers.example>\r\n");
    let many = |what: &str| what.repeat(SIZE / what.len());
    let text = match n % 12 {
        0 => (0..20_000).fold(head, |mut text, depth| {
            text += &format!("Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n");
            text
        }),
        1 => format!("{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", many("--b\r\n\r\nx\r\n")),
        2 => format!("{head}Content-Type: text/html\r\n\r\n{}", many("<div>")),
        3 => format!("{head}Content-Type: text/html\r\n\r\n{}", many("<a href='x:&#x26;' onload=<")),
        4 => format!("{head}References: {}\r\n\r\nx", many("<a@b> ")),
        5 => format!("{head}Subject: {}\r\n\r\nx", many("=?utf-7?B?KysrKw==?= ")),
        6 => format!("{head}To: {}\r\n\r\nx", many("a <(b@c, \"")),
        7 => format!("{head}Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n{}", many("\u{1b}$B(")),
        8 => format!("{head}Content-Transfer-Encoding: base64\r\n\r\n{}", many("=A==B\r\n")),
        9 => format!("{head}\r\n{}", many("> ")),
        10 => format!(
            "{head}Content-Type: message/rfc822\r\n\r\n{}",
            many("Content-Type: message/rfc822\r\n\r\n")
        ),
        _ => format!("{head}{}", many("X\0: \r\r\n ")),
    };
    text.into_bytes()
}

/// Returns the peak memory of a process, in KiB.
fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux reports it");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
#[ignore = "needs mail servers"]
fn hostile_mail_uses_little_memory_and_delays_no_other_message() {
    let mail_server = TestMailServer::started();
    let _dovecot = mail_server.share_dovecot();
    let (our_address, ada) = (vendor_address("hostile"), fresh("ada"));
    let shop = mail_server.shop(&our_address);
    let (mut server, store) = (shop.serve(), shop.open_store());
    let first = message(&ada, &our_address, "x", &format!("first.{our_address}"), "", "Hello");
    mail_server.submit(SubmissionPort::Open, [(&*ada, &*our_address, first)]);
    wait_until("the first conversation", || (!store.open().is_empty()).then_some(()));
    let folder = mail_server.mailbox(&our_address);
    let mut bytes = 0;
    for n in 0.. {
        let text = hostile_message(n);
        bytes += text.len();
        // Postfix would correct much of it. So the message is put into Dovecot's folder, by an atomic rename.
        let (partial, name) =
            (folder.join(format!("tmp/{n}.hostile")), folder.join(format!("new/{n}.hostile")));
        fs::write(&partial, text).expect("a file");
        fs::set_permissions(&partial, fs::Permissions::from_mode(0o644)).expect("ours");
        fs::rename(partial, name).expect("ours");
        if bytes >= 24_000_000 {
            break;
        }
    }
    let last = message(&ada, &our_address, "x", &format!("last.{our_address}"), "", "Still there?");
    mail_server.submit(SubmissionPort::Open, [(&*ada, &*our_address, last)]);
    wait_until("an empty mailbox", || mail_server.found(&our_address).is_empty().then_some(()));
    wait_until("the last conversation", || {
        let newest = store.open();
        newest.iter().any(|id| store.conversation(*id).messages[0].text == "Still there?").then_some(())
    });
    let most = peak_memory(server.id());
    assert!(server.runs() && !server.log().contains("panicked"), "{}", server.log());
    assert!(most < 300 * 1024, "{most} KiB");
    print_figures(&format!("{bytes} bytes of hostile mail: at most {} MiB", most / 1024));
}
