//! Fields that are neither people nor dates nor identity: threads, ratings, lists, categories, and named properties that are
//! header fields (MS-OXCMAIL 2.1.3.2).

use encodify::base64;

use super::dates;
use super::field::is_name;
use super::headers::Builder;
use super::losses::Losses;
use crate::Guid;
use crate::convert::LossKind;
use crate::ltp::{PropertyType, id};
use crate::messaging::{PropertyName, PropertySet};

const CONVERSATION_INDEX: u16 = 0x0071;

impl Builder<'_, '_> {
    /// Everything that is neither a person nor a date nor an identity.
    pub(super) fn rest(&mut self) {
        for (property, name) in [(id::IN_REPLY_TO_ID, "In-Reply-To"), (id::INTERNET_REFERENCES, "References")] {
            if self.fields.has(name) {
                continue;
            }
            if let Some(text) = self.item.text(property, self.losses) {
                let words: Vec<&str> = text.split_whitespace().collect();
                if words.iter().all(|word| word.len() < 900 && word.bytes().all(|byte| byte.is_ascii_graphic())) {
                    self.fields.words(name, words);
                } else {
                    self.losses.add(LossKind::Changed, format!("{name}: not all of it is message ids"));
                    self.fields.text(&format!("X-Original-{name}"), &text);
                }
            }
        }
        if self.has_topic_of_its_own() {
            self.text_field(id::CONVERSATION_TOPIC, "Thread-Topic");
        }
        if !self.fields.has("Thread-Index")
            && let Some(index) = self.item.bytes(CONVERSATION_INDEX, self.losses)
        {
            let text = base64::STANDARD.encode(&index);
            // Space within base64 means nothing, so that a long one can be folded.
            self.fields
                .words("Thread-Index", text.as_bytes().chunks(60).filter_map(|piece| std::str::from_utf8(piece).ok()));
        }
        self.ratings();
        let keywords = self.keywords();
        if !keywords.is_empty() && !self.fields.has("Keywords") {
            self.fields.text("Keywords", &keywords.join(", "));
        }
        for (property, name) in [(0x1043, "List-Help"), (0x1044, "List-Subscribe"), (0x1045, "List-Unsubscribe")] {
            self.text_field(property, name);
        }
        for (property, name) in [(0x0015, "Expiry-Date"), (0x0030, "Reply-By")] {
            if !self.fields.has(name)
                && let Some(time) = self.item.time(property, self.losses)
            {
                self.fields.date(name, time);
            }
        }
        if let Some(property) = self.item.numbered(Guid::PSETID_COMMON, 0x8530) {
            self.text_field(property, "X-Message-Flag");
        }
        self.classification();
        self.named_headers();
        if dates::is_draft(self.item, self.losses) {
            self.fields.token("X-Unsent", "1");
        }
    }

    fn text_field(&mut self, property: u16, name: &str) {
        if !self.fields.has(name)
            && let Some(text) = self.item.text(property, self.losses)
        {
            self.fields.text(name, &text);
        }
    }

    pub(super) fn keywords(&mut self) -> Vec<String> {
        match self.item.named(Guid::PS_PUBLIC_STRINGS, "Keywords") {
            Some(property) => self.item.texts(property, self.losses),
            None => Vec::new(),
        }
    }

    /// Whether the topic says more than the subject, from which stores make it of mails that came without one.
    fn has_topic_of_its_own(&mut self) -> bool {
        let topic = self.item.text(id::CONVERSATION_TOPIC, self.losses).unwrap_or_default();
        let subject = self.subject_parts();
        let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
        !self.came || subject.is_none_or(|subject| words(&subject) != words(&topic))
    }

