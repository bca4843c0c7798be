//! Writes single parts, and the lines between them.

use std::io::{self, Read, Write};

use super::encode::{Base64, QuotedPrintable};
use super::field::Fields;
use super::item::kind_of;
use super::message::Conversion;
use crate::{Error, Result};

impl Conversion<'_> {
    /// Writes a part in quoted-printable.
    pub(super) fn printable(
        &mut self,
        mut fields: Fields,
        produce: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        fields.token("Content-Transfer-Encoding", "quoted-printable");
        fields.write(&mut self.out)?;
        self.out.put(b"\r\n")?;
        let close_line = !self.boundaries.any_open();
        let mut sink = QuotedPrintable::new(&mut self.out);
        let produced = produce(&mut sink);
        let finished = sink.finish(close_line).map_err(Error::from);
        self.settle(produced.and(finished))
    }

    /// Writes a part in base64.
    pub(super) fn encoded(
        &mut self,
        mut fields: Fields,
        produce: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        fields.token("Content-Transfer-Encoding", "base64");
        fields.write(&mut self.out)?;
        self.out.put(b"\r\n")?;
        let mut sink = Base64::new(&mut self.out);
        let produced = produce(&mut sink);
        let finished = sink.finish().map_err(Error::from);
        self.settle(produced.and(finished))?;
        if self.boundaries.any_open() { Ok(()) } else { self.out.put(b"\r\n") }
    }

    /// Whether a part failed because it could not be written, which ends all, or because it could not be read.
    pub(super) fn settle(&mut self, written: Result<()>) -> Result<()> {
        let Err(error) = written else { return Ok(()) };
        if let Some(failure) = self.out.failure() {
            return Err(failure);
        }
        self.losses.add(kind_of(&error), format!("the part ends early: {error}"));
        Ok(())
    }

    /// Begins a multipart of this subtype.
    pub(super) fn open(&mut self, subtype: &str, parameters: &[(&str, &str)]) -> Result<()> {
        let boundary = self.boundaries.open();
        let mut all = parameters.to_vec();
        all.push(("boundary", &boundary));
        let mut fields = Fields::default();
        fields.parameters("Content-Type", &format!("multipart/{subtype}"), &all);
        fields.write(&mut self.out)?;
        self.out.put(b"\r\n")
    }

    /// Begins the next part of the innermost multipart.
    pub(super) fn next(&mut self) -> Result<()> {
        let line = self.boundaries.next();
        self.out.put(line.as_bytes())
    }

    /// Ends the innermost multipart.
    pub(super) fn close(&mut self) -> Result<()> {
        let line = self.boundaries.close();
        self.out.put(line.as_bytes())
    }
}

/// Copies a value, and says after how many bytes it could not be read any more.
pub(super) fn copy(from: &mut dyn Read, to: &mut dyn Write) -> Result<()> {
    let mut buffer = vec![0; 32 << 10];
    let mut copied = 0u64;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let error = Error::from(error);
                let text = format!("{error} (after {copied} bytes)");
                return Err(Error::text(error.kind(), "attachment", text));
            }
        };
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        to.write_all(bytes).map_err(Error::from)?;
        copied = copied.saturating_add(u64::try_from(count).unwrap_or(0));
    }
}
