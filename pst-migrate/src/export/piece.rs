//! The bytes of one item on their way out: in memory while they are few, in the file beyond; counted and hashed.

use std::fs::File;
use std::io::{self, Write};

use sha2::{Digest as _, Sha256};

/// Bytes held in memory before they go to a file.
pub(super) const MEMORY: usize = 4 << 20;

/// Takes the bytes of an item.
pub(super) struct Piece<'s> {
    buffer: &'s mut Vec<u8>,
    /// Opens what takes the bytes of a large item.
    open: &'s mut dyn FnMut() -> io::Result<File>,
    large: Option<(File, Sha256)>,
    size: u64,
    hashed: bool,
    /// The first failure to write, as opposed to one to read.
    failure: Option<io::Error>,
}

/// What became of the bytes.
pub(super) enum Taken {
    /// They are all in the buffer.
    Small(Digest),
    /// They are all in the file that was opened.
    Large(Digest, File),
}

/// How many bytes there were, and their SHA-256 if it was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digest {
    pub(super) size: u64,
    sha256: Option<[u8; 32]>,
}

impl Digest {
    /// The hash in small hexadecimal digits.
    pub(super) fn hex(&self) -> Option<String> {
        self.sha256.as_ref().map(|hash| hex(hash))
    }
}

/// Small hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |number: u8| char::from(DIGITS.get(usize::from(number)).copied().unwrap_or(b'0'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)]).collect()
}

impl<'s> Piece<'s> {
    pub(super) fn new(buffer: &'s mut Vec<u8>, hashed: bool, open: &'s mut dyn FnMut() -> io::Result<File>) -> Self {
        buffer.clear();
        Self { buffer, open, large: None, size: 0, hashed, failure: None }
    }

    /// Why nothing more could be written; taken out. Without it, whatever failed is what was read.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// The first bytes, if all are still in memory.
    pub(super) fn buffered(&self) -> Option<&[u8]> {
        self.large.is_none().then_some(self.buffer.as_slice())
    }

    fn spill(&mut self) -> io::Result<()> {
        let (file, hash) = match &mut self.large {
            Some(large) => large,
            none => none.insert(((self.open)()?, Sha256::new())),
        };
        if self.hashed {
            hash.update(&*self.buffer);
        }
        file.write_all(self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Ends it.
    pub(super) fn finish(mut self) -> io::Result<Taken> {
        if self.large.is_some() {
            self.spill()?;
        }
        let hashed = self.hashed;
        let digest = |hash: Sha256| Digest { size: self.size, sha256: hashed.then(|| hash.finalize().into()) };
        Ok(match self.large {
            Some((file, hash)) => Taken::Large(digest(hash), file),
            None if hashed => Taken::Small(digest(Sha256::new_with_prefix(&*self.buffer))),
            None => Taken::Small(digest(Sha256::new())),
        })
    }
}

impl Write for Piece<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Err(io::Error::other("the item cannot be written"));
        }
        if self.buffer.len().saturating_add(bytes.len()) > MEMORY
            && let Err(error) = self.spill()
        {
            self.failure = Some(error);
            return Err(io::Error::other("the item cannot be written"));
        }
        self.buffer.extend_from_slice(bytes);
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
