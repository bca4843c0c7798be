//! `pst verify`: verdicts, findings with their places, how it ends.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Room, pst, sample};
use pst_core::ndb::Format;
use pst_core::testkit::StoreBuilder;

fn sound() -> Vec<u8> {
    sample().write(StoreBuilder::new(Format::UNICODE)).finish_vec()
}

#[test]
fn a_sound_file_is_sound() {
    let room = Room::new();
    let file = room.file("good.pst", sound());
    let run = pst(["verify".as_ref(), file.as_os_str()]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert!(run.text().contains("good.pst: sound\n"), "{}", run.text());
    assert!(!run.text().contains("degraded"), "{}", run.text());
}

#[test]
fn damage_is_told_with_its_place_and_its_cost() {
    let room = Room::new();
    let mut bytes = sound();
    // One byte of the first block, behind the map pages.
    let at = 0x4810;
    bytes[at] ^= 0x40;
    let file = room.file("bad.pst", bytes);
    let run = pst(["verify".as_ref(), file.as_os_str()]);
    assert_eq!(run.code, Some(1));
    assert!(run.text().contains("bad.pst: damaged\n"), "{}", run.text());
    assert!(run.text().contains("B4 loss: "), "{}", run.text());
    assert!(run.text().contains("  [") && run.text().contains("# lost"), "{}", run.text());

    let run = pst(["verify", "--json", "--max-findings", "1", file.to_str().unwrap(), "absent.pst"]);
    assert_eq!(run.code, Some(1));
    let json = run.json();
    assert_eq!(json["schema"], "pst-verify/1");
    let report = &json["files"][0];
    assert_eq!((&report["verdict"], &report["complete"]), (&"damaged".into(), &true.into()));
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!((&findings[0]["rule"], &findings[0]["severity"]), (&"B4".into(), &"loss".into()));
    let offset = findings[0]["location"]["offset"].as_u64().unwrap();
    assert!((0x4800..0x6800).contains(&offset), "{offset:#x}");
    assert!(json["files"][1]["error"].as_str().unwrap().contains("No such file"), "{json}");
}

#[test]
fn a_file_without_a_header_is_no_pst() {
    let room = Room::new();
    let file = room.file("zeros.pst", vec![0; 100_000]);
    let run = pst(["verify".as_ref(), file.as_os_str()]);
    assert_eq!(run.code, Some(3));
    assert!(run.text().contains("zeros.pst: unusable\n"), "{}", run.text());
    assert!(run.text().contains("H1 fatal: "), "{}", run.text());
}

#[test]
fn cosmetic_findings_are_counted_and_told_on_request() {
    let room = Room::new();
    let mut bytes = sound();
    // The old free maps of the header, and both of its CRCs (MS-PST 2.2.2.6).
    bytes[0x101] = 0;
    for (place, covered) in [(4..8, 8..479), (0x20C..0x210, 8..524)] {
        let crc = pst_core::ndb::checksum::crc(&bytes[covered]);
        bytes[place].copy_from_slice(&crc.to_le_bytes());
    }
    let file = room.file("old.pst", bytes);
    let run = pst(["verify".as_ref(), file.as_os_str()]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert!(run.text().contains("cosmetic  H13"), "{}", run.text());
    assert!(!run.text().contains("H13 cosmetic: "), "{}", run.text());
    let run = pst(["verify".as_ref(), "--cosmetic".as_ref(), file.as_os_str()]);
    assert!(run.text().contains("H13 cosmetic: the old free maps"), "{}", run.text());
}
