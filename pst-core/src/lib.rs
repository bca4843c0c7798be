//! Reads Outlook PST and OST files.

mod bytes;
mod error;
mod guid;
mod limits;
pub mod ltp;
pub mod ndb;
pub mod rtf;
pub mod source;
pub mod text;
mod time;

pub use error::{Error, ErrorKind, Location, Result};
pub use guid::Guid;
pub use limits::Limits;
pub use time::FileTime;
