//! Builds a small delivery of mail, good files and bad ones: `make-delivery DIR`, which tells the verdicts as well. The
//! same bytes every time; all names are invented. `EXPECTED` is what `pst delivery check DIR --profile mimecast-2016 --full`
//! has to say of each file.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;

use pst_core::FileTime;
use pst_core::write::{AttachmentDraft, MessageDraft, PstWriter, WriteOptions};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

type Done = Result<(), Box<dyn Error>>;

/// Each file with its verdict and the codes of what is worse than a note, in the order of the check.
pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("Alder_ing1234/Eml/NotPerUser_SJF/2001.zip", "accepted"),
    ("Alder_ing1234/Eml/PerUser/loose.eml", "refused EML_NOT_ZIPPED"),
    ("Alder_ing1234/Pst/NotPerUser_EJF/journal.pst", "accepted"),
    ("Alder_ing1234/Pst/NotPerUser_EJF/plain mail.pst", "refused FORMAT_MISMATCH"),
    ("Alder_ing1234/Pst/NotPerUser_SJF/standard.pst", "accepted"),
    ("Alder_ing1234/Pst/PerUser/Thumbs.db", "ignored"),
    ("Alder_ing1234/Pst/PerUser/cut.short@example.com.pst", "refused STORE_UNREADABLE"),
    ("Alder_ing1234/Pst/PerUser/ines.alder@example.com.1.pst", "accepted"),
    ("Alder_ing1234/Pst/PerUser/ines.alder@example.com.pst.2", "accepted"),
    ("Alder_ing1234/Pst/PerUser/jonas.brook@example.com (2).pst", "refused ADDRESS_SYNTAX"),
    ("Alder_ing1234/Pst/PerUser/jonas.brook@example.com.pst.pst", "refused DOUBLE_EXTENSION"),
    ("Alder_ing1234/Pst/PerUser/kim.castle@example.com.pst", "refused TYPE_NOT_ACCEPTED"),
    ("Alder_ing1234/Pst/PerUser/kim.pst", "refused NOT_AN_ADDRESS"),
];

/// A time of the delivery: so many hours after 2001-03-05 08:00 UTC, a Monday.
fn at(hours: i64) -> FileTime {
    const MONDAY: i64 = 983_779_200;
    FileTime::from_unix_seconds(MONDAY.saturating_add(hours.saturating_mul(3600))).unwrap_or_default()
}

/// A mail to Jonas, who is known by his old name alone, and to Kim.
fn mail(hours: i64) -> MessageDraft {
    let mut mail = MessageDraft::new("IPM.Note");
    mail.subject(&format!("Week {hours}"))
        .sender("Ines Alder", "ines.alder@example.com")
        .to("Kim Castle", "kim.castle@example.com")
        .dates(at(hours), at(hours))
        .message_id(&format!("<{hours}.delivery@example.com>"))
        .body("The figures are attached.");
    mail
}

/// What a server of 2007 makes of a mail that is journaled.
fn report(hours: i64) -> MessageDraft {
    let mut report = MessageDraft::new("IPM.Note");
    report
        .subject(&format!("Week {hours}"))
        .sender("Microsoft Exchange", "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com")
        .headers("X-MS-Journal-Report: \r\n")
        .dates(at(hours), at(hours))
        .body(&format!(
            "Sender: ines.alder@example.com\r\nSubject: Week {hours}\r\nMessage-Id: <{hours}.delivery@example.com>\r\n\
             To: kim.castle@example.com\r\nBcc: jonas.brook@example.com\r\n"
        ))
        .attach(AttachmentDraft::message("Week", mail(hours)));
    report
}

fn store(path: &Path, items: impl IntoIterator<Item = MessageDraft>) -> Done {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    // A record key and a time of its own make the file the same every time.
    let options = WriteOptions::new().name("Delivered").record_key(*b"delivery.pst....").now(at(0)).overwrite(true);
    let mut out = PstWriter::create(path, options)?;
    let inbox = out.folder_of_class(out.ipm_subtree(), "Inbox", "IPF.Note")?;
    for item in items {
        out.message(inbox, item)?;
    }
    out.finish()?;
    Ok(())
}

fn eml(hours: i64) -> String {
    format!(
        "From: Ines Alder <ines.alder@example.com>\r\nTo: jonas.brook@example.com\r\nSubject: Week {hours}\r\n\
         Date: Mon, 5 Mar 2001 08:00:00 +0000\r\nMessage-ID: <{hours}.eml@example.com>\r\n\r\nHello\r\n"
    )
}

fn archive(path: &Path) -> Done {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let mut out = ZipWriter::new(fs::File::create(path)?);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let options = options.last_modified_time(DateTime::default()).unix_permissions(0o644);
    for hours in 0..20 {
        out.start_file(format!("{hours}.eml"), options)?;
        out.write_all(eml(hours).as_bytes())?;
    }
    out.finish()?;
    Ok(())
}

/// Makes the delivery in a directory.
pub(crate) fn write(directory: &Path) -> Done {
    let root = directory.join("Alder_ing1234");
    let pst = root.join("Pst");
    archive(&root.join("Eml/NotPerUser_SJF/2001.zip"))?;
    fs::create_dir_all(root.join("Eml/PerUser"))?;
    fs::write(root.join("Eml/PerUser/loose.eml"), eml(0))?;
    store(&pst.join("NotPerUser_EJF/journal.pst"), (0..40).map(report))?;
    store(&pst.join("NotPerUser_EJF/plain mail.pst"), (0..10).map(mail))?;
    store(&pst.join("NotPerUser_SJF/standard.pst"), (0..40).map(mail))?;
    let per_user = pst.join("PerUser");
    for name in [
        "ines.alder@example.com.1.pst",
        "ines.alder@example.com.pst.2",
        "jonas.brook@example.com (2).pst",
        "jonas.brook@example.com.pst.pst",
        "kim.pst",
    ] {
        store(&per_user.join(name), (0..5).map(mail))?;
    }
    fs::write(per_user.join("Thumbs.db"), b"")?;
    // A web page that somebody saved under the name of a store.
    fs::write(per_user.join("kim.castle@example.com.pst"), b"<html><body>Please sign in.</body></html>\r\n")?;
    // A copy that ended too early.
    let cut = per_user.join("cut.short@example.com.pst");
    store(&cut, (0..5).map(mail))?;
    let file = fs::OpenOptions::new().write(true).open(&cut)?;
    file.set_len(file.metadata()?.len().saturating_sub(1024))?;
    Ok(())
}

#[allow(dead_code, reason = "a test takes the rest of this file")]
fn main() -> Done {
    let directory = std::env::args_os().nth(1).ok_or("usage: make-delivery DIR")?;
    write(Path::new(&directory))?;
    let mut out = std::io::stdout().lock();
    EXPECTED.iter().try_for_each(|(path, verdict)| writeln!(out, "{path}: {verdict}"))?;
    Ok(())
}
