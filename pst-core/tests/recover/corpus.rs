//! Real stores, if there are any: the variable `PST_CORPUS` names a directory of them. Without it nothing is looked at here.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use pst_core::messaging::inspect;
use pst_core::ndb::Nid;
use pst_core::recover::{RecoverOptions, recover, recover_source};
use pst_core::source::MemorySource;
use pst_core::{Pst, ltp::id};

fn stores(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            stores(&path, found);
        } else if path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("pst") || ext.eq_ignore_ascii_case("ost"))
        {
            found.push(path);
        }
    }
}

/// Subject, number of properties and bytes of each message that can be read whole.
fn items(pst: &Pst) -> BTreeMap<Nid, (Option<String>, u64, u64)> {
    let mut items = BTreeMap::new();
    for entry in pst.message_entries().filter_map(Result::ok) {
        let message = pst.message_from_entry(entry).unwrap();
        let inspection = inspect(&message);
        if inspection.errors.is_empty() {
            let subject = message.string(id::SUBJECT).unwrap();
            items.insert(entry.nid, (subject, inspection.properties, inspection.bytes));
        }
    }
    items
}

/// Sound stores stay as they are. Without header and branches of the node tree they give the same messages again.
#[test]
fn real_stores() {
    let Some(dir) = std::env::var_os("PST_CORPUS") else {
        println!("PST_CORPUS is not set; no real store was recovered");
        return;
    };
    let mut paths = Vec::new();
    stores(Path::new(&dir), &mut paths);
    paths.sort();
    let (mut looked_at, mut changed) = (0, 0);
    for path in paths {
        let Ok(pst) = Pst::open(&path) else { continue };
        if pst.file_size() > 64 << 20 {
            continue;
        }
        looked_at += 1;
        let recovery = recover(&path, &RecoverOptions::new(), &mut |_| ControlFlow::Continue(())).unwrap();
        let report = &recovery.report;
        if report.is_changed {
            changed += 1;
            println!(
                "{}: {:?} {:?} {:?} {:?}",
                path.display(),
                report.folders,
                report.nodes,
                report.node_tree,
                report.errors.first()
            );
        }
        let expected = items(&pst);
        let found = items(&recovery.pst);
        assert!(expected.iter().all(|(nid, item)| found.get(nid) == Some(item)), "{}", path.display());

        let mut bytes = std::fs::read(&path).unwrap();
        bytes[..564].fill(0);
        let Ok(lost) = recover_source(Box::new(MemorySource::new(bytes)), &RecoverOptions::new(), &mut |_| {
            ControlFlow::Continue(())
        }) else {
            println!("{}: nothing proves itself", path.display());
            continue;
        };
        let found = items(&lost.pst);
        let missing: Vec<_> =
            expected.iter().filter(|(nid, item)| found.get(nid) != Some(item)).map(|(nid, _)| *nid).collect();
        let more = found.keys().filter(|nid| !expected.contains_key(nid)).count();
        println!(
            "{}: {} of {} again without header, {more} more",
            path.display(),
            expected.len() - missing.len(),
            expected.len()
        );
        assert!(missing.is_empty(), "{}: {missing:?}", path.display());
    }
    println!("{looked_at} stores, {changed} changed");
    assert!(looked_at > 0);
}
