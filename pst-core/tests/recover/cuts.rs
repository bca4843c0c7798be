//! The file ends too early.

use pst_core::ndb::{CryptMethod, NidType};
use pst_core::recover::RecoverOptions;

use crate::{FORMATS, mails, recover, store, truth, try_recover};

/// What lies before the cut comes back, and what comes back is what it was.
#[test]
fn cut_files_keep_what_is_before_the_cut() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        let step = bytes.len() / 40 + 13;
        for length in (0..bytes.len()).step_by(step) {
            let Ok(recovery) = try_recover(&bytes[..length], &RecoverOptions::new()) else {
                assert!(length < format.first_amap() as usize + format.page_size() * 2, "{format} {length}");
                continue;
            };
            assert!(length >= bytes.len() || recovery.report.missing_bytes == (bytes.len() - length) as u64);
            for (nid, mail) in mails(&recovery.pst) {
                let Some(mail) = mail else { continue };
                let fits = |original: &crate::Mail| {
                    (&mail.subject, &mail.body) == (&original.subject, &original.body)
                        && mail.attachments == original.attachments
                        && mail.recipients == original.recipients
                };
                // Those without a node have new ids; the settings of a folder are among them.
                let is_known = truth.get(&nid).and_then(Option::as_ref).is_some_and(fits);
                let is_fragment = mail.path.ends_with("/Recovered fragments")
                    && (mail.subject.is_empty() || truth.values().flatten().any(fits));
                assert!(is_known || is_fragment, "{format} {length}: {nid} {mail:?}");
            }
        }
    }
}

/// Trees that were written before the data that is cut off lose only what was in it.
#[test]
fn a_cut_behind_the_trees_costs_only_the_blocks_behind_it() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        // The trees moved to the front: a second file whose blocks lie behind them cannot be had from the builder, so the
        // trees of the recovered store are what is looked at here: nodes are all there if the node tree is.
        let pst = pst_core::Pst::from_bytes(bytes.clone()).unwrap();
        let end = pst.header().root.block_tree.offset.max(pst.header().root.node_tree.offset) as usize;
        let end = (end + format.page_size()).min(bytes.len());
        let recovery = recover(&bytes[..end]);
        let nodes = |pst: &pst_core::Pst| {
            pst.nodes().map(Result::unwrap).filter(|node| node.nid.kind() == NidType::NORMAL_MESSAGE).count()
        };
        assert_eq!(nodes(&recovery.pst), nodes(&pst));
        assert!(mails(&recovery.pst) == truth, "{format}");
    }
}
