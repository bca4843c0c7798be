//! Memory does not grow with the number of items.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "input/make_zip.rs"]
#[allow(dead_code, reason = "only sound archives are made here")]
mod make_zip;

use std::alloc::System;
use std::ops::ControlFlow;
use std::path::Path;

use cap::Cap;
use make_zip::{Entry, zip};
use pst_migrate::input::{Input, InputLimits, Seen};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// What reading a file takes beyond what was allocated before, at the highest point that a visitor sees; and the items.
fn peak(path: &Path, input: &Input) -> (usize, u64) {
    let before = ALLOCATOR.allocated();
    let mut peak = 0;
    let summary = input.read([path], &mut |seen| {
        assert!(matches!(seen, Seen::Item(_)), "{seen:?}");
        peak = peak.max(ALLOCATOR.allocated().saturating_sub(before));
        ControlFlow::Continue(())
    });
    (peak, summary.items)
}

fn mail(number: usize) -> String {
    format!("From: ann@x.example\r\nSubject: {number}\r\n\r\nHello\r\n")
}

// One test, since the allocator counts for all.
#[test]
fn many_items_take_no_more_than_few() {
    let room = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: Vec<u8>| {
        let path = room.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let archive = |name: &str, count: usize| {
        file(name, zip((0..count).map(|number| Entry::deflated(format!("{number}.eml"), mail(number)))))
    };
    let mbox = |name: &str, count: usize| {
        let mails = (0..count).map(|number| format!("From a Wed May 17 23:35:05 2000\r\n{}\r\n", mail(number)));
        file(name, mails.collect::<String>().into_bytes())
    };
    let input = Input::new();
    let (few, many) = (mbox("few.mbox", 100), mbox("many.mbox", 100_000));
    let (few, many) = (peak(&few, &input), peak(&many, &input));
    assert_eq!((few.1, many.1), (100, 100_000));
    assert!(many.0 < few.0 + 10_000, "mbox: {few:?} {many:?}");

    // Names are compared, for which there is a limit of its own.
    let mut limits = InputLimits::default();
    limits.compared_names = 0;
    let unlimited = peak(&archive("named.zip", 60_000), &input);
    let input = input.limits(limits);
    let (few, many) = (peak(&archive("few.zip", 100), &input), peak(&archive("many.zip", 60_000), &input));
    assert_eq!((few.1, many.1), (100, 60_000));
    assert!(many.0 < few.0 + 10_000, "zip: {few:?} {many:?}");
    assert!(unlimited.0 < few.0 + 60_000 * 64, "zip with names: {few:?} {unlimited:?}");
    println!("mbox and zip: {few:?} {many:?}, with names {unlimited:?}");

    let directory = room.path().join("mails");
    std::fs::create_dir(&directory).unwrap();
    for number in 0..3_000 {
        std::fs::write(directory.join(format!("{number}.eml")), mail(number)).unwrap();
    }
    let files = peak(&directory, &input);
    // Names of one directory are sorted in memory.
    assert_eq!(files.1, 3_000);
    assert!(files.0 < few.0 + 3_000 * 200, "directory: {files:?}");
}
