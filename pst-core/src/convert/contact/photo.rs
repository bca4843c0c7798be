//! PHOTO: the picture of a contact, which is an attachment; and what else is attached.

use std::io::Read;

use super::{Writer, address};
use crate::convert::LossKind;
use crate::convert::item::Item;
use crate::messaging::{Attachment, AttachmentContent};

/// PidTagAttachmentContactPhoto.
const CONTACT_PHOTO: u16 = 0x7FFF;
/// The most bytes of a picture.
const PHOTO_BYTES: u64 = 16 << 20;

/// Whether an attachment is the picture: marked as it, or by the name that Outlook gives it.
fn is_photo(attachment: &Attachment) -> bool {
    let marked = attachment.integer(CONTACT_PHOTO).ok().flatten() == Some(1);
    let name = attachment.file_name().ok().flatten().unwrap_or_default();
    let name = name.trim_end_matches('\0');
    marked || ["ContactPicture.jpg", "ContactPhoto"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The kind of a picture by how it begins.
fn kind(start: &[u8]) -> Option<&'static str> {
    match start {
        [0xFF, 0xD8, ..] => Some("jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [b'G', b'I', b'F', b'8', ..] => Some("gif"),
        [b'B', b'M', ..] => Some("bmp"),
        _ => None,
    }
}

/// Writes the picture; other attachments are losses.
pub(super) fn write(item: &mut Item<'_>, writer: &mut Writer) {
    let has_picture = item.boolean(address(0x8015));
    let mut written = false;
    for attachment in item.message.attachments() {
        let one = attachment.and_then(|attachment| {
            let content = attachment.content()?;
            Ok((attachment, content))
        });
        let (attachment, content) = match one {
            Ok(one) => one,
            Err(error) => {
                item.lose(LossKind::Unreadable, format_args!("an attachment: {error}"));
                continue;
            }
        };
        let name = attachment.file_name().ok().flatten().unwrap_or_else(|| attachment.id().to_string());
        match content {
            AttachmentContent::Bytes(stream) if !written && is_photo(&attachment) => {
                if stream.len() > PHOTO_BYTES {
                    item.lose(LossKind::TooLarge, format_args!("the photo: {} bytes", stream.len()));
                    continue;
                }
                match write_photo(writer, stream) {
                    Ok(()) => written = true,
                    Err(error) => item.lose(LossKind::Unreadable, format_args!("the photo: {error}")),
                }
            }
            _ => item.lose(LossKind::NoPlace, format_args!("attachment {name}")),
        }
    }
    if has_picture == Some(true) && !written {
        item.lose(LossKind::Unreadable, "the photo that the contact says it has");
    }
}

fn write_photo(writer: &mut Writer, mut stream: impl Read) -> std::io::Result<()> {
    let mut start = Vec::new();
    stream.by_ref().take(4).read_to_end(&mut start)?;
    let kind = kind(&start);
    let whole = start.as_slice().chain(stream);
    let mark = writer.lines.mark();
    writer.lines.open("PHOTO");
    let prefix = if writer.is_v4() {
        let mime = kind.map_or("application/octet-stream".to_owned(), |kind| format!("image/{kind}"));
        format!("data:{mime};base64,")
    } else {
        writer.lines.words("ENCODING", "b");
        if let Some(kind) = kind {
            writer.lines.words("TYPE", &kind.to_ascii_uppercase());
        }
        String::new()
    };
    writer.lines.base64(&prefix, whole, mark).map(|_| ())
}
