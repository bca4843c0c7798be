//! S/MIME: what is signed or encrypted goes out as it came (MS-OXOSMIME 2.1, MS-OXCMAIL 2.1.3.2.1).
//!
//! The one attachment of such a message is the entity the sender sealed. **Not a byte of a signed body may change**, so it is
//! copied; only the fields in front of it, which no signature covers, are joined with those of the mail.

use std::io::{Read, Seek, SeekFrom, Write};

use super::field::{Fields, is_name};
use super::message::Conversion;
use super::part::copy;
use super::structure::Structure;
use crate::convert::LossKind;
use crate::ltp::id;
use crate::messaging::{Attachment, AttachmentContent, Message};
use crate::ndb::DataStream;
use crate::{Error, Result};

/// The longest head of an entity.
const LONGEST_HEAD: u64 = 64 << 10;

/// The fields before the body of an entity, and where the body begins.
struct EntityHead {
    fields: Vec<(String, Vec<u8>)>,
    body: u64,
}

impl EntityHead {
    fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(value).trim().to_ascii_lowercase())
    }
}

impl Conversion<'_> {
    /// Writes a sealed message from Content-Type on; false, and nothing written, if it is not what its class says.
    pub(super) fn sealed(&mut self, message: &Message, fields: &Fields, structure: Structure) -> Result<bool> {
        let Some((attachment, mut stream)) = self.the_one(message) else {
            let text =
                "the class says S/MIME, yet there is not one attachment that holds all; bodies and attachments follow";
            self.losses.add(LossKind::Changed, text);
            return Ok(false);
        };
        let head = entity_head(&mut stream)?;
        let kind = head.as_ref().and_then(|head| head.get("content-type")).unwrap_or_default();
        let is_sealed = kind.starts_with("multipart/signed") || kind.starts_with("application/pkcs7-mime");
        if let Some(head) = head.filter(|_| is_sealed) {
            return self.entity(fields, &head, stream);
        }
        if structure == Structure::ClearSigned {
            let text = "the class says clear-signed, yet the attachment is no such entity; it follows as it is";
            self.losses.add(LossKind::Changed, text);
            return Ok(false);
        }
        self.object(&attachment, stream)?;
        Ok(true)
    }

    /// The only attachment, if there is one and it has bytes.
    fn the_one(&mut self, message: &Message) -> Option<(Attachment, DataStream)> {
        let mut attachments = message.attachments();
        let (Some(Ok(attachment)), None) = (attachments.next(), attachments.next()) else { return None };
        match attachment.content() {
            Ok(AttachmentContent::Bytes(stream)) if !stream.is_empty() => Some((attachment, stream)),
            _ => None,
        }
    }

    /// Copies an entity: its fields that the mail has not yet, then the body byte for byte.
    fn entity(&mut self, known: &Fields, head: &EntityHead, mut stream: DataStream) -> Result<bool> {
        stream.seek(SeekFrom::Start(head.body)).map_err(Error::from)?;
        if let Some(forbidden) = self.boundaries.forbidden() {
            // Inside another mail: its boundary must not occur here.
            if occurs(&forbidden, &mut stream)? {
                self.losses
                    .add(LossKind::Changed, "the sealed entity has a boundary of this mail in it; it is attached");
                return Ok(false);
            }
            stream.seek(SeekFrom::Start(head.body)).map_err(Error::from)?;
        }
        for (name, value) in &head.fields {
            if known.has(name) || name.eq_ignore_ascii_case("mime-version") {
                continue;
            }
            self.out.put(name.as_bytes())?;
            self.out.put(b":")?;
            self.out.put(value)?;
            self.out.put(b"\r\n")?;
        }
        self.out.put(b"\r\n")?;
        let copied = copy(&mut stream, &mut self.out);
        self.settle(copied)?;
        Ok(true)
    }

    /// Writes a CMS object.
    fn object(&mut self, attachment: &Attachment, mut stream: DataStream) -> Result<()> {
        let mut start = Vec::new();
        let _ = stream.by_ref().take(64).read_to_end(&mut start);
        let _ = stream.rewind();
        let stored = attachment.string(id::ATTACH_MIME_TAG).ok().flatten().unwrap_or_default();
        let kind = smime_type(&start).or_else(|| stored_smime_type(&stored));
        let mut parameters = Vec::new();
        parameters.extend(kind.map(|kind| ("smime-type", kind)));
        parameters.push(("name", "smime.p7m"));
        let mut fields = Fields::default();
        fields.parameters("Content-Type", "application/pkcs7-mime", &parameters);
        fields.parameters("Content-Disposition", "attachment", &[("filename", "smime.p7m")]);
        self.encoded(fields, |out| copy(&mut stream, out))
    }
}

