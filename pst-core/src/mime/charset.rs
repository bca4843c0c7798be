//! Charset labels of mail, and text in them.

use std::borrow::Cow;

use super::finding::FindingKind;
use crate::text::CodePage;

/// Bytes that became text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read<'a> {
    pub(super) text: Cow<'a, str>,
    /// The page that was used.
    pub(super) page: CodePage,
    /// What is odd, if something is.
    pub(super) odd: Option<FindingKind>,
}

/// The code page of a charset label.
///
/// The labels of the web and those that mail adds to them: DOS pages, UTF-7, `cp932`. `None` for labels nobody knows and
/// for those which say so, such as `unknown-8bit` and `x-unknown`.
pub(super) fn page(label: &str) -> Option<CodePage> {
    let label = label.trim().trim_matches(['"', '\'']);
    if let Some(page) = CodePage::from_name(label) {
        return Some(page);
    }
    let lower = label.to_ascii_lowercase();
    let number = match lower.as_str() {
        "utf-7" | "unicode-1-1-utf-7" | "x-unicode-2-0-utf-7" | "utf7" => 65000,
        "us" | "ansi" | "7bit" | "8bit" | "default" | "iso" => return None,
        "gb_2312" | "gb2312-80" | "gb" => 936,
        "ks_c_5601" | "ksc" => 949,
        "iso8859-1" | "iso_8859_1" | "latin-1" | "8859-1" => 1252,
        "cp65001" | "utf" | "utf_8" => 65001,
        other => {
            let digits = ["windows-", "windows", "cp-", "cp", "ibm-", "ibm", "ms", "x-cp", "dos-", "win-"]
                .iter()
                .find_map(|prefix| other.strip_prefix(prefix))
                .unwrap_or(other)
                .trim_start_matches('0');
            digits.parse().ok()?
        }
    };
    Some(CodePage::new(number)).filter(|page| page.is_supported())
}

/// The text of bytes in the charset of a label, or without one.
///
/// Without a label text is ASCII (RFC 2045 5.2). **Bytes that cannot be ASCII are read as UTF-8 if they are valid UTF-8,
/// else as windows-1252**, and so is text under a label that nobody knows. Text labelled as UTF-8 of which nothing is, is
/// windows-1252 too.
pub(super) fn decode<'a>(bytes: &'a [u8], label: Option<&str>) -> Read<'a> {
    let known = label.and_then(page);
    let guess = |odd| match std::str::from_utf8(bytes) {
        Ok(text) => Read { text: Cow::Borrowed(text), page: CodePage::UTF_8, odd },
        Err(_) => read(bytes, CodePage::WINDOWS_1252, odd),
    };
    let is_ascii_label = label.is_some_and(|label| {
        let label = label.trim();
        ["us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us"].iter().any(|name| label.eq_ignore_ascii_case(name))
    });
    match (known, label) {
        (None, None) => guess((!bytes.is_ascii()).then_some(FindingKind::OtherCharset)),
        (Some(_), _) if is_ascii_label => guess((!bytes.is_ascii()).then_some(FindingKind::OtherCharset)),
        (None, Some(_)) => guess(Some(FindingKind::UnknownCharset)),
        (Some(page), _) => {
            let decoded = read(bytes, page, None);
            // A wrong label, much more often than damage: hardly any other text is valid UTF-8.
            if decoded.odd.is_some()
                && page != CodePage::UTF_8
                && !bytes.contains(&0x1B)
                && std::str::from_utf8(bytes).is_ok()
            {
                return guess(Some(FindingKind::OtherCharset));
            }
            // Not one character beyond ASCII is UTF-8, so none is meant to be.
            let is_other = |text: &str| text.chars().all(|one| one.is_ascii() || one == char::REPLACEMENT_CHARACTER);
            if decoded.odd.is_some() && page == CodePage::UTF_8 && is_other(&decoded.text) {
                return read(bytes, CodePage::WINDOWS_1252, Some(FindingKind::OtherCharset));
            }
            decoded
        }
    }
}

