//! The headers a mail came with: PidTagTransportMessageHeaders (MS-OXOMSG 2.2.1.61).
//!
//! **They are the headers of the mail as it was, body included.** What they say of encodings and parts is not true of the
//! parts written now, so every `Content-` field that describes a body goes, and `MIME-Version` with it. Servers put a banner
//! before the first field, and the headers of inner parts behind the first empty line.

use std::collections::HashMap;

use super::field::is_name;
use super::losses::Losses;
use crate::convert::LossKind;

/// What may be there once only (RFC 5322 3.6).
const ONCE: &[&str] =
    &["date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject"];
/// Of these a second one is joined to the first.
const JOINED: &[&str] = &["reply-to", "to", "cc", "bcc"];
/// Fields that begin with `Content-` and yet describe the mail, not the form of its body: the marks of journal reports among
/// them.
const KEPT_CONTENT: &[&str] = &["content-class", "content-identifier", "content-identifer", "content-language"];

/// The longest line that is taken over as it is (RFC 5322 2.1.1).
const LONGEST_LINE: usize = 998;

/// Fields that are taken over. One takes 200 bytes of memory and three of the text.
const MOST_FIELDS: usize = 100_000;

/// The fields in their order; values as they were, folding included, with CR LF before each following line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Transport(pub(super) Vec<(String, String)>);

impl Transport {
    /// Takes the fields apart and leaves out what is not true any more.
    pub(super) fn parse(text: &str, losses: &mut Losses) -> Self {
        let (raw, mut strange, are_all) = split(text);
        if !are_all {
            losses.add(LossKind::TooLarge, format!("the transport headers have more than {MOST_FIELDS} fields"));
        }
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut once = HashMap::new();
        let mut repeated = 0u64;
        for (name, value) in raw {
            let lower = name.to_ascii_lowercase();
            let of_body = lower.starts_with("content-") && !KEPT_CONTENT.contains(&lower.as_str());
            if of_body || lower == "mime-version" {
                continue;
            }
            if !is_name(&name) {
                strange = strange.saturating_add(1);
                continue;
            }
            if ONCE.contains(&lower.as_str()) {
                if let Some(first) = once.get(&lower).and_then(|at: &usize| fields.get_mut(*at)) {
                    repeated = repeated.saturating_add(1);
                    if JOINED.contains(&lower.as_str()) {
                        first.1.push_str(",\r\n ");
                        first.1.push_str(value.trim());
                    }
                    continue;
                }
                once.insert(lower, fields.len());
            }
            fields.push((name, value));
        }
        if strange > 0 {
            losses.add(LossKind::NoPlace, format!("{strange} lines among the transport headers are no header fields"));
        }
        if repeated > 0 {
            losses.add(LossKind::Changed, format!("{repeated} transport headers repeat one that may be there once"));
        }
        Self(fields)
    }

    /// The value of the first field of this name, unfolded.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value.replace("\r\n", "").trim().to_owned())
    }

    /// Whether anything in it tells of a mail: a truncated or foreign text tells nothing.
    pub(super) fn is_of_a_mail(&self) -> bool {
        ["from", "date", "received", "message-id", "to", "subject"].iter().any(|name| self.get(name).is_some())
    }
}

/// Fields up to the first empty line, how many lines are none, and whether the fields are all there are.
fn split(text: &str) -> (Vec<(String, String)>, u64, bool) {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut strange = 0u64;
    // Lines after one that is no field continue nothing.
    let mut in_field = false;
    for (number, line) in lines(text.trim_start_matches(['\r', '\n', '\u{feff}'])).enumerate() {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            // A line of white space alone says nothing.
            if let Some((_, value)) = fields.last_mut().filter(|_| in_field && !line.trim().is_empty()) {
                value.push_str("\r\n");
                value.push_str(line);
            }
            continue;
        }
        let is_first = |start: &str| number == 0 && line.starts_with(start);
        in_field = false;
        let of_mbox = is_first("From ") && !line.get(5..).unwrap_or_default().trim_start().starts_with(':');
        if is_first("Microsoft Mail Internet Headers") || of_mbox {
            continue;
        }
        match line.split_once(':') {
            Some(_) if fields.len() >= MOST_FIELDS => return (fields, strange, false),
            Some((name, value)) => {
                fields.push((name.trim_end().to_owned(), value.to_owned()));
                in_field = true;
            }
            None => strange = strange.saturating_add(1),
        }
    }
    (fields, strange, true)
}

