//! Files that break the rules, and how they are read.

use pst_core::mime::{FindingKind, Mail};

use crate::kinds;

#[test]
fn line_ends() {
    let with = |end: &str| ["From: a@b.example", "Date: Wed, 17 May 2000 19:35:05 -0400", "", "body", ""].join(end);
    for (end, finding) in
        [("\r\n", None), ("\n", Some(FindingKind::LineFeeds)), ("\r", Some(FindingKind::CarriageReturns))]
    {
        let bytes = with(end);
        let mail = Mail::parse(bytes.as_bytes());
        assert_eq!(kinds(&mail), finding.into_iter().collect::<Vec<_>>());
        assert_eq!(mail.root().text(), format!("body{end}"));
        assert_eq!(mail.date().unwrap().unix_seconds, 958_606_505);
    }
}
