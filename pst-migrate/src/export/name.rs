//! Names of files and folders that every system takes, made of text that mail brought.
//!
//! ```text
//! text -- characters left out or replaced -- NFC -- cut -- ends trimmed -- device names marked -- name
//! ```
//!
//! The rules stand in `docs/export.md`. **A name is a pure function of the text**; an export adds the
//! number that makes it unique.

use std::fmt::Write as _;

use pst_core::FileTime;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The most bytes in UTF-8 of a name, its extension and number counted. UTF-16 has never more units than UTF-8 bytes.
pub const COMPONENT_BYTES: usize = 100;
/// The most bytes of the name of the folder of a source, and of one that lies in it because it would be too deep elsewhere.
pub const TOP_BYTES: usize = 60;
/// The most UTF-16 units of the path of a folder below the directory of the export. With a name in it a path has at most
/// 229, which leaves 30 for the directory itself where a system takes 260.
pub const FOLDER_UNITS: usize = 128;

/// The name of a folder or file made of any text; never empty.
pub fn clean(text: &str) -> String {
    let mut name = cut(&swept(text), COMPONENT_BYTES).to_owned();
    if name.is_empty() {
        name.push('_');
    }
    mark_device(&mut name);
    // The mark may be one byte too many.
    let length = cut(&name, COMPONENT_BYTES).len();
    name.truncate(length);
    name
}

/// The name of an item without its extension: `2019-07-01 1432 Subject`. The date is in UTC.
pub fn of_item(date: Option<FileTime>, subject: &str) -> String {
    let mut name = String::with_capacity(COMPONENT_BYTES);
    let text = date.filter(|date| date.year().is_some()).map(FileTime::to_rfc3339);
    let parts = text.as_deref().and_then(|text| Some((text.get(..10)?, text.get(11..13)?, text.get(14..16)?)));
    match parts {
        // Writing to a string never fails.
        Some((day, hour, minute)) => drop(write!(name, "{day} {hour}{minute}")),
        None => name.push_str("undated"),
    }
    let subject = swept(subject);
    if !subject.is_empty() {
        name.push(' ');
        name.push_str(&subject);
    }
    cut(&name, COMPONENT_BYTES).to_owned()
}

/// The start of a name that has at most so many bytes and ends in neither a dot nor a blank.
pub fn cut(name: &str, bytes: usize) -> &str {
    let end = name.floor_char_boundary(bytes);
    name.get(..end).unwrap_or_default().trim_end_matches(['.', ' '])
}

/// A name as systems compare it that know neither case nor the forms of one character.
pub fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // By way of capitals, so that ß is SS and both sigmas are one: rather too much is the same than too little.
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect()
}

/// Text without what no name may have, in NFC, with single blanks inside and none at its ends, and no dot at its ends.
fn swept(text: &str) -> String {
    /// No name needs more; subjects of hostile mail may have megabytes.
    const LOOKED_AT: usize = 4 * COMPONENT_BYTES;
    let text = text.get(..text.floor_char_boundary(LOOKED_AT)).unwrap_or_default();
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for character in text.chars() {
        if character.is_whitespace() {
            blank = true;
            continue;
        }
        let Some(character) = replaced(character) else { continue };
        if std::mem::take(&mut blank) && !out.is_empty() {
            out.push(' ');
        }
        out.push(character);
    }
    if !is_nfc(&out) {
        // No composition gives a character that is replaced above, for those have no decompositions but into letters.
        out = out.nfc().collect();
    }
    let trimmed = out.trim_end_matches(['.', ' ']);
    // A name that begins with a dot is hidden, and `..` leads up.
    if trimmed.starts_with('.') { format!("_{}", trimmed.trim_start_matches('.')) } else { trimmed.to_owned() }
}

/// What stands for a character in a name; `None` if nothing does.
fn replaced(character: char) -> Option<char> {
    match character {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => Some('_'),
        // Control characters; those without width; those that turn the direction; annotations, tags, no characters.
        '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{AD}' | '\u{61C}' | '\u{180E}' => None,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' => None,
        '\u{FFF0}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}' | '\u{E0000}'..='\u{E0FFF}' => None,
        character if u32::from(character) & 0xFFFE == 0xFFFE => None,
        character => Some(character),
    }
}

/// Puts a mark before the name of a Windows device, which such a name is whatever extension follows.
fn mark_device(name: &mut String) {
    const DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_port = ["COM", "LPT"].iter().any(|port| {
        let number = stem.strip_prefix(port).map(|rest| rest.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    });
    if is_port || DEVICES.contains(&stem.as_str()) {
        name.insert(0, '_');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_replaced_and_kept() {
        for (text, name) in [
            ("Inbox", "Inbox"),
            ("", "_"),
            (" \t. ", "_"),
            ("..", "_"),
            ("../../etc/passwd", "__.._etc_passwd"),
            (".hidden", "_hidden"),
            ("a/b\\c:d*e?f\"g<h>i|j", "a_b_c_d_e_f_g_h_i_j"),
            ("one\r\n two\u{3000}three ", "one two three"),
            ("end...", "end"),
            ("bell\u{7}and\u{202E}gpj.exe", "bellandgpj.exe"),
            ("zero\u{200B}width\u{FEFF}", "zerowidth"),
            ("Cafe\u{301}", "Café"),
            ("\u{212B}", "Å"),
            ("台北", "台北"),
            ("😀", "😀"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("aux .a.b", "_aux .a.b"),
            ("Com7", "_Com7"),
            ("LPT²", "_LPT²"),
            ("COM10", "COM10"),
            ("Console", "Console"),
        ] {
            assert_eq!(clean(text), name, "{text:?}");
        }
        // The mark of a device counts.
        assert_eq!(clean(&format!("nul.{}", "a".repeat(96))), format!("_nul.{}", "a".repeat(95)));
    }

    #[test]
    fn items_are_called_by_date_and_subject() {
        let date = FileTime::from_unix_seconds(1_561_991_520);
        assert_eq!(of_item(date, "Re: What?"), "2019-07-01 1432 Re_ What_");
        assert_eq!(of_item(date, ""), "2019-07-01 1432");
        assert_eq!(of_item(None, "..."), "undated");
        assert_eq!(of_item(Some(FileTime::new(u64::MAX)), "x"), "undated x");
        let long = of_item(date, &"ü".repeat(500));
        assert_eq!(long.len(), 100);
        assert!(long.ends_with('ü'));
    }

    #[test]
    fn what_systems_take_for_the_same() {
        for (one, other) in [("INBOX", "inbox"), ("Straße", "STRASSE"), ("ΣΑΣ", "σας"), ("é", "E\u{301}"), ("ﬁ", "fi")]
        {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("a"), folded("b"));
    }
}
