//! Deliveries made to harm, or changed while they are checked.

use std::cell::Cell;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use pst_migrate::delivery::{DeliveryCheck, Event};
use pst_migrate::profile::Profile;

use crate::tree::{EML, Room, check, check_stopping, plain, zip};

fn archive() -> DeliveryCheck {
    DeliveryCheck::new(Profile::load("mimecast-2016").unwrap()).full(true)
}

/// Folders so deep that no path leads to the last: paths have 4,096 bytes at most, and most programs use the stack.
#[cfg(target_os = "linux")]
#[test]
fn a_hundred_thousand_nested_folders() {
    use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, open, openat, unlinkat};
    const DEPTH: usize = 100_000;
    let room = Room::in_memory();
    room.file("Acme_ing1234/Pst/PerUser/zoe@example.com.pst", plain());
    let flags = OFlags::DIRECTORY | OFlags::RDONLY;
    let mut at = open(room.path().join("Acme_ing1234"), flags, Mode::empty()).unwrap();
    for _ in 0..DEPTH {
        mkdirat(&at, "d", Mode::RWXU).unwrap();
        at = openat(&at, "d", flags, Mode::empty()).unwrap();
    }
    let told = check(&archive(), room.path());
    // What takes a directory away by its path could not.
    for _ in 0..DEPTH {
        at = openat(&at, "..", flags, Mode::empty()).unwrap();
        unlinkat(&at, "d", AtFlags::REMOVEDIR).unwrap();
    }
    let deep: Vec<_> = told.files.iter().filter(|file| file.kind == "directory").collect();
    assert_eq!(deep.len(), 1);
    assert_eq!(deep[0].findings[0].code(), "TREE_TOO_DEEP");
    assert_eq!(deep[0].path.iter().count(), 201);
    assert_eq!(told.account.refused.get("TREE_TOO_DEEP"), Some(&1));
    assert_eq!(told.account.accepted, 1, "{:?}", told.lines());
    // The delivery, its root, Pst, PerUser and those that are not too deep: 200 levels with the root as the first.
    assert_eq!(told.account.directories, 1 + 1 + 2 + 199);
}

#[cfg(unix)]
#[test]
fn links_circles_pipes_and_names_of_bytes() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    let room = Room::new();
    let outside = Room::new();
    outside.file("secret@example.com.pst", plain());
    room.file("Acme_ing1234/Pst/PerUser/ann@example.com.pst", plain());
    let per_user = room.path().join("Acme_ing1234/Pst/PerUser");
    symlink(outside.path(), per_user.join("out")).unwrap();
    symlink("..", per_user.join("circle")).unwrap();
    symlink("nowhere", per_user.join("dangling.pst")).unwrap();
    symlink("/dev/zero", per_user.join("zero.pst")).unwrap();
    #[cfg(target_os = "linux")]
    rustix::fs::mkfifoat(rustix::fs::CWD, per_user.join("pipe@example.com.pst"), rustix::fs::Mode::RWXU).unwrap();
    fs::write(per_user.join(std::ffi::OsStr::from_bytes(b"line\n\x1b[2J\x80.pst")), plain()).unwrap();
    let told = check(&archive(), room.path());
    let of = |code| told.account.refused.get(code).copied().unwrap_or(0);
    assert_eq!((of("LINK_NOT_FOLLOWED"), of("NAME_NOT_UNICODE")), (4, 1));
    #[cfg(target_os = "linux")]
    assert_eq!((of("SPECIAL_FILE"), told.account.seen), (1, 7));
    assert_eq!(told.account.accepted, 1);
    assert!(!told.lines().iter().any(|line| line.contains("secret")));
    // A better name is not told where the name cannot be written down.
    assert!(told.files.iter().all(|file| file.rename.is_none()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_becomes_a_pipe_or_a_link_between_two_looks() {
    for to_pipe in [true, false] {
        let room = Room::new();
        let path = room.file("Acme_ing1234/Pst/PerUser/ann@example.com.pst", plain());
        let is_done = Cell::new(false);
        let (mut files, check) = (Vec::new(), archive());
        let swap = || {
            // After the name was met, before it is opened: the third time it is asked.
            if !is_done.replace(true) {
                fs::remove_file(&path).unwrap();
                if to_pipe {
                    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
                } else {
                    std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
                }
            }
            false
        };
        let account = check.run(room.path(), &swap, &mut |event| {
            if let Event::File(file) = event {
                files.push((file.kind, file.findings[0].code()));
            }
            ControlFlow::Continue(())
        });
        // The first question comes when the file was met and has not been opened.
        assert_eq!(files, [("unreadable", "FILE_UNREADABLE")]);
        account.unwrap().balance().unwrap();
    }
}

#[test]
fn a_store_cut_short_while_it_is_read() {
    let room = Room::new();
    let path = room.file("Acme_ing1234/Pst/PerUser/ann@example.com.pst", plain());
    let asked = Cell::new(0);
    let told = check_stopping(&archive(), room.path(), &|| {
        asked.set(asked.get() + 1);
        if asked.get() == 3 {
            fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(600).unwrap();
        }
        false
    });
    let file = told.file("Acme_ing1234/Pst/PerUser/ann@example.com.pst");
    let codes: Vec<_> = file.findings.iter().map(|finding| finding.code()).collect();
    assert!(codes.contains(&"FILE_CHANGED"), "{codes:?}");
    assert_eq!(file.decision.name(), "refused");
}

#[test]
fn bytes_of_every_kind_called_pst() {
    let room = Room::new();
    let store = plain();
    let mut seed = 1_u64;
    for number in 0..300 {
        let mut bytes = store.clone();
        for _ in 0..20 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) as usize % bytes.len();
            bytes[at] = (seed >> 20) as u8;
        }
        if number % 3 == 0 {
            bytes.truncate((seed >> 40) as usize % bytes.len());
        }
        room.file(&format!("Acme_ing1234/Pst/PerUser/ann@example.com.{number}.pst"), bytes);
    }
    let told = check(&archive(), room.path());
    assert_eq!(told.account.seen, 300);
    // Every third was cut short as well. Of the others some have all their wrong bytes in holes or settings.
    assert!(told.account.refused_total() > 150, "{:?}", told.account.refused);
}

