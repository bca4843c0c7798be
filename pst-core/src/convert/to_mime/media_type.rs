//! The content type of an attachment (MS-OXCMAIL 2.1.3.4.2): its own, by its name, by its first bytes.

/// What nobody knows more of.
pub(super) const UNKNOWN: &str = "application/octet-stream";

/// The content type to write for a stored one, or `None` if that cannot be written: it is malformed, or says that the bytes
/// are several parts or a message, which as encoded bytes they are not.
pub(super) fn usable(stored: &str) -> Option<String> {
    let stored = stored.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (kind, subtype) = stored.split_once('/')?;
    let is_token = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte))
    };
    let refused = matches!(kind, "multipart" | "message")
        || matches!(stored.as_str(), "application/applefile" | "application/mac-binhex40");
    (is_token(kind) && is_token(subtype) && !refused && stored.len() < 128).then_some(stored)
}

/// The type that a file name tells by its extension.
pub(super) fn by_name(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    let extension = extension.trim().to_ascii_lowercase();
    let at = EXTENSIONS.binary_search_by_key(&extension.as_str(), |(known, _)| known).ok()?;
    EXTENSIONS.get(at).map(|(_, kind)| *kind)
}

/// The type and extension that the first bytes tell.
pub(super) fn by_content(start: &[u8]) -> Option<(&'static str, &'static str)> {
    const KNOWN: &[(&[u8], &str, &str)] = &[
        (b"%PDF-", "application/pdf", "pdf"),
        (b"\x89PNG\r\n\x1A\n", "image/png", "png"),
        (b"\xFF\xD8\xFF", "image/jpeg", "jpg"),
        (b"GIF87a", "image/gif", "gif"),
        (b"GIF89a", "image/gif", "gif"),
        (b"II*\0", "image/tiff", "tif"),
        (b"MM\0*", "image/tiff", "tif"),
        (b"BM", "image/bmp", "bmp"),
        (b"\xD7\xCD\xC6\x9A", "image/wmf", "wmf"),
        (b"{\\rtf", "application/rtf", "rtf"),
        (b"PK\x03\x04", "application/zip", "zip"),
        (b"7z\xBC\xAF\x27\x1C", "application/x-7z-compressed", "7z"),
        (b"Rar!\x1A\x07", "application/vnd.rar", "rar"),
        (b"\x1F\x8B\x08", "application/gzip", "gz"),
        (b"ID3", "audio/mpeg", "mp3"),
        (b"OggS", "audio/ogg", "ogg"),
    ];
    if start.starts_with(b"RIFF") {
        return match start.get(8..12)? {
            b"WAVE" => Some(("audio/wav", "wav")),
            b"AVI " => Some(("video/x-msvideo", "avi")),
            b"WEBP" => Some(("image/webp", "webp")),
            _ => None,
        };
    }
    // ` EMF` stands at 40 of an enhanced metafile.
    if start.starts_with(&[1, 0, 0, 0]) && start.get(40..44) == Some(b" EMF") {
        return Some(("image/emf", "emf"));
    }
    if start.get(4..8) == Some(b"ftyp") {
        return Some(("video/mp4", "mp4"));
    }
    KNOWN.iter().find(|(magic, ..)| start.starts_with(magic)).map(|(_, kind, extension)| (*kind, *extension))
}

/// By extension, sorted.
const EXTENSIONS: &[(&str, &str)] = &[
    ("7z", "application/x-7z-compressed"),
    ("aac", "audio/aac"),
    ("ai", "application/postscript"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("bz2", "application/x-bzip2"),
    ("cer", "application/pkix-cert"),
    ("crl", "application/pkix-crl"),
    ("crt", "application/x-x509-ca-cert"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    ("docm", "application/vnd.ms-word.document.macroenabled.12"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("dot", "application/msword"),
    ("dwg", "image/vnd.dwg"),
    ("dxf", "image/vnd.dxf"),
    ("emf", "image/emf"),
    ("epub", "application/epub+zip"),
    ("exe", "application/vnd.microsoft.portable-executable"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("heic", "image/heic"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ics", "text/calendar"),
    ("jpe", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("key", "application/vnd.apple.keynote"),
    ("log", "text/plain"),
    ("m4a", "audio/mp4"),
    ("mdb", "application/vnd.ms-access"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("mpp", "application/vnd.ms-project"),
    ("msg", "application/vnd.ms-outlook"),
    ("numbers", "application/vnd.apple.numbers"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ogg", "audio/ogg"),
    ("one", "application/onenote"),
    ("p10", "application/pkcs10"),
    ("p12", "application/pkcs12"),
    ("p7b", "application/x-pkcs7-certificates"),
    ("p7c", "application/pkcs7-mime"),
    ("p7m", "application/pkcs7-mime"),
    ("p7s", "application/pkcs7-signature"),
    ("pages", "application/vnd.apple.pages"),
    ("pdf", "application/pdf"),
    ("pfx", "application/pkcs12"),
    ("png", "image/png"),
    ("pot", "application/vnd.ms-powerpoint"),
    ("pps", "application/vnd.ms-powerpoint"),
    ("ppsx", "application/vnd.openxmlformats-officedocument.presentationml.slideshow"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("ps", "application/postscript"),
    ("pub", "application/vnd.ms-publisher"),
    ("rar", "application/vnd.rar"),
    ("rtf", "application/rtf"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tgz", "application/gzip"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("txt", "text/plain"),
    ("vcf", "text/vcard"),
    ("vcs", "text/x-vcalendar"),
    ("vsd", "application/vnd.visio"),
    ("vsdx", "application/vnd.ms-visio.drawing.main+xml"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("wma", "audio/x-ms-wma"),
    ("wmf", "image/wmf"),
    ("wmv", "video/x-ms-wmv"),
    ("xhtml", "application/xhtml+xml"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsb", "application/vnd.ms-excel.sheet.binary.macroenabled.12"),
    ("xlsm", "application/vnd.ms-excel.sheet.macroenabled.12"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "text/xml"),
    ("xps", "application/vnd.ms-xpsdocument"),
    ("zip", "application/zip"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_types() {
        assert_eq!(usable("Image/PNG; name=x").as_deref(), Some("image/png"));
        for bad in
            ["", "image", "image/", "multipart/mixed", "message/rfc822", "application/applefile", "a b/c", "a/\"b\""]
        {
            assert_eq!(usable(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_and_contents() {
        assert!(EXTENSIONS.is_sorted_by(|one, two| one.0 < two.0));
        assert_eq!(by_name("Report.v2.PDF"), Some("application/pdf"));
        assert_eq!(by_name("7z"), None);
        assert_eq!(by_content(b"%PDF-1.4"), Some(("application/pdf", "pdf")));
        assert_eq!(by_content(b"RIFF\0\0\0\0WAVEfmt"), Some(("audio/wav", "wav")));
        assert_eq!(by_content(b"text"), None);
    }
}
