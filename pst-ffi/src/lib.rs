//! The C interface: `libpst_ffi`, declared in `include/pst.h`, which is made from this crate.
//!
//! Every function here translates types and calls `pst-core` or `pst-migrate`; no knowledge of mail lives here.
//! `docs/c-api.md` is the manual. What holds everywhere:
//!
//! - A handle that C holds is a number of a table (`handle.rs`), not an address. A handle that was freed, or is of another
//!   type, is refused.
//! - A body runs inside `guard` (`guard.rs`): it gives a status, makes the error object, and no panic leaves it.
//! - Outputs are written last, when nothing can fail any more.
//! - Unsafe code stands in `pointer.rs` (what C passes) and `kept.rs` (views kept with what they look at). Other files say
//!   `allow(unsafe_code)` for the names they export, and a test holds them to that.

// Raw pointers come in everywhere, and are looked at in `pointer.rs` alone.
#![allow(clippy::not_unsafe_ptr_arg_deref)]

pub mod attachment;
pub mod bag;
pub mod create;
pub mod draft;
pub mod error;
pub mod event;
pub mod export;
pub mod filter;
pub mod folder;
mod guard;
mod handle;
pub mod journal;
mod kept;
mod lent;
pub mod message;
pub mod mime;
pub mod options;
pub mod person;
mod pointer;
pub mod property;
pub mod recover;
pub mod status;
pub mod store;
pub mod transfer;
pub mod verify;
pub mod version;
pub mod view;
pub mod write;
pub mod write_options;
