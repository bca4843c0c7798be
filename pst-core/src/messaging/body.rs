//! Bodies of a message: HTML and RTF as stored.

use std::borrow::Cow;

use crate::ltp::{PropertyTag, PropertyType};
use crate::rtf::lzfu;
use crate::source::Bytes;
use crate::text::{CodePage, CodePageChoice, CodePageSource, utf16};
use crate::{Error, ErrorKind, Result};

/// PidTagHtml: the HTML body as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Html<'a> {
    /// Id and type: **PtypBinary in Unicode stores, PtypString8 in ANSI stores**.
    pub tag: PropertyTag,
    /// The stored bytes, without one trailing NUL of a text type.
    pub bytes: Bytes<'a>,
    /// The code page of the bytes and who named it; `None` for PtypString, which is UTF-16LE.
    pub code_page: Option<CodePageChoice>,
}

impl<'a> Html<'a> {
    pub(crate) fn new(
        tag: PropertyTag,
        stored: Bytes<'a>,
        internet: Option<CodePage>,
        item: impl FnOnce() -> CodePageChoice,
    ) -> Self {
        let text = match tag.kind() {
            PropertyType::STRING => utf16::trim_one_nul(&stored).len(),
            PropertyType::STRING8 => crate::text::string8::trim_one_nul(&stored).len(),
            _ => stored.len(),
        };
        let bytes = stored.part(0..text).unwrap_or(stored);
        let code_page = (tag.kind() != PropertyType::STRING).then(|| code_page(&bytes, internet, item));
        Self { tag, bytes, code_page }
    }

    /// The HTML as text; what has no character becomes U+FFFD.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        match self.code_page {
            None => Cow::Owned(utf16::decode_lossy(&self.bytes)),
            Some(choice) => crate::ltp::decode_string8(choice, &self.bytes).text,
        }
    }
}

/// The code page of HTML: the property first, as servers transcode bodies and leave their meta tag alone; then a byte
/// order mark, the meta tag, UTF-8 if it is valid, and what the item's other text is in.
///
/// The beginning of long HTML is enough.
pub(crate) fn code_page(
    html: &[u8],
    internet: Option<CodePage>,
    item: impl FnOnce() -> CodePageChoice,
) -> CodePageChoice {
    let choice = item();
    if choice.source == CodePageSource::Caller {
        return choice;
    }
    // Text in 8-bit bytes, as HTML with a readable tag is, cannot be UTF-16, whatever is said.
    let utf16 = |page: &CodePage| matches!(page.number(), 1200 | 1201);
    let is_utf16 = html.get(..2).is_some_and(|start| start.contains(&0));
    if let Some(page) = internet.filter(|page| page.is_supported() && (is_utf16 || !utf16(page))) {
        return CodePageChoice { page, source: CodePageSource::Internet };
    }
    let found = |page| CodePageChoice { page, source: CodePageSource::Content };
    match html {
        [0xEF, 0xBB, 0xBF, ..] => return found(CodePage::UTF_8),
        [0xFF, 0xFE, ..] => return found(CodePage::new(1200)),
        [0xFE, 0xFF, ..] => return found(CodePage::new(1201)),
        _ => {}
    }
    if let Some(page) = meta_charset(html) {
        return found(if utf16(&page) { CodePage::UTF_8 } else { page });
    }
    if !html.is_ascii() && std::str::from_utf8(html).is_ok() {
        return found(CodePage::UTF_8);
    }
    choice
}

/// The charset a meta tag names in the first KiB.
fn meta_charset(html: &[u8]) -> Option<CodePage> {
    let head = html.get(..html.len().min(1024))?.to_ascii_lowercase();
    let at = head.windows(8).position(|window| window == b"charset=")?.checked_add(8)?;
    let label = head.get(at..)?;
    let label = label.strip_prefix(b"\"").or_else(|| label.strip_prefix(b"'")).unwrap_or(label);
    let end =
        label.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"-_:.".contains(byte))).unwrap_or(label.len());
    CodePage::from_name(std::str::from_utf8(label.get(..end)?).ok()?)
}

/// PidTagRtfCompressed: the RTF body, decompressed, and what was noticed on the way.
#[derive(Clone, Debug)]
pub struct Rtf {
    /// The RTF as its writer had it, a trailing NUL included.
    pub bytes: Vec<u8>,
    /// Sizes, CRC and end marker. **A wrong CRC or size is a warning**: the text is there all the same.
    pub report: lzfu::Report,
}

impl Rtf {
    pub(crate) fn decompress(stored: &[u8], limit: u64) -> Result<Self> {
        const STRUCTURE: &str = "compressed RTF";
        let lzfu::Decompressed { bytes, report } = lzfu::decompress(stored, limit).map_err(|error| match error {
            lzfu::LzfuError::Truncated { have } => Error::truncated(STRUCTURE, have, lzfu::HEADER_LEN),
            lzfu::LzfuError::UnknownKind(kind) => {
                Error::corrupt(STRUCTURE, "COMPTYPE", format_args!("{kind:#010x}"), "LZFu or MELA")
            }
            lzfu::LzfuError::Limit { limit } => Error::limit(STRUCTURE, "RAWSIZE", "larger", limit),
        })?;
        Ok(Self { bytes, report })
    }

    /// What is odd about the stream, in words; empty for most.
    pub fn warnings(&self) -> Vec<lzfu::Warning> {
        self.report.warnings()
    }

    /// The first warning as an error, for callers that want none.
    ///
    /// # Errors
    /// `Checksum` for a wrong CRC, `Corrupt` for a wrong size or a missing end.
    pub fn strict(self) -> Result<Self> {
        match self.warnings().into_iter().next() {
            None => Ok(self),
            Some(warning) => {
                let kind = match warning {
                    lzfu::Warning::Crc { .. } => ErrorKind::Checksum,
                    _ => ErrorKind::Corrupt,
                };
                Err(Error::text(kind, "compressed RTF", warning.to_string()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_of(html: &[u8], internet: Option<u16>) -> CodePageChoice {
        code_page(html, internet.map(CodePage::new), || CodePageChoice {
            page: CodePage::WINDOWS_1252,
            source: CodePageSource::Default,
        })
    }

    #[test]
    fn the_property_comes_before_the_meta_tag() {
        let html = b"<meta charset=\"iso-8859-2\">";
        assert_eq!(page_of(html, Some(65001)).page, CodePage::UTF_8);
        assert_eq!(page_of(html, None).page, CodePage::new(28592));
        assert_eq!(page_of(b"<meta content='text/html; charset=shift_jis'>", None).page, CodePage::new(932));
        assert_eq!(page_of(b"\xEF\xBB\xBFx", None).page, CodePage::UTF_8);
        assert_eq!(page_of("grün".as_bytes(), None).page, CodePage::UTF_8);
        assert_eq!(page_of(b"gr\xFCn", None).source, CodePageSource::Default);
        // What can be read as a tag is not UTF-16.
        assert_eq!(page_of(b"<meta charset=utf-16>", None).page, CodePage::UTF_8);
        assert_eq!(page_of(b"<p>gr\xFCn", Some(1200)).page, CodePage::WINDOWS_1252);
        assert_eq!(page_of(b"<\0p\0>\0", Some(1200)).page, CodePage::new(1200));
        assert_eq!(page_of(b"<meta charset=koi8-r>", None).source, CodePageSource::Content);
        let caller = CodePageChoice { page: CodePage::new(932), source: CodePageSource::Caller };
        assert_eq!(code_page(b"<meta charset=koi8-r>", Some(CodePage::UTF_8), || caller), caller);
    }
}
