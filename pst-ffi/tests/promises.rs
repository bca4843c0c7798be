//! What the crate says of itself: where unsafe code stands, what is exported, which number is which.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pst_ffi::status::Status;

fn sources() -> Vec<(String, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn unsafe_code_stands_in_two_files_and_each_block_has_its_reason() {
    for (name, text) in sources() {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap();
            let is_unsafe = ["unsafe {", "unsafe fn", "unsafe impl"].iter().any(|word| code.contains(word));
            if !is_unsafe {
                continue;
            }
            assert!(["pointer.rs", "kept.rs"].contains(&name.as_str()), "{name}:{}: {line}", at + 1);
            let before = lines[at.saturating_sub(6)..at].join("\n");
            assert!(before.contains("SAFETY:") || before.contains("# Safety"), "{name}:{}: no reason", at + 1);
        }
    }
}

#[test]
fn every_exported_body_is_guarded_or_cannot_fail() {
    // These only look at the table, or free.
    let plain = ["pst_version", "pst_abi_version", "pst_live_handles", "pst_status_name", "pst_error_status"];
    let mut exported = BTreeSet::new();
    for (name, text) in sources() {
        for function in text.split("#[unsafe(no_mangle)]").skip(1) {
            let symbol = function.split("fn ").nth(1).unwrap().split('(').next().unwrap();
            let body = function.split_once('{').unwrap().1;
            let body = body.split("\n}\n").next().unwrap();
            assert!(symbol.starts_with("pst_"), "{name} exports {symbol}");
            assert!(exported.insert(symbol.to_owned()), "{symbol} is there twice");
            let calls = ["guard(", "text(", "number(", "value(", "date(", "change(", "push(", "add("];
            let is_guarded = calls.iter().any(|call| body.contains(call));
            let is_free = symbol.ends_with("_free") && body.contains("handle::free(");
            assert!(is_guarded || is_free || plain.contains(&symbol), "{symbol} is not guarded");
        }
    }
    let listed = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("symbols.txt")).unwrap();
    let listed: BTreeSet<String> = listed.lines().map(str::to_owned).collect();
    assert_eq!(exported, listed);
}

#[test]
fn status_numbers_are_those_given_out() {
    // The same list stands in tests/c/checks.c.
    let numbers = [
        (Status::Ok, 0),
        (Status::Done, 1),
        (Status::Absent, 2),
        (Status::NullPointer, 10),
        (Status::BadHandle, 11),
        (Status::NotUtf8, 12),
        (Status::InvalidInput, 13),
        (Status::Busy, 14),
        (Status::UsedUp, 15),
        (Status::Cancelled, 16),
        (Status::Io, 20),
        (Status::FileNotFound, 21),
        (Status::NotPst, 22),
        (Status::Unsupported, 23),
        (Status::Corrupt, 24),
        (Status::Checksum, 25),
        (Status::Limit, 26),
        (Status::NotFound, 27),
        (Status::WrongType, 28),
        (Status::Other, 90),
        (Status::Panic, 99),
    ];
    assert_eq!(numbers.len(), Status::ALL.len());
    for (status, number) in numbers {
        assert_eq!(status as u32, number, "{status:?}");
    }
}

/// Every number that C compares itself with is in Rust too, so that neither side changes alone.
#[test]
fn numbers_of_all_enums_are_those_c_knows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checks = fs::read_to_string(root.join("tests/c/checks.c")).unwrap();
    let known: BTreeSet<(String, u32)> = checks
        .lines()
        .filter_map(|line| line.strip_prefix("NUMBER(")?.strip_suffix(");")?.split_once(", "))
        .map(|(name, number)| (name.to_owned(), number.parse().unwrap()))
        .collect();
    let header = fs::read_to_string(root.join("../include/pst.h")).unwrap();
    let declared: BTreeSet<(String, u32)> = header
        .lines()
        .filter_map(|line| {
            let line = line.trim().trim_end_matches(',');
            let line = line.strip_prefix("#define ").map_or_else(|| line.replace(" = ", " "), str::to_owned);
            let (name, number) = line.split_once(' ')?;
            (name.starts_with("PST_") && name != "PST_ABI_VERSION").then_some(())?;
            Some((name.to_owned(), number.parse().ok()?))
        })
        .collect();
    assert!(declared.len() > 90, "{}", declared.len());
    assert_eq!(declared, known);
}
