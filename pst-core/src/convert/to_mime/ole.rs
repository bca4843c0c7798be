//! Files inside OLE objects (attachment method 6; MS-OLEDS, MS-CFB).
//!
//! An object is a compound file as a rule, and what a person put into the mail is a stream of it: a packaged file
//! (`\1Ole10Native`), an Office document (`Package`), a PDF or picture (`CONTENTS`). The object itself is kept in any case.

use std::io::{Read, Seek, SeekFrom};

use super::media_type;
use crate::Result;
use crate::ndb::DataStream;
use crate::text::CodePage;

/// Something found in an object.
pub(super) struct Content<'a> {
    /// The name a packaged file had.
    pub(super) name: Option<String>,
    /// The content type and the extension that goes with it.
    pub(super) kind: &'static str,
    pub(super) extension: &'static str,
    pub(super) size: u64,
    pub(super) bytes: &'a mut dyn Read,
}

/// The streams that hold what a person put in.
const STREAMS: [&str; 3] = ["/\u{1}Ole10Native", "/Package", "/CONTENTS"];
/// The largest header of a packaged file: three names and some numbers.
const HEADER: usize = 4 << 10;

/// Hands on every file found in an object. An object that is no compound file, or a damaged one, has none.
///
/// # Errors
/// Those of `found`.
pub(super) fn contents(object: DataStream, mut found: impl FnMut(Content<'_>) -> Result<()>) -> Result<()> {
    let Ok(mut file) = cfb::CompoundFile::open(object) else { return Ok(()) };
    for path in STREAMS {
        let Ok(mut stream) = file.open_stream(path) else { continue };
        let Some((name, start, size)) = place(path, &mut stream) else { continue };
        if size == 0 || stream.seek(SeekFrom::Start(start)).is_err() {
            continue;
        }
        let mut head = Vec::new();
        if stream.by_ref().take(64).read_to_end(&mut head).is_err() || stream.seek(SeekFrom::Start(start)).is_err() {
            continue;
        }
        let by_name = name.as_deref().and_then(media_type::by_name);
        let (kind, extension) = match media_type::by_content(&head) {
            // A package is a ZIP file of parts; which kind only its parts tell.
            Some(("application/zip", _)) if path == "/Package" => ("application/vnd.ms-package.openxml", "zip"),
            Some(known) => known,
            None => (media_type::UNKNOWN, "bin"),
        };
        let mut bytes = stream.take(size);
        found(Content { name, kind: by_name.unwrap_or(kind), extension, size, bytes: &mut bytes })?;
    }
    Ok(())
}

/// Name, first byte and length of the file in a stream.
fn place<S: Read + Seek>(path: &str, stream: &mut S) -> Option<(Option<String>, u64, u64)> {
    let length = stream.seek(SeekFrom::End(0)).ok()?;
    stream.rewind().ok()?;
    if path != "/\u{1}Ole10Native" {
        return Some((None, 0, length));
    }
    let mut header = Vec::new();
    stream.by_ref().take(u64::try_from(HEADER).ok()?).read_to_end(&mut header).ok()?;
    match packaged(&header) {
        Some((name, start, size)) => {
            let start = u64::try_from(start).ok()?;
            Some((Some(name), start, size.min(length.saturating_sub(start))))
        }
        // Other programs keep bare data there, after its length.
        None => Some((None, 4, length.saturating_sub(4))),
    }
}

/// The header of a packaged file (MS-OLEDS 2.3.6, and what the packager writes): name, first byte, length.
///
/// ```text
/// size (4) | 2 (2) | label NUL | path NUL | 0 (2) | 3 (2) | length (4) | path of the copy | length (4) | bytes
/// ```
fn packaged(header: &[u8]) -> Option<(String, usize, u64)> {
    let mut at = 4usize;
    let take = |at: &mut usize, count: usize| {
        let end = at.checked_add(count)?;
        let bytes = header.get(*at..end)?;
        *at = end;
        Some(bytes)
    };
    let number = |at: &mut usize| take(at, 4)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    let text = |at: &mut usize| {
        let length = header.get(*at..)?.iter().position(|byte| *byte == 0)?;
        let bytes = take(at, length)?;
        take(at, 1)?;
        Some(bytes)
    };
    (take(&mut at, 2)? == [2, 0]).then_some(())?;
    let label = text(&mut at)?;
    let path = text(&mut at)?;
    take(&mut at, 4)?;
    let copy = usize::try_from(number(&mut at)?).ok()?;
    take(&mut at, copy)?;
    let size = number(&mut at)?;
    let named = if label.is_empty() { path } else { label };
    let decoded = CodePage::WINDOWS_1252.decode(named).ok()?.text;
    let name = decoded.rsplit(['\\', '/']).next().unwrap_or_default();
    (!name.is_empty()).then(|| (name.to_owned(), at, u64::from(size)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;
    use std::io::{Cursor, Write};

    fn object(streams: &[(&str, &[u8])]) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for (path, bytes) in streams {
            file.create_stream(path).unwrap().write_all(bytes).unwrap();
        }
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    fn native(name: &str, bytes: &[u8]) -> Vec<u8> {
        let path = format!("C:\\Temp\\{name}\0");
        let mut out = vec![0, 0, 0, 0, 2, 0];
        out.extend_from_slice(format!("{name}\0").as_bytes());
        out.extend_from_slice(path.as_bytes());
        out.extend_from_slice(&[0, 0, 3, 0]);
        out.extend_from_slice(&u32::try_from(path.len()).unwrap().to_le_bytes());
        out.extend_from_slice(path.as_bytes());
        out.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_le_bytes());
        out.extend_from_slice(bytes);
        out.extend_from_slice(b"what follows is not of the file");
        out
    }

    type Found = (Option<String>, &'static str, &'static str, Vec<u8>);

    fn found(object: Vec<u8>) -> Vec<Found> {
        let mut out = Vec::new();
        contents(DataStream::from_bytes(object), |content| {
            let mut bytes = Vec::new();
            content.bytes.read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes.len() as u64, content.size);
            out.push((content.name, content.kind, content.extension, bytes));
            Ok(())
        })
        .unwrap();
        out
    }

    #[test]
    fn packaged_files_documents_and_pictures() {
        let large = [b"%PDF-1.4".as_slice(), &[7; 9000]].concat();
        let object = object(&[
            ("\u{1}Ole10Native", &native("notes.txt", b"hello")),
            ("Package", b"PK\x03\x04rest"),
            ("CONTENTS", &large),
            ("Other", b"x"),
        ]);
        let found = found(object);
        assert_eq!(found[0], (Some("notes.txt".to_owned()), "text/plain", "bin", b"hello".to_vec()));
        assert_eq!(found[1], (None, "application/vnd.ms-package.openxml", "zip", b"PK\x03\x04rest".to_vec()));
        assert_eq!(found[2], (None, "application/pdf", "pdf", large));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn bare_native_data_and_no_objects() {
        let data = [&[4, 0, 0, 0], b"BM..".as_slice()].concat();
        assert_eq!(found(object(&[("\u{1}Ole10Native", &data)])), [(None, "image/bmp", "bmp", b"BM..".to_vec())]);
        assert!(found(b"no compound file".to_vec()).is_empty());
        assert!(found(Vec::new()).is_empty());
    }

    #[test]
    fn damaged_objects_end_without_a_panic() {
        let good = object(&[("\u{1}Ole10Native", &native("notes.txt", &[1; 5000])), ("Package", &[2; 3000])]);
        let mut state = 0x2545_F491_4F6C_DD1Du64;
        for _ in 0..3000 {
            let mut bad = good.clone();
            for _ in 0..4 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (state >> 33) as usize % bad.len();
                bad[at] = [0, 1, 0xFF, 0xFE, (state >> 20) as u8][(state >> 50) as usize % 5];
            }
            let _ = contents(DataStream::from_bytes(bad), |content| {
                let _ = content.bytes.read_to_end(&mut Vec::new());
                Ok(())
            });
        }
    }
}
