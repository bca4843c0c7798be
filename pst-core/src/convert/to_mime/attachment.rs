//! The fields of an attachment (MS-OXCMAIL 2.1.3.4), and whether a body shows it.

use super::field::{Fields, date_text, one_line};
use super::item::Item;
use super::losses::Losses;
use super::media_type;
use super::references::References;
use crate::convert::LossKind;
use crate::ltp::id;

/// PidTagAttachFlags: the HTML body shows the attachment.
const RENDERED_IN_BODY: i64 = 0x04;
/// PidTagTextAttachmentCharset.
const TEXT_CHARSET: u16 = 0x371B;
/// PidTagAttachContentBase.
const CONTENT_BASE: u16 = 0x3711;

/// Whether the HTML body shows an attachment, so that it stands beside it and not below (MS-OXCMAIL 2.1.3.4.2.2).
pub(super) fn is_inline(item: &Item<'_>, references: &References, losses: &mut Losses) -> bool {
    let content_id = item.text(id::ATTACH_CONTENT_ID, losses);
    if content_id.as_deref().is_some_and(|id| references.has_id(id)) {
        return true;
    }
    let place = item.text(id::ATTACH_CONTENT_LOCATION, losses);
    if place.as_deref().is_some_and(|place| references.has_place(place)) {
        return true;
    }
    let rendered = item.integer(id::ATTACH_FLAGS, losses).is_some_and(|flags| flags & RENDERED_IN_BODY != 0);
    content_id.is_some() && (rendered || item.truth(id::ATTACHMENT_HIDDEN, losses))
}

/// What the fields of an attachment say of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Description {
    /// The best name, controls replaced; `None` if it has none at all.
    pub(super) name: Option<String>,
    /// The content type.
    pub(super) kind: String,
    charset: Option<String>,
    content_id: Option<String>,
    location: Option<String>,
    dates: Vec<(&'static str, String)>,
    pub(super) inline: bool,
}

impl Description {
    /// Reads it from the properties of an attachment.
    pub(super) fn read(item: &Item<'_>, known: Known<'_>, inline: bool, losses: &mut Losses) -> Self {
        let names = [id::ATTACH_LONG_FILENAME, id::ATTACH_FILENAME, id::DISPLAY_NAME];
        let stored = names.into_iter().find_map(|name| item.text(name, losses));
        let name = stored.map(|stored| {
            let name = one_line(stored.trim_end_matches('\0')).into_owned();
            if name != stored {
                losses.add(LossKind::Changed, "controls in the file name became spaces");
            }
            name
        });
        let mut dates = Vec::new();
        for (property, parameter) in
            [(id::CREATION_TIME, "creation-date"), (id::LAST_MODIFICATION_TIME, "modification-date")]
        {
            dates.extend(item.time(property, losses).and_then(date_text).map(|date| (parameter, date)));
        }
        let kind = match known {
            Known::Kind(kind) => kind.to_owned(),
            Known::Start(start) => content_type(item, name.as_deref(), start, losses),
        };
        let is_token = |text: &String| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        };
        let charset = item.text(TEXT_CHARSET, losses).filter(is_token).filter(|_| kind.starts_with("text/"));
        let content_id = item.text(id::ATTACH_CONTENT_ID, losses).map(|id| id.trim_matches(['<', '>', ' ']).to_owned());
        let location = item.text(id::ATTACH_CONTENT_LOCATION, losses);
        let base = item.text(CONTENT_BASE, losses);
        let location = match (location, base) {
            (Some(location), Some(base)) if !location.contains(':') => Some(format!("{base}{location}")),
            (location, _) => location,
        };
        Self { name, kind, charset, content_id, location, dates, inline }
    }

    /// Of a part that stands beside this one and was made of it.
    pub(super) fn beside(&self, name: String, kind: &str) -> Self {
        Self { name: Some(name), kind: kind.to_owned(), content_id: None, location: None, ..self.clone() }
    }

    /// Content-Type, Content-Disposition, Content-ID, Content-Location; `size` is that of the content if it is known.
    ///
    /// **The file name stands in Content-Disposition, in full; the name in Content-Type is for readers that know no extended
    /// parameters** (RFC 2231) and has only ASCII.
    pub(super) fn fields(&self, size: Option<u64>) -> Fields {
        let mut fields = Fields::default();
        let plain = self.name.as_deref().map(plain_name);
        let mut parameters: Vec<(&str, &str)> = Vec::new();
        parameters.extend(self.charset.as_deref().map(|charset| ("charset", charset)));
        parameters.extend(plain.as_deref().map(|name| ("name", name)));
        fields.parameters("Content-Type", &self.kind, &parameters);
        let size = size.map(|size| size.to_string());
        let mut parameters: Vec<(&str, &str)> = Vec::new();
        parameters.extend(self.name.as_deref().map(|name| ("filename", name)));
        parameters.extend(size.as_deref().map(|size| ("size", size)));
        parameters.extend(self.dates.iter().map(|(parameter, date)| (*parameter, date.as_str())));
        fields.parameters("Content-Disposition", if self.inline { "inline" } else { "attachment" }, &parameters);
        if let Some(content_id) = &self.content_id {
            content_id_field(content_id, &mut fields);
        }
        if let Some(location) = &self.location {
            fields.text("Content-Location", location);
        }
        fields
    }
}

