//! Journal reports: files and stores.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod corpus;
mod files;
mod stores;

/// An envelope of the later format and the mail it is about.
fn envelope(id: &str) -> String {
    format!(
        "Sender: ann@x.example\r\nSubject: Plan\r\nMessage-Id: <{id}>\r\nBcc: bob@x.example, Expanded: all@x.example\r\n"
    )
}

fn original(id: &str) -> String {
    format!("From: ann@x.example\r\nTo: all@x.example\r\nSubject: Plan\r\nMessage-ID: <{id}>\r\n\r\nText.\r\n")
}
