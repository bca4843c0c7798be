//! All mails of a corpus in one store: every one is there, and what it lost is told.
//!
//! Needs the directory in the variable `PST_CORPUS`; without it there is nothing to do.

use std::ops::ControlFlow;
use std::path::PathBuf;

use pst_migrate::create::CreateOptions;
use pst_migrate::input::Input;

use crate::make_with;

#[test]
fn every_mail_is_in_the_store() {
    let Some(corpus) = std::env::var_os("PST_CORPUS").map(PathBuf::from) else {
        eprintln!("PST_CORPUS is not set: nothing was compared");
        return;
    };
    let directories = ["eml", "journal"].map(|name| corpus.join(name));
    let input = Input::new().read(&directories, &mut |_| ControlFlow::Continue(()));
    assert!(input.items > 0);
    let made = make_with(&directories, CreateOptions::new());
    assert_eq!(made.summary.mails, input.items);
    assert_eq!(made.summary.seen, input.seen());
    assert_eq!(made.summary.failures(), 0, "{:?}", made.told);
}
