//! Mbox: mails one behind the other, each after a line that begins with `From ` (RFC 4155, and what programs write).
//!
//! **The format has no grammar that holds**: a line `From ` may begin a mail or be text. It begins one if
//!
//! - it is the first line, or
//! - it is behind an empty line, and has a date, or a header follows it, or
//! - it has a date and a header follows it.
//!
//! Text that begins with `From ` is quoted with `>`, as is what was quoted before (mboxrd); one `>` is taken off again.

use std::io::Write;

use pst_core::source::Source;
use pst_core::{Result, sniff};

use crate::input::content::{Part, Spill};
use crate::input::reader::SourceReader;
use crate::input::walk::{Flow, Walker};
use crate::input::{SkipReason, Within};

/// A mail in an mbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    /// Where its `From ` line begins.
    start: u64,
    /// Where its first header is.
    mail: u64,
    /// Behind its last line; the empty line that parts it from the next is no part of it.
    end: u64,
    /// There are quoted `From ` lines.
    quoted: bool,
}

/// A line, and as much of its text as is looked at.
#[derive(Clone, Copy)]
struct Line {
    start: u64,
    /// Behind its line end.
    next: u64,
    head: [u8; Self::HEAD],
    length: usize,
}

impl Line {
    /// An address and a date fit in.
    const HEAD: usize = 512;

    fn text(&self) -> &[u8] {
        self.head.get(..self.length).unwrap_or_default().trim_ascii_end()
    }

    fn is_blank(&self) -> bool {
        self.text().is_empty() && self.length < Self::HEAD
    }

    fn is_quoted(&self) -> bool {
        quoted(self.head.get(..self.length).unwrap_or_default())
    }
}

fn quoted(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    marks > 0 && line.get(marks..).is_some_and(|rest| rest.starts_with(b"From "))
}

/// The lines of a source.
struct Lines<'s> {
    reader: SourceReader<'s>,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Line>> {
        let mut line = Line { start: self.reader.position(), next: 0, head: [0; Line::HEAD], length: 0 };
        loop {
            let ready = self.reader.fill()?;
            let end = ready.iter().position(|byte| *byte == b'\n');
            let piece = end.map_or(ready, |end| ready.get(..end).unwrap_or_default());
            for (to, from) in line.head.iter_mut().skip(line.length).zip(piece) {
                *to = *from;
                line.length = line.length.saturating_add(1);
            }
            let used = end.map_or(ready.len(), |end| end.saturating_add(1));
            let ended = end.is_some() || ready.is_empty();
            self.reader.consume(used);
            if ended {
                line.next = self.reader.position();
                return Ok((line.next > line.start).then_some(line));
            }
        }
    }
}

/// The mails of an mbox in order. After an error there are no more.
struct Stretches<'s> {
    lines: Lines<'s>,
    /// The line to be looked at, the one before having been.
    current: Option<Line>,
    before: Option<Line>,
    open: Option<Stretch>,
    begun: bool,
}

impl<'s> Stretches<'s> {
    fn new(source: &'s dyn Source) -> Self {
        let lines = Lines { reader: SourceReader::new(source) };
        Self { lines, current: None, before: None, open: None, begun: false }
    }

    fn step(&mut self) -> Result<Option<Stretch>> {
        if !self.begun {
            self.begun = true;
            self.current = self.lines.next()?;
        }
        while let Some(line) = self.current {
            let next = self.lines.next()?;
            let begins = self.begins(&line, next.as_ref());
            self.current = next;
            let finished = match begins {
                true => {
                    let finished = self.close(line.start);
                    self.open = Some(Stretch { start: line.start, mail: line.next, end: 0, quoted: false });
                    finished
                }
                false => {
                    if let Some(open) = &mut self.open {
                        open.quoted |= line.is_quoted();
                    }
                    None
                }
            };
            self.before = Some(line);
            if finished.is_some() {
                return Ok(finished);
            }
        }
        let end = self.before.map_or(0, |line| line.next);
        Ok(self.close(end))
    }

