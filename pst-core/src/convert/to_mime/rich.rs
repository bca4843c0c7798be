//! Bodies in RTF: what they hold, and what is made of them (MS-OXBBODY 2.1.3.1, MS-OXRTFEX).
//!
//! RTF that wraps HTML or plain text is only another spelling of it. RTF at heart is rendered as HTML and as text, and the
//! original goes along as `body.rtf`, since no rendering has everything.

use std::io::{self, Read, Write};

use super::item::{Item, kind_of};
use super::losses::Losses;
use super::part::copy;
use crate::convert::LossKind;
use crate::ltp::{PropertyTag, PropertyType, id};
use crate::messaging::Message;
use crate::ndb::DataStream;
use crate::rtf::{self, Encapsulation, lzfu::Decompressor};
use crate::{Error, Result};

/// PidTagRtfInSync: the RTF says what the plain text says.
const RTF_IN_SYNC: u16 = 0x0E1F;

/// What is made of RTF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rendering {
    Html,
    Text,
}

/// What the RTF of a message is good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Use {
    /// Render HTML of it, since there is none.
    pub(super) html: bool,
    /// Render text of it, since there is none.
    pub(super) text: bool,
    /// It is RTF at heart, and worth keeping.
    pub(super) keep: bool,
}

/// Finds out what the RTF is good for beside a plain body and an HTML body.
pub(super) fn look(message: &Message, item: &Item<'_>, has_text: bool, has_html: bool, losses: &mut Losses) -> Use {
    let tag = PropertyTag::from_parts(id::RTF_COMPRESSED, PropertyType::BINARY);
    let head = match open(message) {
        Ok(None) => return Use::default(),
        Ok(Some(rtf)) => {
            let mut head = Vec::new();
            rtf.take(1024).read_to_end(&mut head).map(|_| head).map_err(Error::from)
        }
        Err(error) => Err(error),
    };
    let head = match head {
        Ok(head) => head,
        Err(error) => {
            losses.of(tag, kind_of(&error), error.to_string());
            return Use::default();
        }
    };
    match rtf::encapsulation(&head) {
        Encapsulation::Html => Use { html: !has_html, text: !has_text && !has_html, keep: false },
        Encapsulation::Text => Use { html: false, text: !has_text, keep: false },
        Encapsulation::None => {
            let stale = has_text && item.integer(RTF_IN_SYNC, losses) == Some(0);
            if stale && !has_html {
                losses.of(tag, LossKind::Changed, "the RTF is older than the plain text; it is attached, not shown");
            }
            Use { html: !has_html && !stale, text: !has_text, keep: true }
        }
    }
}

/// Renders the RTF, in UTF-8, and says what the rendering does not carry.
pub(super) fn render(message: &Message, rendering: Rendering, out: &mut dyn Write) -> Result<Vec<(LossKind, String)>> {
    let Some(mut rtf) = open(message)? else { return Ok(Vec::new()) };
    let options = rtf::Options { code_page: message.code_page()?.page, ..rtf::Options::default() };
    let mut out = io::BufWriter::new(out);
    let rendered = match rendering {
        Rendering::Html => rtf::to_html(&mut rtf, &mut out, &options),
        Rendering::Text => rtf::to_text(&mut rtf, &mut out, &options),
    };
    let rendered = rendered.and_then(|rendered| out.flush().map(|()| rendered)).map_err(Error::from)?;
    let mut losses: Vec<_> = rendered.losses.iter().map(|loss| (kind(loss.kind), loss.to_string())).collect();
    let warnings = rtf.report().map(|report| report.warnings()).unwrap_or_default();
    losses.extend(warnings.iter().map(|warning| (LossKind::Unreadable, format!("compressed RTF: {warning}"))));
    if rendered.objects > 0 && rendering == Rendering::Html {
        losses.push((
            LossKind::Changed,
            format!("the places of {} attachments are marked, not filled", rendered.objects),
        ));
    }
    Ok(losses)
}

fn kind(kind: rtf::LossKind) -> LossKind {
    match kind {
        rtf::LossKind::TooDeep => LossKind::TooDeep,
        rtf::LossKind::TooLarge => LossKind::TooLarge,
        rtf::LossKind::Characters | rtf::LossKind::CodePage => LossKind::Characters,
        rtf::LossKind::NotRtf | rtf::LossKind::Malformed | rtf::LossKind::Unbalanced | rtf::LossKind::AfterEnd => {
            LossKind::Unreadable
        }
        _ => LossKind::NoPlace,
    }
}

/// Writes the RTF as its writer had it.
pub(super) fn original(message: &Message, out: &mut dyn Write) -> Result<()> {
    match open(message)? {
        Some(mut rtf) => copy(&mut rtf, out),
        None => Ok(()),
    }
}

fn open(message: &Message) -> Result<Option<Decompressor<DataStream>>> {
    let Some(property) = message.properties()?.get(id::RTF_COMPRESSED)? else { return Ok(None) };
    if property.tag().kind() != PropertyType::BINARY || property.stored_len()? == 0 {
        return Ok(None);
    }
    let limit = message.node().database().limits().rtf_bytes;
    Ok(Some(Decompressor::new(property.stream()?, limit)))
}