    /// Importance, priority, sensitivity, and what answers are not wanted. The usual value needs no field.
    fn ratings(&mut self) {
        const PRIORITY: u16 = 0x0026;
        const AUTO_RESPONSE_SUPPRESS: u16 = 0x3FDF;
        // A mail that came with one of these says it in the words of its writer.
        let is_said =
            self.came && ["Importance", "X-Priority", "X-MSMail-Priority"].iter().any(|name| self.fields.has(name));
        let mut add = |property: u16, table: &[(i64, &str, &str)]| {
            let Some(number) = self.item.integer(property, self.losses) else { return };
            let is_said = is_said && property == id::IMPORTANCE;
            for (_, name, value) in table.iter().filter(|(known, ..)| *known == number && !is_said) {
                if !self.fields.has(name) {
                    self.fields.token(name, value);
                }
            }
        };
        add(
            id::IMPORTANCE,
            &[(0, "Importance", "low"), (0, "X-Priority", "5"), (2, "Importance", "high"), (2, "X-Priority", "1")],
        );
        add(PRIORITY, &[(-1, "Priority", "non-urgent"), (1, "Priority", "urgent")]);
        add(
            id::SENSITIVITY,
            &[
                (1, "Sensitivity", "personal"),
                (2, "Sensitivity", "private"),
                (3, "Sensitivity", "company-confidential"),
            ],
        );
        const BITS: [(i64, &str); 6] =
            [(0x01, "DR"), (0x02, "NDR"), (0x04, "RN"), (0x08, "NRN"), (0x10, "OOF"), (0x20, "AutoReply")];
        const NAME: &str = "X-Auto-Response-Suppress";
        if let Some(bits) = self.item.integer(AUTO_RESPONSE_SUPPRESS, self.losses).filter(|bits| *bits != 0)
            && !self.fields.has(NAME)
        {
            let names: Vec<&str> = BITS.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
            let text = if bits == -1 { "All".to_owned() } else { names.join(", ") };
            self.fields.token(NAME, &text);
        }
    }

    /// MS-OXCMAIL 2.1.3.2.17.
    fn classification(&mut self) {
        let property = |number| self.item.numbered(Guid::PSETID_COMMON, number);
        let [classified, text, description, guid, keep] = [0x85B5, 0x85B6, 0x85B7, 0x85B8, 0x85BA].map(property);
        let truth = |property: Option<u16>, losses: &mut Losses| property.is_some_and(|id| self.item.truth(id, losses));
        if !truth(classified, self.losses) || self.fields.has("X-Microsoft-Classified") {
            return;
        }
        self.fields.token("X-Microsoft-Classified", "true");
        if truth(keep, self.losses) {
            self.fields.token("X-Microsoft-ClassKeep", "true");
        }
        let names = ["X-Microsoft-Classification", "X-Microsoft-ClassDesc", "X-Microsoft-ClassID"];
        for (property, name) in [text, description, guid].into_iter().zip(names) {
            if let Some(property) = property {
                self.text_field(property, name);
            }
        }
    }

    /// Named properties that are header fields: any name of PS_INTERNET_HEADERS (MS-OXCMAIL 2.1.3.2.4), and those of unified
    /// messaging (2.1.3.2.3).
    fn named_headers(&mut self) {
        // The end of the property ids is where the named ones are, so the walk is over all of them.
        for property in self.item.properties {
            let Ok(property) = property else { continue };
            let Some(entry) = self.item.names.get(property.tag().id()).filter(|_| property.tag().is_named()) else {
                continue;
            };
            let PropertyName::String(name) = &entry.name else { continue };
            // PidNameAcceptLanguage is spelled so.
            let name = if name.eq_ignore_ascii_case("acceptlanguage") { "Accept-Language" } else { name };
            if !is_header_set(entry.set) || self.fields.has(name) {
                continue;
            }
            let lower = name.to_ascii_lowercase();
            if !is_name(name) || lower == "mime-version" || (lower.starts_with("content-") && lower != "content-class")
            {
                continue;
            }
            let id = property.tag().id();
            match property.tag().kind() {
                PropertyType::STRING | PropertyType::STRING8 => self.text_field(id, name),
                kind if kind.fixed_size().is_some() => {
                    if let Ok(value) = property.value()
                        && let Some(number) = value.as_integer()
                    {
                        self.fields.token(name, &number.to_string());
                    }
                }
                _ => self.losses.of(property.tag(), LossKind::NoPlace, format!("the header {name} is no text")),
            }
        }
    }
}

/// Property sets whose names are those of header fields.
pub(super) fn is_header_set(set: PropertySet) -> bool {
    matches!(set.guid(), Some(Guid::PS_INTERNET_HEADERS | Guid::PSETID_UNIFIED_MESSAGING))
}
