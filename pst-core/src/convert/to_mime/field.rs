//! Header fields (RFC 5322 2.2), written so that they are 7-bit, folded, and mean what was given.
//!
//! Text that is not plain ASCII becomes encoded words (RFC 2047), parameters become extended ones (RFC 2231). Fields that come
//! from elsewhere are taken over as they are.

use std::borrow::Cow;
use std::collections::HashSet;

use encodify::{Fold, rfc2047};

use super::mailbox::Mailbox;
use super::output::Output;
use crate::{FileTime, Result};

/// Where lines are folded, and what no line may pass (RFC 5322 2.1.1).
const FOLD_AT: usize = 76;
const LONGEST_LINE: usize = 998;

/// One field: its name, and all after the colon up to the last line end, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
}

/// The fields of a message or part, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    list: Vec<Field>,
    /// Their names in small letters.
    names: HashSet<String>,
}

impl Fields {
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(&name.to_ascii_lowercase())
    }

    /// The value of the first field of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value.as_str())
    }

    /// A field whose value is folded already and begins with a space.
    pub(super) fn raw(&mut self, name: &str, value: String) {
        self.names.insert(name.to_ascii_lowercase());
        self.list.push(Field { name: name.to_owned(), value });
    }

    /// A value of tokens, ASCII and without need for folding.
    pub(super) fn token(&mut self, name: &str, value: &str) {
        self.raw(name, format!(" {value}"));
    }

    /// Unstructured text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        let mut value = String::new();
        if !text.is_empty() {
            value.push(' ');
            unstructured(text, name.len().saturating_add(2), &mut value);
        }
        self.raw(name, value);
    }

    /// A list of mailboxes; nothing for an empty one.
    pub(super) fn mailboxes(&mut self, name: &str, mailboxes: &[Mailbox]) {
        let mut value = String::new();
        let mut column = name.len().saturating_add(1);
        for (number, mailbox) in mailboxes.iter().enumerate() {
            if number > 0 {
                value.push(',');
                column = column.saturating_add(1);
            }
            mailbox_text(mailbox, &mut column, &mut value);
        }
        if !value.is_empty() {
            self.raw(name, value);
        }
    }

    /// Words that may be folded between, such as message ids.
    pub(super) fn words<'w>(&mut self, name: &str, words: impl IntoIterator<Item = &'w str>) {
        let mut value = String::new();
        let mut column = name.len().saturating_add(1);
        words.into_iter().for_each(|word| append_word(word, &mut column, &mut value));
        self.raw(name, value);
    }

    /// A date in UTC (RFC 5322 3.3).
    pub(super) fn date(&mut self, name: &str, date: FileTime) -> bool {
        let text = date_text(date);
        if let Some(text) = &text {
            self.token(name, text);
        }
        text.is_some()
    }

    /// A value with parameters (RFC 2045 5.1, RFC 2231).
    pub(super) fn parameters(&mut self, name: &str, value: &str, parameters: &[(&str, &str)]) {
        let mut out = format!(" {value}");
        let mut column = name.len().saturating_add(1).saturating_add(out.len());
        for (parameter, text) in parameters {
            append_parameter(parameter, text, &mut column, &mut out);
        }
        self.raw(name, out);
    }

    /// Writes every field and its line end.
    pub(super) fn write(&self, out: &mut Output<'_>) -> Result<()> {
        for field in &self.list {
            out.put(field.name.as_bytes())?;
            out.put(b":")?;
            out.put(field.value.as_bytes())?;
            out.put(b"\r\n")?;
        }
        Ok(())
    }
}

/// Whether a name can stand before the colon (RFC 5322 2.2). One with two hyphens first could be taken for a boundary.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with("--") && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
}

/// Text for a header: line ends and other controls become spaces.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        Cow::Owned(text.replace("\r\n", " ").replace(char::is_control, " "))
    } else {
        Cow::Borrowed(text)
    }
}

/// Unstructured text from `column` on: plain ASCII is folded at white space, anything else becomes encoded words.
fn unstructured(text: &str, column: usize, out: &mut String) {
    let text = one_line(text);
    let plain = text.is_ascii()
        && !text.contains("=?")
        // Space at either end is lost by readers, and a word longer than a line cannot be folded.
        && text.trim() == text
        && text.split(' ').all(|word| word.len() < LONGEST_LINE.saturating_sub(80));
    if !plain {
        return encoded_words(&text, false, &mut { column }, out);
    }
    let mut column = column;
    let mut rest: &str = &text;
    while !rest.is_empty() {
        // The next word and the spaces before it.
        let spaces = rest.len().saturating_sub(rest.trim_start_matches(' ').len());
        let word =
            rest.get(spaces..).and_then(|word| word.find(' ')).map_or(rest.len(), |at| at.saturating_add(spaces));
        let (piece, later) = rest.split_at_checked(word).unwrap_or((rest, ""));
        if spaces > 0 && column.saturating_add(piece.len()) > FOLD_AT {
            out.push_str("\r\n");
            column = 0;
        }
        out.push_str(piece);
        column = column.saturating_add(piece.len());
        rest = later;
    }
}

