//! Moves mail: what [`pst_core`] reads and writes, put to work on deliveries of many files.
//!
//! | room | question |
//! |---|---|
//! | [`input`] | What items are in these files, and what became of everything else? |
//! | [`export`] | How do items become files that other programs read? |
//! | [`addresses`] | Who are the people without an Internet address? |
//! | [`delivery`] | Is a delivery what somebody asked for? |
//! | [`profile`] | What does somebody who takes a delivery ask for? |
//! | [`create`] | How does mail in files become a store? |
//!
//! Facts about formats are in [`pst_core`]; here are decisions: what is taken in, what is refused, and how it is counted.

pub mod addresses;
pub mod create;
pub mod delivery;
pub mod export;
pub mod input;
pub mod profile;
mod random;
