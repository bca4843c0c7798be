//! TNEF on its way in: `winmail.dat` is a message of its own (MS-OXTNEF, MS-OXCMAIL 2.2.3.5), and what is in it goes into the
//! item: class, bodies, attachments, named properties.
//!
//! **What the mail says itself goes before what its TNEF says**: subject, dates and people, which servers on the way have
//! seen, and the plain text, to which they may have added something. RTF and HTML are there alone. What a TNEF cannot be read
//! of is told, and one that cannot be read at all stays the file it is.

use std::collections::HashSet;

use super::Conversion;
use super::attachment::MOST_DEPTH;
use super::file_name;
use super::headers::crlf;
use super::structure::{File, Plan};
use crate::Result;
use crate::convert::LossKind;
use crate::ltp::{PropertyTag, PropertyType, Value, id};
use crate::mime::Part;
use crate::tnef::{Attachment, Object, Options, Property, PropertyValue, Tnef};
use crate::write::{AttachmentDraft, MessageDraft, Properties, Target, typed_recipient_row};

/// It is read in memory; a larger one stays a file.
const MOST_BYTES: usize = 64 << 20;
/// Names that one message may bring along. A file has room for 32,767 of all.
const MOST_NAMES: usize = 500;
/// Attachments of one message.
const MOST_ATTACHMENTS: usize = 10_000;
/// Values beyond this wait in the file for their message.
const IN_MEMORY: usize = 64 << 10;

const SUBJECT_PREFIX: u16 = 0x003D;
const RTF_IN_SYNC: u16 = 0x0E1F;
const NORMALIZED_SUBJECT: u16 = 0x0E1D;
/// PidTagNativeBody: RTF, HTML.
const NATIVE_RTF: i32 = 2;
const NATIVE_HTML: i32 = 3;
/// Where a reference leads.
const PATHNAMES: [u16; 2] = [0x370D, 0x3708];

/// True for a part that should be TNEF.
fn is_one(part: &Part<'_>) -> bool {
    let kind = part.content_type();
    let named = || part.file_name().is_some_and(|name| name.trim().eq_ignore_ascii_case("winmail.dat"));
    kind.kind == "application"
        && match kind.subtype.as_str() {
            "ms-tnef" | "vnd.ms-tnef" => true,
            "octet-stream" => named(),
            _ => false,
        }
        && part.body().len() <= MOST_BYTES
}

fn options(depth: usize) -> Options {
    Options { depth: MOST_DEPTH.saturating_sub(depth), ..Options::default() }
}

/// The class that TNEF among the files of a mail names.
pub(crate) fn class_of(plan: &Plan<'_>) -> Option<String> {
    let part = plan.files.iter().map(|file| &file.part).find(|part| is_one(part))?;
    let bytes = part.decoded();
    // Messages inside have classes of their own.
    let options = Options { depth: 0, ..Options::default() };
    let tnef = Tnef::parse(&bytes, &options).ok()?;
    tnef.property(id::MESSAGE_CLASS)?
        .text()
        .map(|class| cut(&class).to_owned())
        .filter(|class| !class.trim().is_empty())
}

/// Takes the first file that is TNEF out of a plan.
pub(super) fn take<'m>(plan: &mut Plan<'m>) -> Option<File<'m>> {
    let at = plan.files.iter().position(|file| is_one(&file.part))?;
    Some(plan.files.remove(at))
}

/// Text up to a NUL, which ends it in C.
fn cut(text: &str) -> &str {
    text.split('\0').next().unwrap_or_default()
}

/// Whether a property of a message says something in another store: what is computed there, and ids of the sender's store,
/// does not (MS-OXPROPS: the ranges 0x0E00 and 0x6600).
fn travels(id: u16) -> bool {
    !matches!(id, 0x0E00..=0x0FFF | 0x6600..=0x67FF)
}

