//! What stands around a message in a file: marks, envelope lines, the wrapping of Apple Mail.

use std::borrow::Cow;
use std::ops::Range;

use super::finding::{FindingKind, Findings};
use super::lines::{Line, LineEnds};

/// A file taken apart.
pub(super) struct Opened<'a> {
    /// The bytes of the file, or the UTF-8 made of UTF-16.
    pub(super) bytes: Cow<'a, [u8]>,
    /// Made of UTF-16.
    pub(super) transcoded: bool,
    /// The message.
    pub(super) message: Range<usize>,
    /// The `From ` line of an mbox before it.
    pub(super) envelope_line: Option<Range<usize>>,
    /// The property list of Apple Mail behind it.
    pub(super) property_list: Option<Range<usize>>,
}

pub(super) fn open<'a>(bytes: Cow<'a, [u8]>, findings: &mut Findings) -> Opened<'a> {
    let (bytes, transcoded) = match from_utf16(&bytes) {
        Some(text) => {
            findings.add(FindingKind::Utf16, 0, "");
            (Cow::Owned(text.into_bytes()), true)
        }
        None => (bytes, false),
    };
    let mut start = 0;
    if !transcoded && bytes.starts_with(b"\xEF\xBB\xBF") {
        findings.add(FindingKind::ByteOrderMark, 0, "");
        start = 3;
    }
    let mut end = bytes.len();
    let mut property_list = None;
    if let Some(apple) = apple_mail(&bytes, start) {
        findings.add(FindingKind::AppleMail, start, apple.complaint);
        start = apple.message.start;
        end = apple.message.end;
        property_list = Some(apple.property_list).filter(|range| !range.is_empty());
    }
    let ends = LineEnds::of(bytes.get(start..end).unwrap_or_default());
    if let Some(at) = after_blank_lines(&bytes, start, ends) {
        findings.add(FindingKind::LeadingBlankLines, start, "");
        start = at;
    }
    let mut envelope_line = None;
    let rest = bytes.get(start..end).unwrap_or_default();
    if (rest.starts_with(b"From ") || rest.starts_with(b">From "))
        && let Some(line) = Line::at(&bytes, start, ends)
    {
        findings.add(FindingKind::EnvelopeLine, start, "");
        envelope_line = Some(line.start..line.end);
        start = line.next.min(end);
    }
    Opened { message: start..end, bytes, transcoded, envelope_line, property_list }
}

/// The text of UTF-16 bytes, known by their mark, or by ASCII characters with a NUL each.
fn from_utf16(bytes: &[u8]) -> Option<String> {
    let little = |pair: &[u8]| matches!(pair, [1..=0x7F, 0]);
    let big = |pair: &[u8]| matches!(pair, [0, 1..=0x7F]);
    let head = bytes.get(..bytes.len().min(64)).unwrap_or_default();
    let (rest, is_little) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (rest, true),
        [0xFE, 0xFF, rest @ ..] => (rest, false),
        _ if head.len() >= 16 && head.chunks_exact(2).all(little) => (bytes, true),
        _ if head.len() >= 16 && head.chunks_exact(2).all(big) => (bytes, false),
        _ => return None,
    };
    let units = rest.chunks_exact(2).map(|pair| {
        let pair = [pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0)];
        if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    });
    let mut text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    if rest.len() % 2 != 0 {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Some(text)
}

/// Where the first header begins, if empty lines come before it.
fn after_blank_lines(bytes: &[u8], start: usize, ends: LineEnds) -> Option<usize> {
    let mut at = start;
    while let Some(line) = Line::at(bytes, at, ends).filter(|line| line.is_blank(bytes)) {
        at = line.next;
    }
    let line = Line::at(bytes, at, ends).filter(|_| at > start)?;
    let is_header = super::header::name_length(line.of(bytes)).is_some() || line.of(bytes).starts_with(b"From ");
    is_header.then_some(at)
}

/// The pieces of an `.emlx`: a line with the length of the message, the message, an XML property list.
struct AppleMail {
    message: Range<usize>,
    property_list: Range<usize>,
    complaint: String,
}

fn apple_mail(bytes: &[u8], start: usize) -> Option<AppleMail> {
    let head = bytes.get(start..)?;
    let digits = head.iter().take(12).take_while(|byte| byte.is_ascii_digit()).count();
    let line = Line::at(bytes, start, LineEnds::LineFeed).filter(|line| line.end.saturating_sub(start) <= 32)?;
    let number = head.get(..digits).filter(|digits| !digits.is_empty())?;
    if !line.of(bytes).get(digits..)?.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
        return None;
    }
    // A body that begins with a number is no such file.
    super::header::name_length(Line::at(bytes, line.next, LineEnds::LineFeed)?.of(bytes))?;
    let declared = std::str::from_utf8(number).ok()?.parse::<usize>().ok()?;
    let end = line.next.checked_add(declared).filter(|&end| end <= bytes.len());
    let is_list = |at: usize| bytes.get(at..).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"<?xml"));
    let (end, complaint) = match end {
        Some(end) if is_list(end) => (end, String::new()),
        _ => {
            // The list is short and at the end: look for the last place where one begins a line.
            let list = find_last(bytes.get(line.next..)?, b"\n<?xml")
                .and_then(|at| at.checked_add(line.next)?.checked_add(1))
                .unwrap_or(bytes.len());
            let have = list.saturating_sub(line.next);
            (list, format!("{declared} bytes declared, {have} found"))
        }
    };
    Some(AppleMail { message: line.next..end, property_list: end..bytes.len(), complaint })
}

fn find_last(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}
