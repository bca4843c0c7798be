//! Names of archive entries: what they may be, and the folders they tell.
//!
//! No name becomes a path here, so none can do harm. They are refused all the same: **a name that leads somewhere else, or
//! is another thing on another system, shows that the archive was made to deceive**, and later rooms may make files.

use crate::input::SkipReason;

/// A name that is in order, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntryName<'n> {
    pub(super) folders: Vec<&'n str>,
    pub(super) file: &'n str,
}

impl<'n> EntryName<'n> {
    /// Takes a name apart (APPNOTE 4.4.17: relative, with slashes).
    pub(super) fn check(name: &'n str) -> Result<Self, SkipReason> {
        if name.chars().any(char::is_control) {
            return Err(SkipReason::ControlCharacter);
        }
        if name.contains('\\') {
            return Err(SkipReason::Backslash);
        }
        if name.starts_with('/') {
            return Err(SkipReason::AbsolutePath);
        }
        if matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic()) {
            return Err(SkipReason::DrivePath);
        }
        let mut folders: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if folders.contains(&"..") {
            return Err(SkipReason::ParentPath);
        }
        if folders.iter().any(|part| is_device(part)) {
            return Err(SkipReason::DeviceName);
        }
        let file = folders.pop().unwrap_or_default();
        Ok(Self { folders, file })
    }
}

/// True for the names that Windows takes for devices, whatever stands behind a dot.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end();
    let is = |name: &str| stem.eq_ignore_ascii_case(name);
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].into_iter().any(is) {
        return true;
    }
    let numbered =
        stem.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("COM") || start.eq_ignore_ascii_case("LPT"));
    // The raised digits count as digits there.
    numbered && matches!(stem.get(3..), Some("1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |name| EntryName::check(name).map(|name| (name.folders.join("|"), name.file));
        assert_eq!(check("a.eml"), Ok((String::new(), "a.eml")));
        assert_eq!(check("Inbox/2020/a.eml"), Ok(("Inbox|2020".into(), "a.eml")));
        assert_eq!(check("./Inbox//a.eml"), Ok(("Inbox".into(), "a.eml")));
        assert_eq!(check("Post/cur/1204:2,S"), Ok(("Post|cur".into(), "1204:2,S")));
        assert_eq!(check("Contacts/com10.eml"), Ok(("Contacts".into(), "com10.eml")));
        assert_eq!(check("..."), Ok((String::new(), "...")));
        for (name, reason) in [
            ("/etc/passwd", SkipReason::AbsolutePath),
            ("//server/share", SkipReason::AbsolutePath),
            ("../a.eml", SkipReason::ParentPath),
            ("a/../../b.eml", SkipReason::ParentPath),
            ("..", SkipReason::ParentPath),
            ("C:/a.eml", SkipReason::DrivePath),
            ("c:a.eml", SkipReason::DrivePath),
            ("a\\b.eml", SkipReason::Backslash),
            ("..\\a.eml", SkipReason::Backslash),
            ("a.eml\0.exe", SkipReason::ControlCharacter),
            ("a\nb", SkipReason::ControlCharacter),
            ("NUL", SkipReason::DeviceName),
            ("mail/aux.eml", SkipReason::DeviceName),
            ("Com1 .eml", SkipReason::DeviceName),
            ("lpt¹", SkipReason::DeviceName),
        ] {
            assert_eq!(check(name), Err(reason), "{name}");
        }
    }
}
