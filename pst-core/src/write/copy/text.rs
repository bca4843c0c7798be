//! Text of one store in the coding of another.

use crate::ltp::{PropertyTag, PropertyType, Text, Value as Decoded};
use crate::text::{CodePage, utf16};
use crate::write::properties::Properties;
use crate::{Error, ErrorKind};

/// What becomes of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextChange {
    Nothing,
    /// PtypString8 becomes PtypString.
    ToUnicode,
    /// All text becomes PtypString8 in this code page.
    ToAnsi(CodePage),
}

/// Text in a code page, with `?` for what it lacks; true if it lacks something.
pub(super) fn to_ansi(value: &Decoded<'_>, page: CodePage) -> (Vec<u8>, bool) {
    let encode = |text: &Text<'_>| {
        let text = text.to_string_lossy();
        if let Some(bytes) = page.encode(&text) {
            return (bytes.into_owned(), false);
        }
        let mut bytes = Vec::with_capacity(text.len());
        let mut buffer = [0; 4];
        for character in text.chars() {
            match page.encode(character.encode_utf8(&mut buffer)) {
                Some(encoded) => bytes.extend_from_slice(&encoded),
                None => bytes.push(b'?'),
            }
        }
        (bytes, true)
    };
    match value {
        Decoded::String(text) => encode(text),
        Decoded::Multiple(parts) => {
            let (parts, lossy): (Vec<_>, Vec<_>) = parts.iter().filter_map(Decoded::as_text).map(encode).unzip();
            let mut properties = Properties::new();
            properties.multiple(0, PropertyType::MULTIPLE_STRING8, &parts);
            (properties.get(0).unwrap_or_default(), lossy.contains(&true))
        }
        _ => (Vec::new(), false),
    }
}

/// The loss that a `?` stands for.
pub(super) fn lacks(tag: PropertyTag, page: CodePage) -> Error {
    let text = format!("property {tag} has characters that {page} lacks; `?` stands for them");
    Error::text(ErrorKind::Unsupported, "text", text)
}

/// Text in UTF-16, if every character of it is known.
pub(super) fn to_unicode(value: &Decoded<'_>) -> Option<Vec<u8>> {
    match value {
        Decoded::String(text) => (!text.is_lossy()).then(|| units(text)),
        Decoded::Multiple(parts) => {
            let lossless = parts.iter().all(|part| part.as_text().is_some_and(|text| !text.is_lossy()));
            lossless.then(|| multiple(parts))
        }
        _ => None,
    }
}

/// Text in UTF-16, with U+FFFD for what is not known.
pub(super) fn lossy(value: &Decoded<'_>) -> Vec<u8> {
    match value {
        Decoded::String(text) => units(text),
        Decoded::Multiple(parts) => multiple(parts),
        _ => Vec::new(),
    }
}

fn units(text: &Text<'_>) -> Vec<u8> {
    utf16::encode(&text.to_string_lossy())
}

fn multiple(parts: &[Decoded<'_>]) -> Vec<u8> {
    let mut properties = Properties::new();
    properties.texts(0, parts.iter().filter_map(Decoded::as_text).map(Text::to_string_lossy));
    properties.get(0).unwrap_or_default()
}
