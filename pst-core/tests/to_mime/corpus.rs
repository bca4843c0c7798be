//! Every message of every store in `pst` below the directory that `PST_CORPUS` names. Without it, nothing is compared here.

use std::io;
use std::path::PathBuf;

use pst_core::Pst;
use pst_core::convert::to_mime::{Options, write_mail};

/// Counts lines and what must not be in them.
#[derive(Default)]
struct Lines {
    bytes: u64,
    length: usize,
    longest: usize,
    high: bool,
    last: u8,
    bare: bool,
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.bare |= (*byte == b'\n') != (self.last == b'\r');
            self.high |= !byte.is_ascii();
            self.length = if *byte == b'\n' { 0 } else { self.length + 1 };
            self.longest = self.longest.max(self.length);
            self.last = *byte;
        }
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_message_becomes_a_well_formed_mail() {
    let Some(dir) = std::env::var_os("PST_CORPUS").map(|corpus| PathBuf::from(corpus).join("pst")) else {
        println!("PST_CORPUS is not set; no corpus was converted");
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "pst" || extension == "ost"));
    assert!(!files.is_empty());
    let mut mails = 0;
    for path in files {
        let pst = Pst::open(&path).unwrap();
        let names = pst.named_properties().unwrap();
        for entry in pst.message_entries() {
            let message = pst.message_from_entry(entry.unwrap()).unwrap();
            let mut lines = Lines::default();
            let converted = write_mail(&message, &names, &mut lines, &Options::default()).unwrap();
            let about = format!("{} {}", path.display(), message.id());
            assert_eq!(converted.size, lines.bytes, "{about}");
            // One CR more than the longest line.
            assert!(lines.longest <= 999 && !lines.high && !lines.bare && lines.last == b'\n', "{about}");
            mails += 1;
        }
    }
    println!("{mails} mails");
}
