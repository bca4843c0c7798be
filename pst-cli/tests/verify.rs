//! `pst verify`: verdicts, findings with their places, how it ends.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

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

/// A message whose properties are lost: named in the text and in JSON, with what it means and in both counts.
#[test]
fn items_that_are_hit_are_named() {
    let room = Room::new();
    let mut bytes = sound();
    let store = pst_core::Pst::from_bytes(bytes.clone()).unwrap();
    let messages: Vec<_> = store.message_entries().map(Result::unwrap).collect();
    let is_mail = |nid: pst_core::ndb::Nid| nid.kind() == pst_core::ndb::NidType::NORMAL_MESSAGE;
    let hit = messages.iter().find(|entry| is_mail(entry.nid) && !entry.data.is_internal()).unwrap();
    let subject = store.message(hit.nid).unwrap().subject().unwrap().unwrap();
    let block = store.blocks().map(Result::unwrap).find(|block| block.bid.key() == hit.data.key()).unwrap();
    bytes[usize::try_from(block.offset).unwrap()] ^= 1;
    let file = room.file("bad.pst", bytes);
    let run = pst(["verify".as_ref(), file.as_os_str()]);
    let (text, all) = (run.text(), messages.len());
    assert!(
        text.contains(&format!("items: {all} by folders, {all} by nodes: {} delivered, 1 failed", all - 1)),
        "{text}"
    );
    assert!(text.contains("Items that are hit\n"), "{text}");
    assert!(text.contains(&format!("damaged: message {} \"{subject}\" in /", hit.nid)), "{text}");
    assert!(text.contains("what is in it is lost to its item"), "{text}");

    let run = pst(["verify", "--json", file.to_str().unwrap()]);
    let report = &run.json()["files"][0];
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "B4").unwrap();
    for field in ["severity", "location", "expected", "actual", "text", "item", "message", "meaning"] {
        assert!(!finding[field].is_null(), "{field}: {finding}");
    }
    for field in ["offset", "block", "node", "structure", "field"] {
        assert!(finding["location"].as_object().unwrap().contains_key(field), "{field}: {finding}");
    }
    assert_eq!((&finding["item"]["subject"], &finding["item"]["kind"]), (&subject.clone().into(), &"message".into()));
    let hits = &report["hits"];
    assert_eq!((&hits["counts"]["loss"], &hits["beyond"], &hits["complete"]), (&1.into(), &0.into(), &true.into()));
    assert_eq!((&hits["items"][0]["verdict"], &hits["items"][0]["subject"]), (&"damaged".into(), &subject.into()));
    let items = &report["items"];
    assert_eq!((&items["by_nodes"], &items["failed"], &items["agree"]), (&all.into(), &1.into(), &true.into()));
    assert_eq!(items["skipped_for"]["not-listed"], 0);
}

/// What is found does not depend on the threads that look for it.
#[test]
fn threads_find_the_same() {
    let room = Room::new();
    let mut bytes = sound();
    let length = bytes.len();
    (0x4800..length).step_by(3001).for_each(|at| bytes[at] ^= 0x10);
    let file = room.file("bad.pst", bytes);
    let found = ["1", "2", "7"].map(|threads| {
        let mut json = pst(["verify", "--json", "--threads", threads, file.to_str().unwrap()]).json();
        json["files"][0]["seconds"] = 0.into();
        json
    });
    assert_eq!(found[0]["files"][0]["verdict"], "damaged");
    assert!(found[0] == found[1] && found[1] == found[2]);
}

#[test]
fn a_picture_of_a_file() {
    let room = Room::new();
    let mut bytes = sound();
    bytes[0x4810] ^= 0x40;
    let file = room.file("bad.pst", bytes);
    let picture = room.path().join("bad.svg");
    let run = pst(["verify", "--map", picture.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let svg = std::fs::read_to_string(&picture).unwrap();
    assert!(svg.starts_with("<svg xmlns") && svg.contains("<title id=\"title\">bad.pst: damaged</title>"), "{svg}");
    assert!(!svg.contains("damaged: 0 cells") && svg.contains("unreadable: 0 cells"), "{svg}");
    // One picture is of one file.
    let run = pst(["verify", "--map", picture.to_str().unwrap(), file.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!(run.code, Some(2));
    let nowhere = room.path().join("no/such.svg");
    let run = pst(["verify", "--map", nowhere.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
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
