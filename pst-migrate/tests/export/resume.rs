//! A run that was stopped goes on, and what comes out is the same as of one run.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use pst_migrate::export::{Choice, Done, Event, Export, Format};

use crate::{FORMATS, Room, mail, run, store, tree};

/// A store and mail that is in none.
fn sources(room: &Room) -> Vec<PathBuf> {
    room.file("in/1.eml", mail("One"));
    room.file("in/2.eml", mail("One"));
    room.file(
        "in/sub/all.mbox",
        [b"From a Wed May 17 23:35:05 2000\n".to_vec(), mail("Three"), b"\n".to_vec()].concat(),
    );
    room.file("in/text.txt", "just text");
    vec![room.file("Sample.pst", store()), room.path("in")]
}

/// Runs until so many things are done.
fn run_for(export: &Export, sources: &[PathBuf], things: u64) -> Done {
    let seen = Cell::new(0);
    let observe = &mut |event: &Event<'_>| {
        if let Event::Line(_) = event {
            seen.set(seen.get() + 1);
        }
        if seen.get() >= things { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    export.run(sources, observe).unwrap()
}

fn assert_same(found: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>, case: &str) {
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{case}");
    for (name, bytes) in expected {
        assert!(&found[name] == bytes, "{case}: {name}");
    }
}

#[test]
fn after_every_thing() {
    for format in FORMATS {
        let room = Room::new();
        let sources = sources(&room);
        let whole = room.path("whole");
        let expected_done = run(&Export::new(&whole, format), &sources);
        let expected = tree(&whole);
        let things = expected_done.summary.seen();
        assert_eq!(things, 16);
        for stop in 1..=things {
            let out = room.path(&format!("stop {stop}"));
            let export = Export::new(&out, format);
            let first = run_for(&export, &sources, stop);
            assert_eq!((first.stopped, first.summary.seen()), (true, stop), "{format:?}");
            let second = run(&export, &sources);
            assert_eq!((second.stopped, second.before), (false, stop));
            assert_eq!(second.summary, expected_done.summary, "{format:?} {stop}");
            assert_same(&tree(&out), &expected, &format!("{format:?} stopped after {stop}"));
        }
    }
}

#[test]
fn one_thing_at_a_time() {
    for format in FORMATS {
        let room = Room::new();
        let sources = sources(&room);
        let whole = room.path("whole");
        let expected = run(&Export::new(&whole, format), &sources);
        let out = room.path("out");
        let export = Export::new(&out, format).choose(Choice::new());
        let mut runs = 0;
        let last = loop {
            runs += 1;
            let done = run_for(&export, &sources, 1);
            if !done.stopped {
                break done;
            }
        };
        assert_eq!((runs, &last.summary), (17, &expected.summary), "{format:?}");
        assert_same(&tree(&out), &tree(&whole), format.name());
    }
}

/// What a sudden end leaves: the index ends somewhere, in a line or between two; files are there that it does not tell of,
/// some of them cut short, and files to which pieces are added end in the middle of one.
#[test]
fn after_a_sudden_end_anywhere() {
    for format in FORMATS {
        let room = Room::new();
        let sources = sources(&room);
        let whole = room.path("whole");
        let export = |out: &Path| Export::new(out, format);
        let expected_done = run(&export(&whole), &sources);
        let expected = tree(&whole);
        let index = &expected["index.jsonl"];
        let first = index.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let step = (index.len() - first) / 25;
        let out = room.path("out");
        for cut in (first..index.len()).step_by(step).chain([0, 1, first - 1, index.len() - 1]) {
            if out.exists() {
                fs::remove_dir_all(&out).unwrap();
            }
            if cut < first {
                // Nothing was done before the first line was there.
                fs::create_dir(&out).unwrap();
            } else {
                run(&export(&out), &sources);
                for (number, name) in expected.keys().filter(|name| *name != "index.jsonl").enumerate() {
                    // What the index tells of by then is whole.
                    let told =
                        String::from_utf8_lossy(&index[..index[..cut].iter().rposition(|b| *b == b'\n').unwrap()])
                            .contains(&format!("\"{name}\""));
                    let size = expected[name].len() as u64;
                    if !told && number % 2 == 0 {
                        OpenOptions::new().write(true).open(out.join(name)).unwrap().set_len(size / 2).unwrap();
                    }
                }
                fs::write(out.join("left.partial"), "x").unwrap();
            }
            let file =
                OpenOptions::new().write(true).create(true).truncate(false).open(out.join("index.jsonl")).unwrap();
            file.set_len(0).unwrap();
            fs::write(out.join("index.jsonl"), &index[..cut]).unwrap();
            let done = run(&export(&out), &sources);
            assert_eq!(done.summary, expected_done.summary, "{format:?} cut at {cut}");
            let mut found = tree(&out);
            found.remove("left.partial");
            assert_same(&found, &expected, &format!("{format:?} cut at {cut}"));
        }
    }
}

/// After a power cut the disk may have the index and not all of what it tells of.
#[test]
fn after_a_power_cut() {
    for format in FORMATS {
        let room = Room::new();
        let sources = sources(&room);
        let out = room.path("out");
        let export = Export::new(&out, format);
        let expected_done = run(&export, &sources);
        let expected = tree(&out);
        for name in expected.keys().filter(|name| *name != "index.jsonl") {
            for size in [None, Some(0), Some(expected[name].len() as u64 / 2)] {
                match size {
                    None => fs::remove_file(out.join(name)).unwrap(),
                    Some(size) => {
                        OpenOptions::new().write(true).open(out.join(name)).unwrap().set_len(size).unwrap();
                    }
                }
                let done = run(&export, &sources);
                assert_eq!(done.summary, expected_done.summary);
                assert!(done.before < 16, "{format:?} {name} {size:?}");
                assert_same(&tree(&out), &expected, &format!("{format:?} {name} {size:?}"));
            }
        }
        // The index may end in zeros.
        let mut index = expected["index.jsonl"].clone();
        let length = index.len();
        index[length / 2..].fill(0);
        fs::write(out.join("index.jsonl"), index).unwrap();
        assert_eq!(run(&export, &sources).summary, expected_done.summary);
        assert_same(&tree(&out), &expected, "zeros");
    }
}

#[test]
fn a_complete_export_is_left_as_it_is() {
    let room = Room::new();
    let sources = sources(&room);
    let out = room.path("out");
    let export = Export::new(&out, Format::Eml);
    let first = run(&export, &sources);
    let before = tree(&out);
    let again = run(&export, &sources);
    assert_eq!((again.before, &again.summary), (16, &first.summary));
    assert_same(&tree(&out), &before, "again");
}
