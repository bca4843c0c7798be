//! What a file is, by its first bytes and not by its name: a store, mail in another form, or something else.

use crate::mime::Mbox;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FileKind {
    /// A PST, OST or PAB.
    Store,
    /// A single mail (RFC 5322).
    Mail,
    /// A single mail as Apple Mail keeps it, `.emlx`.
    AppleMail,
    /// Mails one behind the other, each after a `From ` line (RFC 4155).
    Mbox,
    /// A ZIP archive.
    Zip,
    /// A ZIP archive with nothing in it.
    EmptyZip,
    /// A ZIP archive that is one document: OOXML, OpenDocument, a Java archive.
    ZipDocument,
    /// A 7-Zip archive.
    SevenZip,
    /// A RAR archive.
    Rar,
    /// A gzip file.
    Gzip,
    /// An xz file.
    Xz,
    /// A zstd file.
    Zstd,
    /// A bzip2 file.
    Bzip2,
    /// A cabinet.
    Cabinet,
    /// A tar archive.
    Tar,
    /// An OLE compound file, such as a single Outlook message.
    Compound,
    /// A folder of Outlook Express.
    OutlookExpress,
    /// An Exchange database.
    ExchangeDatabase,
    /// Properties of a message as Outlook puts them into mail: `winmail.dat`.
    Tnef,
    /// An SQLite database.
    Sqlite,
    /// An iCalendar file.
    Calendar,
    /// A vCard file.
    Card,
    /// A PDF.
    Pdf,
    /// Nothing.
    Empty,
    /// It begins with nothing but zeros.
    Zeros,
    /// Text of another kind.
    Text,
    /// None of these.
    Other,
}

/// Bytes from the start of a file that are enough to tell. Mails with a long first header need them.
pub const START: usize = 64 << 10;

const MAGIC: &[(&[u8], FileKind)] = &[
    (b"!BDN", FileKind::Store),
    (b"PK\x03\x04", FileKind::Zip),
    (b"PK\x05\x06", FileKind::EmptyZip),
    // An archive that was meant to be split, and was not.
    (b"PK\x07\x08PK\x03\x04", FileKind::Zip),
    (b"PK00PK\x03\x04", FileKind::Zip),
    (b"7z\xBC\xAF\x27\x1C", FileKind::SevenZip),
    (b"Rar!\x1A\x07", FileKind::Rar),
    (b"\x1F\x8B", FileKind::Gzip),
    (b"\xFD7zXZ\0", FileKind::Xz),
    (b"\x28\xB5\x2F\xFD", FileKind::Zstd),
    (b"BZh", FileKind::Bzip2),
    (b"MSCF", FileKind::Cabinet),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", FileKind::Compound),
    (b"\xCF\xAD\x12\xFE", FileKind::OutlookExpress),
    (b"\x78\x9F\x3E\x22", FileKind::Tnef),
    (b"%PDF", FileKind::Pdf),
    (b"SQLite format 3\0", FileKind::Sqlite),
];

