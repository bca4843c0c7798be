//! What the parts of a mail are to its item: bodies, attachments, and what is neither.
//!
//! ```text
//! multipart/mixed                        bodies: the text a mail program shows
//!   multipart/alternative
//!     text/plain              <- plain
//!     multipart/related
//!       text/html             <- HTML
//!       image/png             <- attachment, inline
//!   application/pdf           <- attachment
//!   text/plain                <- attachment: the text of a mail is one piece
//! ```
//!
//! The rules are those by which [`from_mime`](crate::convert::from_mime) makes items, so that a mail and the item made of it
//! answer alike: of a signed or encrypted mail the one attachment is all of it (MS-OXOSMIME), and the part with which a
//! report tells programs what happened is no attachment, nor is the calendar of a meeting. **TNEF is not taken apart here**:
//! it is the attachment `winmail.dat`, and what is in it stands in the item that is made of the mail.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use crate::convert::from_mime::attachment::shown_by;
use crate::convert::from_mime::sealed::Seal;
use crate::convert::from_mime::structure::{File, Plan};
use crate::item::class;
use crate::mime::{Mail, Part};

/// The parts of a mail by what they are to its item.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout<'m> {
    pub(super) text: Option<Part<'m>>,
    pub(super) html: Option<Part<'m>>,
    /// In the order of the mail.
    pub(super) files: Vec<Part<'m>>,
    /// The one file is a signed mail with all its parts.
    pub(super) is_signed: bool,
}

impl<'m> Layout<'m> {
    pub(super) fn of(mail: &'m Mail<'m>) -> Self {
        let root = mail.root();
        let plan = match Seal::of(&root) {
            Some(Seal::Opaque) => return Self { files: vec![root], ..Self::default() },
            Some(Seal::Clear) => {
                // The text is that of the signed part.
                let Plan { text, html, .. } = root.children().next().map(Plan::of).unwrap_or_default();
                return Self { text, html, files: vec![root], is_signed: true };
            }
            None => match class::status_of(root).filter(|_| class::is_report(mail)) {
                Some(status) => report(root, status),
                None => ordinary(mail),
            },
        };
        let mut files: Vec<Part<'m>> = plan.files.iter().map(|file| file.part).collect();
        files.sort_by_key(Part::index);
        Self { text: plan.text, html: plan.html, files, is_signed: false }
    }
}

fn report<'m>(root: Part<'m>, status: Part<'m>) -> Plan<'m> {
    let mut parts = root.children().filter(|part| part.index() != status.index());
    // The first is the text for people, unless there is none.
    let first = root.children().next().filter(|first| first.index() != status.index());
    let mut plan = first.map(Plan::of).unwrap_or_default();
    if first.is_some() {
        parts.next();
    }
    parts.for_each(|part| plan.file(part));
    plan
}

fn ordinary<'m>(mail: &'m Mail<'m>) -> Plan<'m> {
    let mut plan = Plan::of(mail.root());
    if let Some(calendar) = plan.calendar.take_if(|_| !class::is_meeting(mail)) {
        plan.files.push(File { part: calendar, related: false });
    }
    plan
}

/// What the HTML of a mail shows: `cid:` and other addresses, in small letters; found when it is asked for first.
#[derive(Clone, Debug)]
pub(super) struct Shown<'m> {
    html: Option<Part<'m>>,
    found: Arc<OnceLock<HashSet<String>>>,
}

impl<'m> Shown<'m> {
    pub(super) fn by(html: Option<Part<'m>>) -> Self {
        Self { html, found: Arc::default() }
    }

    /// True if it shows a part: by its Content-ID, or inside a multipart/related by its Content-Location.
    pub(super) fn has(&self, part: &Part<'_>) -> bool {
        let (id, location) = (part.content_id(), part.content_location());
        let Some(html) = self.html.filter(|_| id.is_some() || location.is_some()) else { return false };
        let found = self.found.get_or_init(|| shown_by(&html));
        let is_related = || part.parent().is_some_and(|parent| parent.content_type().is("multipart", "related"));
        id.is_some_and(|id| found.contains(&format!("cid:{}", id.to_ascii_lowercase())))
            || location.is_some_and(|location| found.contains(&location.to_ascii_lowercase()) && is_related())
    }
}
