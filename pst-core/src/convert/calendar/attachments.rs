//! ATTACH (MS-OXCICAL 2.1.3.1.1.20.1), and the attachments that are changed occurrences of a series.

use crate::convert::LossKind;
use crate::convert::calendar::{AttachmentPlace, Options};
use crate::convert::content_line::ContentLines;
use crate::convert::item::Item;
use crate::ltp::id;
use crate::messaging::{Attachment, AttachmentContent, Message};

/// The class of a changed occurrence.
const EXCEPTION_CLASS: &str = "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}";

/// What is attached to an item.
#[derive(Default)]
pub(super) struct Attached {
    /// ATTACH lines.
    pub(super) lines: ContentLines,
    /// Changed occurrences.
    pub(super) exceptions: Vec<Message>,
}

/// Reads the attachments of an item; those that are not carried are losses.
pub(super) fn attached(item: &mut Item<'_>, options: &Options) -> Attached {
    let mut attached = Attached::default();
    let mut left = options.attachment_bytes;
    let most = item.message.node().database().limits().embedded_messages;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    for attachment in item.message.attachments() {
        let one = attachment.and_then(|attachment| {
            let content = attachment.content()?;
            Ok((attachment, content))
        });
        match one {
            Ok((_, AttachmentContent::Message(message))) if is_exception(&message) => {
                if attached.exceptions.len() < most {
                    attached.exceptions.push(*message);
                } else {
                    item.lose(LossKind::TooLarge, format_args!("a changed occurrence beyond the first {most}"));
                }
            }
            Ok((attachment, content)) if options.attachments == AttachmentPlace::Inline => {
                inline(item, &attachment, content, &mut attached.lines, &mut left);
            }
            Ok(_) => {}
            Err(error) => item.lose(LossKind::Unreadable, format_args!("an attachment: {error}")),
        }
    }
    attached
}

fn is_exception(message: &Message) -> bool {
    message
        .class()
        .ok()
        .flatten()
        .is_some_and(|class| class.trim_end_matches('\0').eq_ignore_ascii_case(EXCEPTION_CLASS))
}

fn inline(
    item: &mut Item<'_>,
    attachment: &Attachment,
    content: AttachmentContent,
    lines: &mut ContentLines,
    left: &mut u64,
) {
    let name = attachment.file_name().ok().flatten().map(|name| name.trim_end_matches('\0').to_owned());
    let label = name.clone().unwrap_or_else(|| attachment.id().to_string());
    match content {
        AttachmentContent::Bytes(stream) if stream.len() <= *left => {
            let mime = attachment.string(id::ATTACH_MIME_TAG).ok().flatten();
            let mime = mime.filter(|mime| is_mime(mime));
            let mark = lines.mark();
            lines.open("ATTACH");
            if let Some(mime) = mime {
                lines.words("FMTTYPE", &mime);
            }
            lines.words("ENCODING", "BASE64").words("VALUE", "BINARY");
            if let Some(name) = &name {
                lines.parameter("X-FILENAME", name);
            }
            let length = stream.len();
            match lines.base64("", stream, mark) {
                Ok(_) => *left = left.saturating_sub(length),
                Err(error) => item.lose(LossKind::Unreadable, format_args!("attachment {label}: {error}")),
            }
        }
        AttachmentContent::Bytes(stream) => {
            item.lose(LossKind::TooLarge, format_args!("attachment {label}: {} bytes, {left} left", stream.len()));
        }
        AttachmentContent::Reference(target) if is_uri(&target) => lines.open("ATTACH").value(&target),
        AttachmentContent::Reference(target) => {
            item.lose(LossKind::NoPlace, format_args!("attachment {label}: a reference to {target}"));
        }
        AttachmentContent::Message(_) => {
            item.lose(LossKind::NoPlace, format_args!("attachment {label}: a message"));
        }
        AttachmentContent::Ole(_) => item.lose(LossKind::NoPlace, format_args!("attachment {label}: an OLE object")),
        AttachmentContent::None => item.lose(LossKind::NoPlace, format_args!("attachment {label}, which is empty")),
    }
}

fn is_mime(mime: &str) -> bool {
    mime.split_once('/').is_some_and(|parts| {
        let token = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        token(parts.0) && token(parts.1)
    })
}

fn is_uri(target: &str) -> bool {
    let scheme = ["http://", "https://", "file://", "ftp://"].iter().any(|scheme| target.starts_with(scheme));
    scheme && target.bytes().all(|byte| byte.is_ascii_graphic())
}
