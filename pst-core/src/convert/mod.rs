//! Conversion between the items of a store and the forms other programs read: MIME, iCalendar, vCard.
//!
//! Stands on [`messaging`](crate::messaging) for what is read, on [`rtf`](crate::rtf) for bodies that are nothing but RTF.
//! Every conversion is a pure function of the item and its options: the same item gives the same bytes, on every platform.
//! What a form has no place for is returned as [`Loss`]es, never left out silently.

mod address;
pub mod calendar;
pub mod contact;
mod content_line;
pub mod from_mime;
mod html_text;
mod item;
mod loss;
pub mod to_mime;

pub use loss::{Loss, LossKind};
