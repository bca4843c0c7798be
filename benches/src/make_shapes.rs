//! Writes stores of many shapes for `cargo xtask readers`: `make-shapes DIR`. The same bytes every time; all names are
//! invented.
//!
//! Each is written twice: as the encoders put it together, and copied by the writer (`written-...`).

// The numbers are the program's own, and a failure should stop it.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use pst_core::ltp::id;
use pst_core::ndb::{Client, CryptMethod, Format};
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, NameMap, Prop, StoreBuilder};
use pst_core::transfer::{Filter, copy_store};
use pst_core::write::{FileTarget, WriteOptions};
use pst_core::{FileTime, Guid, Pst};

/// So many hours after 2023-11-14 22:13:20 UTC.
fn at(hours: usize) -> FileTime {
    FileTime::from_unix_seconds(1_700_000_000 + hours as i64 * 3600).expect("a time")
}

fn mail(subject: &str) -> MessageBuilder {
    MessageBuilder::new("IPM.Note")
        .subject(subject)
        .sender("Ines Alder", "ines.alder@example.com")
        .to("Jonas Brook", "jonas.brook@example.com")
        .dates(at(0), at(1))
        .flags(1)
}

/// Bytes that do not repeat.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&(state >> 13).to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

fn prose(seed: usize, len: usize) -> String {
    const WORDS: [&str; 8] =
        ["the plan ", "of the ", "third floor ", "is ready, ", "send it ", "on Monday.\r\n", "so ", "be it "];
    let mut text = String::new();
    let mut at = seed;
    while text.len() < len {
        at = at.wrapping_mul(31).wrapping_add(17);
        text.push_str(WORDS.get(at / 7 % 8).copied().unwrap_or_default());
    }
    text
}

fn rtf(text: &str) -> String {
    format!(
        "{{\\rtf1\\ansi\\ansicpg1252{{\\fonttbl{{\\f0\\fswiss Arial;}}}}\\pard\\f0 {}\\par}}",
        text.replace("\r\n", "\\par ")
    )
}

/// What every layout must carry: all kinds of bodies and attachments, small.
fn everyday() -> Mailbox {
    named(nameless())
}

/// Gives a store one named property of a set that the format has no number for: pypff opens no store without one.
fn named(mailbox: Mailbox) -> Mailbox {
    let mut names = NameMap::new();
    names.number(Guid::PSETID_COMMON, 0x8554);
    mailbox.names(names)
}

/// The everyday store with a named property of a set that has a number.
fn setless() -> Mailbox {
    let mut names = NameMap::new();
    names.text(Guid::PS_PUBLIC_STRINGS, "Keywords");
    nameless().names(names)
}

/// The everyday store without any named property.
fn nameless() -> Mailbox {
    let innermost = mail("Innermost").body("three deep").attach(AttachmentBuilder::by_value("deep.bin", noise(3, 700)));
    let inner = mail("Inner")
        .body("two deep")
        .html("<p>two deep</p>")
        .attach(AttachmentBuilder::embedded("Innermost", innermost));
    let bodies = FolderBuilder::new("Bodies")
        .class("IPF.Note")
        .message(mail("Plain").body("One line.\r\nAnother."))
        .message(mail("Html").html("<html><body>\r\n<p>One line.</p>\r\n</body></html>"))
        .message(mail("Rtf").rtf(&rtf("One line.\r\nAnother.")))
        .message(
            mail("Rtf on lines")
                .rtf("{\\rtf1\\ansi{\\fonttbl{\\f0\\fswiss Arial;}}\r\n\\pard\\plain One line.\r\n\\par }\r\n"),
        )
        .message(mail("All three").body("One line.").html("<p>One line.</p>").rtf(&rtf("One line.")))
        .message(mail("None"))
        .message(mail("Ends in a line end").body("One line.\r\n\r\n"))
        .message(mail("From").body("From here on.\r\n>From there on."))
        .message(mail("RE: a prefix").body("prefix"))
        .message(mail("").body("no subject"));
    let attachments = FolderBuilder::new("Attachments")
        .class("IPF.Note")
        .message(mail("File").body("file").attach(AttachmentBuilder::by_value("file.bin", noise(1, 5000))))
        .message(
            mail("Several")
                .attach(AttachmentBuilder::by_value("a.txt", *b"a"))
                .attach(AttachmentBuilder::by_value("a rather long name of a file.document", noise(2, 100)))
                .attach(AttachmentBuilder::by_reference(2, "far.doc", "\\\\server\\share\\far.doc"))
                .attach(AttachmentBuilder::by_value("z.txt", *b"z")),
        )
        .message(mail("Forward").body("one deep").attach(AttachmentBuilder::embedded("Inner", inner)))
        .message(mail("Object").body("object").attach(AttachmentBuilder::ole("Picture", noise(4, 1536))));
    Mailbox::new("Everyday")
        .record_key(*b"everyday........")
        .folder(bodies)
        .folder(attachments)
        .folder(FolderBuilder::new("Empty").class("IPF.Note"))
        .deleted(mail("Deleted").body("gone"))
}

