//! The bodies of an item.

use crate::Result;
use crate::item::layout::Layout;
use crate::item::{Item, Source, filled};
use crate::ltp::id;
use crate::messaging::Message;

impl Item<'_> {
    /// The plain text body, its line ends as they are; `None` if absent or empty.
    ///
    /// # Errors
    /// Those of the property; `Limit` above [`Limits::value_bytes`](crate::Limits::value_bytes).
    pub fn plain_text(&self) -> Result<Option<String>> {
        let text = match self.source {
            Source::Message(message) => message.body_text()?.map(|text| text.to_string_lossy()),
            Source::Mail(mail) => Layout::of(mail).text.map(|part| part.text().into_owned()),
        };
        Ok(filled(text))
    }

    /// The HTML body as text, whatever charset its own tag names; `None` if absent or empty.
    ///
    /// # Errors
    /// Those of the property; `Limit` above [`Limits::value_bytes`](crate::Limits::value_bytes).
    pub fn html(&self) -> Result<Option<String>> {
        let text = match self.source {
            Source::Message(message) => message.body_html()?.map(|html| html.to_string_lossy().into_owned()),
            Source::Mail(mail) => Layout::of(mail).html.map(|part| part.text().into_owned()),
        };
        Ok(filled(text))
    }

    /// True if the item has a body, and that is RTF and nothing else. A mail has none in RTF.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn is_rtf_only(&self) -> Result<bool> {
        let Source::Message(message) = self.source else { return Ok(false) };
        Ok(has(message, id::RTF_COMPRESSED)? && !has(message, id::BODY)? && !has(message, id::HTML)?)
    }
}

/// True if a property holds something; no more of it is decoded than that takes.
fn has(message: &Message, id: u16) -> Result<bool> {
    let Some(property) = message.properties()?.get(id)? else { return Ok(false) };
    match property.stored_len()? {
        0 => Ok(false),
        // Text with nothing but its NUL is no text.
        1 | 2 => Ok(message.properties()?.text(id)?.is_none_or(|text| !text.is_empty())),
        _ => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mime::Mail;

    /// A part by its type, with the parts in it.
    fn multi(kind: &str, boundary: char, parts: &[String]) -> String {
        let inside: String = parts.iter().map(|part| format!("--{boundary}\n{part}\n")).collect();
        format!("Content-Type: multipart/{kind}; boundary={boundary}\n\n{inside}--{boundary}--\n")
    }

    fn leaf(header: &str, text: &str) -> String {
        format!("Content-Type: {header}\n\n{text}")
    }

    /// The bodies, and the types of the attachments.
    fn parts(mail: &str) -> (Option<String>, Option<String>, Vec<String>) {
        let mail = Mail::parse(mail.as_bytes());
        let item = Item::of_mail(&mail);
        let attachments = item.attachments().map(|one| one.unwrap().mime_type().unwrap().unwrap());
        (item.plain_text().unwrap(), item.html().unwrap(), attachments.collect())
    }

    fn found(plain: &str, html: &str, attachments: &[&str]) -> (Option<String>, Option<String>, Vec<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (some(plain), some(html), attachments.iter().map(|kind| (*kind).to_owned()).collect())
    }

    #[test]
    fn of_simple_mail() {
        assert_eq!(parts("Subject: x\n\nHi"), found("Hi", "", &[]));
        assert_eq!(parts(&leaf("text/html", "<p>Hi")), found("", "<p>Hi", &[]));
        assert_eq!(parts(&leaf("text/plain; name=a.txt", "Hi")), found("Hi", "", &[]));
        assert_eq!(parts(&leaf("image/png", "x")), found("", "", &["image/png"]));
        assert_eq!(parts("Subject: x\n\n"), found("", "", &[]));
    }

    #[test]
    fn of_what_mail_programs_write() {
        let related = multi("related", 'r', &[leaf("text/html", "<p>Hi"), leaf("image/png", "x")]);
        let both = multi("alternative", 'a', &[leaf("text/plain", "Hi"), related]);
        let mail = multi("mixed", 'm', &[both, leaf("application/pdf", "x"), leaf("text/plain", "-- list footer")]);
        assert_eq!(parts(&mail), found("Hi", "<p>Hi", &["image/png", "application/pdf", "text/plain"]));
        let late = multi("mixed", 'm', &[leaf("image/png; name=x.png", "x"), leaf("text/plain", "Below")]);
        assert_eq!(parts(&late), found("Below", "", &["image/png"]));
        assert_eq!(parts("Content-Type: multipart/mixed; boundary=gone\n\nHi"), found("Hi", "", &[]));
    }

    #[test]
    fn of_reports_and_meetings() {
        let report = |status: &str| {
            let parts = [
                leaf("text/plain", "Failed"),
                leaf("message/delivery-status", status),
                leaf("message/rfc822", "Subject: x\n\nHi"),
            ];
            multi("report; report-type=delivery-status", 'r', &parts)
        };
        let sound = "Reporting-MTA: dns;x\n\nFinal-Recipient: rfc822;a@x.example\nAction: failed\n";
        assert_eq!(parts(&report(sound)), found("Failed", "", &["message/rfc822"]));
        // One that tells nothing is a file.
        assert_eq!(parts(&report("")), found("Failed", "", &["message/delivery-status", "message/rfc822"]));
        let meeting = |method: &str| {
            let calendar =
                format!("BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n");
            multi("alternative", 'a', &[leaf("text/plain", "Hi"), leaf("text/calendar; method=x", &calendar)])
        };
        assert_eq!(parts(&meeting("REQUEST")), found("Hi", "", &[]));
        assert_eq!(parts(&meeting("DANCE")), found("Hi", "", &["text/calendar"]));
    }

    #[test]
    fn of_sealed_mail() {
        let signature = leaf("application/pkcs7-signature", "x");
        let signed = multi("signed", 's', &[leaf("text/plain", "Hi"), signature]);
        assert_eq!(parts(&signed), found("Hi", "", &["multipart/signed"]));
        let mail = Mail::parse(signed.as_bytes());
        let item = Item::of_mail(&mail);
        let attachment = item.attachments().next().unwrap().unwrap();
        let mut bytes = Vec::new();
        std::io::copy(&mut attachment.reader().unwrap().unwrap(), &mut bytes).unwrap();
        // All of the mail that is not about its way.
        assert_eq!(String::from_utf8(bytes).unwrap(), signed);
        assert_eq!(attachment.size().unwrap(), u64::try_from(signed.len()).ok());
        assert_eq!(attachment.name().unwrap().as_deref(), Some("SMIME.p7m"));
        let opaque = leaf("application/pkcs7-mime; smime-type=enveloped-data", "x");
        assert_eq!(parts(&opaque), found("", "", &["application/pkcs7-mime"]));
    }
}
