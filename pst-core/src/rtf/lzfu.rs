//! Compressed RTF: the packing of `PidTagRtfCompressed` \[MS-OXRTFCP\].
//!
//! ```text
//!  0        4        8       12       16
//!  +--------+--------+--------+--------+-------------------------------------------+
//!  |COMPSIZE|RAWSIZE |COMPTYPE|  CRC   | LZFu: control byte, 8 tokens, control ... |
//!  +--------+--------+--------+--------+ MELA: the text itself                     |
//!           |<------------- COMPSIZE counts from here to the end ----------------->|
//!
//!  token, control bit 0:  one byte of text
//!  token, control bit 1:  big-endian u16 = window offset << 4 | (length - 2), length 2 to 17
//! ```
//!
//! The control bits are read from the least significant one up. The window is a ring of 4,096 bytes whose first 207
//! hold a preset text; writing begins at 207. The module stands on `crc32fast` and on nothing else of this crate.
//!
//! Where the format surprises:
//!
//! - **COMPSIZE leaves out its own four bytes**: a whole value is COMPSIZE + 4 bytes long.
//! - **A reference names a place in the ring, not a distance.** One that names the place about to be written would
//!   reach back a whole turn; it is the end marker instead.
//! - **A reference may overlap its own output**, and it may name a place that was never written: that reads as zero.
//! - **The CRC is not the usual CRC-32**: same polynomial, but it starts at 0 and is not inverted at the end. It covers
//!   the packed bytes after the header, not the text, and is 0 for MELA.
//! - **Wrong sizes, wrong checksums and trailing bytes occur in real mail** whose text is whole. They are told in the
//!   [`Report`] and stop nothing.
//! - **RAWSIZE is only a claim.** Sixteen bytes can claim 4 GiB, so it never decides an allocation alone, and it never
//!   cuts the text: the end marker does.
//! - **The text is bytes.** It may hold NUL (in `\bin` data) and often ends with one.

use std::fmt;
use std::io::{self, Read};

/// Bytes of the header in front of every compressed RTF value (MS-OXRTFCP 2.1.3.1.1).
pub const HEADER_LEN: usize = 16;

/// Bytes of the ring that references look back into (MS-OXRTFCP 2.1.2.1).
pub const WINDOW_LEN: usize = 4096;

/// The text the ring starts with, at its places 0 to 206 (MS-OXRTFCP 2.1.2.1).
pub const PRESET: &[u8; 207] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \
\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\
\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const WINDOW_MASK: usize = WINDOW_LEN - 1;
const PRESET_LEN: usize = PRESET.len();
const MIN_MATCH: usize = 2;
const MAX_MATCH: usize = 17;
/// The most one control byte can yield.
const MAX_GROUP: usize = 8 * MAX_MATCH;
const MAGIC_LZFU: u32 = 0x7546_5A4C;
const MAGIC_MELA: u32 = 0x414C_454D;

/// Why a value cannot be unpacked at all.
///
/// Everything less than this is told in the [`Report`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LzfuError {
    /// The value is shorter than its header of 16 bytes.
    #[error("compressed RTF: {have} bytes, the header alone has 16")]
    Truncated {
        /// Bytes present.
        have: usize,
    },
    /// COMPTYPE is neither `LZFu` nor `MELA`; the number is the field as stored, little-endian.
    #[error("compressed RTF: COMPTYPE is {0:#010x}, expected 0x75465a4c (LZFu) or 0x414c454d (MELA)")]
    UnknownKind(u32),
    /// The text is longer than the caller allows.
    #[error("compressed RTF: the text exceeds the limit of {limit} bytes")]
    Limit {
        /// The caller's limit, in bytes of text.
        limit: u64,
    },
}

/// How the text is packed: the COMPTYPE field (MS-OXRTFCP 2.1.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `LZFu`, 0x75465A4C: dictionary coded.
    Lzfu,
    /// `MELA`, 0x414C454D: stored as it is.
    Mela,
}

impl Kind {
    /// The COMPTYPE field as a little-endian number.
    #[must_use]
    pub const fn magic(self) -> u32 {
        match self {
            Self::Lzfu => MAGIC_LZFU,
            Self::Mela => MAGIC_MELA,
        }
    }
}

/// The 16 bytes in front of the packed text (MS-OXRTFCP 2.1.3.1.1). Four little-endian `u32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// COMPSIZE: bytes from the end of this field to the end of the value, so 12 more than the packed text.
    pub comp_size: u32,
    /// RAWSIZE: bytes of the unpacked text, as the writer claims.
    pub raw_size: u32,
    /// COMPTYPE.
    pub kind: Kind,
    /// CRC over the packed text; 0 for [`Kind::Mela`].
    pub crc: u32,
}

impl Header {
    /// Reads the header from the first 16 bytes of a value.
    ///
    /// # Errors
    ///
    /// [`LzfuError::Truncated`] for fewer than 16 bytes, [`LzfuError::UnknownKind`] for a foreign COMPTYPE.
    pub fn decode(bytes: &[u8]) -> Result<Self, LzfuError> {
        let truncated = LzfuError::Truncated { have: bytes.len() };
        let mut fields = bytes.chunks_exact(4).filter_map(|field| Some(u32::from_le_bytes(field.try_into().ok()?)));
        let mut field = || fields.next().ok_or(truncated);
        let (comp_size, raw_size, magic, crc) = (field()?, field()?, field()?, field()?);
        let kind = match magic {
            MAGIC_LZFU => Kind::Lzfu,
            MAGIC_MELA => Kind::Mela,
            other => return Err(LzfuError::UnknownKind(other)),
        };
        Ok(Self { comp_size, raw_size, kind, crc })
    }

    /// Writes the header as its 16 bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let mut out = [0; HEADER_LEN];
        let fields = [self.comp_size, self.raw_size, self.kind.magic(), self.crc];
        for (place, field) in out.chunks_exact_mut(4).zip(fields) {
            place.copy_from_slice(&field.to_le_bytes());
        }
        out
    }

    /// Bytes the whole value should have by COMPSIZE, header included.
    #[must_use]
    pub fn announced_len(&self) -> u64 {
        u64::from(self.comp_size).saturating_add(4)
    }

    /// Bytes of packed text by COMPSIZE; 0 when COMPSIZE does not even cover the header.
    fn announced_body(&self) -> u64 {
        u64::from(self.comp_size).saturating_sub(12)
    }
}

