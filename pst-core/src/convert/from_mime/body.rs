//! Bodies: text, and HTML in its own code page (MS-OXCMAIL 2.2.3.3.2, MS-OXBBODY).

use super::Conversion;
use super::headers::crlf;
use super::structure::{File, Plan};
use crate::Result;
use crate::convert::LossKind;
use crate::ltp::{PropertyTag, PropertyType, id};
use crate::mime::{Finding, FindingKind, Part, TransferEncoding};
use crate::text::{CodePage, utf16};
use crate::write::{MessageDraft, Target};

/// PidTagNativeBody: plain text, HTML.
const NATIVE_TEXT: i32 = 1;
const NATIVE_HTML: i32 = 3;

/// Bodies are read in memory; larger ones become files, which are not.
const MOST_BODY: usize = 64 << 20;

/// How many times its size a uuencoded body may become: two bytes make a line of 45 zeros.
const UU_GROWTH: usize = 23;

/// Text beyond this waits in the file for its message, as HTML does.
const IN_MEMORY: usize = 64 << 10;

impl<T: Target> Conversion<'_, T> {
    /// Sets the bodies of a plan; those that are too large move to its files.
    pub(super) fn bodies(&mut self, plan: &mut Plan<'_>, draft: &mut MessageDraft) -> Result<()> {
        for place in [&mut plan.text, &mut plan.html] {
            let size = |part: &Part<'_>| match part.encoding() {
                TransferEncoding::UuEncode => part.body().len().saturating_mul(UU_GROWTH),
                _ => part.body().len(),
            };
            if let Some(part) = place.take_if(|part| size(part) > MOST_BODY) {
                self.lose_of(&part, LossKind::TooLarge, "too large for a body; it is attached");
                plan.files.push(File { part, related: false });
            }
        }
        if let Some(part) = plan.text {
            self.text(&part, draft, plan.html.is_none())?;
            self.rest_of(&part, true);
        }
        if let Some(part) = plan.html {
            self.html(&part, draft)?;
            self.rest_of(&part, true);
        }
        Ok(())
    }

    fn text(&mut self, part: &Part<'_>, draft: &mut MessageDraft, is_best: bool) -> Result<()> {
        if part.content_type().is_multipart() {
            self.lose_of(part, LossKind::Changed, "cannot be taken apart; all of it is the text");
        }
        let read = part.read_text();
        self.damage(part, &read.findings);
        let text = crlf(&self.clean(&read.text, "the text"));
        let is_ascii = text.is_ascii();
        if self.out.ansi_code_page().is_some() || text.len() < IN_MEMORY {
            draft.body(&text);
        } else {
            let data = self.out.data(utf16::encode(&text).as_slice())?;
            draft.properties().data(PropertyTag::from_parts(id::BODY, PropertyType::STRING), data);
        }
        if is_best {
            let page = i32::from(internet_code_page(part, read.code_page, is_ascii).number());
            draft.properties().integer32(id::INTERNET_CODEPAGE, page).integer32(id::NATIVE_BODY, NATIVE_TEXT);
        }
        Ok(())
    }

    /// **HTML stays the bytes it is**, unless their code page is none that programs expect in this property.
    fn html(&mut self, part: &Part<'_>, draft: &mut MessageDraft) -> Result<()> {
        let read = part.read_text();
        // Characters that cannot be read are still in the bytes.
        let findings = read.findings.iter().filter(|finding| finding.kind != FindingKind::Characters).cloned();
        self.damage(part, &findings.collect::<Vec<_>>());
        if matches!(read.code_page.number(), 1200 | 1201 | 65000) {
            self.lose_of(part, LossKind::Changed, format!("{} became UTF-8", read.code_page));
            let data = self.out.data(read.text.trim_start_matches('\u{FEFF}').as_bytes())?;
            draft.html_bytes(data, CodePage::UTF_8);
        } else {
            let bytes = part.decoded();
            let page = internet_code_page(part, read.code_page, bytes.is_ascii());
            let data = self.out.data(&*bytes)?;
            draft.html_bytes(data, page);
        }
        draft.properties().integer32(id::NATIVE_BODY, NATIVE_HTML);
        Ok(())
    }

    fn damage(&mut self, part: &Part<'_>, findings: &[Finding]) {
        for finding in findings {
            let kind = if finding.kind == FindingKind::Characters { LossKind::Characters } else { LossKind::Changed };
            self.lose_of(part, kind, format!("{finding}"));
        }
    }
}

/// PidTagInternetCodepage: the page as labelled, where what is labelled and what was read are the same for these bytes.
fn internet_code_page(part: &Part<'_>, read: CodePage, is_ascii: bool) -> CodePage {
    let label = part.charset().unwrap_or("us-ascii").to_ascii_lowercase();
    match label.as_str() {
        "us-ascii" | "ascii" | "ansi_x3.4-1968" if is_ascii => CodePage::US_ASCII,
        // The web reads these as windows-1252 and windows-1254; that matters for 0x80 to 0x9F only.
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "l1" if read.number() == 1252 && !has_c1(part) => {
            CodePage::new(28591)
        }
        "iso-8859-9" | "iso8859-9" | "iso_8859-9" | "latin5" | "l5" if read.number() == 1254 && !has_c1(part) => {
            CodePage::new(28599)
        }
        _ => read,
    }
}

fn has_c1(part: &Part<'_>) -> bool {
    part.decoded().iter().any(|byte| (0x80..0xA0).contains(byte))
}
