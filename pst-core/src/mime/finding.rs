//! What is odd about a message, told as data.

use std::fmt;

/// Something about the bytes of a message that the standards do not have, and that was read nevertheless.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// Where: a byte offset into [`Mail::bytes`](super::Mail::bytes), or into the file of an mbox for what its frame says.
    pub offset: usize,
    /// The case at hand, such as the name of the header; may be empty.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:#x}", self.kind, self.offset)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What kind of oddity a [`Finding`] tells. The names are stable: reports and scripts match them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum FindingKind {
            $($(#[$doc])* $kind,)*
        }

        impl FindingKind {
            /// The stable name, in small letters: `no-end-boundary`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// The file begins with a UTF-8 byte order mark.
    ByteOrderMark = "byte-order-mark",
    /// The file is UTF-16 and was turned into UTF-8 to be read; offsets count in the UTF-8.
    Utf16 = "utf-16",
    /// A `From ` line of an mbox comes before the headers.
    EnvelopeLine = "envelope-line",
    /// Empty lines come before the headers.
    LeadingBlankLines = "leading-blank-lines",
    /// The file is an `.emlx` of Apple Mail; the detail tells when its byte count is wrong.
    AppleMail = "apple-mail",
    /// All lines end with LF.
    LineFeeds = "line-feeds",
    /// All lines end with CR.
    CarriageReturns = "carriage-returns",
    /// Lines end with CRLF here and LF or CR there.
    MixedLineEnds = "mixed-line-ends",
    /// There are NUL bytes.
    Nul = "nul",
    /// There is no header at all: everything is body.
    NoHeaders = "no-headers",
    /// A header that RFC 5322 demands is missing; the detail names it.
    MissingHeader = "missing-header",
    /// A header that may stand once stands several times; the first counts.
    RepeatedHeader = "repeated-header",
    /// A line among the headers that is none.
    MalformedHeader = "malformed-header",
    /// No empty line between headers and body.
    NoSeparator = "no-separator",
    /// Bytes above 0x7F in a header; the detail names it.
    EightBitHeader = "eight-bit-header",
    /// A `Content-Type` that is not type/subtype and parameters; the part is read as text/plain.
    InvalidContentType = "invalid-content-type",
    /// A `Content-Transfer-Encoding` that is not known; the part is read as it stands.
    UnknownTransferEncoding = "unknown-transfer-encoding",
    /// A multipart that names no boundary; it is read as one piece.
    NoBoundary = "no-boundary",
    /// A multipart whose boundary does not occur; it is read as one piece.
    NoParts = "no-parts",
    /// A multipart without its end boundary; it ends where what is around it ends.
    NoEndBoundary = "no-end-boundary",
    /// A multipart inside too many multiparts; it is read as one piece.
    TooDeep = "too-deep",
    /// More parts than are told apart; the rest is [epilogue](super::Part::epilogue).
    TooManyParts = "too-many-parts",
    /// More header fields than are listed.
    TooManyHeaders = "too-many-headers",
    /// A header with more addresses than are read; the detail names it.
    TooManyAddresses = "too-many-addresses",
    /// A `Content-Type`, `Content-Disposition` or transfer encoding longer than is read; the detail names the header.
    TooManyParameters = "too-many-parameters",
    /// More findings than are listed.
    TooManyFindings = "too-many-findings",
    /// Characters in a base64, quoted-printable or uuencoded body that do not belong there; they were passed over.
    TransferDamage = "transfer-damage",
    /// A charset that is not known; the text is read in a guessed one, which the detail names.
    UnknownCharset = "unknown-charset",
    /// Bytes that have no character in their charset; U+FFFD stands for them.
    Characters = "characters",
    /// A separator of an mbox without a date; what is around it makes it one.
    SeparatorWithoutDate = "separator-without-date",
    /// A separator of an mbox that does not come after an empty line.
    SeparatorWithoutBlankLine = "separator-without-blank-line",
    /// Bytes of an mbox that no separator comes before.
    NoMboxSeparator = "no-mbox-separator",
    /// A `Content-Length` in an mbox that leads neither to a separator nor to the end; lines were looked at instead.
    WrongContentLength = "wrong-content-length",
    /// The last message of an mbox does not end with a line end: it may have been cut off.
    NoFinalLineEnd = "no-final-line-end",
    /// The file ends with NULs, as after a crash; they are not part of the last message.
    NulTail = "nul-tail",
    /// Text that is not in the charset it names or implies; it was read in another, which the detail names.
    OtherCharset = "other-charset",
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Findings of one message, as many as are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Hostile input can be odd at every byte.
    const MOST: usize = 1000;

    pub(super) fn add(&mut self, kind: FindingKind, offset: usize, detail: impl Into<String>) {
        match self.0.len() {
            0..Self::MOST => self.0.push(Finding { kind, offset, detail: detail.into() }),
            Self::MOST => {
                self.0.push(Finding { kind: FindingKind::TooManyFindings, offset, detail: String::new() });
            }
            _ => {}
        }
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}