/// What unpacking found out about a value, besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The header as stored.
    pub header: Header,
    /// The CRC field holds over everything after the header, or over the part that COMPSIZE announces when more bytes
    /// follow. For [`Kind::Mela`]: the field is 0.
    pub crc_ok: bool,
    /// COMPSIZE + 4 is the length of the stored value.
    pub size_ok: bool,
    /// RAWSIZE is the length of the text.
    pub raw_size_ok: bool,
    /// The text ended at the end marker and not because the input did. For [`Kind::Mela`], which has no marker: at
    /// least RAWSIZE bytes were there.
    pub end_marker: bool,
    /// The CRC as computed over all bytes after the header; 0 for [`Kind::Mela`].
    pub crc: u32,
    /// Bytes of the stored value, header included.
    pub stored_len: u64,
    /// Bytes of the text.
    pub raw_len: u64,
    /// Bytes after the end marker. Within COMPSIZE they are padding and allowed.
    pub unused_len: u64,
}

impl Report {
    fn new(header: Header, checks: &Checksum, raw_len: u64, end_marker: bool, unused_len: u64) -> Self {
        let stored_len = checks.seen.saturating_add(HEADER_LEN as u64);
        let (crc, crc_ok) = match header.kind {
            Kind::Lzfu => (checks.whole(), checks.matches(header.crc)),
            Kind::Mela => (0, header.crc == 0),
        };
        Self {
            header,
            crc_ok,
            size_ok: header.announced_len() == stored_len,
            raw_size_ok: u64::from(header.raw_size) == raw_len,
            end_marker,
            crc,
            stored_len,
            raw_len,
            unused_len,
        }
    }

    /// Everything that is not as it should be; empty for a sound value.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut found = Vec::new();
        if !self.crc_ok {
            found.push(Warning::Crc { stored: self.header.crc, computed: self.crc });
        }
        if !self.size_ok {
            found.push(Warning::CompSize { announced: self.header.announced_len(), actual: self.stored_len });
        }
        if !self.raw_size_ok {
            found.push(Warning::RawSize { announced: self.header.raw_size, actual: self.raw_len });
        }
        if !self.end_marker {
            found.push(Warning::NoEndMarker);
        }
        found
    }
}

/// One thing that is wrong with a value that was unpacked all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The CRC field does not hold.
    Crc {
        /// The field.
        stored: u32,
        /// The CRC of the bytes after the header; 0 for [`Kind::Mela`].
        computed: u32,
    },
    /// COMPSIZE + 4 is not the length of the value.
    CompSize {
        /// COMPSIZE + 4, in bytes.
        announced: u64,
        /// Length of the value, in bytes.
        actual: u64,
    },
    /// RAWSIZE is not the length of the text.
    RawSize {
        /// RAWSIZE, in bytes.
        announced: u32,
        /// Length of the text, in bytes.
        actual: u64,
    },
    /// The input ended before the end marker: the text may lack its tail.
    NoEndMarker,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crc { stored, computed } => write!(f, "CRC is {stored:#010x}, the bytes give {computed:#010x}"),
            Self::CompSize { announced, actual } => {
                write!(f, "COMPSIZE announces {announced} bytes in all, stored are {actual}")
            }
            Self::RawSize { announced, actual } => write!(f, "RAWSIZE is {announced}, the text has {actual} bytes"),
            Self::NoEndMarker => f.write_str("the input ends before the end marker"),
        }
    }
}

/// An unpacked value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decompressed {
    /// The RTF text: bytes, NULs included.
    pub bytes: Vec<u8>,
    /// What else was found.
    pub report: Report,
}

impl Decompressed {
    /// Everything that is not as it should be; see [`Report::warnings`].
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        self.report.warnings()
    }
}

/// The checksum of the packed text: CRC-32 with polynomial 0xEDB88320, started at 0 and not inverted (MS-OXRTFCP
/// 2.1.3.2). It is also the checksum of PST pages and blocks.
#[must_use]
pub fn crc(bytes: &[u8]) -> u32 {
    let mut hasher = hasher();
    hasher.update(bytes);
    !hasher.finalize()
}

fn hasher() -> crc32fast::Hasher {
    crc32fast::Hasher::new_with_initial(u32::MAX)
}

/// The running CRC over the bytes after the header, with a mark where COMPSIZE says they end.
#[derive(Debug)]
struct Checksum {
    hasher: crc32fast::Hasher,
    seen: u64,
    announced: u64,
    at_announced: Option<u32>,
}

impl Checksum {
    fn new(announced: u64) -> Self {
        Self { hasher: hasher(), seen: 0, announced, at_announced: None }
    }

    fn update(&mut self, bytes: &[u8]) {
        let left = usize::try_from(self.announced.saturating_sub(self.seen)).unwrap_or(usize::MAX);
        match bytes.split_at_checked(left) {
            Some((inside, outside)) if self.at_announced.is_none() => {
                self.hasher.update(inside);
                self.at_announced = Some(self.whole());
                self.hasher.update(outside);
            }
            _ => self.hasher.update(bytes),
        }
        self.seen = self.seen.saturating_add(bytes.len() as u64);
    }

    fn whole(&self) -> u32 {
        !self.hasher.clone().finalize()
    }

    fn matches(&self, stored: u32) -> bool {
        // A mark at the very header would accept a stored 0 for any bytes, so it does not count.
        self.whole() == stored || (self.announced > 0 && self.at_announced == Some(stored))
    }
}

/// What a reference token says: (place in the ring, length).
fn reference(token: [u8; 2]) -> (usize, usize) {
    let token = u16::from_be_bytes(token);
    (usize::from(token >> 4), usize::from(token & 0xF).saturating_add(MIN_MATCH))
}