    fn begins(&self, line: &Line, next: Option<&Line>) -> bool {
        let text = line.text();
        if self.before.is_none() {
            return true;
        }
        if !text.starts_with(b"From ") {
            return false;
        }
        let dated = sniff::is_envelope_line(text);
        let headed = || next.is_some_and(|next| sniff::is_header(next.text()));
        if self.before.is_some_and(|before| before.is_blank()) { dated || headed() } else { dated && headed() }
    }

    /// Ends the open mail at the line before this place.
    fn close(&mut self, end: u64) -> Option<Stretch> {
        let mut stretch = self.open.take()?;
        let blank = self.before.filter(|before| before.is_blank() && before.start >= stretch.mail);
        stretch.end = blank.map_or(end, |blank| blank.start);
        Some(stretch)
    }
}

impl Walker<'_> {
    /// The mails of an mbox.
    pub(super) fn mbox(&mut self, source: &dyn Source, name: &str) -> Flow {
        let stem = ["mbox", "mbx"].iter().find_map(|known| {
            let (stem, extension) = name.rsplit_once('.')?;
            (extension.eq_ignore_ascii_case(known) && !stem.is_empty()).then_some(stem)
        });
        self.place.folder = self.place.folder.join(stem.unwrap_or(name));
        let mut stretches = Stretches::new(source);
        loop {
            let stretch = match stretches.step() {
                Ok(Some(stretch)) => stretch,
                Ok(None) => return Flow::Continue(()),
                Err(error) => {
                    self.place.within = Within::Offset(stretches.lines.reader.position());
                    return self.fail(error);
                }
            };
            self.place.within = Within::Offset(stretch.start);
            self.stretch(source, stretch)?;
        }
    }

    fn stretch(&mut self, source: &dyn Source, stretch: Stretch) -> Flow {
        let size = stretch.end.saturating_sub(stretch.start);
        if size > self.limits.mail_bytes {
            return self.skip(SkipReason::TooLarge, format!("{size} bytes"));
        }
        let part = match Part::of(source, stretch.start..stretch.end, self.limits.memory_bytes) {
            Ok(part) => part,
            Err(error) => return self.fail(error),
        };
        let envelope = usize::try_from(stretch.mail.saturating_sub(stretch.start)).unwrap_or(usize::MAX);
        if !stretch.quoted {
            return self.mail(part.bytes(), envelope, None);
        }
        match unquote(part.bytes(), self.limits.memory_bytes) {
            Ok(plain) => self.mail(plain.bytes(), envelope, None),
            Err(error) => self.fail(error),
        }
    }
}

