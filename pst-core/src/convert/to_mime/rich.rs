//! Bodies in RTF (MS-OXRTFEX, MS-OXRTFCP).

use std::io::Write;

use super::item::Item;
use super::losses::Losses;
use super::message::copy;
use crate::ltp::id;
use crate::messaging::Message;
use crate::rtf::lzfu::Decompressor;
use crate::{Error, ErrorKind, Result};

/// What is made of RTF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rendering {
    Html,
    Text,
}

/// What the RTF of a message is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Nothing,
    Attach,
    Render { as_html: Option<Rendering>, as_text: Option<Rendering>, attach: bool },
}

pub(super) fn look(message: &Message, item: &Item<'_>, has_text: bool, has_html: bool, losses: &mut Losses) -> Use {
    let _ = (message, item, has_html, losses, has_text);
    if item.properties.get(id::RTF_COMPRESSED).is_ok_and(|p| p.is_some()) { Use::Attach } else { Use::Nothing }
}

pub(super) fn render(message: &Message, rendering: Rendering, out: &mut dyn Write) -> Result<()> {
    let _ = (message, rendering, out);
    Err(Error::text(ErrorKind::Unsupported, "RTF", "not yet"))
}

/// The RTF as its writer had it.
pub(super) fn original(message: &Message, out: &mut dyn Write) -> Result<()> {
    let Some(property) = message.properties()?.get(id::RTF_COMPRESSED)? else { return Ok(()) };
    let limit = message.node().database().limits().rtf_bytes;
    copy(&mut Decompressor::new(property.stream()?, limit), out)
}
