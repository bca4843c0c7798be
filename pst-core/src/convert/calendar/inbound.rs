//! PidLidInboundICalStream (MS-OXCICAL): the iCalendar part a meeting message came with, kept by servers.

use crate::convert::calendar::Method;

/// What a server kept: its text with CR LF ends, and its method.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inbound {
    pub(super) text: String,
    pub(super) method: Option<Method>,
}

/// Components within components; VALARM in VEVENT in VCALENDAR is three.
const DEPTH: usize = 8;

/// Takes a stream if it is one sound calendar: UTF-8, every BEGIN with its END, a name and a value in every line, and at
/// least one component inside. Else the reason it is not.
pub(super) fn parse(stored: &[u8]) -> Result<Inbound, &'static str> {
    let stored = stored.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(stored);
    let text = std::str::from_utf8(stored).map_err(|_| "it is not UTF-8")?;
    let text = text.trim_end_matches(['\0', '\r', '\n', ' ']);
    if text.contains(|c: char| c.is_control() && !matches!(c, '\r' | '\n' | '\t')) {
        return Err("it has control characters");
    }
    let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let mut open: Vec<&str> = Vec::new();
    let (mut components, mut ended, mut method) = (0u32, false, None);
    let mut out = String::with_capacity(text.len().saturating_add(64));
    for line in lines {
        if line.starts_with([' ', '\t']) && !open.is_empty() {
            out.push_str(line);
            out.push_str("\r\n");
            continue;
        }
        if line.is_empty() {
            continue;
        }
        if ended {
            return Err("it has more than one calendar");
        }
        let (name, value) = line.split_once([':', ';']).ok_or("it has a line without a value")?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err("it has a line without a name");
        }
        let is = |expected: &str| name.eq_ignore_ascii_case(expected);
        if open.is_empty() && !(is("BEGIN") && value.eq_ignore_ascii_case("VCALENDAR")) {
            return Err("it does not begin as a calendar");
        }
        if is("BEGIN") {
            if open.len() >= DEPTH {
                return Err("its components lie too deep");
            }
            components = components.saturating_add(u32::from(open.len() == 1));
            open.push(value);
        } else if is("END") {
            if !open.pop().is_some_and(|begun| begun.eq_ignore_ascii_case(value)) {
                return Err("a component does not end as it began");
            }
            ended = open.is_empty();
        } else if is("METHOD") && open.len() == 1 {
            method = Method::from_name(value);
        }
        out.push_str(line);
        out.push_str("\r\n");
    }
    match (ended, components) {
        (false, _) => Err("it breaks off"),
        (true, 0) => Err("it is empty"),
        (true, _) => Ok(Inbound { text: out, method }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

    use super::*;
    use proptest::prelude::*;

    const SOUND: &str =
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY;LANGUAGE=en:a\n b\nEND:VEVENT\nEND:VCALENDAR\n";

    #[test]
    fn a_sound_stream_is_kept() {
        let inbound = parse(SOUND.as_bytes()).unwrap();
        assert_eq!(inbound.text, SOUND.replace('\n', "\r\n"));
        assert_eq!(inbound.method, Some(Method::Request));
        let crlf = SOUND.replace('\n', "\r\n") + "\0";
        assert_eq!(parse(crlf.as_bytes()), Ok(inbound));
    }

    #[test]
    fn others_are_refused_with_a_reason() {
        for (text, reason) in [
            ("", "it has a line without a value"),
            ("HELLO:x", "it does not begin as a calendar"),
            ("BEGIN:VCALENDAR\nEND:VCALENDAR", "it is empty"),
            (&SOUND[..60], "it breaks off"),
            (&SOUND.replace("END:VEVENT", "END:VTODO"), "a component does not end as it began"),
            (&SOUND.replace("SUMMARY;LANGUAGE=en:a", "nothing"), "it has a line without a value"),
            (&SOUND.replace("SUMMARY", "\u{1}"), "it has control characters"),
            (&format!("{SOUND}{SOUND}"), "it has more than one calendar"),
        ] {
            let expected = if text.is_empty() { Err("it breaks off") } else { Err(reason) };
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(parse(b"BEGIN:VCALENDAR\nX:\xFF"), Err("it is not UTF-8"));
        let deep = "BEGIN:VCALENDAR\n".to_owned() + &"BEGIN:A\n".repeat(9);
        assert_eq!(parse(deep.as_bytes()), Err("its components lie too deep"));
    }

    proptest! {
        #[test]
        fn any_text(text in "(BEGIN:|END:|VCALENDAR|A|\n|\r| |;|:|METHOD){0,40}") {
            if let Ok(inbound) = parse(text.as_bytes()) {
                prop_assert_eq!(parse(inbound.text.as_bytes()), Ok(inbound));
            }
        }
    }
}
