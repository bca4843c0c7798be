//! What is written down is what is done.

use pst_migrate::export::NotChosen;
use pst_migrate::input::SkipReason;

#[test]
fn every_reason_is_listed() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/export.md")).unwrap();
    let table = text.split("## Choices").nth(1).unwrap().split("\n## ").next().unwrap();
    let listed: Vec<&str> =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |")).map(|(code, _)| code).collect();
    let known: Vec<_> = NotChosen::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(listed, known);
    assert!(SkipReason::ALL.iter().all(|reason| !known.contains(&reason.code())));
}
