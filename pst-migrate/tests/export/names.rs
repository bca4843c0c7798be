//! Names that every system takes, whatever the text.

use std::collections::HashSet;

use proptest::prelude::*;
use pst_core::FileTime;
use pst_migrate::export::{Export, Format, name};

use crate::{Room, names, run};

fn assert_safe(name: &str) {
    const DEVICES: [&str; 22] = [
        "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1",
        "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
    ];
    assert!(!name.is_empty());
    assert!(name.len() <= 120 && name.encode_utf16().count() <= 120, "{name:?}");
    assert!(!name.ends_with(['.', ' ']) && !name.starts_with(['.', ' ']), "{name:?}");
    assert!(!name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']), "{name:?}");
    assert!(!name.chars().any(char::is_control), "{name:?}");
    let turns = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    assert!(!name.contains(turns), "{name:?}");
    let stem = name.split('.').next().unwrap().trim_end().to_lowercase();
    assert!(!DEVICES.contains(&stem.as_str()), "{name:?}");
    assert!(unicode_normalization::is_nfc(name), "{name:?}");
}

fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "CON",
        "nul.",
        "LPT1.txt",
        "..",
        "../",
        " ",
        ".",
        "\u{202E}",
        "e\u{301}",
        "\u{1100}\u{1161}",
        "😀",
        "\u{0}",
        "\r\n",
        "\u{3000}",
        "ß",
        "K",
        "\u{37E}",
        "\u{200B}",
        "\u{FFFE}",
    ]);
    let piece = prop_oneof![any::<char>().prop_map(String::from), odd.prop_map(str::to_owned), "[a-z]{0,40}"];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn names_are_safe_and_stay_as_they_are(text in text()) {
        let name = name::clean(&text);
        assert_safe(&name);
        prop_assert_eq!(name::clean(&name), name);
    }

    #[test]
    fn names_of_items_are_safe(text in text(), ticks in any::<u64>()) {
        assert_safe(&name::of_item(Some(FileTime::new(ticks)), &text));
        assert_safe(&name::of_item(None, &text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the subjects and folders, each mail has a file, no two of one name, and nothing is outside.
    #[test]
    fn a_file_for_each_mail(mails in prop::collection::vec((text(), text()), 1..12)) {
        let room = Room::new();
        // An archive may have folders that the disk of the test has not.
        let mbox: String = mails.iter().map(|(subject, _)| {
            let subject = subject.replace(['\r', '\n'], " ");
            format!("From a Wed May 17 23:35:05 2000\nFrom: a@x.example\nSubject: {subject}\n\nHi\n\n")
        }).collect();
        let source = room.file("source.mbox", mbox);
        let out = room.path("out");
        let done = run(&Export::new(&out, Format::Eml), &[source]);
        prop_assert_eq!(done.summary.exported, mails.len() as u64);
        let files = names(&out);
        prop_assert_eq!(files.len(), mails.len() + 1);
        let folded: HashSet<String> = files.iter().map(|file| file.to_lowercase()).collect();
        prop_assert_eq!(folded.len(), files.len());
        for file in &files {
            file.split('/').for_each(assert_safe);
        }
        prop_assert_eq!(std::fs::read_dir(room.path("")).unwrap().count(), 2);
    }
}
