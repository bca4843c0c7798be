//! Names of attachments (MS-OXCMAIL 2.2.3.4.1).

/// The name of a file as a mail gives it, made one that can be kept: the last component of a path, without control
/// characters. Empty if nothing is left.
pub(crate) fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|piece| !piece.trim().is_empty()).unwrap_or_default();
    last.chars().filter(|character| !character.is_control()).collect::<String>().trim().to_owned()
}

/// A name for a part that has none: `ATT00001.txt`.
pub(super) fn made_up(number: usize, kind: &str, subtype: &str) -> String {
    format!("ATT{number:05}.{}", extension(kind, subtype))
}

/// The usual extension of a type.
fn extension(kind: &str, subtype: &str) -> &'static str {
    const KNOWN: [(&str, &str, &str); 34] = [
        ("text", "plain", "txt"),
        ("text", "html", "htm"),
        ("text", "calendar", "ics"),
        ("text", "vcard", "vcf"),
        ("text", "x-vcard", "vcf"),
        ("text", "directory", "vcf"),
        ("text", "csv", "csv"),
        ("text", "xml", "xml"),
        ("text", "rtf", "rtf"),
        ("text", "css", "css"),
        ("text", "rfc822-headers", "txt"),
        ("image", "jpeg", "jpg"),
        ("image", "pjpeg", "jpg"),
        ("image", "png", "png"),
        ("image", "gif", "gif"),
        ("image", "bmp", "bmp"),
        ("image", "tiff", "tif"),
        ("image", "svg+xml", "svg"),
        ("image", "webp", "webp"),
        ("audio", "mpeg", "mp3"),
        ("audio", "wav", "wav"),
        ("audio", "x-wav", "wav"),
        ("video", "mp4", "mp4"),
        ("video", "mpeg", "mpg"),
        ("application", "pdf", "pdf"),
        ("application", "zip", "zip"),
        ("application", "json", "json"),
        ("application", "xml", "xml"),
        ("application", "rtf", "rtf"),
        ("application", "msword", "doc"),
        ("application", "ics", "ics"),
        ("application", "pkcs7-signature", "p7s"),
        ("application", "x-pkcs7-signature", "p7s"),
        ("application", "pgp-signature", "asc"),
    ];
    let known = KNOWN.iter().find(|one| one.0 == kind && one.1 == subtype).map(|one| one.2);
    known.unwrap_or(match kind {
        "text" => "txt",
        "message" => "eml",
        _ => "dat",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_controls_go() {
        assert_eq!(clean("a.txt"), "a.txt");
        assert_eq!(clean("C:\\temp\\a.txt"), "a.txt");
        assert_eq!(clean("../../etc/passwd"), "passwd");
        assert_eq!(clean(" a\0\t.txt "), "a.txt");
        assert_eq!(clean("dir/"), "dir");
        assert_eq!(clean("/"), "");
    }

    #[test]
    fn a_type_has_an_extension() {
        assert_eq!(made_up(1, "text", "html"), "ATT00001.htm");
        assert_eq!(made_up(12, "application", "x-what"), "ATT00012.dat");
        assert_eq!(made_up(3, "message", "delivery-status"), "ATT00003.eml");
    }
}
