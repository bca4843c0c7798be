//! Mailboxes in one file: mbox in its four kinds (RFC 4155; the kinds are told apart by the mbox page of qmail).
//!
//! ```text
//! From jane@a.example Wed May 17 19:35:05 2000     separator
//! Subject: Lunch                                   message
//!
//! >From now on we eat at noon.                     a quoted line
//!                                                  an empty line that belongs to the separator
//! From bob@b.example Wed May 17 19:40:11 2000
//! ```
//!
//! | kind | a body line that begins with `From ` | one that begins with `>From ` |
//! |---|---|---|
//! | mboxo | gets a `>` | stays: **what is read is a guess** |
//! | mboxrd | gets a `>` | gets one more |
//! | mboxcl | gets a `>`, and `Content-Length` tells where the message ends | stays |
//! | mboxcl2 | stays, `Content-Length` tells | stays |
//!
//! Messages are ranges of the bytes given, which may be a mapped file of any size; only one with quoted lines is copied,
//! when it is asked for.

use std::borrow::Cow;
use std::ops::Range;

use super::finding::{Finding, FindingKind, Findings};
use super::lines::{Line, LineEnds};
use super::mail::Mail;
use super::mbox_frame::{content_length, envelope_date, follows_blank, landing, next_message, separator, tail, tell};
use super::parse::Date;

/// How an mbox keeps lines of a body apart from separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MboxKind {
    /// mboxo: `From ` is quoted, `>From ` is not.
    Original,
    /// mboxrd: both are quoted, so that reading gives what was written.
    Rd,
    /// mboxcl: as mboxo, with a `Content-Length`.
    ContentLength,
    /// mboxcl2: with a `Content-Length`, nothing is quoted.
    ContentLength2,
}

impl MboxKind {
    /// The usual name: `mboxrd`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "mboxo",
            Self::Rd => "mboxrd",
            Self::ContentLength => "mboxcl",
            Self::ContentLength2 => "mboxcl2",
        }
    }
}

/// What the start of a file says about its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MboxEvidence {
    /// Messages looked at.
    pub messages: u64,
    /// Messages whose `Content-Length` leads to a separator or the end.
    pub right_lengths: u64,
    /// Messages whose `Content-Length` does not.
    pub wrong_lengths: u64,
    /// Lines that look like separators inside messages of a right length.
    pub unquoted: u64,
    /// Lines with `>From `.
    pub quoted: u64,
    /// Lines with `>>From ` and more.
    pub quoted_twice: u64,
}

impl MboxEvidence {
    /// The kind that this speaks for.
    ///
    /// Without `Content-Length` it is mboxo only if somebody says so: mboxrd undoes what both do to `From `, and they differ
    /// only in lines that were `>From ` before.
    pub fn kind(&self) -> MboxKind {
        if self.right_lengths > self.wrong_lengths {
            let quotes = self.unquoted == 0 && self.quoted > 0;
            return if quotes { MboxKind::ContentLength } else { MboxKind::ContentLength2 };
        }
        MboxKind::Rd
    }
}

/// An mbox file.
///
/// ```
/// use pst_core::mime::Mbox;
///
/// let file = b"From a@b.example Wed May 17 19:35:05 2000\nSubject: x\n\n>From here\n\n";
/// let mbox = Mbox::new(file);
/// for message in mbox.messages() {
///     assert_eq!(message.mail().root().text(), "From here\n");
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Mbox<'a> {
    bytes: &'a [u8],
    kind: MboxKind,
    evidence: MboxEvidence,
    ends: LineEnds,
}

impl<'a> Mbox<'a> {
    /// How much of a file is looked at to tell its kind.
    const LOOK: usize = 4 << 20;

    /// Whether a file begins as an mbox does: with a separator, empty lines aside.
    pub fn is_mbox(bytes: &[u8]) -> bool {
        let ends = LineEnds::of(bytes);
        let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        Line::at(bytes, start, ends).is_some_and(|line| separator(bytes, line, ends, true).is_some())
    }

