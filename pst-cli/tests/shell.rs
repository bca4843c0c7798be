//! The command as shells and scripts know it: exit codes, pipes, colours, completions, man pages.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::Read;
use std::process::Stdio;

use common::{FIRST, Room, command, mail, pst, sample};
use pst_core::testkit::{FolderBuilder, Mailbox};

#[test]
fn exit_codes_are_documented_and_kept() {
    let room = Room::new();
    let good = room.store("good.pst", sample());
    let good = good.to_str().unwrap();
    let text = room.file("text.pst", "text");
    let text = text.to_str().unwrap();
    let help = pst(["--help"]);
    assert_eq!(help.code, Some(0));
    for code in ["  0  ", "  1  ", "  2  ", "  3  "] {
        assert!(help.text().contains(code), "{}", help.text());
    }
    for command in [
        "info",
        "ls",
        "show",
        "scan",
        "dump",
        "journal",
        "merge",
        "split",
        "compact",
        "convert",
        "recover",
        "delivery",
        "addresses",
        "completions",
        "man",
    ] {
        for args in [["help", command], [command, "--help"], [command, "-h"]] {
            let help = pst(args);
            assert!(help.code == Some(0) && help.text().contains("Exit codes:\n  0  "), "{args:?}: {}", help.text());
        }
    }
    for (args, code) in [
        (vec!["info", good], 0),
        (vec!["ls", good], 0),
        (vec!["scan", good], 0),
        (vec!["dump", good], 0),
        (vec!["show", good, FIRST], 0),
        (vec!["ls", good, "Nowhere"], 1),
        (vec!["show", good, "0x200ffe4"], 1),
        (vec!["scan", good, text], 1),
        (vec![], 2),
        (vec!["nonsense"], 2),
        (vec!["show", good, "first"], 2),
        (vec!["ls", good, "--all"], 2),
        (vec!["ls", good, "--code-page", "1"], 2),
        (vec!["scan", good, "--threads", "0"], 2),
        (vec!["info", text], 3),
        (vec!["ls", text], 3),
        (vec!["show", text, FIRST], 3),
        (vec!["scan", text], 3),
        (vec!["dump", text], 3),
        (vec!["info", "no such file"], 3),
    ] {
        let run = pst(&args);
        assert_eq!(run.code, Some(code), "{args:?}: {}", run.stderr);
        assert_eq!(run.stderr.is_empty(), code == 0, "{args:?}: {}", run.stderr);
    }
}

#[test]
fn what_is_no_store_gets_a_sentence_of_its_own() {
    let room = Room::new();
    let directory = room.path().to_str().unwrap().to_owned();
    let zip = room.file("mail.pst", "PK\x03\x04...........");
    let empty = room.file("empty.pst", "");
    for (path, sentence) in [
        (directory.as_str(), "it is a directory"),
        (zip.to_str().unwrap(), "ZIP archive"),
        (empty.to_str().unwrap(), "it is empty"),
        ("/no/such/file.pst", "No such file"),
    ] {
        let run = pst(["ls", path]);
        assert_eq!((run.code, run.stderr.lines().count()), (Some(3), 1), "{}", run.stderr);
        assert!(run.stderr.starts_with(&format!("pst: {path}: ")) && run.stderr.contains(sentence), "{}", run.stderr);
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let room = Room::new();
    let messages = (0..3000).map(|number| mail(&format!("Number {number} {}", "x".repeat(80)), 2020));
    let path = room.store("many.pst", Mailbox::new("x").folder(FolderBuilder::new("Inbox").messages(messages)));
    let file = path.to_str().unwrap();
    let other = (0..40).map(|number| room.store(&format!("dir/{number}.pst"), sample())).count();
    assert_eq!(other, 40);
    let directory = room.path().join("dir");
    for args in [
        vec!["ls", file, "Inbox"],
        vec!["ls", file, "Inbox", "--json"],
        vec!["dump", file],
        vec!["scan", directory.to_str().unwrap()],
        vec!["completions", "bash"],
    ] {
        let mut child = command().args(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let mut start = [0; 10];
        out.read_exact(&mut start).unwrap();
        drop(out);
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let room = Room::new();
    let path = room.store("sample.pst", sample());
    let file = path.to_str().unwrap();
    for args in [vec!["info", file], vec!["ls", file], vec!["scan", file], vec!["show", file, FIRST], vec!["--help"]] {
        let plain = pst(&args);
        assert!(!plain.text().contains('\u{1b}'), "{args:?}");
        if args.len() > 1 {
            assert!(pst(args.iter().chain(&["--color", "always"])).text().contains("\u{1b}["), "{args:?}");
        }
    }
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = pst(["completions", shell]);
        assert_eq!(run.code, Some(0));
        assert!(run.text().contains("scan") && run.text().contains("--ignore-checksums") || shell == "fish", "{shell}");
        assert!(run.text().contains("ignore-checksums"), "{shell}");
    }
}

#[test]
fn a_man_page_for_every_command() {
    let room = Room::new();
    let page = pst(["man"]).text();
    assert!(page.contains(".TH pst 1") && page.contains("Exit codes"), "{page}");
    let dir = room.path().join("man/man1");
    assert_eq!(pst(["man", "--dir", dir.to_str().unwrap()]).code, Some(0));
    for name in [
        "",
        "-info",
        "-ls",
        "-show",
        "-scan",
        "-dump",
        "-journal",
        "-merge",
        "-split",
        "-compact",
        "-convert",
        "-recover",
        "-delivery",
        "-delivery-check",
        "-delivery-fix",
        "-addresses",
        "-addresses-test",
        "-addresses-list",
        "-addresses-apply",
    ] {
        let name = format!("pst{name}");
        let page = std::fs::read_to_string(dir.join(format!("{name}.1"))).unwrap();
        assert!(page.contains(&format!(".TH {name} 1")), "{name}: {page}");
        assert!(page.contains("Exit codes:") && page.contains("no file could be opened"), "{name}: {page}");
    }
}

/// Opening a pipe waits for a writer, which may never come.
#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused_at_once() {
    let room = Room::new();
    let pipe = room.path().join("pipe.pst");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let socket = room.path().join("socket.pst");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for path in [pipe.to_str().unwrap(), socket.to_str().unwrap(), "/dev/null"] {
        for args in
            [vec!["info", path], vec!["ls", path], vec!["show", path, FIRST], vec!["scan", path], vec!["dump", path]]
        {
            let mut child = command().args(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            let start = std::time::Instant::now();
            let status = loop {
                if let Some(status) = child.try_wait().unwrap() {
                    break status;
                }
                if start.elapsed().as_secs() >= 20 {
                    child.kill().unwrap();
                    panic!("{args:?} waits");
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            };
            let mut stderr = String::new();
            child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
            assert_eq!((status.code(), stderr.lines().count()), (Some(3), 1), "{args:?}: {stderr}");
            assert!(stderr.contains("not a file"), "{args:?}: {stderr}");
        }
    }
    // In a directory they are passed over, be they called what they may.
    room.store("good.pst", sample());
    let run = pst(["scan", room.path().to_str().unwrap()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}
