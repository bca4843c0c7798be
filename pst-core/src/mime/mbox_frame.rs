//! Where messages of an mbox end: separators, and `Content-Length` as far as it can be believed.

use std::ops::Range;

use super::finding::{FindingKind, Findings};
use super::header;
use super::lines::{Line, LineEnds, before_line_end};
use super::parse::{self, Date};

/// What speaks for a line being a separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    Sound,
    WithoutDate,
    WithoutBlankLine,
}

/// Whether a line separates messages.
///
/// It begins with `From ` and has a date, and comes after an empty line or before a header. One without a date is taken if
/// it comes after an empty line and before a header that programs write first.
pub(super) fn separator(bytes: &[u8], line: Line, ends: LineEnds, is_after_blank: bool) -> Option<Separator> {
    let text = line.of(bytes);
    if !text.starts_with(b"From ") {
        return None;
    }
    let next = Line::at(bytes, line.next, ends).map(|next| next.of(bytes)).unwrap_or_default();
    let name = header::name_length(next).and_then(|length| next.get(..length));
    match (envelope_date(text).is_some(), is_after_blank) {
        (true, true) => Some(Separator::Sound),
        (true, false) => name.map(|_| Separator::WithoutBlankLine),
        (false, true) => name.filter(|name| begins_mail(name)).map(|_| Separator::WithoutDate),
        (false, false) => None,
    }
}

fn begins_mail(name: &[u8]) -> bool {
    const NAMES: [&str; 14] = [
        "Return-Path",
        "Received",
        "Delivered-To",
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Sender",
        "Reply-To",
        "Status",
        "DKIM-Signature",
    ];
    name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"X-"))
        || NAMES.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// The date of a separator, which has a weekday as C's `asctime` writes it.
pub(super) fn envelope_date(line: &[u8]) -> Option<Date> {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    // Nobody's separator is longer; the text of a body may be.
    let line = line.get(..line.len().min(1024))?;
    let text = String::from_utf8_lossy(line);
    let (at, _) = text.match_indices(' ').find(|(at, _)| {
        text.get(at.saturating_add(1)..).is_some_and(|rest| DAYS.iter().any(|day| rest.starts_with(day)))
    })?;
    parse::date_in_words(text.get(at..)?)
}

pub(super) fn tell(separator: Separator, offset: usize, findings: &mut Findings) {
    match separator {
        Separator::Sound => {}
        Separator::WithoutDate => findings.add(FindingKind::SeparatorWithoutDate, offset, ""),
        Separator::WithoutBlankLine => findings.add(FindingKind::SeparatorWithoutBlankLine, offset, ""),
    }
}

pub(super) fn follows_blank(bytes: &[u8], at: usize) -> bool {
    let Some(before) = bytes.get(..at) else { return false };
    let before_end = before_line_end(bytes, 0, at);
    before_end < at && (before_line_end(bytes, 0, before_end) < before_end || before_end == 0 || before.is_empty())
}

/// The end of a message and the separator behind it.
pub(super) struct Next {
    pub(super) end: usize,
    pub(super) separator: usize,
    /// A `Content-Length` says so.
    pub(super) is_counted: bool,
}

pub(super) fn next_message(bytes: &[u8], start: usize, ends: LineEnds, findings: &mut Findings) -> Next {
    if let Some(length) = content_length(bytes, start, ends) {
        match landing(bytes, &length, ends) {
            Some(next) => return next,
            None => findings.add(FindingKind::WrongContentLength, length.at, format!("{}", length.bytes)),
        }
    }
    scan(bytes, start, ends)
}

/// The next separator by the look of lines.
fn scan(bytes: &[u8], start: usize, ends: LineEnds) -> Next {
    let mut at = start;
    let mut is_after_blank = false;
    while let Some(line) = Line::at(bytes, at, ends) {
        if bytes.get(line.start) == Some(&b'F') && separator(bytes, line, ends, is_after_blank).is_some() {
            // The empty line belongs to the separator.
            let end = if is_after_blank { before_line_end(bytes, start, line.start) } else { line.start };
            return Next { end, separator: line.start, is_counted: false };
        }
        is_after_blank = line.start == line.end;
        at = line.next;
    }
    Next { end: bytes.len(), separator: bytes.len(), is_counted: false }
}

/// A `Content-Length` header.
pub(super) struct ContentLength {
    /// Where it stands.
    at: usize,
    bytes: usize,
    /// Where the body begins.
    body: usize,
}

pub(super) fn content_length(bytes: &[u8], start: usize, ends: LineEnds) -> Option<ContentLength> {
    let mut at = start;
    let mut found = None;
    while let Some(line) = Line::at(bytes, at, ends) {
        let text = line.of(bytes);
        // `From : Mon May 1 …` is a separator and a header at once; without an end here, each would be read to the last.
        if at > start && separator(bytes, line, ends, false).is_some() {
            return None;
        }
        if text.is_empty() {
            let (at, length) = found?;
            return Some(ContentLength { at, bytes: length, body: line.next });
        }
        let is_folded = matches!(text.first(), Some(b' ' | b'\t'));
        match header::name_length(text).and_then(|length| text.split_at_checked(length)) {
            Some((name, rest)) if name.eq_ignore_ascii_case(b"Content-Length") => {
                let digits = rest.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii);
                let length = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
                found = found.or_else(|| length.map(|length| (line.start, length)));
            }
            None if !is_folded => return None,
            _ => {}
        }
        at = line.next;
    }
    None
}

/// Where a `Content-Length` leads, if that is a separator or the end, up to two empty lines passed over.
pub(super) fn landing(bytes: &[u8], length: &ContentLength, ends: LineEnds) -> Option<Next> {
    let end = length.body.checked_add(length.bytes).filter(|&end| end <= bytes.len())?;
    let at_separator = |separator| Some(Next { end, separator, is_counted: true });
    let mut at = end;
    for _ in 0..3 {
        let Some(line) = Line::at(bytes, at, ends) else { return at_separator(bytes.len()) };
        if separator(bytes, line, ends, true).is_some() {
            return at_separator(line.start);
        }
        if line.start != line.end {
            return None;
        }
        at = line.next;
    }
    if at >= bytes.len() { at_separator(bytes.len()) } else { None }
}

/// The end of the last message: without the empty line that writers add, and without the NULs of a file that was not
/// written to its end.
pub(super) fn tail(bytes: &[u8], range: Range<usize>, findings: &mut Findings) -> usize {
    let last = bytes.get(range.clone()).unwrap_or_default();
    let nuls = last.iter().rev().take_while(|&&byte| byte == 0).count();
    let end = range.end.saturating_sub(nuls);
    if nuls > 0 {
        findings.add(FindingKind::NulTail, end, format!("{nuls} bytes"));
    }
    let before = before_line_end(bytes, range.start, end);
    if before == end {
        findings.add(FindingKind::NoFinalLineEnd, end, "");
        return end;
    }
    let without_empty = before_line_end(bytes, range.start, before);
    if without_empty < before || before == range.start { before } else { end }
}