#[test]
fn archives_that_want_to_harm() {
    let room = Room::new();
    let inner = zip(&[("x.eml", EML)]);
    let entries: [(&str, &[u8]); 5] =
        [("../up.eml", EML), ("/etc/a.eml", EML), ("inner.zip", &inner), ("good.eml", EML), ("NUL", EML)];
    room.file("Acme_ing1234/Eml/NotPerUser_SJF/all.zip", zip(&entries));
    let told = check(&archive(), room.path());
    let file = told.file("Acme_ing1234/Eml/NotPerUser_SJF/all.zip");
    let content = file.content.as_ref().unwrap();
    assert_eq!((content.items, content.foreign_count), (2, 3));
    assert_eq!(content.foreign, ["../up.eml: parent-path", "/etc/a.eml: absolute-path", "NUL: device-name"]);
    assert_eq!(file.decision.name(), "accepted");
    // Nothing was made anywhere.
    assert_eq!(fs::read_dir(room.path()).unwrap().count(), 1);
}

#[test]
fn stopping_leaves_no_verdict_on_the_file_at_hand() {
    let room = Room::new();
    (0..5).for_each(|number| {
        room.file(&format!("Acme_ing1234/Pst/PerUser/ann@example.com.{number}.pst"), plain());
    });
    for stop_at in 1..60 {
        let asked = Cell::new(0);
        let mut files = 0;
        let account = archive()
            .run(
                room.path(),
                &|| {
                    asked.set(asked.get() + 1);
                    asked.get() >= stop_at
                },
                &mut |event| {
                    files += u64::from(matches!(event, Event::File(_)));
                    ControlFlow::Continue(())
                },
            )
            .unwrap();
        assert_eq!(account.seen, files);
        account.balance().unwrap();
        assert_eq!(account.stopped, account.directories < 4, "{stop_at}");
        // Whatever was told was read to its end.
        assert_eq!(account.items_read, files);
    }
}

#[test]
fn what_is_no_directory_is_an_error() {
    let room = Room::new();
    let file = room.file("a.pst", plain());
    for path in [file.as_path(), Path::new("/no such directory")] {
        assert!(archive().run(path, &|| false, &mut |_| ControlFlow::Continue(())).is_err());
    }
}
