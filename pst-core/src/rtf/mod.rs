//! Rich text as mail stores it.
//!
//! `PidTagRtfCompressed` (0x1009) holds the RTF body packed with a small dictionary coder of its own; [`lzfu`] unpacks
//! and packs it. [`to_html`] and [`to_text`] make of the RTF what other programs read. The module stands on bytes and
//! code pages: it knows nothing of nodes, heaps or properties.
//!
//! **RTF is often the only body an item has**, so this is core work and not a nicety. And often it is not RTF at heart:
//! Outlook wraps the HTML or the plain text of a message into RTF in such a way that it can be taken out again
//! (MS-OXRTFEX). [`encapsulation`] tells which it is.
//!
//! ```
//! use pst_core::rtf::{self, Encapsulation, Options};
//!
//! let body = br"{\rtf1\ansi\ansicpg1252\fromhtml1 {\*\htmltag64 <p>}caf\'e9{\*\htmltag72 </p>}}";
//! assert_eq!(rtf::encapsulation(body), Encapsulation::Html);
//! let mut html = Vec::new();
//! rtf::to_html(&body[..], &mut html, &Options::default())?;
//! assert_eq!(html, "<p>café</p>".as_bytes());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Both directions stream: memory is a few buffers, the tables of fonts and colours, and a fixed state for each open
//! group, of which [`Options::depth`] allows so many. No RTF makes them fail; what they could not carry and what was wrong
//! with the input is in [`Rendered::losses`].

mod decode;
mod encapsulated;
mod field;
mod font;
mod html;
mod loss;
pub mod lzfu;
mod output;
mod plain;
mod reader;
mod state;
mod symbol;
mod token;

use std::io::{self, Read, Write};

pub use loss::{Loss, LossKind};

use crate::text::CodePage;
use reader::{Found, Reading};
use token::{Token, Tokenizer};

/// Tokens looked at for the mark of encapsulation (MS-OXRTFEX 2.2.3.1).
const MARK_TOKENS: usize = 10;
/// Bytes looked at for it; ten control words of full length with numbers take less.
const HEAD_LEN: u64 = 1024;

/// What an RTF stream holds (MS-OXRTFEX 2.2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encapsulation {
    /// HTML, marked by `\fromhtml1`.
    Html,
    /// Plain text, marked by `\fromtext`.
    Text,
    /// Nothing else: it is RTF at heart.
    None,
}

/// What a conversion may and should do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The code page of RTF that names none. By the specification that is windows-1252, the default; old mail
    /// from elsewhere may mean the page of its message or store.
    pub code_page: CodePage,
    /// How deep groups may nest. What lies deeper is left out, as [`LossKind::TooDeep`]. The default, 4,096, is
    /// more than Word or Outlook take.
    pub depth: usize,
    /// The URLs of pictures at the places of attachments, such as `cid:image1@example`, for HTML of true RTF: that of
    /// the first place first. Where there is none, an empty `span` with the id `attachment-0`, `attachment-1` … marks
    /// the place.
    pub pictures: Vec<Option<String>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { code_page: CodePage::WINDOWS_1252, depth: 4096, pictures: Vec::new() }
    }
}

/// What a conversion found out besides its output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendered {
    /// What the RTF held.
    pub encapsulation: Encapsulation,
    /// The code page of the RTF, for text whose font names no other.
    pub code_page: CodePage,
    /// What the output does not carry, and what was wrong with the RTF; one entry for each kind.
    pub losses: Vec<Loss>,
    /// Places of attachments (`\objattph`). They belong to the attachments that are not hidden and have a
    /// PidTagRenderingPosition other than -1, in the order of that property; **if the numbers differ, the places
    /// mean nothing** (MS-OXRTFEX 2.2.3.4).
    pub objects: u32,
}

/// What the RTF that begins with `head` holds, by its first ten tokens (MS-OXRTFEX 2.2.3.1).
///
/// A KiB of `head` is enough. Anything but control words and beginnings of groups before the mark means there is none.
#[must_use]
pub fn encapsulation(head: &[u8]) -> Encapsulation {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let mut tokens = Tokenizer::new(head);
    for place in 0..MARK_TOKENS {
        // A slice does not fail.
        match tokens.next().ok().flatten() {
            Some(Token::GroupStart) if place != 1 => {}
            Some(Token::Word("rtf", _)) if place == 1 => {}
            Some(Token::Word("fromhtml", Some(1))) if place > 1 => return Encapsulation::Html,
            Some(Token::Word("fromtext", number)) if place > 1 && number != Some(0) => return Encapsulation::Text,
            Some(Token::Word(..)) if place > 1 => {}
            _ => break,
        }
    }
    Encapsulation::None
}

/// Writes the HTML of `rtf` to `out`, in UTF-8.
///
/// - [`Encapsulation::Html`]: the HTML as it was before it was wrapped into RTF, scripts included if it had any. Its
///   meta tag may still name the charset it had then.
/// - [`Encapsulation::Text`]: the text in a simple page.
/// - [`Encapsulation::None`]: a page made of the RTF, with paragraphs, the look of characters, tables and links. No
///   script can be in it, and links are http, https, mailto, ftp, file, cid or tel.
///
/// Writes come in small pieces; give a buffered `out`.
///
/// # Errors
///
/// Those of `rtf` and `out`. RTF itself never fails.
pub fn to_html<R: Read, W: Write>(rtf: R, out: W, options: &Options) -> io::Result<Rendered> {
    let (encapsulation, rtf) = begin(rtf)?;
    let Options { code_page, depth, pictures } = options;
    let found = match encapsulation {
        Encapsulation::Html => {
            reader::read(rtf, Reading::Html, *code_page, *depth, &mut encapsulated::Encapsulated::new(out))
        }
        Encapsulation::Text => reader::read(rtf, Reading::Text, *code_page, *depth, &mut html::Page::new(out)),
        Encapsulation::None => reader::read(rtf, Reading::Rtf, *code_page, *depth, &mut html::Html::new(out, pictures)),
    };
    Ok(rendered(encapsulation, found?))
}

/// Writes the plain text of `rtf` to `out`, in UTF-8 with CRLF line ends.
///
/// - [`Encapsulation::Text`]: the text as it was before it was wrapped into RTF.
/// - [`Encapsulation::Html`] and [`Encapsulation::None`]: the text that a reader of the RTF sees.
///
/// Writes come in small pieces; give a buffered `out`.
///
/// # Errors
///
/// Those of `rtf` and `out`. RTF itself never fails.
pub fn to_text<R: Read, W: Write>(rtf: R, out: W, options: &Options) -> io::Result<Rendered> {
    let (encapsulation, rtf) = begin(rtf)?;
    let reading = if encapsulation == Encapsulation::Text { Reading::Text } else { Reading::Rtf };
    let found = reader::read(rtf, reading, options.code_page, options.depth, &mut plain::Plain::new(out))?;
    Ok(rendered(encapsulation, found))
}

/// Looks at the beginning, and gives the whole.
fn begin<R: Read>(mut rtf: R) -> io::Result<(Encapsulation, impl Read)> {
    let mut head = Vec::new();
    rtf.by_ref().take(HEAD_LEN).read_to_end(&mut head)?;
    Ok((encapsulation(&head), io::Cursor::new(head).chain(rtf)))
}

fn rendered(encapsulation: Encapsulation, found: Found) -> Rendered {
    let Found { losses, objects, code_page } = found;
    Rendered { encapsulation, code_page, losses, objects }
}
