//! Stores that must be sound, and stores that must be equal.

use pst_core::Pst;
use pst_core::messaging::{inspect, inspect_folder};
use pst_core::ndb::NidType;
pub(crate) use pst_core::testkit::{Lines, differences, lines};

/// Reads a whole file and finds nothing wrong, and its counters and rows right.
#[track_caller]
pub(crate) fn check(pst: &Pst) {
    for record in pst.blocks() {
        let entry = record.unwrap();
        drop(pst.block(entry.bid).unwrap());
    }
    for map in pst.allocation_maps() {
        map.unwrap();
    }
    for entry in pst.message_entries() {
        let message = pst.message_from_entry(entry.unwrap()).unwrap();
        let found = inspect(&message);
        assert!(found.errors.is_empty(), "{:?}", found.errors);
    }
    for entry in pst.folder_entries() {
        let entry = entry.unwrap();
        let folder = pst.folder(entry.nid).unwrap();
        let found = inspect_folder(&folder);
        assert!(found.errors.is_empty(), "{:?}", found.errors);
        let table =
            if entry.nid.kind() == NidType::SEARCH_FOLDER { folder.search_table() } else { folder.contents_table() };
        let rows = table.unwrap().map_or(0, |table| table.rows().count());
        assert_eq!(folder.content_count().unwrap(), Some(rows as i64), "{}", entry.nid);
    }
}

#[track_caller]
pub(crate) fn assert_equal(
    before: &Lines,
    after: &Lines,
    may_differ: impl Fn(&str, Option<&str>, Option<&str>) -> bool,
) {
    let found = differences(before, after, may_differ);
    assert!(found.is_empty(), "{} differences\n{}", found.len(), found[..found.len().min(20)].join("\n"));
}
