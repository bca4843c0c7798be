//! What the peers are known not to do: one narrow rule per limit, with its reason and a file of ours that shows it.

use super::compare::{About, Difference, Field, Said, list};
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
        why: "makes no directory for a folder that has neither items nor folders",
        shown_by: "everyday-permute.pst",
        applies: |d| absent(d, Field::Folder) && d.about.empty,
    },
    Limit {
        peer: Peer::Readpst,
        why: "does not tell the class of an item, its recipients one by one, nor how an attachment is kept",
        shown_by: "sample.pst",
        applies: |d| matches!(d.field, Field::Class | Field::Recipients | Field::Method) && d.theirs == Said::NotTold,
    },
    Limit {
        peer: Peer::Readpst,
        why: "removes carriage returns from bodies",
        shown_by: "sample.pst",
        applies: |d| body(d) && agrees_as(d, &["with line ends as CRLF"]),
    },
    Limit {
        peer: Peer::Readpst,
        why: "leaves out associated items",
        shown_by: "sample.pst",
        applies: |d| absent(d, Field::Item) && d.about.associated,
    },
    Limit {
        peer: Peer::Readpst,
        why: "labels text in code page 932 as ISO-2022-JP",
        shown_by: "letters.pst",
        applies: |d| d.field == Field::Plain && agrees_as(d, &["read as code page 932"]),
    },
    Limit {
        peer: Peer::Readpst,
        why: "writes no tasks, sticky notes, distribution lists, posts, free/busy data, and no bare journal entries",
        shown_by: "items.pst",
        applies: |d| {
            const CLASSES: [&str; 6] =
                ["IPM.Task", "IPM.StickyNote", "IPM.DistList", "IPM.Post", "IPM.Activity", FREE_BUSY];
            absent(d, Field::Item) && CLASSES.contains(&d.about.class.as_str())
        },
    },
    Limit {
        peer: Peer::Readpst,
        why: "names a contact by its file-as property, not by its subject",
        shown_by: "sample.pst",
        applies: |d| d.field == Field::Subject && d.about.class.starts_with("IPM.Contact"),
    },
    Limit {
        peer: Peer::Readpst,
        why: "takes the prefix marker of an empty 8-bit subject for the subject",
        shown_by: "everyday-ansi.pst",
        applies: |d| {
            d.field == Field::Subject
                && d.about.file.format == "ansi"
                && d.ours == Said::Nothing
                && d.theirs == Said::Text("\u{1}\u{1}".to_owned())
        },
    },
    Limit {
        peer: Peer::Readpst,
        why: "opens no store whose property contexts have index levels",
        shown_by: "everyday-levels.pst",
        applies: |d| d.field == Field::File && d.about.file.name == "everyday-levels.pst",
    },
    Limit {
        peer: Peer::Readpst,
        why: "writes an appointment only if it has a property of the appointment set",
        shown_by: "items.pst",
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
        peer: Peer::Readpst,
        why: "gives an object no file name",
        shown_by: "everyday-permute.pst",
        applies: |d| d.field == Field::Name && d.theirs == Said::Nothing && d.about.method == Some(OLE),
    },
    Limit {
        peer: Peer::Readpst,
        why: "leaves out attachments without a byte",
        shown_by: "large.pst",
        applies: |d| absent(d, Field::Attachment) && d.about.data_len == Some(0),
    },
    Limit {
        peer: Peer::Readpst,
        why: "does not read an attachment's long name from a subnode and takes the short one",
        shown_by: "everyday-subnodes.pst",
        applies: |d| {
            let Said::Text(name) = &d.theirs else { return false };
            d.field == Field::Name
                && d.about.file.name == "everyday-subnodes.pst"
                && d.about.short_name.as_ref() == Some(name)
        },
    },
    Limit {
        peer: Peer::Readpst,
        why: "reads no SIBLOCK, so no attachments of a message whose subnodes need one",
        shown_by: "everyday-siblocks.pst",
        applies: |d| absent(d, Field::Attachment) && d.about.file.name == "everyday-siblocks.pst",
    },
    Limit {
        peer: Peer::Pypff,
        why: "opens no store whose name map has an empty stream of entries or of GUIDs",
        shown_by: "nameless.pst",
        applies: |d| {
            let streams = ["missing name to id map entries data", "missing name to id map class identifiers data"];
            d.about.file.named_in_sets == 0 && streams.into_iter().any(|stream| file_error(d, stream))
        },
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
        peer: Peer::Pypff,
        why: "tells only the properties of an item whose class it does not know",
        shown_by: "items.pst",
        applies: |d| {
            let field = body(d) || matches!(d.field, Field::Recipients | Field::Attachment);
            field && d.theirs == Said::NotTold && d.about.class == FREE_BUSY
        },
    },
    Limit {
        peer: Peer::OutlookPst,
        why: "opens no OST",
        shown_by: "everyday-4k.ost",
        applies: |d| file_error(d, "wMagicClient: 0x4F53"),
    },
    Limit {
        peer: Peer::OutlookPst,
        why: "opens no attachment that is a message or an object",
        shown_by: "sample.pst",
        applies: |d| {
            d.field == Field::Attachment
                && matches!(d.about.method, Some(EMBEDDED | OLE))
                && d.theirs == Said::Error("Missing PidTagAttachMethod on message".to_owned())
        },
    },
    Limit {
        peer: Peer::OutlookPst,
        why: "opens no item without subnodes",
        shown_by: "items.pst",
        applies: |d| {
            d.field == Field::Item
                && d.about.facts.recipients == 0
                && d.about.facts.attachments == 0
                && d.theirs == Said::Error("Missing Sub-Node Tree on message".to_owned())
        },
    },
    Limit {
        peer: Peer::OutlookPst,
        why: "opens no attachment without a byte",
        shown_by: "large.pst",
        applies: |d| {
            let Said::Error(error) = &d.theirs else { return false };
            d.field == Field::Attachment && d.about.data_len == Some(0) && error.ends_with("attachment: Null")
        },
    },
    Limit {
        peer: Peer::OutlookPst,
        why: "makes each byte of 8-bit text a character",
        shown_by: "letters.pst",
        applies: |d| d.field == Field::Plain && agrees_as(d, &["decoded by the code page of the message"]),
    },
    Limit {
        peer: Peer::PstExtractor,
        why: "reads no cyclic encoding",
        shown_by: "everyday-cyclic.pst",
        applies: |d| file_error(d, "PST is encrypted") && d.about.file.crypt == "cyclic",
    },
    Limit {
        peer: Peer::PstExtractor,
        why: "takes an entry of a SIBLOCK to be 24 bytes long, where it is 16",
        shown_by: "everyday-siblocks.pst",
        applies: |d| {
            let outside = |error: &str| error.ends_with(": Offset is outside the bounds of the DataView");
            let nothing = match &d.theirs {
                Said::Error(error) => outside(error),
                Said::Text(names) => d.field == Field::Recipients && names == "0: ",
                _ => absent(d, Field::Attachment),
            };
            nothing && d.about.file.name == "everyday-siblocks.pst"
        },
    },
    Limit {
        peer: Peer::PstExtractor,
        why: "has CR and LF of the preset RTF dictionary the wrong way round",
        shown_by: "everyday-permute.pst",
        applies: |d| d.field == Field::Rtf && agrees_as(d, &["with LF CR as CR LF", "with CR alone as LF"]),
    },
    Limit {
        peer: Peer::PstExtractor,
        why: "gives an embedded message the recipients of the message around it",
        shown_by: "sample.pst",
        applies: |d| {
            let Said::Text(names) = &d.theirs else { return false };
            d.field == Field::Recipients
                && d.about.recipients_around.as_ref().is_some_and(|around| &list(around) == names)
        },
    },
    Limit {
        peer: Peer::PstExtractor,
        why: "gives no bytes of an object",
        shown_by: "everyday-permute.pst",
        applies: |d| d.field == Field::Data && d.theirs == Said::NotTold && d.about.method == Some(OLE),
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

const EMBEDDED: i64 = 5;
const OLE: i64 = 6;
const FREE_BUSY: &str = "IPM.Microsoft.ScheduleData.FreeBusy";

fn absent(d: &Difference, field: Field) -> bool {
    d.field == field && d.ours == Said::There && d.theirs == Said::Nothing
}

fn file_error(d: &Difference, part: &str) -> bool {
    matches!(&d.theirs, Said::Error(error) if d.field == Field::File && error.contains(part))
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