/// Text outside ASCII: in UTF-16 and as 8-bit text with its code page named.
fn letters() -> Mailbox {
    let eight_bit = |subject: &str, page: i32, bytes: &[u8]| {
        mail(subject).without(id::BODY).prop(Prop::string8(id::BODY, bytes)).prop(Prop::i32(id::MESSAGE_CODEPAGE, page))
    };
    let unicode = FolderBuilder::new("Größe Ünïcode 見積")
        .message(mail("Grüße aus Köln").body("Schöne Grüße – bis Montag.\r\nJürgen"))
        .message(mail("見積書の件").body("お世話になっております。\r\n見積書を添付いたします。"))
        .message(mail("Отчёт за март").body("Добрый день! Отчёт готов."))
        .message(mail("😀 outside the first plane").body("😀 and 𝄞\r\n"))
        .message(
            mail("File names")
                .attach(AttachmentBuilder::by_value("Übersicht – März.txt", *b"1"))
                .attach(AttachmentBuilder::by_value("見積書.txt", *b"2")),
        )
        .message(mail("Html").html("<html><head><meta charset=\"utf-8\"></head><body>Größe</body></html>"));
    let pages = FolderBuilder::new("Code pages")
        .message(eight_bit("1252", 1252, b"na\xEFve caf\xE9 \x80"))
        .message(eight_bit("1251", 1251, b"\xCF\xF0\xE8\xE2\xE5\xF2"))
        .message(eight_bit("932", 932, b"\x8C\xA9\x90\xCF\x8F\x91"))
        .message(eight_bit("65001", 65001, "Größe".as_bytes()));
    named(Mailbox::new("Letters").record_key(*b"letters.........").folder(unicode).folder(pages))
}