/// What tells the content type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known<'a> {
    /// The structure.
    Kind(&'a str),
    /// The properties, or the first bytes of the content.
    Start(&'a [u8]),
}

/// The stored content type, if it can be written, else that of the name or the first bytes.
fn content_type(item: &Item<'_>, name: Option<&str>, start: &[u8], losses: &mut Losses) -> String {
    let Some(stored) = item.text(id::ATTACH_MIME_TAG, losses) else {
        let by_content = || media_type::by_content(start).map(|(kind, _)| kind);
        let kind = name.and_then(media_type::by_name).or_else(by_content);
        return kind.unwrap_or(media_type::UNKNOWN).to_owned();
    };
    media_type::usable(&stored).unwrap_or_else(|| {
        let text = format!("the content type {} became {}", one_line(&stored), media_type::UNKNOWN);
        losses.add(LossKind::Changed, text);
        media_type::UNKNOWN.to_owned()
    })
}

/// Content-ID, with the angle brackets that not all writers store.
pub(super) fn content_id_field(content_id: &str, fields: &mut Fields) {
    let content_id = content_id.trim_matches(['<', '>', ' ', '\0']);
    if content_id.bytes().all(|byte| byte.is_ascii_graphic()) && content_id.len() < 900 {
        fields.token("Content-ID", &format!("<{content_id}>"));
    } else {
        fields.text("Content-ID", &format!("<{content_id}>"));
    }
}

/// A name in ASCII, short enough for one line, with its extension.
fn plain_name(name: &str) -> String {
    const LONGEST: usize = 55;
    let plain: String = name.chars().map(|character| if character.is_ascii() { character } else { '_' }).collect();
    if plain.len() <= LONGEST {
        return plain;
    }
    let extension = plain.rfind('.').and_then(|dot| plain.get(dot..)).filter(|extension| extension.len() <= 12);
    let extension = extension.unwrap_or_default();
    format!("{}{extension}", plain.get(..LONGEST.saturating_sub(extension.len())).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_keep_the_extension() {
        assert_eq!(plain_name("für.txt"), "f_r.txt");
        assert_eq!(plain_name(&format!("{}.docx", "x".repeat(80))), format!("{}.docx", "x".repeat(50)));
        assert_eq!(plain_name(&"y".repeat(80)), "y".repeat(55));
    }

    #[test]
    fn fields() {
        let description = Description {
            name: Some("Füße.pdf".to_owned()),
            kind: "application/pdf".to_owned(),
            content_id: Some("a@b".to_owned()),
            dates: vec![("creation-date", "Wed, 26 Feb 2014 07:51:02 +0000".to_owned())],
            ..Description::default()
        };
        let fields = description.fields(Some(5));
        assert_eq!(fields.get("Content-Type"), Some(" application/pdf; name=F__e.pdf"));
        assert_eq!(
            fields.get("Content-Disposition"),
            Some(
                " attachment; filename*=utf-8''F%C3%BC%C3%9Fe.pdf; size=5;\r\n \
                 creation-date=\"Wed, 26 Feb 2014 07:51:02 +0000\""
            )
        );
        assert_eq!(fields.get("Content-ID"), Some(" <a@b>"));
    }
}
