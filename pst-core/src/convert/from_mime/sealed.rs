//! S/MIME (MS-OXOSMIME 2.1.3): one attachment that holds all, byte for byte.

use std::io::Read;

use super::Conversion;
use super::structure::Plan;
use crate::Result;
use crate::convert::LossKind;
use crate::ltp::id;
use crate::messaging::{PropertyName, PropertySet};
use crate::mime::{Mail, Part};
use crate::write::{AttachmentDraft, MessageDraft, Target};

/// PidTagNativeBody of a clear-signed message.
const NATIVE_CLEAR_SIGNED: i32 = 4;

/// How a message is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seal {
    /// multipart/signed: everybody can read it, and nobody may change it.
    Clear,
    /// A CMS object: encrypted, or signed so that only programs that know CMS can read it.
    Opaque,
}

impl Seal {
    /// How a message is sealed as a whole; `None` if it is not.
    pub(crate) fn of(root: &Part<'_>) -> Option<Self> {
        let kind = root.content_type();
        if kind.is("multipart", "signed") {
            return root.is_multipart().then_some(Self::Clear);
        }
        let is_cms = kind.kind == "application"
            && match kind.subtype.as_str() {
                "pkcs7-mime" | "x-pkcs7-mime" => true,
                "octet-stream" => root.file_name().is_some_and(|name| name.to_ascii_lowercase().ends_with(".p7m")),
                _ => false,
            };
        // Certificates alone and compressed mail are files.
        let is_other = kind
            .parameter("smime-type")
            .is_some_and(|kind| ["certs-only", "compressed-data"].contains(&kind.to_ascii_lowercase().as_str()));
        (is_cms && !is_other).then_some(Self::Opaque)
    }
}

impl<T: Target> Conversion<'_, T> {
    /// Sets body and attachment of a sealed message.
    pub(super) fn sealed(&mut self, mail: &Mail<'_>, seal: Seal, draft: &mut MessageDraft) -> Result<()> {
        let root = mail.root();
        match seal {
            Seal::Clear => {
                // The body is that of the signed part, for searching and for programs that know no signatures.
                if let Some(content) = root.children().next() {
                    let mut plan = Plan::of(content);
                    self.bodies(&mut plan, draft)?;
                    draft.properties().integer32(id::NATIVE_BODY, NATIVE_CLEAR_SIGNED);
                }
                let head = content_headers(mail);
                let data = self.out.data(head.as_slice().chain(root.body()))?;
                draft.attach(AttachmentDraft::file("SMIME.p7m", data).mime("multipart/signed"));
            }
            Seal::Opaque => {
                let mut reader = root.reader();
                let data = self.out.data(&mut reader)?;
                if reader.damage() > 0 {
                    self.lose(LossKind::Changed, format!("the sealed content: {} passed over", reader.damage()));
                }
                let name = root.file_name().map(super::file_name::clean).filter(|name| !name.is_empty());
                let attachment = AttachmentDraft::file(name.as_deref().unwrap_or("SMIME.p7m"), data);
                draft.attach(attachment.mime(&root.content_type().essence()));
                // With its parameters, which say what kind of CMS it is.
                if let Some(header) = mail.header("Content-Type") {
                    let set = PropertySet::from_guid(crate::Guid::PS_INTERNET_HEADERS);
                    let name = PropertyName::String("Content-Type".to_owned());
                    let property = self.out.named_property(set, name)?;
                    let text = self.clean(header.unfolded().trim(), "Content-Type");
                    draft.properties().text(property, text);
                }
            }
        }
        Ok(())
    }
}

/// The fields of a message that describe its content, as they stand, and the empty line.
pub(crate) fn content_headers(mail: &Mail<'_>) -> Vec<u8> {
    let root = mail.root();
    let mut out = Vec::new();
    for header in root.headers() {
        if header.name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("Content-")) {
            out.extend_from_slice(mail.bytes().get(header.range()).unwrap_or_default());
        }
    }
    out.extend_from_slice(mail.bytes().get(root.header_range().end..root.body_range().start).unwrap_or_default());
    out
}
