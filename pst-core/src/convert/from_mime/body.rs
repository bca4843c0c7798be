//! Bodies: text, and HTML in its own code page (MS-OXCMAIL 2.2.3.3.2, MS-OXBBODY).

use std::borrow::Cow;

use super::Conversion;
use super::headers::crlf;
use super::structure::{File, Plan};
use crate::convert::LossKind;
use crate::ltp::id;
use crate::mime::Part;
use crate::text::CodePage;
use crate::write::{MessageDraft, Target};

/// PidTagNativeBody: plain text, HTML.
const NATIVE_TEXT: i32 = 1;
const NATIVE_HTML: i32 = 3;

/// Bodies are held in memory; larger ones become files, which are not.
const MOST_BODY: usize = 64 << 20;

impl<T: Target> Conversion<'_, T> {
    /// Sets the bodies of a plan; those that are too large move to its files.
    pub(super) fn bodies(&mut self, plan: &mut Plan<'_>, draft: &mut MessageDraft) {
        for place in [&mut plan.text, &mut plan.html] {
            if let Some(part) = place.take_if(|part| part.body().len() > MOST_BODY) {
                self.lose_of(&part, LossKind::TooLarge, "too large for a body; it is attached");
                plan.files.push(File { part, related: false });
            }
        }
        if let Some(part) = plan.text {
            self.text(&part, draft, plan.html.is_none());
            self.rest_of(&part, true);
        }
        if let Some(part) = plan.html {
            self.html(&part, draft);
            self.rest_of(&part, true);
        }
    }

    fn text(&mut self, part: &Part<'_>, draft: &mut MessageDraft, is_best: bool) {
        let read = part.read_text();
        for finding in &read.findings {
            self.lose_of(part, LossKind::Changed, format!("{finding}"));
        }
        let text = self.clean(&read.text, "the text");
        draft.body(&crlf(&text));
        if is_best {
            let page = internet_code_page(part, read.code_page, text.is_ascii());
            draft.properties().integer32(id::INTERNET_CODEPAGE, page).integer32(id::NATIVE_BODY, NATIVE_TEXT);
        }
    }

    /// **HTML stays the bytes it is**, unless their code page is none that programs expect in this property.
    fn html(&mut self, part: &Part<'_>, draft: &mut MessageDraft) {
        let content = part.content();
        for finding in &content.findings {
            self.lose_of(part, LossKind::Changed, format!("{finding}"));
        }
        let read = part.read_text();
        let is_odd = read.findings.len() > content.findings.len();
        // UTF-7 and UTF-16 are legal nowhere else; text in a guessed page is safer in one that is no guess.
        let keep = !matches!(read.code_page.number(), 1200 | 1201 | 65000) && !is_odd;
        if keep {
            let page = internet_code_page(part, read.code_page, content.bytes.is_ascii());
            draft.html_bytes(content.bytes.into_owned(), page);
        } else {
            for finding in read.findings.iter().skip(content.findings.len()) {
                self.lose_of(part, LossKind::Changed, format!("{finding}"));
            }
            if !is_odd {
                self.lose_of(part, LossKind::Changed, format!("{} became UTF-8", read.code_page));
            }
            let text: Cow<'_, str> = read.text;
            draft.html(text.trim_start_matches('\u{FEFF}'));
        }
        draft.properties().integer32(id::NATIVE_BODY, NATIVE_HTML);
    }
}

/// PidTagInternetCodepage: the page as labelled, where what is labelled and what was read are the same for these bytes.
fn internet_code_page(part: &Part<'_>, read: CodePage, is_ascii: bool) -> i32 {
    let label = part.charset().unwrap_or("us-ascii").to_ascii_lowercase();
    let page = match label.as_str() {
        "us-ascii" | "ascii" | "ansi_x3.4-1968" if is_ascii => CodePage::US_ASCII,
        // The web reads these as windows-1252 and windows-1254; that matters for 0x80 to 0x9F only.
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "l1" if !has_c1(part) => CodePage::new(28591),
        "iso-8859-9" | "iso8859-9" | "iso_8859-9" | "latin5" | "l5" if !has_c1(part) => CodePage::new(28599),
        _ => read,
    };
    i32::from(page.number())
}

fn has_c1(part: &Part<'_>) -> bool {
    part.decoded().iter().any(|byte| (0x80..0xA0).contains(byte))
}
