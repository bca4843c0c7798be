//! Text as a PST stores it: UTF-16LE, or bytes in a code page.
//!
//! A PtypString (0x001F) is UTF-16LE and needs nothing else. A PtypString8 (0x001E) is bytes in a code page which is
//! named elsewhere, or nowhere: [`CodePageChoice`] says which page was used and who named it. **The type in the property
//! tag decides, never the kind of store**: a Unicode store can hold PtypString8 and an ANSI store PtypString.
//!
//! Two sources name a page directly; [`locale`] finds one for the language of a message. [`utf16`] and [`string8`] work
//! on the stored bytes. The tables are those of `encoding_rs`, `oem_cp` and `encodify`.

pub mod codepage;
pub mod locale;
pub mod string8;
pub mod utf16;

pub use codepage::{CodePage, CodePageChoice, CodePageSource, Decoded, UnsupportedCodePage};
pub use locale::ansi_code_page;