/// The text of bytes in a page.
pub(super) fn read<'a>(bytes: &'a [u8], page: CodePage, odd: Option<FindingKind>) -> Read<'a> {
    match page.decode(bytes) {
        Ok(decoded) => {
            let odd = odd.or_else(|| decoded.lossy.then_some(FindingKind::Characters));
            Read { text: decoded.text, page, odd }
        }
        Err(_) => {
            Read { text: String::from_utf8_lossy(bytes), page: CodePage::UTF_8, odd: Some(FindingKind::UnknownCharset) }
        }
    }
}

/// The page that HTML names itself: by a byte order mark, or by a meta tag in its first KiB.
pub(super) fn of_html(html: &[u8]) -> Option<CodePage> {
    match html {
        [0xEF, 0xBB, 0xBF, ..] => return Some(CodePage::UTF_8),
        [0xFF, 0xFE, ..] => return Some(CodePage::new(1200)),
        [0xFE, 0xFF, ..] => return Some(CodePage::new(1201)),
        _ => {}
    }
    let head = html.get(..html.len().min(1024))?.to_ascii_lowercase();
    let at = head.windows(8).position(|window| window == b"charset=")?.checked_add(8)?;
    let label = head.get(at..)?;
    let label = label.strip_prefix(b"\"").or_else(|| label.strip_prefix(b"'")).unwrap_or(label);
    let is_end = |byte: &u8| !(byte.is_ascii_alphanumeric() || b"-_:.".contains(byte));
    let end = label.iter().position(is_end).unwrap_or(label.len());
    let named = page(std::str::from_utf8(label.get(..end)?).ok()?)?;
    // Text whose tag can be read byte by byte is not UTF-16.
    Some(if matches!(named.number(), 1200 | 1201) { CodePage::UTF_8 } else { named })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_mail() {
        let table = [
            ("utf-8", 65001),
            ("\"UTF-8\"", 65001),
            ("UTF-7", 65000),
            ("ISO-8859-1", 1252),
            ("iso8859-1", 1252),
            ("us-ascii", 1252),
            ("cp932", 932),
            ("Windows-31J", 932),
            ("ks_c_5601-1987", 949),
            ("gb2312", 936),
            ("iso-2022-jp", 50220),
            ("windows-1251", 1251),
            ("cp1250", 1250),
            ("koi8-r", 20866),
        ];
        for (label, number) in table {
            assert_eq!(page(label).map(CodePage::number), Some(number), "{label}");
        }
        for label in ["x-unknown", "unknown-8bit", "", "cp4", "default"] {
            assert_eq!(page(label), None, "{label}");
        }
    }

    #[test]
    #[cfg(feature = "dos-codepages")]
    fn dos_labels() {
        for label in ["cp850", "ibm850", "IBM-850", "850"] {
            assert_eq!(page(label), Some(CodePage::new(850)), "{label}");
        }
    }

    #[test]
    fn wrong_labels_are_told() {
        let read = |bytes: &'static [u8], label| {
            let read = decode(bytes, label);
            (read.text.into_owned(), read.page.number(), read.odd)
        };
        assert_eq!(read(b"x", None), ("x".into(), 65001, None));
        assert_eq!(read(b"gr\xFCn", None), ("grün".into(), 1252, Some(FindingKind::OtherCharset)));
        assert_eq!(read("grün".as_bytes(), Some("us-ascii")), ("grün".into(), 65001, Some(FindingKind::OtherCharset)));
        assert_eq!(read("grün".as_bytes(), Some("x-what")), ("grün".into(), 65001, Some(FindingKind::UnknownCharset)));
        assert_eq!(read(b"gr\xFCn", Some("utf-8")), ("grün".into(), 1252, Some(FindingKind::OtherCharset)));
        let cut = b"\xC3\xBC \xC3";
        assert_eq!(read(cut, Some("utf-8")), ("ü \u{FFFD}".into(), 65001, Some(FindingKind::Characters)));
        assert_eq!(read(b"gr\xFCn", Some("iso-8859-1")), ("grün".into(), 1252, None));
    }

    #[test]
    fn html_names_its_charset() {
        assert_eq!(of_html(b"<meta charset=\"koi8-r\">"), Some(CodePage::new(20866)));
        assert_eq!(of_html(b"<meta content='text/html; charset=utf-16'>"), Some(CodePage::UTF_8));
        assert_eq!(of_html(b"<p>"), None);
    }
}
