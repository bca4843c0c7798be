//! Journal reports as files: EML and the messages of an mbox.

use std::borrow::Cow;
use std::io::Read;

use crate::journal::report::{DEPTH, mark_clear_copy};
use crate::journal::{Envelope, Evidence, Journal, Marker, Original, Place, Report, Score, Undeliverable, Verdict};
use crate::journal::{Warning, WarningKind, bare_message_id, lines};
use crate::mime::{Mail, Part};

/// Says whether a mail is a journal report, and takes it apart if it is.
///
/// An ordinary mail costs a look at its headers, and at the start of its text if a message is attached.
pub fn of_mail(mail: &Mail<'_>) -> Journal {
    // The first byte of the mail's bytes is the first byte there is.
    within(mail, Some(0), 0)
}

/// A mail found elsewhere, such as in a file attached to a message of a store. Its places are in no file.
pub(super) fn of_inner_mail(mail: &Mail<'_>, depth: u32) -> Journal {
    within(mail, None, depth)
}

/// `base` is where in the outermost mail the bytes of this one begin, unless they were decoded.
fn within(mail: &Mail<'_>, base: Option<usize>, depth: u32) -> Journal {
    let root = mail.root();
    // Nearly no header is one, and the text of the others need not be decoded.
    let mut marked = mail.headers().filter(|header| Marker::of_name(header.name).is_some());
    let marker = marked.find_map(|header| Marker::of_header(header.name, &header.text()));
    let report_type = root.content_type().parameter("report-type").unwrap_or_default();
    let is_bounce =
        root.content_type().is("multipart", "report") && report_type.eq_ignore_ascii_case("delivery-status");
    let attached: Vec<Part<'_>> = attached(root);
    if marker.is_none() && attached.is_empty() {
        // Nothing to journal, and no word of it. A text alone makes no more than a suspect.
        return lone_envelope(mail);
    }
    if is_bounce && marker.is_none() {
        return bounce(&attached, base, depth);
    }
    let body = body(root);
    if marker.is_none() && !body.is_some_and(begins) {
        return Journal::Ordinary;
    }
    if depth >= DEPTH {
        return Journal::TooDeep;
    }
    let mut warnings = Vec::new();
    let envelope = body.map(|body| Envelope::parse(&text_of(body)));
    if envelope.is_none() && marker.is_some() {
        warnings.push(Warning { kind: WarningKind::BodyUnreadable, line: 0 });
    }
    let (originals, protected): (Vec<Original>, Vec<bool>) =
        attached.iter().map(|part| original(*part, base, depth, true)).unzip();
    let score = score(mail, marker, envelope.as_ref(), &originals);
    if score.verdict() == Verdict::Ordinary {
        return Journal::Ordinary;
    }
    let mut report = Report { marker, score, envelope, originals, warnings };
    mark_clear_copy(&mut report.originals, &protected);
    report.check();
    match score.verdict() {
        Verdict::Report => Journal::Report(Box::new(report)),
        _ => Journal::Suspect(Box::new(report)),
    }
}

fn score(mail: &Mail<'_>, marker: Option<Marker>, envelope: Option<&Envelope>, originals: &[Original]) -> Score {
    let from = mail.from();
    let from = from.first();
    Score::of(&Evidence {
        marker,
        envelope,
        attached: originals.iter().map(|original| original.message_id.as_deref()).collect(),
        sender_name: from.and_then(|from| from.name.as_deref()),
        sender_address: from.and_then(|from| from.address.as_deref()),
    })
}

/// A mail with nothing attached whose text is an envelope: its original is lost.
fn lone_envelope(mail: &Mail<'_>) -> Journal {
    let Some(body) = body(mail.root()).filter(|body| begins(*body)) else { return Journal::Ordinary };
    let envelope = Envelope::parse(&text_of(body));
    let score = score(mail, None, Some(&envelope), &[]);
    if score.verdict() == Verdict::Ordinary {
        return Journal::Ordinary;
    }
    let mut report =
        Report { marker: None, score, envelope: Some(envelope), originals: Vec::new(), warnings: Vec::new() };
    report.check();
    Journal::Suspect(Box::new(report))
}