    /// An mbox; its kind is told by its first 4 MiB.
    pub fn new(bytes: &'a [u8]) -> Self {
        let ends = LineEnds::of(bytes);
        let evidence = look(bytes, ends);
        Self { bytes, kind: evidence.kind(), evidence, ends }
    }

    /// The same file read as another kind.
    #[must_use]
    pub fn as_kind(self, kind: MboxKind) -> Self {
        Self { kind, ..self }
    }

    /// The kind it is read as.
    pub fn kind(&self) -> MboxKind {
        self.kind
    }

    /// What told the kind.
    pub fn evidence(&self) -> MboxEvidence {
        self.evidence
    }

    /// The messages in order. **Bytes before the first separator that are more than blanks come first, as a message without
    /// one**; so does a file that has none.
    pub fn messages(&self) -> MboxMessages<'a> {
        MboxMessages { mbox: *self, at: 0 }
    }
}

/// The messages of an mbox, in order. Each step reads the bytes of one message once.
#[derive(Clone, Debug)]
pub struct MboxMessages<'a> {
    mbox: Mbox<'a>,
    /// The next separator, or 0 at the start.
    at: usize,
}

/// A message of an mbox.
#[derive(Clone, Debug)]
pub struct MboxMessage<'a> {
    bytes: &'a [u8],
    kind: MboxKind,
    ends: LineEnds,
    separator: Option<Range<usize>>,
    range: Range<usize>,
    findings: Vec<Finding>,
}

impl<'a> Iterator for MboxMessages<'a> {
    type Item = MboxMessage<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let Mbox { bytes, kind, ends, .. } = self.mbox;
        let mut findings = Findings::default();
        let start = self.at;
        let first = Line::at(bytes, start, ends)?;
        let is_after_blank = start == 0 || follows_blank(bytes, start);
        let found = separator(bytes, first, ends, is_after_blank);
        let (body, separator_range) = match found {
            Some(kind) => {
                tell(kind, start, &mut findings);
                (first.next, Some(first.start..first.end))
            }
            None => (start, None),
        };
        let next = next_message(bytes, body, ends, &mut findings);
        self.at = next.separator;
        if separator_range.is_none() {
            let before = bytes.get(start..next.separator).unwrap_or_default();
            if before.iter().all(u8::is_ascii_whitespace) {
                return self.next();
            }
            findings.add(FindingKind::NoMboxSeparator, start, "");
        }
        let mut range = body..next.end.max(body);
        if next.separator >= bytes.len() && !next.is_counted {
            range.end = tail(bytes, range.clone(), &mut findings);
        }
        let findings = findings.into_vec();
        Some(MboxMessage { bytes, kind, ends, separator: separator_range, range, findings })
    }
}

impl std::iter::FusedIterator for MboxMessages<'_> {}

