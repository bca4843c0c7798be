//! The header is torn or gone.

use pst_core::ErrorKind;
use pst_core::ndb::CryptMethod;
use pst_core::recover::{HeaderState, RecoverOptions};
use pst_core::testkit::lines;

use crate::{FORMATS, recover, store, try_recover};

#[test]
fn a_file_without_a_header() {
    for format in FORMATS {
        for crypt in [CryptMethod::None, CryptMethod::Permute, CryptMethod::Cyclic] {
            let bytes = store(format, crypt);
            let expected = lines(&pst_core::Pst::from_bytes(bytes.clone()).unwrap());
            let mut damaged = bytes;
            damaged[..1024].fill(0);
            let recovery = recover(&damaged);
            let report = &recovery.report;
            assert_eq!((report.header, report.crypt), (HeaderState::Lost, crypt));
            assert_eq!(report.format.layout(), format.layout());
            assert!(lines(&recovery.pst) == expected, "{format} {crypt:?}");
            // The roots name everything, so it is known to be the last state.
            assert!(
                recovery.items().all(|item| item.unwrap().provenance.confidence == pst_core::recover::Confidence::High)
            );
        }
    }
}

#[test]
fn a_header_with_one_wrong_byte() {
    let format = FORMATS[1];
    let bytes = store(format, CryptMethod::Permute);
    let expected = lines(&pst_core::Pst::from_bytes(bytes.clone()).unwrap());
    for at in (0..564).step_by(3) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x11;
        let recovery = recover(&damaged);
        assert!(lines(&recovery.pst) == expected, "byte {at}");
        assert_eq!(recovery.pst.header().crypt, CryptMethod::Permute, "byte {at}");
    }
}

#[test]
fn what_is_no_store_stays_none() {
    for bytes in [vec![], vec![0; 100_000], b"PK\x03\x04 something else".repeat(1000)] {
        let error = try_recover(&bytes, &RecoverOptions::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotPst, "{error}");
    }
}