/// A non-delivery report: of a journal report if one of the messages in it is one.
fn bounce(attached: &[Part<'_>], base: Option<usize>, depth: u32) -> Journal {
    if depth >= DEPTH {
        return Journal::TooDeep;
    }
    Undeliverable::of(attached.iter().map(|part| original(*part, base, depth, false).0))
}

/// The messages directly in a mail: in its multiparts, not in its messages.
fn attached(root: Part<'_>) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut open: Vec<Part<'_>> = vec![root];
    while let Some(part) = open.pop() {
        if part.is_message() && part.index() != root.index() {
            found.push(part);
        }
        open.extend(part.children());
    }
    // In the order of the file.
    found.sort_by_key(Part::index);
    found
}

/// The first text that is no file: plain text before HTML.
fn body(root: Part<'_>) -> Option<Part<'_>> {
    let mut html = None;
    let mut open: Vec<Part<'_>> = vec![root];
    while let Some(part) = open.pop() {
        let is_text = !part.is_multipart() && !part.is_attachment();
        if is_text && part.content_type().is("text", "plain") {
            return Some(part);
        }
        if is_text && part.content_type().is("text", "html") {
            html.get_or_insert(part);
        }
        let children: Vec<Part<'_>> = part.children().collect();
        open.extend(children.into_iter().rev());
    }
    html
}

fn is_html(part: Part<'_>) -> bool {
    part.content_type().is("text", "html")
}

fn text_of(part: Part<'_>) -> Cow<'_, str> {
    let text = part.text();
    if is_html(part) { Cow::Owned(lines::of_html(&text)) } else { text }
}

/// True if the text begins as an envelope does. Looks at its first bytes alone, which is enough for any ordinary mail.
fn begins(part: Part<'_>) -> bool {
    /// The names of fields are ASCII; HTML may have a head of its own before the first.
    const PLAIN: u64 = 512;
    const HTML: u64 = 32 << 10;
    let mut start = Vec::new();
    let limit = if is_html(part) { HTML } else { PLAIN };
    if part.reader().take(limit).read_to_end(&mut start).is_err() {
        return false;
    }
    // UTF-16 of ASCII is ASCII with NULs.
    start.retain(|byte| *byte != 0);
    if let Some(rest) = start.strip_prefix(&[0xFF, 0xFE]).or_else(|| start.strip_prefix(&[0xFE, 0xFF])) {
        start = rest.to_vec();
    }
    let text = String::from_utf8_lossy(&start);
    if is_html(part) { Envelope::begins(&lines::of_html(&text)) } else { Envelope::begins(&text) }
}

/// A message attached, and whether it is protected by rights management.
fn original(part: Part<'_>, base: Option<usize>, depth: u32, keep: bool) -> (Original, bool) {
    let range = part.body_range();
    let at = base.filter(|_| part.encoding().is_identity());
    let range = at.and_then(|base| Some(base.checked_add(range.start)?..base.checked_add(range.end)?));
    let inner = part.message();
    let (message_id, subject, is_protected) = inner.as_ref().map_or((None, None, false), |mail| {
        let id = mail.message_id().and_then(|id| bare_message_id(&id).map(str::to_owned));
        (id, mail.subject().map(Cow::into_owned), is_protected(mail))
    });
    // Deeper than messages are read, or in bytes that are none of the file.
    let journal = match (&inner, depth.checked_add(1)) {
        (Some(mail), Some(deeper)) => {
            // A message in UTF-16 is read from a copy, and has no places in the file.
            let same = mail.bytes().as_ptr() == part.body().as_ptr();
            within(mail, range.as_ref().filter(|_| same).map(|range| range.start), deeper)
        }
        _ => Journal::TooDeep,
    };
    let place = match range {
        Some(range) => Place::Range { range, part: part.index() },
        None if keep || journal.is_report() => {
            Place::Decoded { bytes: part.decoded().into_owned(), part: part.index() }
        }
        None => Place::Decoded { bytes: Vec::new(), part: part.index() },
    };
    (Original { place, message_id, subject, is_clear_copy: false, inner: journal }, is_protected)
}

/// True for a message whose content is an encrypted attachment (MS-OXORMMS).
fn is_protected(mail: &Mail<'_>) -> bool {
    let class = mail.header_text("Content-Class");
    class.is_some_and(|class| class.trim().eq_ignore_ascii_case("rpmsg.message"))
        || mail.parts().any(|part| part.content_type().is("application", "x-microsoft-rpmsg-message"))
}