/// Encoded words (RFC 2047): `Q` while most of it can be read so, else `B`.
fn encoded_words(text: &str, phrase: bool, column: &mut usize, out: &mut String) {
    let q = if phrase { rfc2047::Q_PHRASE } else { rfc2047::Q_TEXT };
    let readable = q.payload_len(text).saturating_mul(2) < rfc2047::B.payload_len(text).saturating_mul(3);
    let encoder = if readable { q } else { rfc2047::B };
    encoder.encode_words("utf-8", text, column, Fold::HEADER, out);
}

/// A word that cannot be folded, after a space or on a line of its own.
fn append_word(word: &str, column: &mut usize, out: &mut String) {
    if *column > 1 && column.saturating_add(1).saturating_add(word.len()) > FOLD_AT && !out.is_empty() {
        out.push_str("\r\n");
        *column = 0;
    }
    out.push(' ');
    out.push_str(word);
    *column = column.saturating_add(1).saturating_add(word.len());
}

fn mailbox_text(mailbox: &Mailbox, column: &mut usize, out: &mut String) {
    let Some(name) = mailbox.name.as_deref() else {
        // An address is never broken (MS-OXCMAIL 2.1.3.1).
        return append_word(&mailbox.address, column, out);
    };
    let name = one_line(name);
    let atom = |word: &str| !word.is_empty() && word.bytes().all(is_atom_byte);
    let longest = LONGEST_LINE.saturating_sub(80);
    if name.is_ascii() && !name.contains("=?") && name.len() < longest {
        if name.split(' ').all(atom) {
            name.split(' ').for_each(|word| append_word(word, column, out));
        } else {
            append_word(&format!("\"{}\"", escape(&name)), column, out);
        }
    } else {
        if *column > 40 && !out.is_empty() {
            out.push_str("\r\n");
            *column = 0;
        }
        out.push(' ');
        *column = column.saturating_add(1);
        encoded_words(&name, true, column, out);
    }
    append_word(&format!("<{}>", mailbox.address), column, out);
}

