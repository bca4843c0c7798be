//! Maildir: a directory with `cur`, `new` and `tmp`, one file for each mail; folders beside them whose names begin with a
//! dot (Maildir++).

use std::path::Path;

/// What the name of a file in a maildir tells of its mail, behind `:2,`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MaildirFlags {
    /// `P`: it was resent, forwarded or bounced.
    pub passed: bool,
    /// `R`: it was answered.
    pub replied: bool,
    /// `S`: it was read.
    pub seen: bool,
    /// `T`: it is to be deleted.
    pub trashed: bool,
    /// `D`: it is a draft.
    pub draft: bool,
    /// `F`: somebody flagged it.
    pub flagged: bool,
    /// Other letters, as servers use them for keywords of their own.
    pub other: String,
}

impl MaildirFlags {
    /// Reads them from the name of a file; without any there, none is set.
    pub fn of(name: &str) -> Self {
        let mut flags = Self::default();
        // Where a colon cannot stand in a name, programs write one of the others.
        let letters = [":2,", ";2,", "!2,"].iter().find_map(|mark| name.rsplit_once(mark)).map(|(_, letters)| letters);
        // Some servers put fields of their own behind: `,S=1234`.
        for letter in letters.unwrap_or_default().chars().take_while(|letter| *letter != ',') {
            match letter {
                'P' => flags.passed = true,
                'R' => flags.replied = true,
                'S' => flags.seen = true,
                'T' => flags.trashed = true,
                'D' => flags.draft = true,
                'F' => flags.flagged = true,
                other => flags.other.push(other),
            }
        }
        flags
    }
}

/// True for a directory that is a maildir. `tmp` may be missing, as archives drop what is empty.
pub(super) fn is_one(directory: &Path) -> bool {
    directory.join("cur").is_dir() && directory.join("new").is_dir()
}

/// The folders that a directory in a maildir stands for: `.Work.2020` is 2020 in Work. `None` if the name begins with no
/// dot.
pub(crate) fn folders(name: &str) -> Option<Vec<String>> {
    let names = name.strip_prefix('.').filter(|names| !names.is_empty())?;
    Some(names.split('.').map(|name| decode(name).unwrap_or_else(|| name.to_owned())).collect())
}

/// Reads the modified UTF-7 of folder names (RFC 3501 5.1.3): `&` begins UTF-16BE in base64 with `,` for `/` and no padding,
/// `-` ends it, and `&-` is `&`. `None` if it is none.
fn decode(name: &str) -> Option<String> {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (packed, after) = after.split_once('-')?;
        rest = after;
        if packed.is_empty() {
            out.push('&');
            continue;
        }
        let (mut units, mut bits, mut count) = (Vec::new(), 0u32, 0u32);
        for letter in packed.bytes() {
            let value = match letter {
                b'A'..=b'Z' => letter.wrapping_sub(b'A'),
                b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
                b'0'..=b'9' => letter.wrapping_sub(b'0').wrapping_add(52),
                b'+' => 62,
                b',' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
            count = count.saturating_add(6);
            if let Some(left) = count.checked_sub(16) {
                units.push(u16::try_from(bits >> left & 0xFFFF).ok()?);
                count = left;
                bits &= (1u32 << left).wrapping_sub(1);
            }
        }
        out.push_str(&String::from_utf16(&units).ok()?);
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags() {
        let of = MaildirFlags::of;
        assert_eq!(
            of("1204680122.27c448.host:2,FRS"),
            MaildirFlags { flagged: true, replied: true, seen: true, ..MaildirFlags::default() }
        );
        assert_eq!(
            of("1:2,DPTab"),
            MaildirFlags { draft: true, passed: true, trashed: true, other: "ab".into(), ..MaildirFlags::default() }
        );
        assert_eq!(of("1,S=1234;2,S,W=5"), MaildirFlags { seen: true, ..MaildirFlags::default() });
        for none in ["1204680122.27c448.host", "1:2,", "1:1,S", ""] {
            assert_eq!(of(none), MaildirFlags::default(), "{none}");
        }
    }

    #[test]
    fn folder_names() {
        assert_eq!(folders(".Work.2020").unwrap(), ["Work", "2020"]);
        assert_eq!(folders(".Entw&APw-rfe").unwrap(), ["Entwürfe"]);
        assert_eq!(folders(".R&-D").unwrap(), ["R&D"]);
        assert_eq!(folders(".&U,BTF2XlZyyKng-").unwrap(), ["台北日本語"]);
        // What is no modified UTF-7 stays as it is.
        assert_eq!(folders(".A&B").unwrap(), ["A&B"]);
        assert_eq!(folders(".A&!-").unwrap(), ["A&!-"]);
        assert_eq!(folders(".&2AA-").unwrap(), ["&2AA-"]);
        assert_eq!(folders("Work"), None);
        assert_eq!(folders("."), None);
    }
}