impl<'a> MboxMessage<'a> {
    /// The separator line, without its line end.
    pub fn separator(&self) -> Option<&'a [u8]> {
        self.bytes.get(self.separator.clone()?)
    }

    /// Where the separator begins in the file; where the message does if there is none.
    pub fn offset(&self) -> usize {
        self.separator.as_ref().map_or(self.range.start, |separator| separator.start)
    }

    /// Where the message is in the file, as it stands.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The message as it stands in the file.
    pub fn raw(&self) -> &'a [u8] {
        self.bytes.get(self.range.clone()).unwrap_or_default()
    }

    /// The message without the quotes of the mbox. Borrowed if there are none.
    pub fn message(&self) -> Cow<'a, [u8]> {
        unquote(self.raw(), self.kind, self.ends)
    }

    /// The message, parsed.
    pub fn mail(&self) -> Mail<'a> {
        Mail::of(self.message(), 0, 0)
    }

    /// The sender of the envelope, which the separator names; `-` and `MAILER-DAEMON` are none.
    pub fn envelope_sender(&self) -> Option<&'a str> {
        let line = self.separator()?.strip_prefix(b"From ")?;
        let sender = line.split(|&byte| byte == b' ').find(|word| !word.is_empty())?;
        let sender = std::str::from_utf8(sender).ok()?;
        (sender != "-" && sender != "MAILER-DAEMON").then_some(sender)
    }

    /// The date of the separator, mostly that of delivery. Without a zone, as usual, it is taken for UTC.
    pub fn envelope_date(&self) -> Option<Date> {
        envelope_date(self.separator()?)
    }

    /// What is odd about the frame of this message; what is odd inside is told by [`mail`](MboxMessage::mail).
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// Looks at the start of a file.
fn look(bytes: &[u8], ends: LineEnds) -> MboxEvidence {
    let mut evidence = MboxEvidence::default();
    let mut at = 0;
    let mut unheard = Findings::default();
    while at < bytes.len().min(Mbox::LOOK) {
        let Some(first) = Line::at(bytes, at, ends) else { break };
        let is_after_blank = at == 0 || follows_blank(bytes, at);
        let body = if separator(bytes, first, ends, is_after_blank).is_some() { first.next } else { at };
        evidence.messages = evidence.messages.saturating_add(1);
        let length = content_length(bytes, body, ends);
        let landed = length.as_ref().and_then(|length| landing(bytes, length, ends));
        match (&length, &landed) {
            (Some(_), Some(_)) => evidence.right_lengths = evidence.right_lengths.saturating_add(1),
            (Some(_), None) => evidence.wrong_lengths = evidence.wrong_lengths.saturating_add(1),
            (None, _) => {}
        }
        let is_right = landed.is_some();
        let next = landed.unwrap_or_else(|| next_message(bytes, body, ends, &mut unheard));
        let mut inside = body;
        while let Some(line) = Line::at(bytes, inside, ends).filter(|line| line.start < next.end.min(Mbox::LOOK)) {
            let text = line.of(bytes);
            let quotes = text.iter().take_while(|&&byte| byte == b'>').count();
            if text.get(quotes..).is_some_and(|rest| rest.starts_with(b"From ")) {
                let is_unquoted = quotes == 0 && is_right && separator(bytes, line, ends, true).is_some();
                evidence.unquoted = evidence.unquoted.saturating_add(u64::from(is_unquoted));
                evidence.quoted = evidence.quoted.saturating_add(u64::from(quotes == 1));
                evidence.quoted_twice = evidence.quoted_twice.saturating_add(u64::from(quotes > 1));
            }
            inside = line.next;
        }
        at = next.separator.max(first.next);
    }
    evidence
}

/// Takes the quotes of an mbox away.
fn unquote(raw: &[u8], kind: MboxKind, ends: LineEnds) -> Cow<'_, [u8]> {
    if kind == MboxKind::ContentLength2 {
        return Cow::Borrowed(raw);
    }
    let mut out: Option<Vec<u8>> = None;
    // What of `raw` is in `out`.
    let mut copied = 0;
    let mut at = 0;
    while let Some(line) = Line::at(raw, at, ends) {
        at = line.next;
        if raw.get(line.start) != Some(&b'>') {
            continue;
        }
        let text = line.of(raw);
        let quotes = text.iter().take_while(|&&byte| byte == b'>').count();
        let is_quoted = text.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
        if is_quoted && (kind == MboxKind::Rd || quotes == 1) {
            let out = out.get_or_insert_with(|| Vec::with_capacity(raw.len()));
            out.extend_from_slice(raw.get(copied..line.start).unwrap_or_default());
            copied = line.start.saturating_add(1);
        }
    }
    match out {
        None => Cow::Borrowed(raw),
        Some(mut out) => {
            out.extend_from_slice(raw.get(copied..).unwrap_or_default());
            Cow::Owned(out)
        }
    }
}
