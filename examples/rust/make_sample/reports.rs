//! Receipts, a journal report, and what an archive left of a mail.

use pst_core::Result;
use pst_core::write::{AttachmentDraft, FolderId, MessageDraft};

use crate::{Writer, at, mail};

/// PidTagOriginalSubject, PidTagOriginalSubmitTime, PidTagReportTime, PidTagOriginalMessageId (MS-OXOMSG 2.2.2).
const ORIGINAL_SUBJECT: u16 = 0x0049;
const ORIGINAL_SUBMIT_TIME: u16 = 0x004E;
const REPORT_TIME: u16 = 0x0032;
const ORIGINAL_MESSAGE_ID: u16 = 0x1046;

pub(crate) fn reports(out: &mut Writer, folder: FolderId) -> Result<()> {
    let mut receipt = MessageDraft::new("REPORT.IPM.Note.IPNRN");
    receipt
        .subject("Read: Welcome")
        .sender("Jonas Brook", "jonas.brook@example.com")
        .to("Ines Alder", "ines.alder@example.com")
        .dates(at(21), at(21))
        .body("Your message was read.");
    receipt
        .properties()
        .text(ORIGINAL_SUBJECT, "Welcome")
        .time(ORIGINAL_SUBMIT_TIME, at(0))
        .time(REPORT_TIME, at(21))
        .text(ORIGINAL_MESSAGE_ID, "<0.sample@example.com>");
    out.message(folder, receipt)?;
    out.message(folder, journal())?;
    Ok(())
}

/// What Exchange keeps of a mail: the envelope, which alone names the blind copies, and the mail itself.
fn journal() -> MessageDraft {
    let mut original = mail("Budget", 22);
    original.cc("Lee Dale", "lee.dale@example.net").body("The budget, in confidence.");
    let envelope = "Sender: ines.alder@example.com\r\n\
                    Subject: Budget\r\n\
                    Message-Id: <22.sample@example.com>\r\n\
                    To: jonas.brook@example.com\r\n\
                    Cc: lee.dale@example.net\r\n\
                    Bcc: kim.castle@example.com\r\n";
    let mut report = MessageDraft::new("IPM.Note");
    report
        .subject("Budget")
        .sender("Microsoft Exchange", "journal@example.com")
        .to("Archive", "archive@example.com")
        .headers("X-MS-Journal-Report:\r\nFrom: journal@example.com\r\nTo: archive@example.com\r\nSubject: Budget\r\n")
        .dates(at(22), at(22))
        .message_id("<journal.22.sample@example.com>")
        .body(envelope)
        .attach(AttachmentDraft::message("Budget", original));
    report
}

/// A mail whose content an archive took away.
pub(crate) fn archived(out: &mut Writer, folder: FolderId) -> Result<()> {
    let mut stub = MessageDraft::new("IPM.Note.EnterpriseVault.Shortcut");
    stub.subject("Archived mail")
        .sender("Ines Alder", "ines.alder@example.com")
        .to("Jonas Brook", "jonas.brook@example.com")
        .dates(at(-9000), at(-9000))
        .message_id("<-9000.sample@example.com>")
        .body("This item was archived.")
        .html(
            "<html><body><p>This item was archived. \
             <a href=\"https://vault.example.com/view?id=A17\">View it</a></p></body></html>",
        );
    out.message(folder, stub)?;
    Ok(())
}