/// More of everything than fits one block or one page.
fn large() -> Mailbox {
    let rows = FolderBuilder::new("Many items").messages((0..700).map(|number| {
        mail(&format!("Number {number}")).body(&prose(number, 40 + number % 300)).dates(at(number), at(number + 1))
    }));
    let mut recipients = mail("Many recipients").body("to all");
    for number in 0..300 {
        recipients = recipients.cc(&format!("Person {number}"), &format!("person{number}@example.com"));
    }
    let mut attachments = mail("Many attachments").body("all of it");
    for number in 0..150 {
        attachments = attachments
            .attach(AttachmentBuilder::by_value(&format!("part-{number}.bin"), noise(number, 20 + number as usize)));
    }
    let sizes = [0usize, 1, 3579, 3580, 3581, 8175, 8176, 8177, 16_352, 65_536, 1_000_003, 9_000_000];
    let mut sized = FolderBuilder::new("Sizes");
    for size in sizes {
        let file = AttachmentBuilder::by_value(&format!("{size}.bin"), noise(size as u64, size));
        sized = sized.message(mail(&format!("{size} bytes")).body(&prose(size, size.min(400_000))).attach(file));
    }
    let bodies = FolderBuilder::new("Large bodies")
        .message(mail("Large plain").body(&prose(1, 600_000)))
        .message(mail("Large html").html(&format!("<html><body>{}</body></html>", prose(2, 600_000))))
        .message(mail("Large rtf").rtf(&rtf(&prose(3, 300_000))));
    let mut deep = FolderBuilder::new("Level 20").message(mail("At the bottom").body("here"));
    for level in (1..20).rev() {
        deep = FolderBuilder::new(&format!("Level {level}")).folder(deep);
    }
    let many =
        FolderBuilder::new("Many folders").folders((0..120).map(|number| FolderBuilder::new(&format!("F{number}"))));
    let mailbox = Mailbox::new("Large")
        .record_key(*b"large...........")
        .folder(rows)
        .folder(FolderBuilder::new("Many parts").message(recipients).message(attachments))
        .folder(sized)
        .folder(bodies)
        .folder(deep)
        .folder(many);
    named(mailbox)
}

/// Items that are not mail, with named properties, and items nobody sees.
fn items() -> Mailbox {
    let mut names = NameMap::new();
    let location = names.number(Guid::PSETID_APPOINTMENT, 0x8208);
    let start = names.number(Guid::PSETID_APPOINTMENT, 0x820D);
    let end = names.number(Guid::PSETID_APPOINTMENT, 0x820E);
    let file_as = names.number(Guid::PSETID_ADDRESS, 0x8005);
    let named = names.text(Guid::PS_PUBLIC_STRINGS, "Project code");
    let item = |class: &str, subject: &str| MessageBuilder::new(class).subject(subject).created(at(5), at(6));
    let appointment = item("IPM.Appointment", "Dentist")
        .body("Bring the card.")
        .prop(Prop::text(location, "Main street"))
        .prop(Prop::time(start, at(20)))
        .prop(Prop::time(end, at(21)));
    let bare = item("IPM.Appointment", "Nothing but a name");
    let contact = item("IPM.Contact", "Kim Castle")
        .without_recipient_table()
        .prop(Prop::text(id::DISPLAY_NAME, "Kim Castle"))
        .prop(Prop::text(0x3A06, "Kim"))
        .prop(Prop::text(0x3A11, "Castle"));
    let filed = item("IPM.Contact", "Lee Dale")
        .without_recipient_table()
        .prop(Prop::text(id::DISPLAY_NAME, "Lee Dale"))
        .prop(Prop::text(file_as, "Lee Dale"));
    let request = item("IPM.Schedule.Meeting.Request", "Planning").body("Shall we?").prop(Prop::time(start, at(30)));
    let report = item("REPORT.IPM.Note.NDR", "Undeliverable: Plan").body("Your message did not arrive.");
    let note = item("IPM.StickyNote", "Milk").body("Milk");
    let journal = item("IPM.Activity", "Call").body("He called.");
    let list = item("IPM.DistList", "Team").prop(Prop::text(id::DISPLAY_NAME, "Team"));
    let signed = item("IPM.Note.SMIME.MultipartSigned", "Signed")
        .attach(AttachmentBuilder::by_value("smime.p7m", noise(9, 900)).mime("multipart/signed"));
    let custom = item("IPM.Note.Custom", "Of our own").prop(Prop::text(named, "A-17")).body("custom");
    let busy = item("IPM.Microsoft.ScheduleData.FreeBusy", "LocalFreebusy").to("Kim", "kim@example.com").body("busy");
    let hidden = item("IPM.Configuration.Calendar", "hidden settings").prop(Prop::binary(0x7C08, noise(5, 3000)));
    Mailbox::new("Items")
        .record_key(*b"items...........")
        .folder(
            FolderBuilder::new("Calendar")
                .class("IPF.Appointment")
                .message(appointment)
                .message(bare)
                .associated(hidden),
        )
        .folder(FolderBuilder::new("Contacts").class("IPF.Contact").message(contact).message(filed).message(list))
        .folder(
            FolderBuilder::new("Tasks").class("IPF.Task").message(item("IPM.Task", "Send the contract").body("soon")),
        )
        .folder(FolderBuilder::new("Notes").class("IPF.StickyNote").message(note))
        .folder(FolderBuilder::new("Journal").class("IPF.Journal").message(journal))
        .folder(FolderBuilder::new("Post").message(item("IPM.Post", "Posted").body("posted")))
        .folder(
            FolderBuilder::new("Mail").message(request).message(report).message(signed).message(custom).message(busy),
        )
        .root_folder(FolderBuilder::search("Unread", Vec::new()))
        .names(names)
}

