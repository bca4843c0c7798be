//! iCalendar and vCard of items: built with the writer, and those of real files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    missing_docs
)]

mod appointments;
mod contacts;
mod corpus;
mod kit;
mod lists;
mod meetings;
mod series;
mod tasks;
