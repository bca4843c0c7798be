//! Reports in a store, written and read back.

use pst_core::journal::{Journal, JournalReader, Marker, Place, Report, WarningKind, of_message};
use pst_core::messaging::{Message, PropertyName, PropertySet};
use pst_core::write::{AttachmentDraft, MessageDraft, PstWriter, WriteOptions};
use pst_core::{FileTime, Guid, Pst};

use crate::{envelope, original};

const ID: &str = "1@x.example";
/// PidTagContentIdentifier.
const CONTENT_IDENTIFIER: u16 = 0x0008;

fn writer() -> PstWriter<Vec<u8>> {
    let now = FileTime::from_unix_seconds(1_000_000_000).unwrap();
    PstWriter::in_memory(WriteOptions::new().record_key(*b"0123456789abcdef").now(now)).unwrap()
}

fn stored(draft: MessageDraft) -> (Pst, Message) {
    let mut out = writer();
    let folder = out.folder(out.ipm_subtree(), "Journal").unwrap();
    let nid = out.message(folder, draft).unwrap();
    let pst = Pst::from_bytes(out.finish().unwrap()).unwrap();
    let message = pst.message(nid).unwrap();
    (pst, message)
}

fn inner() -> MessageDraft {
    let mut inner = MessageDraft::new("IPM.Note");
    inner
        .subject("Plan")
        .sender("Ann", "ann@x.example")
        .to("All", "all@x.example")
        .message_id(&format!("<{ID}>"))
        .body("Text.");
    inner
}

fn wrapper() -> MessageDraft {
    let mut report = MessageDraft::new("IPM.Note");
    report.subject("Plan").sender("Microsoft Exchange", "x@x.example");
    report
}

/// A report as an Exchange 2010 journal mailbox has it.
fn report() -> MessageDraft {
    let mut report = wrapper();
    report
        .headers("Received: from a by b;\r\n Mon\r\nX-MS-Journal-Report:\r\nSubject: Plan\r\n\r\n")
        .body(&envelope(ID))
        .attach(AttachmentDraft::message("Plan", inner()));
    report
}

fn opened(journal: Journal) -> Box<Report> {
    match journal {
        Journal::Report(report) => report,
        other => panic!("no report but {}", other.name()),
    }
}

#[test]
fn a_report_and_its_embedded_original() {
    let (_pst, message) = stored(report());
    let report = opened(of_message(&message).unwrap());
    assert_eq!((report.marker, report.score.points()), (Some(Marker::JournalReport), 11));
    assert_eq!(report.warnings, []);
    let envelope = report.envelope.unwrap();
    assert_eq!(envelope.recipients[0].party.smtp(), Some("bob@x.example"));
    let [original] = &report.originals[..] else { panic!("one original") };
    assert_eq!((original.message_id.as_deref(), original.subject.as_deref()), (Some(ID), Some("Plan")));
    let Place::Message(message) = &original.place else { panic!("no message") };
    assert_eq!(message.body_text().unwrap().unwrap().to_string_lossy(), "Text.");
}

#[test]
fn an_original_that_is_a_file() {
    for attachment in [
        AttachmentDraft::file("Plan.EML", original(ID).into_bytes()),
        AttachmentDraft::file("Plan", original(ID).into_bytes()).mime("message/rfc822"),
    ] {
        let mut report = wrapper();
        report.body(&envelope(ID)).attach(AttachmentDraft::file("notes.txt", *b"x")).attach(attachment);
        let (_pst, message) = stored(report);
        let report = opened(of_message(&message).unwrap());
        assert_eq!((report.marker, report.score.points()), (None, 7));
        let Place::File(attachment) = &report.originals[0].place else { panic!("no file") };
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut attachment.stream().unwrap().unwrap(), &mut bytes).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), original(ID));
    }
}

