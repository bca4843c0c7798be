//! All mails of a corpus in one store: every one is there, and what it lost is told.
//!
//! Needs the directory in the variable `PST_CORPUS`; without it there is nothing to do.

use std::path::PathBuf;

use pst_migrate::create::CreateOptions;

use crate::make_with;

#[test]
fn every_mail_is_in_the_store() {
    let Some(corpus) = std::env::var_os("PST_CORPUS").map(PathBuf::from) else {
        eprintln!("PST_CORPUS is not set: nothing was compared");
        return;
    };
    let directories = ["eml", "journal"].map(|name| corpus.join(name));
    let mails = directories.iter().flat_map(|directory| std::fs::read_dir(directory).unwrap());
    let mails = mails.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|name| name == "eml"));
    let made = make_with(&directories, CreateOptions::new());
    assert_eq!(made.summary.mails, mails.count() as u64);
    assert_eq!(made.summary.failures(), 0, "{:?}", made.told);
}