/// The fields of an entity; `None` if the bytes do not begin with any.
fn entity_head(stream: &mut DataStream) -> Result<Option<EntityHead>> {
    let mut start = Vec::new();
    let read = stream.by_ref().take(LONGEST_HEAD).read_to_end(&mut start);
    stream.rewind().map_err(Error::from)?;
    if read.is_err() {
        return Ok(None);
    }
    let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
    let mut at = 0usize;
    loop {
        let Some(rest) = start.get(at..) else { return Ok(None) };
        let Some(length) = rest.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
        let line = rest.get(..length).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        at = at.saturating_add(length).saturating_add(1);
        if line.is_empty() {
            let body = u64::try_from(at).unwrap_or(u64::MAX);
            return Ok((!fields.is_empty()).then_some(EntityHead { fields, body }));
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            let Some((_, value)) = fields.last_mut() else { return Ok(None) };
            value.extend_from_slice(b"\r\n");
            value.extend_from_slice(line);
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return Ok(None) };
        let name = std::str::from_utf8(line.get(..colon).unwrap_or_default()).unwrap_or_default().trim_end();
        if !is_name(name) || line.contains(&b'\r') {
            return Ok(None);
        }
        fields.push((name.to_owned(), line.get(colon.saturating_add(1)..).unwrap_or_default().to_vec()));
    }
}

/// The smime-type parameter by the content type of a CMS object (RFC 8551 3.2.2), DER or BER.
fn smime_type(start: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 4] = [
        // 1.2.840.113549.1.7.2, .3, 1.2.840.113549.1.9.16.1.9, .23
        (&[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2], "signed-data"),
        (&[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 3], "enveloped-data"),
        (&[6, 11, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 9], "compressed-data"),
        (&[6, 11, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 23], "authEnveloped-data"),
    ];
    // SEQUENCE, its length in one to five bytes, then the object identifier.
    let rest = start.strip_prefix(&[0x30])?;
    let length = match rest.first()? {
        byte if byte & 0x80 == 0 => 1,
        byte => usize::from(byte & 0x7F).checked_add(1)?,
    };
    let rest = rest.get(length..)?;
    KINDS.iter().find(|(identifier, _)| rest.starts_with(identifier)).map(|(_, kind)| *kind)
}

/// The parameter as the stored content type has it.
fn stored_smime_type(stored: &str) -> Option<&'static str> {
    let stored = stored.to_ascii_lowercase();
    let kinds = ["signed-data", "enveloped-data", "compressed-data", "certs-only", "signed-receipt"];
    stored.contains("smime-type").then_some(())?;
    kinds.into_iter().find(|kind| stored.contains(kind))
}

/// Whether a text occurs in a stream.
fn occurs(what: &str, stream: &mut DataStream) -> Result<bool> {
    let mut finder = Finder { what: what.as_bytes(), window: Vec::new(), found: false };
    copy(stream, &mut finder)?;
    Ok(finder.found)
}

struct Finder<'a> {
    what: &'a [u8],
    window: Vec<u8>,
    found: bool,
}

impl Write for Finder<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.window.extend_from_slice(bytes);
        self.found |= self.window.windows(self.what.len().max(1)).any(|window| window == self.what);
        let kept = self.what.len().saturating_sub(1).min(self.window.len());
        self.window.drain(..self.window.len().saturating_sub(kept));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(bytes: &[u8]) -> Option<(Vec<String>, u64)> {
        let head = entity_head(&mut DataStream::from_bytes(bytes.to_vec())).unwrap()?;
        Some((head.fields.iter().map(|(name, _)| name.clone()).collect(), head.body))
    }

    #[test]
    fn heads_of_entities() {
        let text = b"Content-Type: multipart/signed;\r\n\tboundary=x\r\nMIME-Version: 1.0\r\n\r\n--x\r\n";
        assert_eq!(head(text), Some((vec!["Content-Type".to_owned(), "MIME-Version".to_owned()], 67)));
        assert_eq!(head(b"A: 1\n\nbody"), Some((vec!["A".to_owned()], 6)));
        for bad in [b"".as_slice(), b"\r\nbody", b"0\x82\x01", b"A: 1\r\n", b" folded\r\n\r\n", b"A: 1\rB: 2\n\n"] {
            assert_eq!(head(bad), None);
        }
    }

    #[test]
    fn kinds_of_objects() {
        let signed = [0x30, 0x80, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2, 0xA0];
        assert_eq!(smime_type(&signed), Some("signed-data"));
        let enveloped = [0x30, 0x82, 1, 2, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 3];
        assert_eq!(smime_type(&enveloped), Some("enveloped-data"));
        assert_eq!(smime_type(b"text"), None);
        assert_eq!(stored_smime_type("application/x-pkcs7-mime;smime-type=Certs-Only"), Some("certs-only"));
    }

    #[test]
    fn a_text_is_found_across_pieces() {
        for before in 0..40_000 {
            if before % 997 == 0 || (32_760..32_775).contains(&before) {
                let bytes = [vec![b'-'; before], b"=_mark".to_vec()].concat();
                assert!(occurs("=_mark", &mut DataStream::from_bytes(bytes)).unwrap(), "{before}");
            }
        }
        assert!(!occurs("=_mark", &mut DataStream::from_bytes(b"=_mar".to_vec())).unwrap());
    }
}
