//! The Python package `pst`: the core of this project as classes of Python.
//!
//! ```text
//! open -> Pst -> Folder -> Message -> Attachment -> file objects       one file per class
//!          |                  |-- mail, journal, people, property
//!          |-- table          an Arrow stream of items
//!          |-- verify, recover, transfer, export, create              whole files
//! Writer                      a new store, item by item
//!
//! shared   the open store all handles know     errors  exceptions      value, time  what becomes of values
//! watch    Ctrl-C and callbacks in long work   buffer  the one file with `unsafe`
//! ```
//!
//! Classes are frozen and can be used from several threads; the interpreter is released around everything that reads. There
//! is no mail logic here. What each class is for stands in `python/pst/_core.pyi`, where people and editors look.

#![allow(missing_docs, reason = "the documentation of the Python side is the stub, `python/pst/_core.pyi`")]

mod attachment;
mod buffer;
mod draft;
mod errors;
mod files;
mod folder;
mod ids;
mod iterate;
mod journal;
mod kind;
mod mail;
mod message;
mod people;
mod property;
mod pst;
mod recover;
mod shared;
mod stream;
mod table;
mod time;
mod transfer;
mod value;
mod verify;
mod watch;
mod writer;

use pyo3::prelude::*;

/// Runs the `pst` command and gives its exit code.
#[pyfunction]
fn run_command(py: Python<'_>, arguments: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| pst_cli::run(arguments))
}

/// The compiled part of the package.
#[pymodule(gil_used = false)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<pst::Pst>()?;
    module.add_class::<pst::NamedProperty>()?;
    module.add_class::<folder::Folder>()?;
    module.add_class::<message::Message>()?;
    module.add_class::<attachment::Attachment>()?;
    module.add_class::<property::Property>()?;
    module.add_class::<people::Person>()?;
    module.add_class::<people::Recipient>()?;
    module.add_class::<people::AddressBook>()?;
    module.add_class::<kind::Classification>()?;
    module.add_class::<mail::Loss>()?;
    module.add_class::<mail::ConvertedMail>()?;
    module.add_class::<journal::JournalReport>()?;
    module.add_class::<journal::JournalParty>()?;
    module.add_class::<journal::JournalRecipient>()?;
    module.add_class::<journal::JournalOriginal>()?;
    module.add_class::<iterate::FolderIterator>()?;
    module.add_class::<iterate::MessageIterator>()?;
    module.add_class::<stream::ByteStream>()?;
    module.add_class::<table::ItemTable>()?;
    module.add_class::<verify::Report>()?;
    module.add_class::<verify::Finding>()?;
    module.add_class::<recover::Recovery>()?;
    module.add_class::<transfer::TransferSummary>()?;
    module.add_class::<transfer::SplitPart>()?;
    module.add_class::<files::ExportSummary>()?;
    module.add_class::<files::CreateSummary>()?;
    module.add_class::<writer::Writer>()?;
    module.add_function(wrap_pyfunction!(pst::open, module)?)?;
    module.add_function(wrap_pyfunction!(kind::classify, module)?)?;
    module.add_function(wrap_pyfunction!(verify::verify, module)?)?;
    module.add_function(wrap_pyfunction!(recover::recover, module)?)?;
    module.add_function(wrap_pyfunction!(transfer::compact, module)?)?;
    module.add_function(wrap_pyfunction!(transfer::convert, module)?)?;
    module.add_function(wrap_pyfunction!(transfer::merge, module)?)?;
    module.add_function(wrap_pyfunction!(transfer::split, module)?)?;
    module.add_function(wrap_pyfunction!(files::export, module)?)?;
    module.add_function(wrap_pyfunction!(files::create, module)?)?;
    module.add_function(wrap_pyfunction!(run_command, module)?)?;
    Ok(())
}
