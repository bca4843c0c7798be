//! Mboxes: each mail is shown as it was before the mbox took it in, and the date of its `From ` line beside it.
//!
//! Where a mail begins and ends, and what of it is quoted, [`Mbox`] tells.

use std::borrow::Cow;

use pst_core::item::AnyMessage;
use pst_core::mime::{Mail, Mbox, MboxMessage};
use pst_core::source::Source;

use crate::input::content::Part;
use crate::input::walk::{Flow, Walker};
use crate::input::{Found, Seen, SkipReason, Within};

impl Walker<'_> {
    /// The mails of an mbox. **One that is not in memory is copied to a temporary file first.**
    pub(super) fn mbox(&mut self, source: &dyn Source, name: &str) -> Flow {
        let part = match Part::of(source, 0..source.len(), self.limits.memory_bytes) {
            Ok(part) => part,
            Err(error) => return self.fail(error),
        };
        self.place.folder = self.place.folder.join(stem(name));
        for message in Mbox::new(part.bytes()).messages() {
            self.place.within = Within::Offset(u64::try_from(message.offset()).unwrap_or(u64::MAX));
            self.framed(&message)?;
        }
        Flow::Continue(())
    }

    fn framed(&mut self, message: &MboxMessage<'_>) -> Flow {
        let size = u64::try_from(message.range().len()).unwrap_or(u64::MAX);
        if size > self.limits.mail_bytes {
            return self.skip(SkipReason::TooLarge, format!("{size} bytes"));
        }
        let bytes: Cow<'_, [u8]> = message.message();
        let mail = AnyMessage::Mail(Box::new(Mail::parse(&bytes)));
        let seen = Seen::Item(Found {
            bytes: Some(&bytes),
            envelope_date: message.envelope_date(),
            findings: message.findings(),
            ..Found::new(&self.place, mail)
        });
        Self::show(&mut self.summary, self.visit, seen)
    }
}

/// The name of the folder that an mbox is.
fn stem(name: &str) -> &str {
    let known = |extension: &str| ["mbox", "mbx"].iter().any(|known| extension.eq_ignore_ascii_case(known));
    match name.rsplit_once('.') {
        Some((stem, extension)) if known(extension) && !stem.is_empty() => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names() {
        let names = ["Inbox.mbox", "Sent.MBX", "Inbox", ".mbox", "2020.archive", "a.mbox.mbox"];
        assert_eq!(names.map(stem), ["Inbox", "Sent", "Inbox", ".mbox", "2020.archive", "a.mbox"]);
    }
}