/// Unpacks a whole `PidTagRtfCompressed` value (MS-OXRTFCP 2.2.3).
///
/// `stored` is the value from COMPSIZE to its last byte, `limit` the most bytes of text to produce. The text goes up to
/// the end marker or to where the input ends, whatever RAWSIZE says. Damage that leaves something to read is told in
/// the [`Report`]. Memory grows with the text and with nine times `stored` at most, never with RAWSIZE alone.
///
/// # Errors
///
/// [`LzfuError::Truncated`] below 16 bytes, [`LzfuError::UnknownKind`] for a foreign COMPTYPE, [`LzfuError::Limit`]
/// when the text is longer than `limit`.
pub fn decompress(stored: &[u8], limit: u64) -> Result<Decompressed, LzfuError> {
    let header = Header::decode(stored)?;
    let packed = stored.get(HEADER_LEN..).unwrap_or_default();
    let mut checks = Checksum::new(header.announced_body());
    checks.update(packed);
    let (bytes, end_marker, unused) = match header.kind {
        Kind::Lzfu => unpack(packed, header.raw_size, limit)?,
        Kind::Mela if packed.len() as u64 > limit => return Err(LzfuError::Limit { limit }),
        Kind::Mela => (packed.to_vec(), packed.len() as u64 >= u64::from(header.raw_size), 0),
    };
    let report = Report::new(header, &checks, bytes.len() as u64, end_marker, unused as u64);
    Ok(Decompressed { bytes, report })
}