/// Takes one `>` off quoted `From ` lines.
fn unquote(bytes: &[u8], limit: u64) -> Result<Part<'static>> {
    let mut out = Spill::new(limit);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let line = if quoted(line) { line.get(1..).unwrap_or_default() } else { line };
        out.write_all(line)?;
    }
    out.finish().map(Part::Copied)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pst_core::source::MemorySource;

    use super::*;

    /// A source that is read piece by piece.
    struct Slow(Vec<u8>);

    impl Source for Slow {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
            MemorySource::new(&self.0[..]).read_exact_at(offset, buffer)
        }
    }

    fn stretches(source: &dyn Source) -> Vec<Stretch> {
        let mut stretches = Stretches::new(source);
        std::iter::from_fn(|| stretches.step().unwrap()).collect()
    }

    fn mails(text: &str) -> Vec<String> {
        let (quick, slow) = (MemorySource::new(text.to_owned()), Slow(text.as_bytes().to_vec()));
        let found = stretches(&quick);
        assert_eq!(stretches(&slow), found);
        let text_of = |stretch: &Stretch| {
            let bytes = &text.as_bytes()[stretch.mail as usize..stretch.end as usize];
            let plain = if stretch.quoted { unquote(bytes, 10).unwrap().bytes().to_vec() } else { bytes.to_vec() };
            String::from_utf8(plain).unwrap()
        };
        found.iter().map(text_of).collect()
    }

    const FROM: &str = "From joe@x.example Wed May 17 23:35:05 2000\n";

    #[test]
    fn mails_part_at_empty_lines() {
        assert_eq!(mails(&format!("{FROM}A: b\n\none\n\n{FROM}A: c\n\ntwo\n\n")), ["A: b\n\none\n", "A: c\n\ntwo\n"]);
        assert_eq!(mails(&format!("{FROM}A: b\n\none\n\n\n{FROM}A: c\n\ntwo")), ["A: b\n\none\n\n", "A: c\n\ntwo"]);
        assert_eq!(mails(FROM), [""]);
        assert_eq!(mails(""), [""; 0]);
    }

    #[test]
    fn crlf_is_a_line_end() {
        let from = FROM.replace('\n', "\r\n");
        let text = format!("{from}A: b\r\n\r\none\r\n\r\n{from}A: c\r\n\r\ntwo\r\n");
        assert_eq!(mails(&text), ["A: b\r\n\r\none\r\n", "A: c\r\n\r\ntwo\r\n"]);
    }

    #[test]
    fn from_in_text_is_text() {
        let text = format!("{FROM}A: b\n\nFrom here on it is text.\n\nFrom: x\n\nFrom me to you\n");
        assert_eq!(mails(&text), [&text[FROM.len()..]]);
        // Without the empty line before, even a date is not enough.
        let quoted = format!("{FROM}A: b\n\nas he wrote\n{FROM}which was late\n");
        assert_eq!(mails(&quoted), [&quoted[FROM.len()..]]);
    }

    #[test]
    fn what_else_begins_a_mail() {
        // No date, and a header of mails behind it.
        assert_eq!(mails("From nobody\nA: b\n\none\n\nFrom somebody\nReceived: x\n\ntwo\n").len(), 2);
        // No empty line, and both date and header.
        assert_eq!(
            mails(&format!("{FROM}A: b\n\none\n{FROM}Subject: c\n\ntwo\n")),
            ["A: b\n\none\n", "Subject: c\n\ntwo\n"]
        );
    }

    #[test]
    fn quotes_come_off_once() {
        let text = format!("{FROM}A: b\n\n>From me\n>>From you\n> From him\nx>From her\n");
        assert_eq!(mails(&text), ["A: b\n\nFrom me\n>From you\n> From him\nx>From her\n"]);
    }

    #[test]
    fn lines_of_any_length() {
        let long = "x".repeat(200_000);
        let text = format!("{FROM}A: {long}\n\n{long}\n\n{FROM}A: c\n\n");
        assert_eq!(mails(&text), [format!("A: {long}\n\n{long}\n"), "A: c\n".to_owned()]);
    }

    proptest! {
        /// What mboxrd writes is read again, whatever the mails.
        #[test]
        fn round_trip(bodies in prop::collection::vec("([>F]{0,2}From |a| |\n){0,12}", 1..5)) {
            let mails_in: Vec<String> = bodies.iter().map(|body| format!("Subject: x\n\n{body}\n")).collect();
            let mut file = String::new();
            for mail in &mails_in {
                file.push_str(FROM);
                for line in mail.split_inclusive('\n') {
                    if line.trim_start_matches('>').starts_with("From ") {
                        file.push('>');
                    }
                    file.push_str(line);
                }
                file.push('\n');
            }
            prop_assert_eq!(mails(&file), mails_in);
        }

        /// Every byte behind the first line is in one mail or is a `From ` line or an empty line.
        #[test]
        fn nothing_is_lost(text in "(From a 10:30 2000\n|Subject: x\n|\n|a\n|>From \n){0,20}") {
            let source = MemorySource::new(text.clone());
            let found = stretches(&source);
            let mut at = 0u64;
            for stretch in &found {
                prop_assert!(stretch.start == at || &text[at as usize..stretch.start as usize] == "\n");
                prop_assert!(stretch.start <= stretch.mail && stretch.mail <= stretch.end);
                at = stretch.end;
            }
            let rest = &text[at as usize..];
            prop_assert!(rest.is_empty() || rest == "\n", "{rest:?}");
        }
    }
}