/// A quoted string's inside.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// RFC 5322 3.2.3 atext.
pub(super) fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// `; name=value`, quoted, or extended and in pieces if it is not plain ASCII or is long.
fn append_parameter(name: &str, text: &str, column: &mut usize, out: &mut String) {
    /// Characters of a value that still stand on one line.
    const PLAIN: usize = 60;
    let text = one_line(text);
    let mut append = |piece: String| {
        out.push(';');
        *column = column.saturating_add(1);
        append_word(&piece, column, out);
    };
    if text.is_ascii() && text.len() <= PLAIN {
        let token = !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte));
        return append(if token { format!("{name}={text}") } else { format!("{name}=\"{}\"", escape(&text)) });
    }
    // RFC 2231 section 4: percent encoding, and section 3: numbered pieces. A character is never broken.
    let mut pieces = vec![String::new()];
    for character in text.chars() {
        let mut bytes = [0; 4];
        let mut encoded = String::new();
        for byte in character.encode_utf8(&mut bytes).bytes() {
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`{|}~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        }
        match pieces.last_mut() {
            Some(last) if last.len().saturating_add(encoded.len()) <= PLAIN.saturating_sub(name.len()) => {
                last.push_str(&encoded);
            }
            _ => pieces.push(encoded),
        }
    }
    match pieces.as_slice() {
        [one] => append(format!("{name}*=utf-8''{one}")),
        pieces => {
            for (number, piece) in pieces.iter().enumerate() {
                let charset = if number == 0 { "utf-8''" } else { "" };
                append(format!("{name}*{number}*={charset}{piece}"));
            }
        }
    }
}

/// A date as mail has it, in UTC: `Wed, 26 Feb 2014 07:51:02 +0000`. `None` after the year 9999.
pub(super) fn date_text(date: FileTime) -> Option<String> {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let civil = jiff::tz::Offset::UTC.to_datetime(date.to_timestamp()?);
    let day = DAYS.get(usize::try_from(civil.weekday().to_monday_zero_offset()).ok()?)?;
    let month = MONTHS.get(usize::try_from(civil.month()).ok()?.checked_sub(1)?)?;
    Some(format!(
        "{day}, {} {month} {:04} {:02}:{:02}:{:02} +0000",
        civil.day(),
        civil.year(),
        civil.hour(),
        civil.minute(),
        civil.second()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(name: &str, text: &str) -> String {
        let mut fields = Fields::default();
        fields.text(name, text);
        fields.get(name).unwrap().to_owned()
    }

    fn parameter(name: &str, value: &str) -> String {
        let mut fields = Fields::default();
        fields.parameters("Content-Disposition", "attachment", &[(name, value)]);
        fields.get("content-disposition").unwrap().to_owned()
    }

    fn mailbox(name: Option<&str>, address: &str) -> Mailbox {
        Mailbox { name: name.map(str::to_owned), address: address.to_owned() }
    }

    #[test]
    fn plain_text_stays_and_is_folded_at_spaces() {
        assert_eq!(text("Subject", "RE: Plan"), " RE: Plan");
        let long = "one two  three four five six seven eight nine ten eleven twelve thirteen fourteen";
        assert_eq!(
            text("Subject", long),
            " one two  three four five six seven eight nine ten eleven twelve\r\n thirteen fourteen"
        );
        assert_eq!(text("Subject", "two\r\nlines\tand tab"), " two lines and tab");
    }

    #[test]
    fn what_would_be_misread_is_encoded() {
        assert_eq!(text("Subject", "Grüße"), " =?utf-8?Q?Gr=C3=BC=C3=9Fe?=");
        assert_eq!(text("Subject", "Привет"), " =?utf-8?B?0J/RgNC40LLQtdGC?=");
        assert_eq!(text("Subject", "ends with space "), " =?utf-8?Q?ends_with_space_?=");
        assert_eq!(text("Subject", "=?utf-8?Q?a?="), " =?utf-8?Q?=3D=3Futf-8=3FQ=3Fa=3F=3D?=");
        assert!(text("Subject", &"x".repeat(2000)).split("\r\n").all(|line| line.len() <= 78));
    }

    #[test]
    fn mailboxes() {
        let mut fields = Fields::default();
        let list = [
            mailbox(Some("Ann Lee"), "ann@example.com"),
            mailbox(Some("Lee, \"Bo\""), "bo@example.com"),
            mailbox(Some("Jörn"), "joern@example.com"),
            mailbox(None, "plain@example.com"),
        ];
        fields.mailboxes("To", &list);
        fields.mailboxes("Cc", &[]);
        assert_eq!(
            fields.get("to"),
            Some(
                " Ann Lee <ann@example.com>, \"Lee, \\\"Bo\\\"\" <bo@example.com>,\r\n =?utf-8?Q?J=C3=B6rn?= \
                 <joern@example.com>, plain@example.com"
            )
        );
        assert!(!fields.has("Cc"));
    }

    #[test]
    fn parameters_are_plain_quoted_or_extended() {
        assert_eq!(parameter("filename", "a.txt"), " attachment; filename=a.txt");
        assert_eq!(parameter("filename", "a \"b\".txt"), " attachment; filename=\"a \\\"b\\\".txt\"");
        assert_eq!(parameter("filename", ""), " attachment; filename=\"\"");
        assert_eq!(parameter("filename", "für.txt"), " attachment; filename*=utf-8''f%C3%BCr.txt");
        let long = format!("{}.txt", "日本".repeat(10));
        assert_eq!(
            parameter("filename", &long),
            " attachment;\r\n filename*0*=utf-8''%E6%97%A5%E6%9C%AC%E6%97%A5%E6%9C%AC%E6%97%A5;\r\n \
             filename*1*=%E6%9C%AC%E6%97%A5%E6%9C%AC%E6%97%A5%E6%9C%AC;\r\n \
             filename*2*=%E6%97%A5%E6%9C%AC%E6%97%A5%E6%9C%AC%E6%97%A5;\r\n \
             filename*3*=%E6%9C%AC%E6%97%A5%E6%9C%AC%E6%97%A5%E6%9C%AC.txt"
        );
    }

    #[test]
    fn dates_are_utc_with_seconds() {
        assert_eq!(date_text(FileTime::new(0x01CF_32C7_7EBE_2706)).unwrap(), "Wed, 26 Feb 2014 07:51:02 +0000");
        assert_eq!(date_text(FileTime::NONE).unwrap(), "Mon, 1 Jan 1601 00:00:00 +0000");
        assert_eq!(date_text(FileTime::new(u64::MAX)), None);
    }

    #[test]
    fn names_that_could_be_a_boundary_are_none() {
        for bad in ["X-Ü", "", "a b", "--=_x"] {
            assert!(!is_name(bad), "{bad}");
        }
        assert!(is_name("Subject") && is_name("X-1_!"));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_in_short_ascii_lines(given in "\\PC{0,200}") {
            let value = text("Subject", &given);
            prop_assert!(value.is_ascii());
            for line in format!("Subject:{value}").split("\r\n") {
                prop_assert!(line.len() <= LONGEST_LINE && !line.trim().is_empty());
            }
            let back = rfc2047::decode_text(value.as_bytes(), rfc2047::utf8_charset);
            prop_assert_eq!(back, given);
        }

        #[test]
        fn any_name_makes_a_legal_mailbox(name in "\\PC{0,120}") {
            let mut fields = Fields::default();
            fields.mailboxes("From", &[mailbox(Some(&name), "a@example.com")]);
            let value = fields.get("From").unwrap();
            prop_assert!(value.is_ascii() && value.ends_with(" <a@example.com>"));
            prop_assert!(value.split("\r\n").all(|line| line.len() <= LONGEST_LINE));
        }
    }
}
