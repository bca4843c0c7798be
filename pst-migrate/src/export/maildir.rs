//! Names of Maildir++: folders as `.Work.2020`, files as `1561991520.1f2e3d4c5b6a7988.pst:2,S`.

use pst_core::FileTime;
use pst_core::ltp::id;
use pst_core::messaging::Message;
use pst_core::mime::Mail;

use super::name::cut;
use crate::input::{Found, MaildirFlags};
use pst_core::item::AnyMessage;

/// The name of the directory of a folder: each name in modified UTF-7 (RFC 3501 5.1.3), with dots between. A dot inside a
/// name becomes `_`. A path that is too long is that of its last name alone.
pub(super) fn directory(names: &[&str]) -> String {
    /// Systems take 255 bytes; some of it is for a number.
    const MOST: usize = 200;
    let encoded = |name: &str| encode(&name.replace('.', "_"));
    let all: String = names.iter().map(|name| format!(".{}", encoded(name))).collect();
    if all.len() <= MOST {
        return all;
    }
    // The longest encoding makes eight letters of three characters.
    let last = names.last().copied().unwrap_or_default();
    format!(".{}", encoded(cut(last, 60)))
}

/// The name of a file without flags. `identity` says which item it is.
pub(super) fn file(date: Option<FileTime>, identity: &str) -> String {
    let seconds = date.map_or(0, FileTime::to_unix_seconds).max(0);
    format!("{seconds}.{}.pst", identity)
}

/// Flags behind the name of a file, in the order of the alphabet. **Windows has no colon in names**: there it is a
/// semicolon, as other programs write.
pub(super) fn flags(found: &Found<'_>) -> String {
    let flags = match (&found.flags, &found.message) {
        (Some(flags), _) => flags.clone(),
        (None, AnyMessage::Message(message)) => of_message(message),
        (None, AnyMessage::Mail(mail)) => of_headers(mail),
    };
    let letters = [
        ('D', flags.draft),
        ('F', flags.flagged),
        ('P', flags.passed),
        ('R', flags.replied),
        ('S', flags.seen),
        ('T', flags.trashed),
    ];
    let mut text = String::from(if cfg!(windows) { ";2," } else { ":2," });
    text.extend(letters.iter().filter(|(_, set)| *set).map(|(letter, _)| *letter));
    text
}

/// PidTagMessageFlags (MS-OXCMSG 2.2.1.6), PidTagFlagStatus (MS-OXOFLAG 2.2.1.1), PidTagLastVerbExecuted (MS-OXOMSG
/// 2.2.1.65).
fn of_message(message: &Message) -> MaildirFlags {
    const FLAG_STATUS: u16 = 0x1090;
    const LAST_VERB: u16 = 0x1081;
    let number = |id| message.integer(id).ok().flatten().unwrap_or(0);
    let state = number(id::MESSAGE_FLAGS);
    let verb = number(LAST_VERB);
    MaildirFlags {
        seen: state & 0x1 != 0,
        draft: state & 0x8 != 0,
        flagged: number(FLAG_STATUS) == 2,
        replied: matches!(verb, 102 | 103),
        passed: verb == 104,
        ..MaildirFlags::default()
    }
}

/// The headers in which programs keep the state of mails in an mbox.
fn of_headers(mail: &Mail<'_>) -> MaildirFlags {
    let has = |name: &str, letter: char| mail.header_text(name).is_some_and(|text| text.contains(letter));
    MaildirFlags {
        seen: has("Status", 'R'),
        replied: has("X-Status", 'A'),
        flagged: has("X-Status", 'F'),
        draft: has("X-Status", 'T'),
        trashed: has("X-Status", 'D'),
        ..MaildirFlags::default()
    }
}

fn encode(name: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    let mut out = String::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let plain = |character: char| matches!(character, ' '..='~');
        let end = rest.find(|character| plain(character) != plain(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = after;
        if plain(first) {
            out.push_str(&run.replace('&', "&-"));
            continue;
        }
        out.push('&');
        let bits: Vec<bool> =
            run.encode_utf16().flat_map(|unit| (0..16u32).rev().map(move |bit| unit >> bit & 1 == 1)).collect();
        for six in bits.chunks(6) {
            let value = six.iter().fold(0usize, |value, bit| value << 1 | usize::from(*bit));
            let value = value << 6usize.saturating_sub(six.len());
            out.push(char::from(DIGITS.get(value).copied().unwrap_or(b'A')));
        }
        out.push('-');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_in_modified_utf_7() {
        for (names, directory_name) in [
            (&["Work", "2020"][..], ".Work.2020"),
            (&["Entwürfe"], ".Entw&APw-rfe"),
            (&["R&D v1.2"], ".R&-D v1_2"),
            (&["台北日本語"], ".&U,BTF2XlZyyKng-"),
            (&["😀"], ".&2D3eAA-"),
            (&[], ""),
        ] {
            assert_eq!(directory(names), directory_name);
        }
        let long = "語".repeat(33);
        let path = directory(&[&long, &long, &long]);
        assert!(path.len() <= 200, "{path}");
    }
}
