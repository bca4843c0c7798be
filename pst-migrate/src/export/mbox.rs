//! The frame of a mail in an mbox, and its quotes: mboxrd, where every line that begins with `From `, with or without
//! `>` before it, gets one more `>`, so that taking one away gives back what was there.

use std::fmt::Write as _;
use std::io::{self, Write};

use pst_core::FileTime;

/// The line before a mail: `From ann@example.com Mon Jul  1 14:32:00 2019`, in UTC. Without a date it has that of 1970.
pub(super) fn separator(sender: Option<&str>, date: Option<FileTime>) -> String {
    let sender = sender.filter(|sender| !sender.is_empty() && sender.bytes().all(|byte| byte.is_ascii_graphic()));
    let mut line = format!("From {} ", sender.unwrap_or("MAILER-DAEMON"));
    let seconds = date.map_or(0, FileTime::to_unix_seconds);
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    let time = jiff::tz::Offset::UTC.to_datetime(time);
    // Writing to a string never fails.
    let _ = write!(line, "{}", time.strftime("%a %b %e %H:%M:%S %Y"));
    line
}

/// Adds the quotes of an mbox to the lines that need one, in pieces of any size.
pub(super) struct Quoter<W> {
    inner: W,
    /// The start of a line that may yet need a quote.
    start: Vec<u8>,
    /// Within a line of which all is decided.
    inside: bool,
    last: u8,
    before_last: u8,
}

impl<W: Write> Quoter<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, start: Vec::new(), inside: false, last: b'\n', before_last: 0 }
    }

    /// Ends the last line if it has no end, and adds the empty one that stands before the next mail.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.inner.write_all(&self.start)?;
        let end: &[u8] = if self.last == b'\n' && self.before_last != b'\r' { b"\n" } else { b"\r\n" };
        if self.last != b'\n' {
            self.inner.write_all(end)?;
        }
        self.inner.write_all(end)?;
        Ok(self.inner)
    }

    /// How many bytes of a line and those after it need no look: up to one that begins as a quoted line may.
    fn undisputed(&mut self, bytes: &[u8]) -> usize {
        let mut end = 0usize;
        while let Some(at) = bytes.get(end..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
            end = end.saturating_add(at).saturating_add(1);
            if matches!(bytes.get(end), Some(b'F' | b'>') | None) {
                self.inside = false;
                return end;
            }
        }
        bytes.len()
    }

    /// Takes bytes at the start of a line; returns how many.
    fn decide(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const FROM: &[u8] = b"From ";
        let mut taken = 0usize;
        for byte in bytes {
            taken = taken.saturating_add(1);
            let arrows = self.start.iter().take_while(|byte| **byte == b'>').count();
            let matched = self.start.len().saturating_sub(arrows);
            let goes_on = FROM.get(matched) == Some(byte) || (matched == 0 && *byte == b'>');
            self.start.push(*byte);
            let is_from = goes_on && *byte == b' ';
            // A line of nothing but arrows is not kept for ever.
            if is_from || !goes_on || self.start.len() > 1 << 10 {
                if is_from {
                    self.inner.write_all(b">")?;
                }
                self.inner.write_all(&self.start)?;
                self.start.clear();
                self.inside = *byte != b'\n';
                break;
            }
        }
        Ok(taken)
    }
}

impl<W: Write> Write for Quoter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = if self.inside {
                let end = self.undisputed(rest);
                self.inner.write_all(rest.get(..end).unwrap_or_default())?;
                end
            } else {
                self.decide(rest)?
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        match bytes {
            [.., before_last, last] => (self.before_last, self.last) = (*before_last, *last),
            [last] => (self.before_last, self.last) = (self.last, *last),
            [] => {}
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pst_core::mime::Mbox;

    fn quoted(text: &[u8], piece: usize) -> Vec<u8> {
        let mut quoter = Quoter::new(Vec::new());
        text.chunks(piece.max(1)).for_each(|piece| quoter.write_all(piece).unwrap());
        quoter.finish().unwrap()
    }

    #[test]
    fn lines_that_need_a_quote() {
        for (text, expected) in [
            ("From a\n", ">From a\n\n"),
            (">From a\r\nx\r\n", ">>From a\r\nx\r\n\r\n"),
            ("Fro\nFromage\n >From \n>>From here", "Fro\nFromage\n >From \n>>>From here\r\n\r\n"),
            ("", "\n"),
            (">>", ">>\r\n\r\n"),
        ] {
            for piece in [1, 2, 3, 100] {
                assert_eq!(String::from_utf8(quoted(text.as_bytes(), piece)).unwrap(), expected, "{text} {piece}");
            }
        }
    }

    #[test]
    fn lines_before_mails() {
        let date = FileTime::from_unix_seconds(1_561_991_520);
        assert_eq!(separator(Some("ann@x.example"), date), "From ann@x.example Mon Jul  1 14:32:00 2019");
        assert_eq!(separator(Some("no address"), None), "From MAILER-DAEMON Thu Jan  1 00:00:00 1970");
    }

    proptest! {
        #[test]
        fn an_mbox_gives_back_what_went_in(bodies in prop::collection::vec("(>{0,2}(From )?[a-z]{0,3}\r\n){0,6}", 1..4), piece in 1usize..9) {
            let mails: Vec<String> = bodies.iter().map(|body| format!("Subject: x\r\n\r\n{body}")).collect();
            let mut all = Vec::new();
            for mail in &mails {
                all.extend(format!("{}\r\n", separator(None, None)).into_bytes());
                all.extend(quoted(mail.as_bytes(), piece));
            }
            let read: Vec<_> = Mbox::new(&all).messages().map(|message| message.message().into_owned()).collect();
            prop_assert_eq!(read.len(), mails.len());
            for (read, mail) in read.iter().zip(&mails) {
                prop_assert_eq!(String::from_utf8_lossy(read), mail.as_str());
            }
        }
    }
}
