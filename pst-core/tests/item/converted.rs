//! Mails, and the items that conversion makes of them: every question has one answer.
//!
//! What conversion says it changed is left aside.

use std::io::Read;

use pst_core::Pst;
use pst_core::convert::from_mime;
use pst_core::item::{AttachmentKind, Item, ItemDate};
use pst_core::mime::Mail;
use pst_core::write::{PstWriter, WriteOptions};

/// Answers by the name of the question, so that a difference names itself.
pub(crate) type Answers = Vec<(String, String)>;

fn lines(text: Option<String>) -> String {
    text.unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

fn answers(item: Item<'_>, as_mail: Option<&Answers>) -> Answers {
    let mut out = Answers::new();
    let mut say = |name: &str, answer: String| out.push((name.to_owned(), answer));
    let date = |date: Option<ItemDate>| date.map(|date| (date.time.to_unix_seconds(), date.offset_minutes));
    let class = item.class().unwrap();
    say("class", class.class.unwrap_or_default());
    say("subject", lines(item.subject().unwrap()).trim().to_owned());
    say("sent", format!("{:?}", date(item.sent().unwrap())));
    say("received", format!("{:?}", date(item.received().unwrap())));
    say("message id", format!("{:?}", item.message_id().unwrap()));
    for (name, who) in [("sender", item.sender().unwrap()), ("representing", item.representing().unwrap())] {
        say(name, who.and_then(|who| who.smtp).map(|smtp| smtp.address).unwrap_or_default());
    }
    let smtp = |who: &pst_core::address::Resolved| who.smtp.as_ref().map(|smtp| smtp.address.clone());
    let people = item.recipients().map(Result::unwrap).filter(|one| !one.is_nobody());
    say("recipients", format!("{:?}", people.map(|one| (one.role, smtp(&one.who))).collect::<Vec<_>>()));
    let reply = item.reply_to().unwrap();
    say("reply to", format!("{:?}", reply.iter().map(|one| smtp(&one.who)).collect::<Vec<_>>()));
    say("text", lines(item.plain_text().unwrap()));
    say("html", lines(item.html().unwrap()));
    say("rtf only", item.is_rtf_only().unwrap().to_string());
    for (number, attachment) in item.attachments().enumerate() {
        let attachment = attachment.unwrap();
        let mut say = |name: &str, answer: String| out.push((format!("attachment {number} {name}"), answer));
        // What has no name gets one in a store.
        let name = attachment.name().unwrap();
        let known = as_mail.and_then(|known| known.iter().find(|one| one.0 == format!("attachment {number} name")));
        let nameless = known.is_some_and(|known| known.1.is_empty());
        say("name", if nameless { String::new() } else { name.unwrap_or_default().trim().to_owned() });
        say("type", attachment.mime_type().unwrap().unwrap_or_default());
        say("kind", format!("{:?}", attachment.kind().unwrap()));
        say("inline", attachment.is_inline().unwrap().to_string());
        say("content id", attachment.content_id().unwrap().unwrap_or_default());
        if attachment.kind().unwrap() == AttachmentKind::File {
            let mut bytes = Vec::new();
            attachment.reader().unwrap().unwrap().read_to_end(&mut bytes).unwrap();
            assert_eq!(attachment.size().unwrap(), u64::try_from(bytes.len()).ok());
            say("bytes", format!("{bytes:?}"));
        } else if let Some(message) = attachment.message().unwrap() {
            let prefix = format!("attachment {number}: ");
            let known: Option<Answers> = as_mail.map(|known| {
                let inside = known
                    .iter()
                    .filter_map(|(name, answer)| Some((name.strip_prefix(&prefix)?.to_owned(), answer.clone())));
                inside.collect()
            });
            let inside = answers(message.item(), known.as_ref());
            out.extend(inside.into_iter().map(|(name, answer)| (format!("{prefix}{name}"), answer)));
        }
    }
    out
}

/// The answers that differ: the question, the answer of the mail, that of the item.
pub(crate) fn differences(bytes: &[u8]) -> Vec<(String, String, String)> {
    let mail = Mail::parse(bytes);
    let mut out = PstWriter::in_memory(WriteOptions::new()).unwrap();
    let inbox = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    let converted = from_mime::convert(&mail, &mut out).unwrap();
    let nid = out.message(inbox, converted.message).unwrap();
    let pst = Pst::from_bytes(out.finish().unwrap()).unwrap();
    let message = pst.message(nid).unwrap();
    let one = answers(Item::of_mail(&mail), None);
    let two = answers(Item::of_message(&message), Some(&one));
    let of = |answers: &Answers, name: &str| {
        answers.iter().find(|(known, _)| known == name).map_or("(no answer)".to_owned(), |(_, answer)| answer.clone())
    };
    let mut names: Vec<&String> = one.iter().chain(&two).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let pairs = names.into_iter().map(|name| (name.clone(), of(&one, name), of(&two, name)));
    pairs.filter(|(_, one, two)| one != two).collect()
}

const HEAD: &str = "Received: from a by b; Wed, 17 May 2000 19:35:09 -0400\r\nDate: Wed, 17 May 2000 19:35:05 -0400\r\n\
    From: Ann <ann@x.example>\r\nTo: Bob <bob@x.example>, cid@x.example\r\nBcc: \"D, d\" <dan@x.example>\r\n\
    Reply-To: desk@x.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@x.example>\r\nMIME-Version: 1.0\r\n";

fn mail(content: &str) -> Vec<u8> {
    format!("{HEAD}{content}").replace('\n', "\r\n").replace("\r\r\n", "\r\n").into_bytes()
}

#[test]
fn mails_of_every_kind() {
    let calendar =
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nDTSTART:20000517T100000Z\nEND:VEVENT\nEND:VCALENDAR\n";
    for (name, content) in [
        ("text", "Content-Type: text/plain; charset=iso-8859-1\n\nHi\n".to_owned()),
        ("html", "Content-Type: text/html\n\n<p>Hi\n".to_owned()),
        ("a picture alone", "Content-Type: image/png; name=x.png\nContent-Transfer-Encoding: base64\n\nAAEC\n".to_owned()),
        (
            "pictures shown and not shown",
            "Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n<img src=\"cid:a@x\">\n\
             --r\nContent-Type: image/png\nContent-ID: <a@x>\n\na\n--r\nContent-Type: image/png\nContent-ID: <b@x>\n\nb\n--r--\n"
                .to_owned(),
        ),
        (
            "several texts",
            "Content-Type: multipart/mixed; boundary=m\n\n--m\n\none\n--m\nContent-Type: text/html\n\n<p>two\n--m\n\
             Content-Type: text/plain\n\nthree\n--m--\n"
                .to_owned(),
        ),
        (
            "signed",
            "Content-Type: multipart/signed; boundary=s; protocol=\"application/pkcs7-signature\"\n\n--s\n\nHi\n--s\n\
             Content-Type: application/pkcs7-signature\n\nx\n--s--\n"
                .to_owned(),
        ),
        ("encrypted", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\nContent-Transfer-Encoding: base64\n\nAAEC\n".to_owned()),
        (
            "read",
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=r\n\n--r\n\nYour mail was read\n\
             --r\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--r--\n"
                .to_owned(),
        ),
        ("meeting", format!("Content-Type: multipart/alternative; boundary=a\n\n--a\n\nCome\n--a\nContent-Type: text/calendar; method=REQUEST\n\n{calendar}--a--\n")),
        (
            "messages in messages",
            "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nsee\n--m\nContent-Type: message/rfc822\n\nFrom: eve@y.example\n\
             Subject: in\nContent-Type: multipart/mixed; boundary=n\n\n--n\n\nWithin\n--n\nContent-Type: message/rfc822\n\n\
             Subject: deeper\n\nBelow\n--n--\n--m--\n"
                .to_owned(),
        ),
    ] {
        assert_eq!(differences(&mail(&content)), [], "{name}");
    }
}
