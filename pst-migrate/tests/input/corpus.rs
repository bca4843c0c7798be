//! Real mail, from files and packed.
//!
//! The samples are not part of the project. The variable `PST_CORPUS` names a directory with the subdirectories `eml` and
//! `pst`; without it these tests look at nothing and pass.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use pst_core::Pst;
use pst_migrate::input::{Input, Seen, SkipReason};

use crate::Room;
use crate::make_zip::{Entry, zip};

fn corpus(part: &str) -> Option<PathBuf> {
    std::env::var_os("PST_CORPUS").map(|corpus| PathBuf::from(corpus).join(part))
}

/// Place, subject and bytes of an item.
type Taken = (String, Option<String>, Vec<u8>);

fn items(path: &std::path::Path) -> (Vec<Taken>, pst_migrate::input::Summary) {
    let mut items = Vec::new();
    let summary = Input::new().read([path], &mut |seen| {
        match seen {
            Seen::Item(found) => items.push((
                found.place.to_string(),
                found.item().subject().unwrap(),
                found.bytes.unwrap_or_default().to_vec(),
            )),
            Seen::Skipped(skipped) => println!("{}: {}", skipped.place, skipped.reason),
            Seen::Failed(failed) => println!("{}: {}", failed.place, failed.error),
        }
        ControlFlow::Continue(())
    });
    (items, summary)
}

#[test]
fn mails_from_files_and_from_an_archive() {
    let Some(directory) = corpus("eml") else { return };
    let (found, summary) = items(&directory);
    // 78 .eml, one .emlx, and eight mails in six .mbox; the truth file is no mail.
    assert_eq!((summary.items, summary.seen()), (87, 88));
    assert_eq!(summary.skipped.get(&SkipReason::NotMail), Some(&1));
    let mut names: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let entries = names
        .iter()
        .map(|name| Entry::deflated(name.to_string_lossy().into_owned(), fs::read(directory.join(name)).unwrap()));
    let room = Room::new();
    let path = room.file("corpus.zip", zip(entries));
    let (packed, again) = items(&path);
    assert_eq!(again, summary);
    for (plain, packed) in found.iter().zip(&packed) {
        assert_eq!((&plain.1, &plain.2), (&packed.1, &packed.2), "{} {}", plain.0, packed.0);
    }
}

#[test]
fn stores() {
    let Some(directory) = corpus("pst") else { return };
    let (found, summary) = items(&directory);
    let mut messages = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let Ok(pst) = Pst::open(entry.unwrap().path()) else { continue };
        messages += pst.message_entries().filter(Result::is_ok).count();
    }
    println!("{summary:?}");
    assert!(messages > 0);
    assert_eq!(found.len(), messages);
}
