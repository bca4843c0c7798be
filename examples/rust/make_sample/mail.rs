//! Mail: languages and code pages, bodies of every kind, attachments of every kind.

use std::fmt::Write as _;

use pst_core::Result;
use pst_core::text::CodePage;
use pst_core::write::{AttachmentDraft, FolderId, MessageDraft};

use crate::{Writer, at, mail};

/// An HTML body that says what it is in.
fn html(charset: &str, text: &str) -> String {
    format!(
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset={charset}\"></head>\r\n\
         <body><p>{text}</p></body></html>\r\n"
    )
}

pub(crate) fn inbox(out: &mut Writer, inbox: FolderId, unread: FolderId) -> Result<()> {
    for draft in languages(unread)?.into_iter().chain(bodies()) {
        out.message(inbox, draft)?;
    }
    attachments(out, inbox)
}

/// Unicode, and 8-bit text in the code pages that older programs left.
fn languages(unread: FolderId) -> Result<Vec<MessageDraft>> {
    let mut welcome = mail("Welcome", 0);
    welcome.body("Good morning,\r\n\r\nyour mailbox is ready.\r\n\r\nInes");

    let mut german = mail("Grüße aus Köln", 2);
    german.body("Schöne Grüße – bis Montag.\r\nJürgen").html(&html("utf-8", "Schöne Grüße – bis Montag.<br>Jürgen"));

    let text = "お世話になっております。見積書を添付いたします。";
    let mut offer = mail("見積書の件", 3);
    offer.body(text).html_in(&html("iso-2022-jp", text), CodePage::new(50220))?;

    let text = "Добрый день! Отчёт готов.";
    let mut report = mail("Отчёт за март", 4);
    report.body(text).html_in(&html("koi8-r", text), CodePage::new(20866))?.read(false).found_by(unread);

    let mut hebrew = mail("שלום ירושלים", 5);
    hebrew.body("שלום, נתראה ביום שני.\r\n").read(false).found_by(unread);

    // No Unicode body, only bytes and the number of their code page.
    let mut western = mail("Ansi text", 6);
    western.body_bytes(*b"na\xEFve caf\xE9", CodePage::WINDOWS_1252);
    let mut athens = mail("Greek text", 7);
    athens.body_in("Καλημέρα από την Αθήνα.\r\n", CodePage::new(1253))?;
    Ok(vec![welcome, german, offer, report, hebrew, western, athens])
}

/// HTML with the headers the mail came with, and RTF.
fn bodies() -> [MessageDraft; 2] {
    let mut reply = mail("RE: Welcome", 8);
    reply
        .cc("Kim Castle", "kim.castle@example.com")
        .in_reply_to("<0.sample@example.com>")
        .body("Thank you!")
        .html("<html><body><p>Thank you!</p></body></html>")
        .headers(
            "Received: from mail.example.com (192.0.2.1) by mx.example.com; Mon, 4 Mar 2024 16:00:00 +0000\r\n\
             From: Ines Alder <ines.alder@example.com>\r\n\
             To: Jonas Brook <jonas.brook@example.com>\r\n\
             Cc: Kim Castle <kim.castle@example.com>\r\n\
             Subject: RE: Welcome\r\n\
             Message-ID: <8.sample@example.com>\r\n\
             In-Reply-To: <0.sample@example.com>\r\n\
             Date: Mon, 4 Mar 2024 16:00:00 +0000\r\n",
        );
    let mut formatted = mail("Formatted", 9);
    formatted.rtf(b"{\\rtf1\\ansi\\ansicpg1252\\pard This is \\b bold\\b0 .\\par}");
    [reply, formatted]
}

fn attachments(out: &mut Writer, inbox: FolderId) -> Result<()> {
    let mut photo = mail("Photo", 10);
    photo
        .html("<html><body><p>Our view:</p><img src=\"cid:photo\"></body></html>")
        .attach(AttachmentDraft::file("photo.png", *include_bytes!("photo.png")).mime("image/png").inline("photo"));
    out.message(inbox, photo)?;

    // A large value goes to the file as it is read, not through memory.
    let mut figures = String::from("week;visitors;orders\r\n");
    for week in 1..=700u32 {
        let _ = writeln!(figures, "{week};{};{}\r", week.wrapping_mul(37) % 1000, week.wrapping_mul(11) % 90);
    }
    let data = out.data(figures.as_bytes())?;
    let mut large = mail("Figures 📈", 11);
    large.body("All weeks in one table.").attach(AttachmentDraft::file("figures.csv", data).mime("text/csv"));
    out.message(inbox, large)?;

    let mut plan = mail("Floor plan", -48);
    plan.body("The plan of the third floor is attached.")
        .attach(AttachmentDraft::file("plan.txt", *b"+--+--+\r\n|  |  |\r\n+--+--+\r\n").mime("text/plain"));
    let mut forward = mail("FW: Floor plan", 12);
    forward.body("See below.").attach(AttachmentDraft::message("Floor plan", plan));
    out.message(inbox, forward)?;

    let mut share = mail("On the share", 13);
    share
        .body("The budget is on the share, the plan in the web.")
        .attach(AttachmentDraft::reference("budget.xlsx", "\\\\server\\share\\budget.xlsx"))
        .attach(AttachmentDraft::link("plan.docx", "https://files.example.com/plan.docx"));
    out.message(inbox, share)?;
    Ok(())
}

/// Mail that went out, mail that did not yet, and mail that is gone.
pub(crate) fn others(out: &mut Writer, sent: FolderId, drafts: FolderId, deleted: FolderId) -> Result<()> {
    let mut offer = MessageDraft::new("IPM.Note");
    offer
        .subject("Our offer")
        .sender("Jonas Brook", "jonas.brook@example.com")
        .to("Lee Dale", "lee.dale@example.net")
        .bcc("Kim Castle", "kim.castle@example.com")
        .body("Dear Mr Dale,\r\n\r\nplease find our offer below.\r\n")
        .dates(at(24), at(24))
        .message_id("<24.sample@example.com>");
    out.message(sent, offer)?;

    let mut unfinished = MessageDraft::new("IPM.Note");
    unfinished.subject("To be continued").to("Ines Alder", "ines.alder@example.com").body("Dear Ines,\r\n");
    unfinished.unsent(true).created(at(25), at(26));
    out.message(drafts, unfinished)?;

    let mut old = mail("Old news", -100);
    old.body("No longer needed.");
    out.message(deleted, old)?;
    Ok(())
}
