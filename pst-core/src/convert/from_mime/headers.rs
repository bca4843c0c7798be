//! Header fields that have a property of their own (MS-OXCMAIL 2.2.3.1, 2.2.3.2).

use std::collections::HashSet;

use encodify::base64;

use super::Conversion;
use super::marks::{self, Marks};
use crate::Result;
use crate::convert::LossKind;
use crate::ltp::id;
use crate::messaging::{PropertyName, PropertySet};
use crate::mime::{FindingKind, Mail};
use crate::write::{MessageDraft, Target};

const EXPIRY_TIME: u16 = 0x0015;
const IMPORTANCE: u16 = 0x0017;
const PRIORITY: u16 = 0x0026;
const REPLY_TIME: u16 = 0x0030;
const SENSITIVITY: u16 = 0x0036;
const CONVERSATION_INDEX: u16 = 0x0071;
const LIST_HELP: u16 = 0x1043;
const LIST_SUBSCRIBE: u16 = 0x1044;
const LIST_UNSUBSCRIBE: u16 = 0x1045;
const AUTO_RESPONSE_SUPPRESS: u16 = 0x3FDF;

impl<T: Target> Conversion<'_, T> {
    /// The fields of a mail, senders and recipients aside.
    pub(super) fn fields(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) -> Result<()> {
        self.transport_headers(mail, draft);
        if let Some(subject) = mail.subject() {
            let subject = self.clean(&subject, "Subject");
            draft.subject(&subject);
        }
        // Ids keep their brackets and what stands beside them (2.2.3.1.3 and on).
        let texts = [
            ("Message-ID", id::INTERNET_MESSAGE_ID),
            ("In-Reply-To", id::IN_REPLY_TO_ID),
            ("References", id::INTERNET_REFERENCES),
            ("Thread-Topic", id::CONVERSATION_TOPIC),
            ("List-Help", LIST_HELP),
            ("List-Subscribe", LIST_SUBSCRIBE),
            ("List-Unsubscribe", LIST_UNSUBSCRIBE),
        ];
        for (name, property) in texts {
            if let Some(text) = mail.header_text(name).filter(|text| !text.trim().is_empty()) {
                let text = self.clean(&text, name);
                draft.properties().text(property, text);
            }
        }
        self.dates(mail, draft);
        self.levels(mail, draft);
        self.thread_index(mail, draft);
        self.keywords(mail, draft)?;
        self.flags(mail, draft)
    }

    /// All headers as they stand, lines ended with CRLF.
    fn transport_headers(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) {
        let raw = mail.root().raw_headers();
        if raw.is_empty() {
            return;
        }
        let text = match std::str::from_utf8(raw) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                self.lose(LossKind::Changed, "headers with bytes above 0x7F are kept as the text they were read as");
                // Field by field: what is no field is ASCII, or nobody knows what.
                let mut text = String::with_capacity(raw.len());
                let mut at = mail.root().header_range().start;
                for header in mail.headers() {
                    text.push_str(&String::from_utf8_lossy(mail.bytes().get(at..header.start).unwrap_or_default()));
                    let field = mail.bytes().get(header.range()).unwrap_or_default();
                    text.push_str(&header.guess(field));
                    at = header.end;
                }
                let rest = mail.bytes().get(at..mail.root().header_range().end).unwrap_or_default();
                text.push_str(&String::from_utf8_lossy(rest));
                text
            }
        };
        let text = crlf(&self.clean(&text, "headers"));
        draft.headers(&text);
    }

    fn dates(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) {
        let received = mail.header("Received").and_then(|header| header.date());
        let dates = [
            ("Date", id::CLIENT_SUBMIT_TIME, mail.date()),
            ("Received", id::MESSAGE_DELIVERY_TIME, received),
            ("Expires", EXPIRY_TIME, mail.header("Expires").and_then(|header| header.date())),
            ("Expiry-Date", EXPIRY_TIME, mail.header("Expiry-Date").and_then(|header| header.date())),
            ("Reply-By", REPLY_TIME, mail.header("Reply-By").and_then(|header| header.date())),
        ];
        for (name, property, date) in dates {
            match date.and_then(|date| date.to_file_time()) {
                Some(time) => {
                    draft.properties().time(property, time);
                }
                // A Received without a date is common, and no date of the message.
                None if name != "Received" && mail.header(name).is_some() => {
                    self.lose(LossKind::NoPlace, format!("{name}: no date can be read"));
                }
                None => {}
            }
        }
    }

    /// Importance, priority, sensitivity (2.2.3.2.4 and on). A word nobody knows is in the headers only.
    fn levels(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) {
        let word = |name: &str| mail.header_text(name).map(|text| text.trim().to_ascii_lowercase());
        let level = |name: &str, words: &[(&str, i32)]| {
            let said = word(name)?;
            // `X-Priority: 1 (Highest)`
            let first = said.split([' ', '(']).next().unwrap_or_default();
            words.iter().find(|(known, _)| *known == first).map(|(_, value)| *value)
        };
        let three = [("low", 0), ("normal", 1), ("high", 2)];
        let importance = level("Importance", &three)
            .or_else(|| level("X-Priority", &[("5", 0), ("4", 0), ("3", 1), ("2", 2), ("1", 2)]))
            .or_else(|| level("X-MSMail-Priority", &three))
            .or_else(|| level("Priority", &[("non-urgent", 0), ("normal", 1), ("urgent", 2)]));
        let priority = level("Priority", &[("non-urgent", -1), ("normal", 0), ("urgent", 1)]);
        let sensitivity =
            level("Sensitivity", &[("normal", 0), ("personal", 1), ("private", 2), ("company-confidential", 3)]);
        for (property, value) in [(IMPORTANCE, importance), (PRIORITY, priority), (SENSITIVITY, sensitivity)] {
            if let Some(value) = value {
                draft.properties().integer32(property, value);
            }
        }
        let suppress = mail.header_text("X-Auto-Response-Suppress").map(|text| {
            text.split(',').fold(0, |bits, word| {
                bits | match word.trim().to_ascii_lowercase().as_str() {
                    "dr" => 0x01,
                    "ndr" => 0x02,
                    "rn" => 0x04,
                    "nrn" => 0x08,
                    "oof" => 0x10,
                    "autoreply" => 0x20,
                    "all" => -1,
                    _ => 0,
                }
            })
        });
        if let Some(bits) = suppress.filter(|bits| *bits != 0) {
            draft.properties().integer32(AUTO_RESPONSE_SUPPRESS, bits);
        }
    }

    /// Thread-Index: base64 of 22 bytes and 5 for each answer (MS-OXOMSG 2.2.1.3).
    fn thread_index(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) {
        let Some(header) = mail.header("Thread-Index") else { return };
        let text: String = header.unfolded().split_whitespace().collect();
        match base64::LENIENT.decode(&text) {
            Ok(index) if index.len() >= 22 => {
                draft.properties().binary(CONVERSATION_INDEX, index);
            }
            _ => self.lose(LossKind::NoPlace, "Thread-Index: not one"),
        }
    }

    /// Keywords become categories (2.2.3.2.8), and so do those that programs keep in fields of their own.
    fn keywords(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) -> Result<()> {
        let mut words: Vec<String> = Vec::new();
        for header in mail.headers().filter(|header| header.is("Keywords")) {
            let text = self.clean(&header.text(), "Keywords");
            let found = text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned);
            words.extend(found.take(1000_usize.saturating_sub(words.len())));
        }
        let more = marks::words(mail).iter().map(|word| self.clean(word, "keywords")).collect::<Vec<_>>();
        words.extend(more.into_iter().take(1000_usize.saturating_sub(words.len())));
        let mut known = HashSet::new();
        words.retain(|word| known.insert(word.to_lowercase()));
        let name = PropertyName::String("Keywords".to_owned());
        if !words.is_empty()
            && let Some(property) = self.named(PropertySet::PublicStrings, name)?
        {
            draft.properties().texts(property, &words);
        }
        Ok(())
    }

    /// What became of it where it was kept, and a flag with its text.
    fn flags(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) -> Result<()> {
        /// PidLidFlagRequest, in PSETID_Common.
        const FLAG_REQUEST: u32 = 0x8530;
        let marks = Marks::of_mail(mail);
        marks.set(draft);
        if marks.deleted {
            self.lose(LossKind::NoPlace, "it is marked as deleted");
        }
        if let Some(text) = mail.header_text("X-Message-Flag").filter(|text| !text.trim().is_empty()) {
            let text = self.clean(&text, "X-Message-Flag");
            let set = PropertySet::from_guid(crate::Guid::PSETID_COMMON);
            if let Some(property) = self.named(set, PropertyName::Number(FLAG_REQUEST))? {
                draft.properties().text(property, text);
            }
        }
        Ok(())
    }

    /// What stands around the message in its file.
    pub(super) fn surroundings(&mut self, mail: &Mail<'_>) {
        if mail.envelope_line().is_some() {
            self.lose(LossKind::NoPlace, "the `From ` line of the mbox");
        }
        if mail.property_list().is_some() {
            self.lose(LossKind::NoPlace, "the property list of Apple Mail");
        }
        let truncating = [
            FindingKind::TooManyHeaders,
            FindingKind::TooManyParts,
            FindingKind::TooDeep,
            FindingKind::TooManyAddresses,
            FindingKind::TooManyParameters,
        ];
        for finding in mail.findings().iter().filter(|finding| truncating.contains(&finding.kind)) {
            self.lose(LossKind::TooLarge, format!("{finding}"));
        }
    }
}

/// Text with every line end as CRLF.
pub(super) fn crlf(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(text.len() / 32));
    let mut rest = text;
    while let Some(at) = rest.find(['\r', '\n']) {
        let (line, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(line);
        out.push_str("\r\n");
        rest = after.strip_prefix("\r\n").or_else(|| after.get(1..)).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends() {
        assert_eq!(crlf("a\nb\r\nc\rd\n\n"), "a\r\nb\r\nc\r\nd\r\n\r\n");
        assert_eq!(crlf(""), "");
    }
}
