//! What a file is that is no PST: so that the error is about the file the user has.

/// A sentence about a file from its first bytes.
pub(crate) fn describe(start: &[u8]) -> &'static str {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "it is a ZIP archive; unpack it first"),
        (b"PK\x05\x06", "it is an empty ZIP archive"),
        (b"7z\xBC\xAF\x27\x1C", "it is a 7-Zip archive; unpack it first"),
        (b"Rar!\x1A\x07", "it is a RAR archive; unpack it first"),
        (b"\x1F\x8B", "it is a gzip file; unpack it first"),
        (b"\xFD7zXZ\0", "it is an xz file; unpack it first"),
        (b"\x28\xB5\x2F\xFD", "it is a zstd file; unpack it first"),
        (b"BZh", "it is a bzip2 file; unpack it first"),
        (b"MSCF", "it is a cabinet; unpack it first"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "it is an OLE compound file, such as a single Outlook message (.msg)"),
        (b"\xCF\xAD\x12\xFE", "it is an Outlook Express folder (.dbx)"),
        (b"From ", "it is an mbox mail folder"),
        (b"Received:", "it is a single mail (.eml)"),
        (b"Return-Path:", "it is a single mail (.eml)"),
        (b"%PDF", "it is a PDF"),
        (b"SQLite format 3\0", "it is an SQLite database; Outlook for Mac keeps its mail so"),
    ];
    if let Some((_, text)) = KNOWN.iter().find(|(magic, _)| start.starts_with(magic)) {
        return text;
    }
    if start.get(4..8) == Some(b"\xEF\xCD\xAB\x89") {
        return "it is an Exchange database (.edb)";
    }
    if start.is_empty() {
        "it is empty"
    } else if start.iter().all(|byte| *byte == 0) {
        "it begins with nothing but zeros, as a file does whose header was lost"
    } else if start.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
        "it is text"
    } else {
        "it does not start with !BDN"
    }
}