fn shapes() -> Vec<(&'static str, Vec<u8>)> {
    let unicode = || StoreBuilder::new(Format::UNICODE);
    let ansi = || StoreBuilder::new(Format::ANSI);
    vec![
        ("everyday-permute.pst", everyday().write(unicode()).finish_vec()),
        ("setless.pst", setless().write(unicode()).finish_vec()),
        ("nameless.pst", nameless().write(unicode()).finish_vec()),
        ("everyday-none.pst", everyday().write(unicode().crypt(CryptMethod::None)).finish_vec()),
        ("everyday-cyclic.pst", everyday().write(unicode().crypt(CryptMethod::Cyclic)).finish_vec()),
        // Small pages and blocks make trees as deep as those of files of many gigabytes.
        ("everyday-pages.pst", everyday().write(unicode().entries_per_page(3)).finish_vec()),
        ("everyday-xxblocks.pst", everyday().write(unicode().children_per_block(2)).finish_vec()),
        ("everyday-siblocks.pst", everyday().write(unicode().subnodes_per_block(2)).finish_vec()),
        ("everyday-levels.pst", everyday().write(unicode().leaf_size(64)).finish_vec()),
        ("everyday-subnodes.pst", everyday().write(unicode().item_limit(32)).finish_vec()),
        ("everyday-ansi.pst", everyday().write(ansi()).finish_vec()),
        ("everyday-4k.ost", everyday().write(StoreBuilder::new(Format::UNICODE_4K).client(Client::Ost)).finish_vec()),
        ("letters.pst", letters().write(unicode()).finish_vec()),
        ("items.pst", items().write(unicode()).finish_vec()),
        ("items-ansi.pst", items().write(ansi()).finish_vec()),
        ("large.pst", large().write(unicode()).finish_vec()),
        ("large-ansi.pst", large().write(ansi()).finish_vec()),
        (
            "large-4k.ost",
            large().write(StoreBuilder::new(Format::UNICODE_4K).client(Client::Ost).compress(true)).finish_vec(),
        ),
    ]
}

fn write(dir: &Path, name: &str, bytes: Vec<u8>) -> io::Result<()> {
    let crypt = if name.contains("cyclic") { CryptMethod::Cyclic } else { CryptMethod::Permute };
    let copy = |target| {
        let source = Pst::from_bytes(bytes.clone())?;
        let options = WriteOptions::new().crypt(crypt).share_data(true);
        copy_store(&source, target, options, &Filter::new(), &mut |_| true)
    };
    let written = dir.join(format!("written-{name}")).with_extension("pst");
    copy(FileTarget::create(written, true)?).map_err(io::Error::other)?;
    fs::write(dir.join(name), bytes)
}

fn main() -> ExitCode {
    let Some(dir) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("Usage: make-shapes DIR");
        return ExitCode::from(2);
    };
    let written = fs::create_dir_all(&dir)
        .and_then(|()| shapes().into_iter().try_for_each(|(name, bytes)| write(&dir, name, bytes)));
    if let Err(error) = written {
        eprintln!("{}: {error}", dir.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