impl FileKind {
    /// Tells from the first bytes of a file, [`START`] of them or the whole.
    pub fn of(start: &[u8]) -> Self {
        if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| start.starts_with(magic)) {
            return match kind {
                Self::Zip if is_document(start) => Self::ZipDocument,
                kind => *kind,
            };
        }
        if start.get(4..8) == Some(b"\xEF\xCD\xAB\x89") {
            return Self::ExchangeDatabase;
        }
        if start.get(257..262) == Some(b"ustar") {
            return Self::Tar;
        }
        if start.is_empty() {
            return Self::Empty;
        }
        if start.iter().all(|byte| *byte == 0) {
            return Self::Zeros;
        }
        let narrowed = narrow(start);
        let text = narrowed.as_deref().unwrap_or(start);
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        text_kind(text).unwrap_or_else(|| {
            let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
            if text.iter().all(is_text) { Self::Text } else { Self::Other }
        })
    }

    /// The stable name, in small letters: `mbox`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Mail => "mail",
            Self::AppleMail => "emlx",
            Self::Mbox => "mbox",
            Self::Zip => "zip",
            Self::EmptyZip => "empty-zip",
            Self::ZipDocument => "zip-document",
            Self::SevenZip => "7z",
            Self::Rar => "rar",
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Cabinet => "cabinet",
            Self::Tar => "tar",
            Self::Compound => "compound-file",
            Self::OutlookExpress => "dbx",
            Self::ExchangeDatabase => "edb",
            Self::Tnef => "tnef",
            Self::Sqlite => "sqlite",
            Self::Calendar => "icalendar",
            Self::Card => "vcard",
            Self::Pdf => "pdf",
            Self::Empty => "empty",
            Self::Zeros => "zeros",
            Self::Text => "text",
            Self::Other => "other",
        }
    }

    /// True for forms that hold mail or may hold it, and are not read here.
    pub const fn may_hold_mail(self) -> bool {
        matches!(
            self,
            Self::SevenZip
                | Self::Rar
                | Self::Gzip
                | Self::Xz
                | Self::Zstd
                | Self::Bzip2
                | Self::Cabinet
                | Self::Tar
                | Self::Compound
                | Self::OutlookExpress
                | Self::ExchangeDatabase
                | Self::Tnef
                | Self::Sqlite
                | Self::Zeros
        )
    }

    /// A sentence for somebody who took it for a store.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Store | Self::Other => "it does not start with !BDN",
            Self::Mail | Self::AppleMail => "it is a single mail (.eml)",
            Self::Mbox => "it is an mbox mail folder",
            Self::Zip | Self::ZipDocument => "it is a ZIP archive; unpack it first",
            Self::EmptyZip => "it is an empty ZIP archive",
            Self::SevenZip => "it is a 7-Zip archive; unpack it first",
            Self::Rar => "it is a RAR archive; unpack it first",
            Self::Gzip => "it is a gzip file; unpack it first",
            Self::Xz => "it is an xz file; unpack it first",
            Self::Zstd => "it is a zstd file; unpack it first",
            Self::Bzip2 => "it is a bzip2 file; unpack it first",
            Self::Cabinet => "it is a cabinet; unpack it first",
            Self::Tar => "it is a tar archive; unpack it first",
            Self::Compound => "it is an OLE compound file, such as a single Outlook message (.msg)",
            Self::OutlookExpress => "it is an Outlook Express folder (.dbx)",
            Self::ExchangeDatabase => "it is an Exchange database (.edb)",
            Self::Tnef => "it is a TNEF file (winmail.dat)",
            Self::Sqlite => "it is an SQLite database; Outlook for Mac keeps its mail so",
            Self::Calendar => "it is an iCalendar file",
            Self::Card => "it is a vCard file",
            Self::Pdf => "it is a PDF",
            Self::Empty => "it is empty",
            Self::Zeros => "it begins with nothing but zeros, as a file does whose header was lost",
            Self::Text => "it is text",
        }
    }
}

/// A sentence about a file from its first bytes.
pub(crate) fn describe(start: &[u8]) -> &'static str {
    FileKind::of(start).sentence()
}

/// True for the names with which documents that are ZIP archives begin.
fn is_document(start: &[u8]) -> bool {
    // The name is behind the fixed part of the first local file header (APPNOTE 4.3.7).
    let Some(name) = start.get(30..) else { return false };
    let known: [&[u8]; 4] = [b"[Content_Types].xml", b"_rels/.rels", b"mimetypeapplication/", b"META-INF/"];
    known.iter().any(|known| name.starts_with(known))
}

/// The ASCII of UTF-16 text, known by its mark or by the zeros between.
fn narrow(start: &[u8]) -> Option<Vec<u8>> {
    let pairs = || start.chunks_exact(2).take(32);
    let little =
        start.starts_with(b"\xFF\xFE") || (start.len() >= 16 && pairs().all(|pair| matches!(pair, [1..=127, 0])));
    let big = start.starts_with(b"\xFE\xFF") || (start.len() >= 16 && pairs().all(|pair| matches!(pair, [0, 1..=127])));
    let unit = |pair: &[u8]| match pair {
        [byte, 0] if little => *byte,
        [0, byte] if big => *byte,
        // Any character that no header has, and every line may.
        _ => 0x80,
    };
    let text = if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") { start.get(2..)? } else { start };
    (little || big).then(|| text.chunks_exact(2).map(unit).collect())
}

fn text_kind(text: &[u8]) -> Option<FileKind> {
    let text = text.trim_ascii_start();
    if text.starts_with(b"BEGIN:VCALENDAR") {
        return Some(FileKind::Calendar);
    }
    if text.starts_with(b"BEGIN:VCARD") {
        return Some(FileKind::Card);
    }
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let first = lines.next()?;
    let second = lines.next();
    if first.starts_with(b"From ") {
        return Mbox::is_mbox(text).then_some(FileKind::Mbox);
    }
    let is_number = !first.is_empty() && first.len() <= 12 && first.iter().all(u8::is_ascii_digit);
    if is_number && second.is_some_and(|line| header_name(line).is_some()) {
        return Some(FileKind::AppleMail);
    }
    is_mail(text).then_some(FileKind::Mail)
}