/// Whether a value can be taken over as it is: 7-bit, no controls, no line too long.
pub(super) fn is_plain(value: &str) -> bool {
    value.split("\r\n").all(|line| {
        line.len() <= LONGEST_LINE.saturating_sub(80) && line.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
    })
}

/// Lines that end with CR LF, LF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(at) = text.find(['\r', '\n']) else {
            rest = None;
            return Some(text);
        };
        let (line, end) = text.split_at_checked(at)?;
        rest = end.strip_prefix("\r\n").or_else(|| end.get(1..));
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Vec<(String, String)>, Vec<String>) {
        let mut losses = Losses::default();
        let fields = Transport::parse(text, &mut losses).0;
        (fields, losses.finish().iter().map(ToString::to_string).collect())
    }

    fn names(text: &str) -> Vec<String> {
        parse(text).0.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn what_describes_the_old_body_goes_and_the_rest_stays_as_it_is() {
        let text = "Microsoft Mail Internet Headers Version 2.0\r\nReceived: from a\r\n\tby b; Mon\r\nMIME-Version: 1.0\r\n\
                    Content-Type: multipart/mixed;\r\n\tboundary=\"x\"\r\nContent-class: urn:content-classes:message\r\n\
                    Content-Identifer: ExJournalReport\r\nX-Odd:nospace \r\n\r\nContent-Type: text/plain\r\nInner: y\r\n";
        let (fields, losses) = parse(text);
        let expected = [
            ("Received", " from a\r\n\tby b; Mon"),
            ("Content-class", " urn:content-classes:message"),
            ("Content-Identifer", " ExJournalReport"),
            ("X-Odd", "nospace "),
        ];
        assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(losses.is_empty(), "{losses:?}");
    }

    #[test]
    fn line_ends_of_every_kind_and_an_mbox_line() {
        assert_eq!(names("From ann@example.com Mon Jan 1 00:00:00 2001\nA: 1\rB: 2\r\nC: 3\n\nD: 4"), ["A", "B", "C"]);
        assert_eq!(names("\r\n\r\nA: 1"), ["A"]);
    }

    #[test]
    fn repeated_fields_are_joined_or_left_out_and_told() {
        let (fields, losses) =
            parse("To: a@x,\r\n b@x\r\nSubject: one\r\nTo: c@x\r\n d@x\r\nSubject: two\r\n more\r\n");
        assert_eq!(fields.len(), 2);
        assert_eq!(fields[0], ("To".to_owned(), " a@x,\r\n b@x,\r\n c@x\r\n d@x".to_owned()));
        assert_eq!(fields[1], ("Subject".to_owned(), " one".to_owned()));
        assert_eq!(losses, ["changed: 2 transport headers repeat one that may be there once"]);
    }

    #[test]
    fn lines_that_are_no_fields_are_told() {
        let (fields, losses) = parse("A: 1\r\nno colon\r\nbad name: x\r\n--=_0000: y\r\n");
        assert_eq!(fields.len(), 1);
        assert_eq!(losses, ["no-place: 3 lines among the transport headers are no header fields"]);
    }

    #[test]
    fn fields_are_bounded_and_it_is_told() {
        let (fields, losses) = parse(&"a:\n".repeat(MOST_FIELDS));
        assert_eq!((fields.len(), losses.len()), (MOST_FIELDS, 0));
        let (fields, losses) = parse(&"a:\n".repeat(MOST_FIELDS + 2));
        assert_eq!(fields.len(), MOST_FIELDS);
        assert_eq!(losses, ["too-large: the transport headers have more than 100000 fields"]);
    }

    #[test]
    fn plain_values() {
        assert!(is_plain(" a\r\n\tb"));
        assert!(!is_plain(" ä") && !is_plain("a\0") && !is_plain("a\nb") && !is_plain(&"x".repeat(1000)));
    }
}