impl<T: Target> Conversion<'_, T> {
    /// Puts what is in a TNEF part into the item; one that cannot be read becomes an attachment.
    pub(super) fn tnef(&mut self, file: &File<'_>, draft: &mut MessageDraft) -> Result<()> {
        let part = &file.part;
        let bytes = part.decoded();
        match Tnef::parse(&bytes, &options(self.depth)) {
            Ok(tnef) => {
                self.rest_of(part, false);
                self.tnef_content(&tnef, draft)
            }
            Err(error) => {
                self.lose_of(part, LossKind::Unreadable, format!("{error}; it is kept as a file"));
                let attachment = self.file(file, 1, &HashSet::new())?;
                draft.attach(attachment);
                Ok(())
            }
        }
    }

    fn tnef_content(&mut self, tnef: &Tnef<'_>, draft: &mut MessageDraft) -> Result<()> {
        for finding in &tnef.findings {
            self.lose(LossKind::Changed, format!("TNEF: {finding}"));
        }
        if let Some(class) = tnef.property(id::MESSAGE_CLASS).and_then(Property::text) {
            let class = cut(&class).trim();
            if !class.is_empty() {
                draft.properties().text(id::MESSAGE_CLASS, class);
            }
        }
        if let Some(subject) = tnef.property(id::SUBJECT).and_then(Property::text)
            && !draft.properties().contains(id::SUBJECT)
        {
            draft.subject(cut(&subject));
        }
        self.tnef_bodies(tnef, draft)?;
        let done = [
            id::MESSAGE_CLASS,
            id::SUBJECT,
            SUBJECT_PREFIX,
            NORMALIZED_SUBJECT,
            id::BODY,
            id::HTML,
            id::RTF_COMPRESSED,
            id::NATIVE_BODY,
            id::INTERNET_CODEPAGE,
        ];
        let is_new = |properties: &Properties, id: u16| !done.contains(&id) && travels(id) && !properties.contains(id);
        self.tnef_properties(&tnef.properties, draft.properties(), is_new)?;
        self.tnef_recipients(tnef, draft);
        for (attachment, number) in tnef.attachments.iter().zip(1usize..) {
            if number > MOST_ATTACHMENTS {
                let left = tnef.attachments.len().saturating_sub(MOST_ATTACHMENTS);
                self.lose(LossKind::TooLarge, format!("TNEF: {left} more attachments than a message may have"));
                break;
            }
            let attachment = self.tnef_attachment(attachment, number)?;
            draft.attach(attachment);
        }
        Ok(())
    }

    /// The text, if the mail has none; HTML and RTF.
    fn tnef_bodies(&mut self, tnef: &Tnef<'_>, draft: &mut MessageDraft) -> Result<()> {
        if let Some(text) = tnef.property(id::BODY).and_then(Property::text)
            && !draft.properties().contains(id::BODY)
        {
            let text = crlf(&self.clean(text.trim_end_matches('\0'), "TNEF: the text"));
            draft.body(&text);
        }
        let is_html = draft.properties().contains(id::HTML);
        let bytes_of = |id: u16| tnef.property(id).and_then(Property::bytes).filter(|bytes| !bytes.is_empty());
        if let Some(html) = bytes_of(id::HTML).filter(|_| !is_html) {
            let page = tnef.property(id::INTERNET_CODEPAGE).and_then(|page| page.plain()?.as_integer());
            let page = page.and_then(|page| i32::try_from(page).ok()).unwrap_or(65_001);
            let data = self.out.data(html)?;
            draft
                .properties()
                .data(PropertyTag::from_parts(id::HTML, PropertyType::BINARY), data)
                .integer32(id::INTERNET_CODEPAGE, page)
                .integer32(id::NATIVE_BODY, NATIVE_HTML);
        } else if let Some(rtf) = bytes_of(id::RTF_COMPRESSED) {
            let data = self.out.data(rtf)?;
            draft
                .properties()
                .data(PropertyTag::from_parts(id::RTF_COMPRESSED, PropertyType::BINARY), data)
                .boolean(RTF_IN_SYNC, true);
            if !is_html {
                draft.properties().integer32(id::NATIVE_BODY, NATIVE_RTF);
            }
        }
        Ok(())
    }

    /// Sets the properties that `is_new` lets pass.
    fn tnef_properties(
        &mut self,
        from: &[Property<'_>],
        to: &mut Properties,
        is_new: impl Fn(&Properties, u16) -> bool,
    ) -> Result<()> {
        let mut names = 0usize;
        for property in from {
            let id = match &property.name {
                None => property.tag.id(),
                Some(_) if names >= MOST_NAMES => {
                    if names == MOST_NAMES {
                        self.lose(LossKind::TooLarge, format!("TNEF: more than {MOST_NAMES} named properties"));
                        names = names.saturating_add(1);
                    }
                    continue;
                }
                Some((set, name)) => {
                    names = names.saturating_add(1);
                    match self.named(*set, name.clone())? {
                        Some(id) => id,
                        None => continue,
                    }
                }
            };
            if is_new(to, id) {
                self.tnef_value(property, id, to)?;
            }
        }
        Ok(())
    }

    fn tnef_value(&mut self, property: &Property<'_>, id: u16, to: &mut Properties) -> Result<()> {
        let tag = PropertyTag::from_parts(id, property.tag.kind());
        let PropertyValue::Plain(value) = &property.value else {
            self.lose(LossKind::NoPlace, format!("TNEF: the object {tag}"));
            return Ok(());
        };
        match value {
            Value::Null => {}
            Value::String(text) => {
                let text = self.clean(text.to_string_lossy().trim_end_matches('\0'), "TNEF: text");
                to.text(id, text);
            }
            Value::Binary(bytes) if bytes.len() > IN_MEMORY => {
                let data = self.out.data(&**bytes)?;
                to.data(tag, data);
            }
            Value::Multiple(values) if tag.kind().is_multiple() => {
                let texts: Option<Vec<String>> =
                    values.iter().map(|value| Some(value.as_text()?.to_string_lossy())).collect();
                let stored = if texts.is_none() { value.encode() } else { None };
                match (texts, stored) {
                    (Some(texts), _) => {
                        to.texts(id, texts.iter().map(|text| cut(text)));
                    }
                    (None, Some(stored)) => {
                        to.stored(tag, stored);
                    }
                    (None, None) => self.lose(LossKind::NoPlace, format!("TNEF: the values of {tag}")),
                }
            }
            Value::Multiple(_) | Value::Unknown(_) => {
                self.lose(LossKind::NoPlace, format!("TNEF: the value of {tag} is not of its type"));
            }
            one => match one.encode() {
                Some(stored) => {
                    to.stored(tag, stored);
                }
                None => self.lose(LossKind::NoPlace, format!("TNEF: the value of {tag}")),
            },
        }
        Ok(())
    }

    /// The recipients, where the mail names none itself: those of a message inside.
    fn tnef_recipients(&mut self, tnef: &Tnef<'_>, draft: &mut MessageDraft) {
        let lists = [(1, id::DISPLAY_TO), (2, id::DISPLAY_CC), (3, id::DISPLAY_BCC)];
        if lists.iter().any(|(_, list)| draft.properties().contains(*list)) {
            return;
        }
        for (kind, list) in lists {
            let mut names = Vec::new();
            for row in &tnef.recipients {
                let find = |id: u16| row.iter().find(|property| property.tag.id() == id);
                let text = |id: u16| {
                    let text = find(id)?.text()?;
                    Some(cut(&text).to_owned()).filter(|text| !text.is_empty())
                };
                let said = find(id::RECIPIENT_TYPE).and_then(|kind| kind.plain()?.as_integer());
                // The upper bits say what became of it.
                if said.map_or(1, |said| said & 0xF) != i64::from(kind) {
                    continue;
                }
                let address = text(id::EMAIL_ADDRESS).or_else(|| text(id::SMTP_ADDRESS)).unwrap_or_default();
                let address_type = text(id::ADDRESS_TYPE).unwrap_or_else(|| "SMTP".to_owned());
                let name = text(id::DISPLAY_NAME).unwrap_or_else(|| address.clone());
                let mut properties = typed_recipient_row(kind, &name, &address_type, &address);
                if let Some(smtp) = text(id::SMTP_ADDRESS) {
                    properties.text(id::SMTP_ADDRESS, smtp);
                }
                draft.recipient_row(properties);
                names.push(name);
            }
            if !names.is_empty() {
                draft.properties().text(list, names.join("; "));
            }
        }
    }

    fn tnef_attachment(&mut self, from: &Attachment<'_>, number: usize) -> Result<AttachmentDraft> {
        let given = from.file_name().map(|name| cut(&name).to_owned()).unwrap_or_default();
        let mut attachment = match &from.embedded {
            Some(inner) => AttachmentDraft::message(&given, self.tnef_message(inner, number)?),
            None => {
                let mut name = file_name::clean(&given);
                if name.is_empty() {
                    name = file_name::made_up(number, "application", "octet-stream");
                }
                self.tnef_file(from, &name)?
            }
        };
        let done = [
            id::ATTACH_METHOD,
            id::ATTACH_DATA,
            id::DISPLAY_NAME,
            id::ATTACH_FILENAME,
            id::ATTACH_LONG_FILENAME,
            id::RENDERING_POSITION,
        ];
        let is_new = |properties: &Properties, id: u16| !done.contains(&id) && travels(id) && !properties.contains(id);
        self.tnef_properties(&from.properties, attachment.properties(), is_new)?;
        Ok(attachment)
    }

    fn tnef_file(&mut self, from: &Attachment<'_>, name: &str) -> Result<AttachmentDraft> {
        let is_storage = from.property(id::ATTACH_DATA).is_some_and(
            |property| matches!(property.value, PropertyValue::Object(object) if object.interface == Object::STORAGE),
        );
        let Some(bytes) = from.data() else {
            let path = PATHNAMES.into_iter().find_map(|id| from.property(id)?.text()).filter(|path| !path.is_empty());
            return Ok(match (path, from.method()) {
                (Some(path), Some(7)) => AttachmentDraft::link(name, cut(&path)),
                (Some(path), _) => AttachmentDraft::reference(name, cut(&path)),
                (None, _) => {
                    self.lose(LossKind::Unreadable, format!("TNEF: the attachment {name:?} has no data"));
                    AttachmentDraft::file(name, Vec::new())
                }
            });
        };
        let data = self.out.data(bytes)?;
        Ok(if is_storage { AttachmentDraft::ole(name, data) } else { AttachmentDraft::file(name, data) })
    }

    /// A message in a TNEF.
    fn tnef_message(&mut self, tnef: &Tnef<'_>, number: usize) -> Result<MessageDraft> {
        let length = self.path.len();
        self.path.push_str(&format!("attachment {number}: "));
        self.depth = self.depth.saturating_add(1);
        let mut draft = MessageDraft::new("IPM.Note");
        let done = self.tnef_content(tnef, &mut draft);
        self.depth = self.depth.saturating_sub(1);
        self.path.truncate(length);
        done.map(|()| draft)
    }
}