/// The token loop over a flat buffer: a whole ring first (zeros, then the preset text), the text after it. A place in
/// the ring then is a distance back from the write position, and no copy wraps around.
fn unpack(mut input: &[u8], raw_size: u32, limit: u64) -> Result<(Vec<u8>, bool, usize), LzfuError> {
    let raw_size = usize::try_from(raw_size).unwrap_or(usize::MAX);
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let room = raw_size.min(input.len().saturating_mul(9)).min(most);

    let mut flat = vec![0; room.saturating_add(WINDOW_LEN).saturating_add(2 * MAX_GROUP)];
    if let Some(preset) = flat.get_mut(WINDOW_LEN - PRESET_LEN..WINDOW_LEN) {
        preset.copy_from_slice(PRESET);
    }
    let mut at = WINDOW_LEN;
    let end = most.saturating_add(WINDOW_LEN);
    let mut end_marker = false;

    'groups: while at <= end {
        let Some((&control, rest)) = input.split_first() else { break };
        input = rest;
        // One group yields at most MAX_GROUP bytes, and a copy may touch MAX_MATCH bytes beyond its end.
        if flat.len().saturating_sub(at) < MAX_GROUP + MAX_MATCH {
            let grown = flat.len().saturating_add(at.min(most)).saturating_add(2 * MAX_GROUP);
            flat.resize(grown, 0);
        }
        if control == 0
            && let Some((text, rest)) = input.split_first_chunk::<8>()
            && let Some(place) = flat.get_mut(at..).and_then(|tail| tail.first_chunk_mut::<8>())
        {
            *place = *text;
            input = rest;
            at = at.saturating_add(8);
            continue;
        }
        for bit in 0..8 {
            if control >> bit & 1 == 0 {
                let Some((&byte, rest)) = input.split_first() else { break 'groups };
                input = rest;
                if let Some(place) = flat.get_mut(at) {
                    *place = byte;
                }
                at = at.saturating_add(1);
            } else {
                let Some((&token, rest)) = input.split_first_chunk::<2>() else { break 'groups };
                input = rest;
                let (place, len) = reference(token);
                let back = at.wrapping_add(PRESET_LEN).wrapping_sub(place) & WINDOW_MASK;
                if back == 0 {
                    end_marker = true;
                    break 'groups;
                }
                copy_back(&mut flat, at, back, len);
                at = at.saturating_add(len);
            }
        }
    }
    if at > end {
        return Err(LzfuError::Limit { limit });
    }
    flat.truncate(at);
    flat.drain(..WINDOW_LEN.min(at));
    if flat.capacity() / 2 > flat.len() {
        flat.shrink_to_fit();
    }
    let unused = if end_marker { input.len() } else { 0 };
    Ok((flat, end_marker, unused))
}

/// Copies `len` bytes from `back` bytes before `at` to `at`. May write up to [`MAX_MATCH`] bytes, so later bytes of the
/// buffer must still be free.
#[inline]
fn copy_back(flat: &mut [u8], at: usize, back: usize, len: usize) {
    let from = at.saturating_sub(back);
    if back >= len
        && let Some(&source) = flat.get(from..).and_then(|tail| tail.first_chunk::<MAX_MATCH>())
        && let Some(place) = flat.get_mut(at..).and_then(|tail| tail.first_chunk_mut::<MAX_MATCH>())
    {
        *place = source;
        return;
    }
    // The source runs into its own output: byte by byte, so that the beginning repeats.
    if let Some(region) = flat.get_mut(from..at.saturating_add(len)) {
        for step in 0..len {
            let byte = region.get(step).copied().unwrap_or(0);
            if let Some(place) = region.get_mut(step.saturating_add(back)) {
                *place = byte;
            }
        }
    }
}

/// Unpacks a value while it is read, in bounded memory: the ring of 4,096 bytes and an input buffer.
///
/// It gives the same text and the same facts as [`decompress`], slower, and without the text in memory. The header is
/// read on the first `read`. Errors of the value itself arrive as [`io::ErrorKind::InvalidData`] around a
/// [`LzfuError`]. When the text is over, the rest of the input is read too, because the checksum covers it.
#[derive(Debug)]
pub struct Decompressor<R> {
    input: Input<R>,
    limit: u64,
    state: State,
    window: Box<[u8; WINDOW_LEN]>,
    /// Bytes of text so far; with [`PRESET_LEN`] added, the write position in the ring.
    raw_len: u64,
    control: u8,
    control_bits: u8,
    /// The reference in progress: next place to copy from, and bytes left.
    copy: (usize, usize),
    /// Bytes of input after the end marker so far.
    unused_len: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Header,
    Text(Header),
    /// The text is over; the rest of the input is still to be read for the checksum.
    Ending(Header, bool),
    Done(Report),
    Failed(LzfuError),
}

impl<R: Read> Decompressor<R> {
    /// Wraps a reader that stands at COMPSIZE and ends with the value. `limit` is the most bytes of text to produce.
    pub fn new(reader: R, limit: u64) -> Self {
        let mut window = Box::new([0; WINDOW_LEN]);
        for (place, &byte) in window.iter_mut().zip(PRESET) {
            *place = byte;
        }
        Self {
            input: Input::new(reader),
            limit,
            state: State::Header,
            window,
            raw_len: 0,
            control: 0,
            control_bits: 0,
            copy: (0, 0),
            unused_len: 0,
        }
    }

    /// The header, once the first `read` has succeeded.
    #[must_use]
    pub fn header(&self) -> Option<Header> {
        match &self.state {
            State::Text(header) | State::Ending(header, _) => Some(*header),
            State::Done(report) => Some(report.header),
            State::Header | State::Failed(_) => None,
        }
    }

    /// The facts, once a `read` into a non-empty buffer has returned 0.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        match &self.state {
            State::Done(report) => Some(*report),
            _ => None,
        }
    }

    /// Reads and drops whatever text is left and returns the facts.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    pub fn finish(mut self) -> io::Result<Report> {
        let mut sink = [0; 4096];
        loop {
            if let State::Done(report) = &self.state {
                return Ok(*report);
            }
            let _ = self.read(&mut sink)?;
        }
    }

    fn start(&mut self) -> io::Result<Header> {
        self.input.want(HEADER_LEN)?;
        let decoded = Header::decode(self.input.ready());
        match decoded {
            Ok(header) => {
                self.input.skip_header(header.announced_body());
                self.state = State::Text(header);
                Ok(header)
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    fn fail(&mut self, error: LzfuError) -> io::Error {
        self.state = State::Failed(error);
        io::Error::new(io::ErrorKind::InvalidData, error)
    }

    /// Reads the rest of the input for the checksum and states the facts.
    fn end(&mut self, header: Header, end_marker: bool) -> io::Result<()> {
        while self.input.next()?.is_some() {
            self.unused_len = self.unused_len.saturating_add(1);
        }
        let end_marker = match header.kind {
            Kind::Lzfu => end_marker,
            Kind::Mela => self.raw_len >= u64::from(header.raw_size),
        };
        let report = Report::new(header, &self.input.checks, self.raw_len, end_marker, self.unused_len);
        self.state = State::Done(report);
        Ok(())
    }

    /// The next byte of text, or the end.
    fn step(&mut self, kind: Kind) -> io::Result<Step> {
        if kind == Kind::Mela {
            return Ok(self.input.next()?.map_or(Step::End { marker: false }, Step::Byte));
        }
        let here =
            PRESET_LEN.wrapping_add(usize::try_from(self.raw_len & WINDOW_MASK as u64).unwrap_or(0)) & WINDOW_MASK;
        if self.copy.1 == 0 {
            if self.control_bits == 0 {
                let Some(control) = self.input.next()? else { return Ok(Step::End { marker: false }) };
                self.control = control;
                self.control_bits = 8;
            }
            let is_reference = self.control & 1 == 1;
            if !is_reference {
                let Some(byte) = self.input.next()? else { return Ok(Step::End { marker: false }) };
                self.next_bit();
                return Ok(Step::Byte(self.put(here, byte)));
            }
            let Some(token) = self.input.next_pair()? else { return Ok(Step::End { marker: false }) };
            self.next_bit();
            let (place, len) = reference(token);
            if place == here {
                return Ok(Step::End { marker: true });
            }
            self.copy = (place, len);
        }
        let (place, left) = self.copy;
        let byte = self.window.get(place & WINDOW_MASK).copied().unwrap_or(0);
        self.copy = (place.wrapping_add(1) & WINDOW_MASK, left.saturating_sub(1));
        Ok(Step::Byte(self.put(here, byte)))
    }

    fn next_bit(&mut self) {
        self.control >>= 1;
        self.control_bits = self.control_bits.saturating_sub(1);
    }

    fn put(&mut self, here: usize, byte: u8) -> u8 {
        if let Some(place) = self.window.get_mut(here) {
            *place = byte;
        }
        byte
    }
}

enum Step {
    Byte(u8),
    End { marker: bool },
}

impl<R: Read> Read for Decompressor<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let header = match self.state {
            State::Header => self.start()?,
            State::Text(header) => header,
            State::Ending(header, marker) => {
                self.end(header, marker)?;
                return Ok(0);
            }
            State::Done(_) => return Ok(0),
            State::Failed(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        let mut written = 0_usize;
        for place in out.iter_mut() {
            let byte = match self.step(header.kind) {
                Ok(Step::Byte(byte)) if self.raw_len < self.limit => byte,
                // Text that is there goes out before an error or the end does.
                Ok(Step::Byte(_)) => {
                    let error = self.fail(LzfuError::Limit { limit: self.limit });
                    return if written > 0 { Ok(written) } else { Err(error) };
                }
                Ok(Step::End { marker }) => {
                    self.state = State::Ending(header, marker);
                    if written == 0 {
                        self.end(header, marker)?;
                    }
                    return Ok(written);
                }
                Err(_) if written > 0 => return Ok(written),
                Err(error) => return Err(error),
            };
            *place = byte;
            self.raw_len = self.raw_len.saturating_add(1);
            written = written.saturating_add(1);
        }
        Ok(written)
    }
}

/// A small buffer in front of a reader, which also keeps the checksum of what was taken in after the header.
#[derive(Debug)]
struct Input<R> {
    reader: R,
    buffer: Box<[u8; 8192]>,
    from: usize,
    to: usize,
    checks: Checksum,
    past_header: bool,
}

impl<R: Read> Input<R> {
    fn new(reader: R) -> Self {
        Self { reader, buffer: Box::new([0; 8192]), from: 0, to: 0, checks: Checksum::new(0), past_header: false }
    }

    fn ready(&self) -> &[u8] {
        self.buffer.get(self.from..self.to).unwrap_or_default()
    }

    /// Reads until `count` bytes are ready or the reader is at its end. `count` is at most [`HEADER_LEN`].
    fn want(&mut self, count: usize) -> io::Result<()> {
        while self.ready().len() < count {
            let (from, to) = (self.from, self.to);
            if from > 0 && from <= to {
                self.buffer.copy_within(from..to, 0);
                self.to = to.saturating_sub(from);
                self.from = 0;
            }
            let free = self.buffer.get_mut(self.to..).unwrap_or_default();
            let got = match self.reader.read(free) {
                Ok(0) => return Ok(()),
                Ok(got) => got.min(free.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if self.past_header {
                self.checks.update(free.get(..got).unwrap_or_default());
            }
            self.to = self.to.saturating_add(got);
        }
        Ok(())
    }

    /// Drops the header and starts the checksum with what is ready after it.
    fn skip_header(&mut self, announced: u64) {
        self.from = self.from.saturating_add(HEADER_LEN).min(self.to);
        let mut checks = Checksum::new(announced);
        checks.update(self.ready());
        self.checks = checks;
        self.past_header = true;
    }

    #[inline]
    fn next(&mut self) -> io::Result<Option<u8>> {
        if self.from >= self.to {
            self.want(1)?;
        }
        let byte = self.ready().first().copied();
        self.from = self.from.saturating_add(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// The next two bytes. A single last byte is nobody's and is dropped.
    fn next_pair(&mut self) -> io::Result<Option<[u8; 2]>> {
        self.want(2)?;
        let pair = self.ready().first_chunk::<2>().copied();
        self.from = if pair.is_some() { self.from.saturating_add(2) } else { self.to };
        Ok(pair)
    }
}

/// Packs a text as `LZFu`, end marker included (MS-OXRTFCP 2.3.3).
///
/// The result is a whole value and unpacks to `raw` exactly; the same text always gives the same bytes. An empty text
/// stays empty, where the specification's writer adds one NUL. The size fields are `u32`: beyond 4 GiB they hold
/// `u32::MAX`.
#[must_use]
pub fn compress(raw: &[u8]) -> Vec<u8> {
    let mut flat = Vec::with_capacity(raw.len().saturating_add(PRESET_LEN));
    flat.extend_from_slice(PRESET);
    flat.extend_from_slice(raw);

    let mut out = Vec::with_capacity((raw.len() / 2).saturating_add(64));
    out.extend_from_slice(&[0; HEADER_LEN]);
    let mut tokens = Tokens { out, control_at: 0, count: 8 };
    let mut finder = Finder::new();
    for at in 0..PRESET_LEN {
        finder.note(&flat, at);
    }
    let mut at = PRESET_LEN;
    while let Some(&byte) = flat.get(at) {
        let next = match finder.longest(&flat, at) {
            Some((from, len)) => {
                tokens.reference(from, len);
                at.saturating_add(len)
            }
            None => {
                tokens.literal(byte);
                at.saturating_add(1)
            }
        };
        for passed in at..next {
            finder.note(&flat, passed);
        }
        at = next;
    }
    tokens.reference(at, MIN_MATCH);

    let mut out = tokens.out;
    let packed = out.get(HEADER_LEN..).unwrap_or_default();
    let header = Header {
        comp_size: size_field(packed.len().saturating_add(12)),
        raw_size: size_field(raw.len()),
        kind: Kind::Lzfu,
        crc: crc(packed),
    };
    if let Some(place) = out.first_chunk_mut::<HEADER_LEN>() {
        *place = header.encode();
    }
    out
}

/// Wraps a text as `MELA`: header and the text as it is (MS-OXRTFCP 2.3.3). Sizes as for [`compress`].
#[must_use]
pub fn store(raw: &[u8]) -> Vec<u8> {
    let comp_size = size_field(raw.len().saturating_add(12));
    let header = Header { comp_size, raw_size: size_field(raw.len()), kind: Kind::Mela, crc: 0 };
    let mut out = Vec::with_capacity(raw.len().saturating_add(HEADER_LEN));
    out.extend_from_slice(&header.encode());
    out.extend_from_slice(raw);
    out
}

fn size_field(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Writes tokens in groups of eight behind their control byte.
struct Tokens {
    out: Vec<u8>,
    control_at: usize,
    count: u8,
}

impl Tokens {
    fn begin(&mut self, is_reference: bool) {
        if self.count == 8 {
            self.control_at = self.out.len();
            self.out.push(0);
            self.count = 0;
        }
        if let Some(control) = self.out.get_mut(self.control_at) {
            *control |= u8::from(is_reference).wrapping_shl(u32::from(self.count));
        }
        self.count = self.count.saturating_add(1);
    }

    fn literal(&mut self, byte: u8) {
        self.begin(false);
        self.out.push(byte);
    }

    /// `from` counts from the start of the preset text, so its low 12 bits are the place in the ring.
    fn reference(&mut self, from: usize, len: usize) {
        self.begin(true);
        let place = u16::try_from(from & WINDOW_MASK).unwrap_or(0);
        let len = u16::try_from(len.saturating_sub(MIN_MATCH)).unwrap_or(0);
        self.out.extend_from_slice(&(place << 4 | len & 0xF).to_be_bytes());
    }
}

/// Finds earlier occurrences: the latest place of every pair of bytes, and chains of places by a hash of three bytes.
struct Finder {
    /// By pair: place + 1, 0 for none.
    pairs: Vec<usize>,
    /// By hash of three bytes: place + 1, 0 for none.
    heads: Vec<usize>,
    /// By place in the ring: the place before it with the same hash, + 1.
    chain: Vec<usize>,
}

impl Finder {
    const HASH_BITS: u32 = 13;
    /// How many places of a chain are tried.
    const DEPTH: usize = 48;

    fn new() -> Self {
        Self { pairs: vec![0; 1 << 16], heads: vec![0; 1 << Self::HASH_BITS], chain: vec![0; WINDOW_LEN] }
    }

    fn pair_of(bytes: &[u8; 3]) -> usize {
        let [first, second, _] = *bytes;
        usize::from(u16::from_le_bytes([first, second]))
    }

    fn hash_of(bytes: &[u8; 3]) -> usize {
        let [first, second, third] = *bytes;
        let mixed = u32::from_le_bytes([first, second, third, 0]).wrapping_mul(0x9E37_79B1) >> (32 - Self::HASH_BITS);
        usize::try_from(mixed).unwrap_or(0)
    }

    /// Makes the place `at` known.
    #[inline]
    fn note(&mut self, flat: &[u8], at: usize) {
        let Some(bytes) = flat.get(at..).and_then(|tail| tail.first_chunk::<3>()) else { return };
        let place = at.saturating_add(1);
        if let Some(latest) = self.pairs.get_mut(Self::pair_of(bytes)) {
            *latest = place;
        }
        if let Some(head) = self.heads.get_mut(Self::hash_of(bytes))
            && let Some(link) = self.chain.get_mut(at & WINDOW_MASK)
        {
            *link = *head;
            *head = place;
        }
    }

    /// The longest earlier occurrence of what stands at `at`, the nearest among equals: (place, length).
    #[inline]
    fn longest(&self, flat: &[u8], at: usize) -> Option<(usize, usize)> {
        let here = flat.get(at..)?;
        let here = here.get(..MAX_MATCH).unwrap_or(here);
        // In the last two bytes nothing is looked up: two literals cost less than one more table.
        let bytes = here.first_chunk::<3>()?;
        let mut best = None;
        let mut best_len = MIN_MATCH;
        let mut next = self.heads.get(Self::hash_of(bytes)).copied().unwrap_or(0);
        for _ in 0..Self::DEPTH {
            let Some(from) = next.checked_sub(1).filter(|&from| is_in_reach(from, at)) else { break };
            let there = flat.get(from..).unwrap_or_default();
            if there.get(best_len) == here.get(best_len) {
                let len = here.iter().zip(there).take_while(|(a, b)| a == b).count();
                if len > best_len {
                    best_len = len;
                    best = Some((from, len));
                    if len == here.len() {
                        break;
                    }
                }
            }
            next = self.chain.get(from & WINDOW_MASK).copied().unwrap_or(0);
        }
        best.or_else(|| {
            let from = self.pairs.get(Self::pair_of(bytes))?.checked_sub(1)?;
            is_in_reach(from, at).then_some((from, MIN_MATCH))
        })
    }
}

/// Whether a reference at `at` may name `from`: before it, and less than a whole turn of the ring away.
fn is_in_reach(from: usize, at: usize) -> bool {
    at.checked_sub(from).is_some_and(|back| (1..WINDOW_LEN).contains(&back))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;
    use proptest::prelude::*;

    /// The first published example (MS-OXRTFCP 3.1.1).
    const HELLO: [u8; 49] = [
        0x2D, 0x00, 0x00, 0x00, 0x2B, 0x00, 0x00, 0x00, 0x4C, 0x5A, 0x46, 0x75, 0xF1, 0xC5, 0xC7, 0xA7, 0x03, 0x00,
        0x0A, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0A, 0xF3, 0x20, 0x68, 0x65, 0x6C, 0x09,
        0x00, 0x20, 0x62, 0x77, 0x05, 0xB0, 0x6C, 0x64, 0x7D, 0x0A, 0x80, 0x0F, 0xA0,
    ];
    const HELLO_TEXT: &[u8] = b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n";

    /// The second one, whose reference overlaps its own output (MS-OXRTFCP 3.1.2).
    const CROSSING: [u8; 30] = [
        0x1A, 0x00, 0x00, 0x00, 0x1C, 0x00, 0x00, 0x00, 0x4C, 0x5A, 0x46, 0x75, 0xE2, 0xD4, 0x4B, 0x51, 0x41, 0x00,
        0x04, 0x20, 0x57, 0x58, 0x59, 0x5A, 0x0D, 0x6E, 0x7D, 0x01, 0x0E, 0xB0,
    ];
    const CROSSING_TEXT: &[u8] = b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}";

    const NO_LIMIT: u64 = u64::MAX;

    /// A value around packed bytes, with the sizes and the CRC that belong to them.
    fn value(packed: &[u8], raw_size: u32) -> Vec<u8> {
        let comp_size = u32::try_from(packed.len()).unwrap() + 12;
        let header = Header { comp_size, raw_size, kind: Kind::Lzfu, crc: crc(packed) };
        [&header.encode()[..], packed].concat()
    }

    /// Hands out at most `at_most` bytes a call, as a slow source does.
    struct Dribble<'a> {
        rest: &'a [u8],
        at_most: usize,
    }

    impl Read for Dribble<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.at_most.min(out.len()).min(self.rest.len());
            let (now, rest) = self.rest.split_at(count);
            out[..count].copy_from_slice(now);
            self.rest = rest;
            Ok(count)
        }
    }

    /// Unpacks by the streaming way, in pieces of `piece` bytes.
    fn streamed(stored: &[u8], limit: u64, piece: usize) -> Result<Decompressed, LzfuError> {
        let mut reader = Decompressor::new(Dribble { rest: stored, at_most: piece }, limit);
        let mut bytes = Vec::new();
        let mut buffer = vec![0; piece];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => bytes.extend_from_slice(&buffer[..count]),
                Err(error) => return Err(*error.get_ref().unwrap().downcast_ref::<LzfuError>().unwrap()),
            }
        }
        Ok(Decompressed { bytes, report: reader.report().unwrap() })
    }

    /// Unpacks as the specification describes it, byte by byte in a ring. The flag: it met the end marker.
    fn by_the_book(packed: &[u8]) -> (Vec<u8>, bool) {
        let mut ring = [0_u8; 4096];
        ring[..207].copy_from_slice(PRESET);
        let (mut at, mut out, mut input) = (207, Vec::new(), packed.iter().copied());
        while let Some(control) = input.next() {
            for bit in 0..8 {
                if control >> bit & 1 == 0 {
                    let Some(byte) = input.next() else { return (out, false) };
                    out.push(byte);
                    ring[at] = byte;
                    at = (at + 1) % 4096;
                    continue;
                }
                let (Some(high), Some(low)) = (input.next(), input.next()) else { return (out, false) };
                let place = usize::from(high) << 4 | usize::from(low >> 4);
                if place == at {
                    return (out, true);
                }
                for step in 0..usize::from(low & 15) + 2 {
                    let byte = ring[(place + step) % 4096];
                    out.push(byte);
                    ring[at] = byte;
                    at = (at + 1) % 4096;
                }
            }
        }
        (out, false)
    }

    #[test]
    fn preset_text() {
        assert_eq!(PRESET.len(), 207);
        assert_eq!(crc32fast::hash(PRESET), 0x2E98_875B);
        assert_eq!(crc(PRESET), 0x06F4_4644);
        assert_eq!(&PRESET[..6], b"{\\rtf1");
        assert_eq!(&PRESET[167..181], b"0\r\n\\par \\pard\\");
    }

    #[test]
    fn published_examples_unpack() {
        for (stored, text) in [(&HELLO[..], HELLO_TEXT), (&CROSSING[..], CROSSING_TEXT)] {
            let found = decompress(stored, NO_LIMIT).unwrap();
            assert_eq!(found.bytes, text);
            assert_eq!(found.warnings(), []);
            assert!(found.report.crc_ok && found.report.size_ok && found.report.raw_size_ok && found.report.end_marker);
            assert_eq!(found.report.header.raw_size as usize, text.len());
            assert_eq!(streamed(stored, NO_LIMIT, 3).unwrap(), found);
        }
        assert_eq!(decompress(&HELLO, NO_LIMIT).unwrap().report.crc, 0xA7C7_C5F1);
    }

    #[test]
    fn published_examples_pack_as_small() {
        // Among equal matches ours is the nearest and the published one the first in the ring.
        assert_eq!(compress(HELLO_TEXT).len(), HELLO.len());
        assert_eq!(compress(CROSSING_TEXT), CROSSING);
        assert_eq!(decompress(&compress(HELLO_TEXT), NO_LIMIT).unwrap().bytes, HELLO_TEXT);
    }

    #[test]
    fn header_round_trip() {
        let header = Header::decode(&HELLO).unwrap();
        assert_eq!(header, Header { comp_size: 0x2D, raw_size: 0x2B, kind: Kind::Lzfu, crc: 0xA7C7_C5F1 });
        assert_eq!(header.encode(), HELLO[..16]);
        assert_eq!(header.announced_len(), 49);
        let stored = Header { kind: Kind::Mela, crc: 0, ..header };
        assert_eq!(&stored.encode()[8..12], b"MELA");
        assert_eq!(Header::decode(&stored.encode()), Ok(stored));
    }

    #[test]
    fn a_short_or_foreign_header_is_an_error() {
        for have in 0..16 {
            assert_eq!(decompress(&HELLO[..have], NO_LIMIT), Err(LzfuError::Truncated { have }));
            assert_eq!(streamed(&HELLO[..have], NO_LIMIT, 5), Err(LzfuError::Truncated { have }));
        }
        let mut stored = HELLO;
        stored[8..12].copy_from_slice(b"LZFv");
        assert_eq!(decompress(&stored, NO_LIMIT), Err(LzfuError::UnknownKind(0x7646_5A4C)));
        assert_eq!(streamed(&stored, NO_LIMIT, 5), Err(LzfuError::UnknownKind(0x7646_5A4C)));
    }

    #[test]
    fn a_cut_value_gives_a_beginning_of_the_text() {
        for cut in 16..HELLO.len() {
            let found = decompress(&HELLO[..cut], NO_LIMIT).unwrap();
            assert!(HELLO_TEXT.starts_with(&found.bytes), "cut at {cut}: {:?}", found.bytes);
            assert!(!found.report.end_marker && !found.report.size_ok && !found.report.crc_ok, "cut at {cut}");
            assert!(found.warnings().contains(&Warning::NoEndMarker));
            assert_eq!(found.report.stored_len, cut as u64);
            assert_eq!(streamed(&HELLO[..cut], NO_LIMIT, 7).unwrap(), found);
        }
        // Only the end marker is gone: the text is whole.
        assert_eq!(decompress(&HELLO[..47], NO_LIMIT).unwrap().bytes, HELLO_TEXT);
    }

    #[test]
    fn a_wrong_crc_is_told_and_changes_nothing() {
        let mut stored = HELLO;
        stored[12] ^= 1;
        let found = decompress(&stored, NO_LIMIT).unwrap();
        assert_eq!(found.bytes, HELLO_TEXT);
        assert!(!found.report.crc_ok);
        assert_eq!(found.warnings(), [Warning::Crc { stored: 0xA7C7_C5F0, computed: 0xA7C7_C5F1 }]);
        assert_eq!(found.warnings()[0].to_string(), "CRC is 0xa7c7c5f0, the bytes give 0xa7c7c5f1");
    }

    #[test]
    fn wrong_sizes_are_told_and_change_nothing() {
        let mut stored = HELLO;
        stored[0] = 0x39;
        stored[4] = 0x05;
        let found = decompress(&stored, NO_LIMIT).unwrap();
        assert_eq!(found.bytes, HELLO_TEXT);
        assert!(found.report.crc_ok && found.report.end_marker && !found.report.size_ok && !found.report.raw_size_ok);
        let expected = [Warning::CompSize { announced: 61, actual: 49 }, Warning::RawSize { announced: 5, actual: 43 }];
        assert_eq!(found.warnings(), expected);
        assert_eq!(streamed(&stored, NO_LIMIT, 64).unwrap(), found);
    }

    #[test]
    fn trailing_bytes_are_told_and_the_crc_still_holds() {
        let stored = [&HELLO[..], b"\0\0\0"].concat();
        let found = decompress(&stored, NO_LIMIT).unwrap();
        assert_eq!(found.bytes, HELLO_TEXT);
        assert!(found.report.crc_ok);
        assert_eq!(found.warnings(), [Warning::CompSize { announced: 49, actual: 52 }]);
        assert_eq!(found.report.unused_len, 3);
        assert_eq!(streamed(&stored, NO_LIMIT, 2).unwrap(), found);
    }

    #[test]
    fn padding_is_allowed() {
        let stored = value(&[&HELLO[16..], b"\xFF\xFF"].concat(), 43);
        let found = decompress(&stored, NO_LIMIT).unwrap();
        assert_eq!(found.bytes, HELLO_TEXT);
        assert_eq!(found.warnings(), []);
        assert_eq!(found.report.unused_len, 2);
    }

    #[test]
    fn a_huge_raw_size_reserves_nothing() {
        let stored = Header { comp_size: 12, raw_size: u32::MAX, kind: Kind::Lzfu, crc: 0 }.encode();
        let found = decompress(&stored, NO_LIMIT).unwrap();
        assert_eq!(found.bytes, b"");
        assert!(found.bytes.capacity() < 65_536, "{}", found.bytes.capacity());
        assert_eq!(found.warnings(), [Warning::RawSize { announced: u32::MAX, actual: 0 }, Warning::NoEndMarker]);
    }

    #[test]
    fn places_never_written_read_as_zero() {
        // Place 0x100 lies beyond the preset text; then the end marker at 207 + 2.
        let stored = value(&[0b11, 0x10, 0x00, 0x0D, 0x10], 2);
        let found = decompress(&stored, NO_LIMIT).unwrap();
        assert_eq!((found.bytes.as_slice(), found.report.end_marker), (&[0, 0][..], true));
        assert_eq!(streamed(&stored, NO_LIMIT, 1).unwrap(), found);
    }

    #[test]
    fn an_end_marker_at_once_is_an_empty_text() {
        let found = decompress(&compress(b""), NO_LIMIT).unwrap();
        assert_eq!(found.bytes, b"");
        assert_eq!(found.warnings(), []);
        assert_eq!(compress(b"").len(), 19);
    }

    #[test]
    fn limits() {
        let text = vec![b'x'; 1000];
        for stored in [compress(&text), store(&text)] {
            assert_eq!(decompress(&stored, 1000).unwrap().bytes, text);
            assert_eq!(streamed(&stored, 1000, 100).unwrap().bytes, text);
            for limit in [0, 1, 999] {
                assert_eq!(decompress(&stored, limit), Err(LzfuError::Limit { limit }));
                assert_eq!(streamed(&stored, limit, 100), Err(LzfuError::Limit { limit }));
            }
        }
    }

    #[test]
    fn stored_text() {
        let text = b"{\\rtf1 \\bin3 \0\0\0}\0";
        let stored = store(text);
        let found = decompress(&stored, NO_LIMIT).unwrap();
        assert_eq!(found.bytes, text);
        assert_eq!(found.warnings(), []);

        // MELA writers are known to announce 12 bytes too many; some give a CRC.
        let mut odd = stored.clone();
        odd[0] += 12;
        odd[12] = 7;
        let found = decompress(&odd, NO_LIMIT).unwrap();
        assert_eq!(found.bytes, text);
        let len = stored.len() as u64;
        let expected =
            [Warning::Crc { stored: 7, computed: 0 }, Warning::CompSize { announced: len + 12, actual: len }];
        assert_eq!(found.warnings(), expected);
        assert_eq!(streamed(&odd, NO_LIMIT, 4).unwrap(), found);

        let cut = decompress(&stored[..20], NO_LIMIT).unwrap();
        assert_eq!(cut.bytes, text[..4]);
        assert!(!cut.report.end_marker && !cut.report.raw_size_ok && !cut.report.size_ok);
    }

    #[test]
    fn the_reader_keeps_its_state() {
        let mut reader = Decompressor::new(&HELLO[..], NO_LIMIT);
        assert_eq!((reader.header(), reader.report()), (None, None));
        let mut five = [0; 5];
        reader.read_exact(&mut five).unwrap();
        assert_eq!(&five, b"{\\rtf");
        assert_eq!(reader.header().unwrap().raw_size, 43);
        assert_eq!(reader.report(), None);
        let report = reader.finish().unwrap();
        assert_eq!(report.raw_len, 43);
        assert_eq!(report.warnings(), []);

        let mut reader = Decompressor::new(&HELLO[..], 4);
        let mut text = Vec::new();
        let error = reader.read_to_end(&mut text).unwrap_err();
        assert_eq!((text.as_slice(), error.kind()), (&b"{\\rt"[..], io::ErrorKind::InvalidData));
        assert_eq!(error.to_string(), "compressed RTF: the text exceeds the limit of 4 bytes");
        assert!(reader.read(&mut five).is_err());
    }

    #[test]
    fn the_reader_survives_a_failing_source() {
        /// Fails before every single byte.
        struct Shaky<'a>(&'a [u8], bool);
        impl Read for Shaky<'_> {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 {
                    return Err(io::Error::from(io::ErrorKind::WouldBlock));
                }
                let count = self.0.len().min(1);
                let (now, rest) = self.0.split_at(count);
                out[..count].copy_from_slice(now);
                self.0 = rest;
                Ok(count)
            }
        }
        let mut reader = Decompressor::new(Shaky(&HELLO, false), NO_LIMIT);
        let (mut text, mut buffer) = (Vec::new(), [0; 16]);
        for _ in 0..1000 {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => text.extend_from_slice(&buffer[..count]),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
        }
        assert_eq!(text, HELLO_TEXT);
        assert_eq!(reader.report().unwrap().warnings(), []);
    }

    #[test]
    fn packing_is_worth_it() {
        let line = b"\\par \\pard\\plain\\f0\\fs20 Dear reader, this line comes again and again. ";
        let text = line.repeat(500);
        let packed = compress(&text);
        assert!(packed.len() * 6 < text.len(), "{} of {}", packed.len(), text.len());
        assert_eq!(packed, compress(&text));
        assert_eq!(decompress(&packed, NO_LIMIT).unwrap().bytes, text);
    }

    /// Text over few letters, so that references of all lengths and distances occur.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..6000),
            prop::collection::vec(b'a'..b'd', 0..12_000),
            prop::collection::vec(prop::sample::select(PRESET.as_slice()), 0..6000),
            (any::<u8>(), 0_usize..9000).prop_map(|(byte, count)| vec![byte; count]),
        ]
    }

    proptest! {
        #[test]
        fn what_is_packed_unpacks(text in text(), piece in 1_usize..5000) {
            for stored in [compress(&text), store(&text)] {
                let found = decompress(&stored, NO_LIMIT).unwrap();
                prop_assert_eq!(&found.bytes, &text);
                prop_assert_eq!(found.warnings(), vec![]);
                prop_assert_eq!(streamed(&stored, NO_LIMIT, piece).unwrap(), found);
            }
        }

        #[test]
        fn any_tokens_unpack_as_the_specification_says(
            packed in prop::collection::vec(any::<u8>(), 0..3000),
            raw_size: u32,
            piece in 1_usize..5000,
        ) {
            let stored = value(&packed, raw_size);
            let (text, end_marker) = by_the_book(&packed);
            let found = decompress(&stored, NO_LIMIT).unwrap();
            prop_assert_eq!(&found.bytes, &text);
            prop_assert_eq!(found.report.end_marker, end_marker);
            prop_assert!(found.report.crc_ok && found.report.size_ok);
            prop_assert_eq!(streamed(&stored, NO_LIMIT, piece).unwrap(), found);
            let len = text.len() as u64;
            prop_assert!(decompress(&stored, len).is_ok());
            if len > 0 {
                prop_assert_eq!(decompress(&stored, len - 1), Err(LzfuError::Limit { limit: len - 1 }));
            }
        }

        #[test]
        fn any_bytes_are_survived(stored in prop::collection::vec(any::<u8>(), 0..200), limit in 0_u64..2000) {
            prop_assert_eq!(streamed(&stored, limit, 33), decompress(&stored, limit));
        }

        #[test]
        fn a_flipped_bit_is_survived(text in text(), place: prop::sample::Index, bit in 0_u8..8) {
            let mut stored = compress(&text);
            let place = place.index(stored.len());
            stored[place] ^= 1 << bit;
            let both = (decompress(&stored, 100_000), streamed(&stored, 100_000, 4096));
            prop_assert_eq!(&both.0, &both.1);
            if let Ok(found) = both.0 {
                prop_assert!(!found.warnings().is_empty());
            }
        }
    }
}
