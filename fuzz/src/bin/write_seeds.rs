//! Writes the seeds of every fuzz body to `fuzz/corpus/<body>`, where libFuzzer begins.

use std::fs;
use std::io;
use std::path::Path;

use pst_fuzz::{input_seeds, mail_seeds, seeds};

fn main() -> io::Result<()> {
    let bodies = [
        ("header", seeds::headers()),
        ("page", seeds::pages()),
        ("block", seeds::blocks()),
        ("heap", seeds::heaps()),
        ("table", seeds::tables()),
        ("rtf", seeds::rtfs()),
        ("rtf_text", seeds::rtf_texts()),
        ("tnef", seeds::tnefs()),
        ("mail", mail_seeds::mails()),
        ("mbox", mail_seeds::mboxes()),
        ("item", mail_seeds::mails()),
        ("to_mail", pst_fuzz::to_mails()),
        ("address", seeds::addresses()),
        ("journal", seeds::journals()),
        ("calendar", seeds::calendars()),
        ("archive", input_seeds::archives()),
        ("input_mbox", input_seeds::mboxes()),
        ("file", seeds::files()),
        ("recover", seeds::files()),
    ];
    for (name, seeds) in bodies {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        fs::create_dir_all(&dir)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(dir.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
