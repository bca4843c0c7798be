//! What an export does not touch.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use pst_migrate::export::{Choice, Export, ExportError, Format};

use crate::{Room, mail, names, run, store};

fn refused(export: &Export, source: &Path) -> ExportError {
    export.run(&[source], &mut |_| ControlFlow::Continue(())).unwrap_err()
}

#[test]
fn a_directory_that_is_not_empty() {
    let room = Room::new();
    let source = room.file("1.eml", mail("One"));
    room.file("out/mine.txt", "mine");
    let error = refused(&Export::new(room.path("out"), Format::Eml), &source);
    assert!(matches!(error, ExportError::NotEmpty(_)), "{error}");
    room.file("out/index.jsonl", "{\"mine\": true}\n");
    let error = refused(&Export::new(room.path("out"), Format::Eml), &source);
    assert!(matches!(error, ExportError::Another(..)), "{error}");
    assert_eq!(names(&room.path("out")), ["index.jsonl", "mine.txt"]);
    assert_eq!(fs::read(room.path("out/index.jsonl")).unwrap(), b"{\"mine\": true}\n");
}

#[test]
fn another_export() {
    let room = Room::new();
    let source = room.file("1.eml", mail("One"));
    let other = room.file("2.eml", mail("Two"));
    let out = room.path("out");
    run(&Export::new(&out, Format::Eml), &[&source]);
    for (export, source, told) in [
        (Export::new(&out, Format::Mbox), &source, "format was \"eml\", and is \"mbox\""),
        (Export::new(&out, Format::Eml).choose(Choice::new().class("x")), &source, "choice was"),
        (
            Export::new(&out, Format::Eml).open_options(pst_core::OpenOptions::new().check_crc(false)),
            &source,
            "settings was",
        ),
        (Export::new(&out, Format::Eml), &other, "sources was"),
    ] {
        let error = refused(&export, source).to_string();
        assert!(error.contains(told), "{error}");
    }
    // A source that has changed is another.
    fs::write(&source, mail("A longer one")).unwrap();
    let error = refused(&Export::new(&out, Format::Eml), &source);
    assert!(error.to_string().contains("sources was"), "{error}");
    assert_eq!(names(&out), ["1/2019-07-01 1432 One.eml", "index.jsonl"]);
}

#[test]
fn two_at_a_time() {
    let room = Room::new();
    let source = room.file("1.eml", mail("One"));
    let out = room.path("out");
    let export = Export::new(&out, Format::Eml);
    let mut inner = None;
    export
        .run(&[&source], &mut |_| {
            inner.get_or_insert_with(|| refused(&export, &source).to_string());
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(inner.unwrap().ends_with("another export writes to this directory"));
}

#[test]
fn a_source_that_is_not_there() {
    let room = Room::new();
    let done = run(&Export::new(room.path("out"), Format::Eml), &[room.path("gone")]);
    assert_eq!((done.summary.failed["io"], done.summary.seen()), (1, 1));
    let none: [&Path; 0] = [];
    let error = Export::new(room.path("none"), Format::Eml).run(&none, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(error, Err(ExportError::NoSource)));
}

/// A full disk ends the run; with room again it goes on.
#[cfg(target_os = "linux")]
#[test]
fn a_place_that_cannot_be_written() {
    let room = Room::new();
    let source = room.file("Sample.pst", store());
    let whole = room.path("whole");
    let expected = run(&Export::new(&whole, Format::Eml), &[&source]);
    let out = room.path("out");
    let export = Export::new(&out, Format::Eml);
    // A file where a directory has to be: any user meets it, and so does root.
    let blocked = out.join("Sample/Others");
    let mut done = 0;
    let error = export
        .run(&[&source], &mut |_| {
            done += 1;
            if done == 1 {
                fs::create_dir_all(out.join("Sample")).unwrap();
                fs::write(&blocked, "in the way").unwrap();
            }
            ControlFlow::Continue(())
        })
        .unwrap_err();
    let ExportError::Io(path, _) = error else { panic!("{error}") };
    assert_eq!(path, blocked);
    fs::remove_file(&blocked).unwrap();
    let again = run(&export, &[&source]);
    assert_eq!(again.before, done);
    assert_eq!(again.summary, expected.summary);
    assert_eq!(names(&out), names(&whole));
}
