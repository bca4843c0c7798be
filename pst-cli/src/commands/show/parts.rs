//! Parts of a message, as bytes.

use std::io::Write;

use anyhow::{Context, bail};
use pst_core::messaging::{Attachment, AttachmentContent, Message};
use pst_core::ndb::DataStream;

use super::Request;
use crate::exit::Exit;
use crate::output::{Output, escape_line, stderr_line};

/// Writes the bytes of an attachment.
pub(super) fn attachment(
    request: &Request<'_>,
    attachment: &Attachment,
    number: usize,
    out: Output,
) -> anyhow::Result<Exit> {
    let file = request.file().display();
    match attachment.content().map_err(|error| request.unread(&error))? {
        AttachmentContent::Bytes(stream) | AttachmentContent::Ole(stream) => copy(request, stream, out),
        AttachmentContent::Message(_) => {
            bail!("{file}: attachment {number} is a message; show it with --embedded {number}")
        }
        AttachmentContent::Reference(path) => bail!("{file}: attachment {number} is only a link, to {path}"),
        AttachmentContent::None => bail!("{file}: attachment {number} has no content"),
    }
}

/// Writes the headers the mail came with.
pub(super) fn headers(request: &Request<'_>, message: &Message, mut out: Output) -> anyhow::Result<Exit> {
    let headers = message.transport_headers().map_err(|error| request.unread(&error))?;
    let headers = headers.with_context(|| format!("{}: the message has no headers", request.file().display()))?;
    out.body(&headers.to_string_lossy())?;
    out.finish()?;
    Ok(Exit::Complete)
}

/// Writes the RTF body, decompressed.
pub(super) fn rtf(request: &Request<'_>, message: &Message, out: Output) -> anyhow::Result<Exit> {
    let rtf = message.body_rtf().map_err(|error| request.unread(&error))?;
    let rtf = rtf.with_context(|| format!("{}: the message has no RTF body", request.file().display()))?;
    let warnings = rtf.warnings();
    for warning in &warnings {
        stderr_line(&format!("pst: {}", escape_line(&request.unread(warning).to_string())));
    }
    text_bytes(&rtf.bytes, out)?;
    Ok(Exit::from_findings(!warnings.is_empty()))
}

/// Writes the HTML body as it is stored.
pub(super) fn html(request: &Request<'_>, message: &Message, out: Output) -> anyhow::Result<Exit> {
    let html = message.body_html().map_err(|error| request.unread(&error))?;
    let html = html.with_context(|| format!("{}: the message has no HTML body", request.file().display()))?;
    if out.may_reach_terminal() {
        return text_bytes(html.to_string_lossy().as_bytes(), out);
    }
    text_bytes(&html.bytes, out)
}

/// Bytes that are text in some code page: exact in a pipe, escaped on a terminal.
fn text_bytes(bytes: &[u8], mut out: Output) -> anyhow::Result<Exit> {
    if out.may_reach_terminal() {
        out.body(&String::from_utf8_lossy(bytes))?;
    } else {
        out.write_all(bytes)?;
    }
    out.finish()?;
    Ok(Exit::Complete)
}

fn copy(request: &Request<'_>, mut stream: DataStream, mut out: Output) -> anyhow::Result<Exit> {
    if out.is_terminal() && !request.args.force {
        bail!("an attachment may hold anything and is not written to a terminal; redirect the output, or use --force");
    }
    loop {
        // Not `io::copy`: an error of the file and one of the pipe end the command differently.
        let chunk = stream.next_chunk();
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(error) => {
                out.flush()?;
                return Err(request.unread(&error).into());
            }
        };
        if chunk.is_empty() {
            break;
        }
        out.write_all(chunk)?;
    }
    out.finish()?;
    Ok(Exit::Complete)
}
