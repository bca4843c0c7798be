//! What is written down is what is done.

use pst_migrate::input::SkipReason;

#[test]
fn every_reason_is_listed() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/input.md")).unwrap();
    let listed: Vec<(&str, bool)> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(code, rest)| (code, rest.ends_with("| yes |")))
        .collect();
    let known: Vec<_> = SkipReason::ALL.iter().map(|reason| (reason.code(), reason.may_hide_mail())).collect();
    assert_eq!(listed, known);
}
