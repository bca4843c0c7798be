//! Builds the sample that the README runs on: `make-sample FILE`. The same bytes every time; all names are invented.

use std::process::ExitCode;

use pst_core::FileTime;
use pst_core::ltp::{PropertyType, id};
use pst_core::ndb::{CryptMethod, Format, Nid};
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, NameMap, Prop, StoreBuilder};
use pst_core::{Guid, ltp::PropertyTag};

/// A time of the sample: so many hours after 2024-03-04 08:00 UTC.
fn at(hours: i64) -> FileTime {
    const MONDAY: i64 = 1_709_539_200;
    FileTime::from_unix_seconds(MONDAY.saturating_add(hours.saturating_mul(3600))).unwrap_or_default()
}

fn mail(subject: &str, hours: i64) -> MessageBuilder {
    MessageBuilder::new("IPM.Note")
        .subject(subject)
        .sender("Ines Alder", "ines.alder@example.com")
        .to("Jonas Brook", "jonas.brook@example.com")
        .dates(at(hours), at(hours))
        .message_id(&format!("<{hours}.sample@example.com>"))
        .flags(1)
}

fn inbox() -> FolderBuilder {
    let photo: Vec<u8> = b"\x89PNG\r\n\x1a\n".iter().copied().chain((0..=255).cycle().take(3000)).collect();
    let forwarded = mail("Floor plan", -48)
        .body("The plan of the third floor is attached.")
        .attach(AttachmentBuilder::by_value("plan.txt", "+--+--+\r\n|  |  |\r\n+--+--+\r\n").mime("text/plain"));
    FolderBuilder::new("Inbox")
        .class("IPF.Note")
        .message(mail("Welcome", 0).body("Good morning,\r\n\r\nyour mailbox is ready.\r\n\r\nInes"))
        .message(
            mail("RE: Welcome", 1)
                .cc("Kim Castle", "kim.castle@example.com")
                .body("Thank you!")
                .html("<html><body><p>Thank you!</p></body></html>")
                .headers("From: Jonas Brook <jonas.brook@example.com>\r\nSubject: RE: Welcome\r\n"),
        )
        .message(mail("Grüße aus Köln", 2).body("Schöne Grüße – bis Montag.\r\nJürgen"))
        .message(mail("見積書の件", 3).body("お世話になっております。\r\n見積書を添付いたします。"))
        .message(mail("Отчёт за март", 4).body("Добрый день! Отчёт готов."))
        .message(
            mail("Ansi text", 5)
                .without(id::BODY)
                .prop(Prop::string8(id::BODY, *b"na\xEFve caf\xE9"))
                .prop(Prop::i32(id::MESSAGE_CODEPAGE, 1252)),
        )
        .message(mail("Formatted", 6).rtf("{\\rtf1\\ansi\\ansicpg1252\\pard This is \\b bold\\b0 .\\par}"))
        .message(
            mail("Photo", 7)
                .html("<html><body><img src=\"cid:photo\"></body></html>")
                .attach(AttachmentBuilder::by_value("photo.png", photo).mime("image/png").inline("photo")),
        )
        .message(
            mail("FW: Floor plan", 8).body("See below.").attach(AttachmentBuilder::embedded("Floor plan", forwarded)),
        )
        .message(mail("On the share", 9).attach(AttachmentBuilder::by_reference(
            4,
            "budget.xlsx",
            "\\\\server\\share\\budget.xlsx",
        )))
}

fn meetings_and_reports(names: &mut NameMap) -> FolderBuilder {
    let location = names.number(Guid::PSETID_APPOINTMENT, 0x8208);
    let start = names.number(Guid::PSETID_APPOINTMENT, 0x820D);
    let request = MessageBuilder::new("IPM.Schedule.Meeting.Request")
        .subject("Planning")
        .sender("Ines Alder", "ines.alder@example.com")
        .to("Jonas Brook", "jonas.brook@example.com")
        .dates(at(20), at(20))
        .prop(Prop::text(location, "Room 3"))
        .prop(Prop::time(start, at(48)));
    let receipt = MessageBuilder::new("REPORT.IPM.Note.IPNRN")
        .subject("Read: Welcome")
        .sender("Jonas Brook", "jonas.brook@example.com")
        .dates(at(21), at(21))
        .body("Your message was read.");
    let envelope = "Sender: ines.alder@example.com\r\nSubject: Budget\r\nMessage-Id: <22.sample@example.com>\r\n\
                    To: jonas.brook@example.com\r\nBcc: kim.castle@example.com\r\n";
    let original = mail("Budget", 22).body("The budget, in confidence.");
    let journal = MessageBuilder::new("IPM.Note")
        .subject("Budget")
        .sender("Microsoft Exchange", "journal@example.com")
        .to("Archive", "archive@example.com")
        .headers("X-MS-Journal-Report:\r\nFrom: journal@example.com\r\n")
        .dates(at(22), at(22))
        .body(envelope)
        .attach(AttachmentBuilder::embedded("Budget", original));
    let stub = MessageBuilder::new("IPM.Note.EnterpriseVault.Shortcut")
        .subject("Archived mail")
        .sender("Ines Alder", "ines.alder@example.com")
        .dates(at(-9000), at(-9000))
        .body("This item was archived.");
    FolderBuilder::new("Projects")
        .class("IPF.Note")
        .folder(FolderBuilder::new("Meetings").class("IPF.Note").message(request))
        .folder(FolderBuilder::new("Reports").class("IPF.Note").message(receipt).message(journal))
        .folder(FolderBuilder::new("Old / 2023").class("IPF.Note").message(stub))
}

fn people_and_dates() -> [FolderBuilder; 3] {
    let contact = MessageBuilder::new("IPM.Contact")
        .subject("Kim Castle")
        .created(at(30), at(30))
        .without_recipient_table()
        .prop(Prop::text(id::DISPLAY_NAME, "Kim Castle"))
        .prop(Prop::text(0x3A06, "Kim"))
        .prop(Prop::text(0x3A11, "Castle"));
    let appointment = MessageBuilder::new("IPM.Appointment").subject("Dentist").created(at(31), at(31));
    let task = MessageBuilder::new("IPM.Task").subject("Send the contract").created(at(32), at(32));
    let keywords = PropertyTag::from_parts(0x6800, PropertyType::MULTIPLE_STRING);
    let view = MessageBuilder::new("IPM.Configuration.Calendar")
        .subject("hidden settings")
        .created(at(33), at(33))
        .prop(Prop::multiple(keywords.id(), keywords.kind(), &[b"a\0".to_vec(), b"b\0".to_vec()]));
    [
        FolderBuilder::new("Contacts").class("IPF.Contact").message(contact),
        FolderBuilder::new("Calendar").class("IPF.Appointment").message(appointment).associated(view),
        FolderBuilder::new("Tasks").class("IPF.Task").message(task),
    ]
}

fn sample() -> Vec<u8> {
    let mut names = NameMap::new();
    let projects = meetings_and_reports(&mut names);
    let mailbox = Mailbox::new("Sample")
        .record_key(*b"sample.pst......")
        .folder(inbox())
        .folder(projects)
        .folders(people_and_dates())
        .root_folder(FolderBuilder::search("Unread", Vec::<Nid>::new()))
        .deleted(mail("Old news", -100).body("No longer needed."))
        .names(names);
    mailbox.write(StoreBuilder::new(Format::UNICODE).crypt(CryptMethod::Permute)).finish_vec()
}

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: make-sample FILE");
        return ExitCode::from(2);
    };
    match std::fs::write(&path, sample()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}