#[test]
fn markers_that_are_properties() {
    let bare = || {
        let mut report = wrapper();
        report.body(&envelope(ID)).attach(AttachmentDraft::message("Plan", inner()));
        report
    };
    let mut older = bare();
    older.properties().text(CONTENT_IDENTIFIER, "ExJournalReport");
    let (_pst, message) = stored(older);
    assert_eq!(opened(of_message(&message).unwrap()).marker, Some(Marker::ContentIdentifier));

    let mut out = writer();
    let set = PropertySet::Guid(Guid::PS_INTERNET_HEADERS);
    let id = out.named_property(set, PropertyName::String("x-ms-journal-report".to_owned())).unwrap();
    let folder = out.folder(out.ipm_subtree(), "Journal").unwrap();
    let mut named = bare();
    named.properties().text(id, "");
    let nid = out.message(folder, named).unwrap();
    let pst = Pst::from_bytes(out.finish().unwrap()).unwrap();
    let (message, names) = (pst.message(nid).unwrap(), pst.named_properties().unwrap());
    let report = opened(JournalReader::new().names(&names).read(&message).unwrap());
    assert_eq!(report.marker, Some(Marker::JournalReport));
}

#[test]
fn an_envelope_that_is_not_plain_text() {
    let html = format!(
        "<html><body>{}</body></html>",
        envelope(ID).replace('<', "&lt;").replace('>', "&gt;").replace("\r\n", "<br>")
    );
    let mut report = wrapper();
    report.html(&html).attach(AttachmentDraft::message("Plan", inner()));
    let (_pst, message) = stored(report);
    assert_eq!(opened(of_message(&message).unwrap()).score.points(), 7);

    let mut report = wrapper();
    report.rtf(b"{\\rtf1 anything}").attach(AttachmentDraft::message("Plan", inner()));
    let (_pst, message) = stored(report);
    assert_eq!(of_message(&message).unwrap().name(), "ordinary");
    let to_text = |rtf: &[u8]| rtf.starts_with(b"{\\rtf1").then(|| envelope(ID));
    assert_eq!(opened(JournalReader::new().rtf(&to_text).read(&message).unwrap()).score.points(), 7);
}

#[test]
fn undeliverable_reports() {
    let mut bounce = MessageDraft::new("REPORT.IPM.Note.NDR");
    bounce.subject("Undeliverable: Plan").attach(AttachmentDraft::message("Plan", report()));
    let (_pst, message) = stored(bounce);
    let journal = of_message(&message).unwrap();
    assert_eq!(journal.name(), "journal-ndr");
    let originals = journal.originals();
    assert_eq!(originals.len(), 1);
    assert_eq!(originals[0].1.message_id.as_deref(), Some(ID));

    let mut ordinary = MessageDraft::new("REPORT.IPM.Note.NDR");
    ordinary.subject("Undeliverable: Plan").attach(AttachmentDraft::message("Plan", inner()));
    let (_pst, message) = stored(ordinary);
    assert_eq!(of_message(&message).unwrap().name(), "ordinary");
}

#[test]
fn a_marked_report_without_anything() {
    let mut report = wrapper();
    report.headers("X-MS-Journal-Report: \r\n");
    let (_pst, message) = stored(report);
    let report = opened(of_message(&message).unwrap());
    let kinds: Vec<_> = report.warnings.iter().map(|warning| warning.kind).collect();
    assert_eq!(kinds, [WarningKind::BodyUnreadable, WarningKind::NoOriginal]);
}

#[test]
fn ordinary_mail() {
    let mut forward = MessageDraft::new("IPM.Note");
    forward
        .subject("FW")
        .sender("Ann", "ann@x.example")
        .body("see attached")
        .attach(AttachmentDraft::message("r", report()));
    for draft in [inner(), forward, MessageDraft::new("IPM.Note")] {
        let (_pst, message) = stored(draft);
        assert_eq!(of_message(&message).unwrap().name(), "ordinary");
    }
}