/// True if text begins with headers, and with such as mails have.
fn is_mail(text: &[u8]) -> bool {
    /// Lines that are looked at; what comes behind them need not be there.
    const LINES: usize = 400;
    let (mut worth, mut headers, mut others) = (0u32, 0u32, 0u32);
    for line in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).take(LINES) {
        match header_name(line) {
            _ if line.is_empty() => break,
            _ if line.starts_with(b" ") || line.starts_with(b"\t") => {}
            Some(name) => {
                headers = headers.saturating_add(1);
                worth = worth.saturating_add(worth_of(name));
            }
            None => others = others.saturating_add(1),
        }
        if headers == 0 {
            return false;
        }
    }
    // Real mail has lines among its headers that are none.
    worth >= 2 && others.saturating_mul(4) <= headers
}

/// The name of a header, if a line begins one.
fn header_name(line: &[u8]) -> Option<&[u8]> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}

/// How much a header says for a mail: 2 if nothing else has it, 1 if a note might.
fn worth_of(name: &[u8]) -> u32 {
    const SURE: [&str; 14] = [
        "Received",
        "Return-Path",
        "Delivered-To",
        "Message-ID",
        "MIME-Version",
        "DKIM-Signature",
        "ARC-Seal",
        "Authentication-Results",
        "Received-SPF",
        "In-Reply-To",
        "Content-Type",
        "Content-Class",
        "X-Mailer",
        "X-MS-Journal-Report",
    ];
    const LIKELY: [&str; 11] = [
        "From",
        "To",
        "Cc",
        "Bcc",
        "Subject",
        "Date",
        "Sender",
        "Reply-To",
        "References",
        "Status",
        "Content-Transfer-Encoding",
    ];
    let is = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
    if SURE.iter().any(&is) { 2 } else { u32::from(LIKELY.iter().any(is)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for (start, kind) in [
            (&b"!BDNxx"[..], FileKind::Store),
            (b"PK\x03\x04\x14\0", FileKind::Zip),
            (b"PK\x05\x06", FileKind::EmptyZip),
            (
                b"PK\x03\x04\x14\0\x06\0\x08\0\0\0\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml",
                FileKind::ZipDocument,
            ),
            (b"\x1F\x8B\x08", FileKind::Gzip),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", FileKind::Compound),
            (b"", FileKind::Empty),
            (b"\0\0\0", FileKind::Zeros),
            (b"\x01\x02\xFF", FileKind::Other),
            (b"Dear Joe,\nplease see: below\n", FileKind::Text),
            (b"BEGIN:VCALENDAR\r\n", FileKind::Calendar),
            (b"\xEF\xBB\xBFBEGIN:VCARD\r\n", FileKind::Card),
            (b"Received: from a by b; Wed, 17 May 2000 19:35:05 -0400\r\n", FileKind::Mail),
            (b"\xEF\xBB\xBFSubject: x\nFrom: y\n\ntext", FileKind::Mail),
            (b"\r\n\r\nFrom: y\r\nTo: z\r\n", FileKind::Mail),
            (b"X-Odd: 1\nmime-version: 1.0\n", FileKind::Mail),
            (b"Subject: groceries\n\nmilk", FileKind::Text),
            (b"Subject: groceries\nfrom the market\nmilk\nto: buy", FileKind::Text),
            (b"key: value\nother: value\n", FileKind::Text),
            (b"From joe@x.example Wed May 17 23:35:05 2000\n\ntext", FileKind::Mbox),
            (b"From nobody\nReceived: x\n", FileKind::Mbox),
            (b"From here on it is text\nand no mail", FileKind::Text),
            (b"1795\nFrom: joe@x.example\n", FileKind::AppleMail),
            (b"1795      \nFrom: joe@x.example\n", FileKind::AppleMail),
            (b"1795\n1796\n", FileKind::Text),
        ] {
            assert_eq!(FileKind::of(start), kind, "{:?}", String::from_utf8_lossy(start));
        }
        let mut tar = vec![b'a'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(FileKind::of(&tar), FileKind::Tar);
    }

    #[test]
    fn mail_in_utf_16() {
        let text = "Subject: Grüße\r\nFrom: joe@x.example\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        assert_eq!(FileKind::of(&big), FileKind::Mail);
        // Without a mark, the first characters must be ASCII.
        assert_eq!(FileKind::of(&little), FileKind::Other);
        let ascii: Vec<u8> = text.replace("Grüße", "Hello").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(FileKind::of(&ascii), FileKind::Mail);
    }

    #[test]
    fn sentences_tell_what_to_do() {
        assert_eq!(describe(b"PK\x03\x04"), "it is a ZIP archive; unpack it first");
        assert_eq!(describe(b"Received: x"), "it is a single mail (.eml)");
        assert_eq!(describe(b"\xFF"), "it does not start with !BDN");
    }
}
