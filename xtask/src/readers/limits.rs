//! What the peers are known not to do: one narrow rule per limit, with its reason and a file of ours that shows it.

use super::compare::{About, Difference, Field, Said};
use super::peers::Peer;

/// A difference that is the peer's own doing.
pub(super) struct Limit {
    pub(super) peer: Peer,
    pub(super) why: &'static str,
    /// A file among the examples or the shapes where the limit is met.
    pub(super) shown_by: &'static str,
    applies: fn(&Difference) -> bool,
}

/// The rule that a difference falls under, if there is one.
pub(super) fn known(peer: Peer, difference: &Difference) -> Option<&'static Limit> {
    LIMITS.iter().find(|limit| limit.peer == peer && (limit.applies)(difference))
}

/// Every limit, peer by peer.
pub(super) const LIMITS: &[Limit] = &[
    Limit {
        peer: Peer::Readpst,
        why: "walks the folders below the top of personal folders only",
        shown_by: "sample.pst",
        applies: |d| absent(d, Field::Folder) && !d.about.personal,
    },
    Limit {
        peer: Peer::Readpst,
        why: "writes neither class nor node id",
        shown_by: "sample.pst",
        applies: |d| d.field == Field::Class && d.theirs == Said::NotTold,
    },
    Limit {
        peer: Peer::Readpst,
        why: "removes carriage returns from bodies",
        shown_by: "sample.pst",
        applies: |d| body(d) && agrees_as(d, &["with line ends as CRLF", "decoded, with line ends as CRLF"]),
    },
    Limit {
        peer: Peer::Readpst,
        why: "leaves out associated items",
        shown_by: "sample.pst",
        applies: |d| absent(d, Field::Item) && d.about.associated,
    },
    Limit {
        peer: Peer::Readpst,
        why: "writes no tasks",
        shown_by: "sample.pst",
        applies: |d| absent(d, Field::Item) && d.about.class.starts_with("IPM.Task"),
    },
    Limit {
        peer: Peer::Readpst,
        why: "writes an appointment only if it has a property of the appointment set",
        shown_by: "sample.pst",
        applies: |d| {
            absent(d, Field::Item)
                && d.about.class.starts_with("IPM.Appointment")
                && !d.about.facts.appointment_property
        },
    },
    Limit {
        peer: Peer::Readpst,
        why: "writes a calendar part beside the body of a meeting request",
        shown_by: "sample.pst",
        applies: |d| {
            let Said::Text(name) = &d.theirs else { return false };
            let calendar = name.starts_with('i') && name.ends_with(".ics");
            d.field == Field::Attachment
                && d.ours == Said::Nothing
                && calendar
                && d.about.class.starts_with("IPM.Schedule")
        },
    },
    Limit {
        peer: Peer::Readpst,
        why: "writes contacts as vCards and appointments as iCalendar, without the body",
        shown_by: "sample.pst",
        applies: |d| {
            let class = &d.about.class;
            (body(d) || d.field == Field::Attachment)
                && d.theirs == Said::NotTold
                && (class.starts_with("IPM.Contact") || class.starts_with("IPM.Appointment"))
        },
    },
    Limit {
        peer: Peer::Readpst,
        why: "leaves out attachments that only point to a file",
        shown_by: "sample.pst",
        applies: |d| absent(d, Field::Attachment) && by_reference(&d.about),
    },
    Limit {
        peer: Peer::Readpst,
        why: "gives an embedded message no file name",
        shown_by: "sample.pst",
        applies: |d| d.field == Field::Name && d.theirs == Said::NotTold && d.about.method == Some(EMBEDDED),
    },
    Limit {
        peer: Peer::Pypff,
        why: "gives no message for an attachment that is one",
        shown_by: "sample.pst",
        applies: |d| d.field == Field::Embedded && d.theirs == Said::NotTold,
    },
    Limit {
        peer: Peer::Pypff,
        why: "adds a NUL to unpacked RTF",
        shown_by: "sample.pst",
        applies: |d| d.field == Field::Rtf && agrees_as(d, &["without one NUL at its end"]),
    },
    Limit {
        peer: Peer::PstExtractor,
        why: "lists no search folders",
        shown_by: "sample.pst",
        applies: |d| absent(d, Field::Folder) && d.about.search_folder,
    },
    Limit {
        peer: Peer::PstExtractor,
        why: "lists no associated items",
        shown_by: "sample.pst",
        applies: |d| absent(d, Field::Item) && d.about.associated,
    },
];

const EMBEDDED: i64 = super::view::EMBEDDED;

fn absent(d: &Difference, field: Field) -> bool {
    d.field == field && d.ours == Said::There && d.theirs == Said::Nothing
}

fn body(d: &Difference) -> bool {
    matches!(d.field, Field::Plain | Field::Html | Field::Rtf)
}

/// Both have the same bytes once the peer's are taken in one of these forms.
fn agrees_as(d: &Difference, forms: &[&str]) -> bool {
    match (&d.ours, &d.theirs) {
        (Said::Bytes(ours), Said::Bytes(theirs)) => {
            ours.len == theirs.len && ours.sha256 == theirs.sha256 && forms.contains(&theirs.name.as_str())
        }
        _ => false,
    }
}

/// Methods 2, 3, 4 and 7.
fn by_reference(about: &About) -> bool {
    matches!(about.method, Some(2 | 3 | 4 | 7))
}
