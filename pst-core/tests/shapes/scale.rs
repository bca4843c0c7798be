//! Large numbers.

use pst_core::Pst;
use pst_core::ltp::{EncodedValue, PropertyTag, TableBuilder, id};
use pst_core::ndb::{Format, Nid, NidType};
use pst_core::testkit::{FolderBuilder, Mailbox, Prop, Props, StoreBuilder, write_table};

#[test]
fn one_hundred_thousand_folders() {
    const COUNT: usize = 100_000;
    let file = tempfile::NamedTempFile::new().unwrap();
    let sink = std::io::BufWriter::with_capacity(1 << 20, file.reopen().unwrap());
    let folders = (0..COUNT).map(|number| FolderBuilder::new(&format!("folder {number}")));
    let mailbox = Mailbox::new("Folders").folder(FolderBuilder::new("Parent").folders(folders));
    drop(mailbox.write(StoreBuilder::with_sink(Format::UNICODE, sink)).finish());

    let pst = Pst::open(file.path()).unwrap();
    let parent = pst.ipm_subtree().unwrap().unwrap().subfolders().unwrap().nth(1).unwrap().unwrap();
    assert_eq!(parent.name().unwrap(), "Parent");
    let table = parent.hierarchy_table().unwrap().unwrap();
    let mut count = 0;
    for (number, row) in table.rows().enumerate() {
        let row = row.unwrap();
        assert_eq!(row.string(id::DISPLAY_NAME).unwrap(), Some(format!("folder {number}")));
        count += 1;
    }
    assert_eq!(count, COUNT);
    let folders = pst.nodes().map(Result::unwrap).filter(|node| node.nid.kind() == NidType::NORMAL_FOLDER).count();
    assert_eq!(folders, COUNT + 6);
    for (number, folder) in parent.subfolders().unwrap().enumerate().step_by(997) {
        let folder = folder.unwrap();
        assert_eq!(folder.name().unwrap(), format!("folder {number}"));
        assert_eq!(folder.parent_id(), Some(parent.id()));
        assert!(folder.contents_table().unwrap().unwrap().is_empty());
    }
}

/// A contents table of 1,000,000 rows, as narrow as rows can be with a number and a time in them.
#[test]
fn one_million_rows() {
    const COUNT: u32 = 1_000_000;
    let (size, time) = (PropertyTag::new(0x0E08_0003), PropertyTag::new(0x0E06_0040));
    let file = tempfile::NamedTempFile::new().unwrap();
    let sink = std::io::BufWriter::with_capacity(1 << 20, file.reopen().unwrap());
    let mut store = StoreBuilder::with_sink(Format::UNICODE, sink);
    let folder = Nid::new(0x80A2);
    let mut rows = TableBuilder::new(store.format(), &[size, time]);
    for number in 0..COUNT {
        let stamp = (133_000_000_000_000_000 + u64::from(number)).to_le_bytes().to_vec();
        rows.push(
            Nid::from_parts(NidType::NORMAL_MESSAGE, 0x1_0001 + number).raw(),
            &[(size, EncodedValue::Inline(number ^ 0x5A5A)), (time, EncodedValue::Item(stamp))],
        );
    }
    let (data, subnodes) = write_table(&mut store, rows, Vec::new());
    store.node(folder.with_kind(NidType::CONTENTS_TABLE), data, subnodes, Nid::new(0));
    let (data, subnodes) = Props::new().with(Prop::text(id::DISPLAY_NAME, "Large")).write(&mut store, Vec::new());
    store.node(folder, data, subnodes, folder);
    drop(store.finish());

    let pst = Pst::open(file.path()).unwrap();
    let table = pst.folder(folder).unwrap().contents_table().unwrap().unwrap();
    let mut number = 0;
    for row in table.rows() {
        let row = row.unwrap();
        assert_eq!(row.nid().index(), 0x1_0001 + number);
        assert_eq!(row.integer(id::MESSAGE_SIZE), Some(i64::from(number ^ 0x5A5A)));
        assert_eq!(row.time(id::MESSAGE_DELIVERY_TIME).unwrap().ticks(), 133_000_000_000_000_000 + u64::from(number));
        number += 1;
    }
    assert_eq!(number, COUNT);
    for number in (0..COUNT).step_by(99_991) {
        let row = table.row(Nid::from_parts(NidType::NORMAL_MESSAGE, 0x1_0001 + number).raw()).unwrap().unwrap();
        assert_eq!(row.integer(id::MESSAGE_SIZE), Some(i64::from(number ^ 0x5A5A)));
    }
}
