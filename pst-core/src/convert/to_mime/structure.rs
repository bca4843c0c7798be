//! What a mail looks like by its message class (MS-OXCMAIL 2.1.3.2.1).

/// The structure that a class asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Structure {
    /// Bodies and attachments.
    Ordinary,
    /// Clear-signed S/MIME: the one attachment is the signed entity as it came.
    ClearSigned,
    /// Encrypted or opaque S/MIME: the one attachment is a CMS object.
    Opaque,
    /// A report on delivery (RFC 3464).
    Delivery(Action),
    /// A report on what became of a mail after it was delivered (RFC 8098).
    Disposition(Disposition),
}

/// What was done with a message (RFC 3464 2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Delivered,
    Failed,
    Delayed,
    Relayed,
    Expanded,
}

/// What the reader did (RFC 8098 3.2.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disposition {
    Displayed,
    Deleted,
}

impl Structure {
    /// The structure of a class. Case does not count.
    pub(super) fn of(class: &str) -> Self {
        let class = class.trim_matches(['\0', ' ', '.']).to_ascii_lowercase();
        let last = class.rsplit('.').next().unwrap_or_default();
        // Some writers leave out the first word, as in IPM.Schedule.Meeting.Request.NDR.
        let is_report = class.starts_with("report.") || class.starts_with("ipm.schedule.meeting.");
        match last {
            "ndr" if is_report => Self::Delivery(Action::Failed),
            "dr" if class.ends_with(".delayed.dr") => Self::Delivery(Action::Delayed),
            "dr" if class.ends_with(".relayed.dr") => Self::Delivery(Action::Relayed),
            "dr" if class.ends_with(".expanded.dr") => Self::Delivery(Action::Expanded),
            "dr" if is_report => Self::Delivery(Action::Delivered),
            "delayed" if is_report => Self::Delivery(Action::Delayed),
            "ipnrn" if is_report => Self::Disposition(Disposition::Displayed),
            "ipnnrn" if is_report => Self::Disposition(Disposition::Deleted),
            "multipartsigned" if class.ends_with(".smime.multipartsigned") => Self::ClearSigned,
            "smime" => Self::Opaque,
            _ => Self::Ordinary,
        }
    }
}

/// The class of the embedded messages that are single dates of a recurring appointment, changed (MS-OXOCAL 2.2.10.1).
const EXCEPTION: &str = "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}";

/// Whether a class is that of a changed date of a recurring appointment.
pub(super) fn is_exception(class: &str) -> bool {
    class.trim_matches(['\0', ' ']).eq_ignore_ascii_case(EXCEPTION)
}

/// Whether the class of an item follows from what the mail looks like, so that nothing is lost with it.
pub(super) fn is_told_by_structure(class: &str) -> bool {
    let class = class.trim_matches(['\0', ' ', '.']).to_ascii_lowercase();
    Structure::of(&class) != Structure::Ordinary || class == "ipm.note" || class.starts_with("ipm.schedule.meeting.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        for (class, structure) in [
            ("IPM.Note", Structure::Ordinary),
            ("ipm.note.smime", Structure::Opaque),
            ("IPM.Note.Receipt.SMIME", Structure::Opaque),
            ("IPM.Note.SMIME.MultipartSigned\0", Structure::ClearSigned),
            ("IPM.InfoPathForm.x.SMIME.MultipartSigned", Structure::ClearSigned),
            ("REPORT.IPM.Note.NDR", Structure::Delivery(Action::Failed)),
            ("Report.IPM.Note.DR", Structure::Delivery(Action::Delivered)),
            ("REPORT.IPM.Note.Delayed.DR", Structure::Delivery(Action::Delayed)),
            ("REPORT.IPM.Note.DELAYED", Structure::Delivery(Action::Delayed)),
            ("REPORT.IPM.Note.SMIME.MultipartSigned.NDR", Structure::Delivery(Action::Failed)),
            ("IPM.Schedule.Meeting.Request.NDR", Structure::Delivery(Action::Failed)),
            ("REPORT.IPM.Schedule.Meeting.Request.IPNRN", Structure::Disposition(Disposition::Displayed)),
            ("REPORT.IPM.Note.IPNNRN", Structure::Disposition(Disposition::Deleted)),
            ("IPM.Schedule.Meeting.Request", Structure::Ordinary),
            ("IPM.Note.NDR", Structure::Ordinary),
            ("", Structure::Ordinary),
        ] {
            assert_eq!(Structure::of(class), structure, "{class}");
        }
    }

    #[test]
    fn what_only_the_class_says() {
        assert!(is_told_by_structure("IPM.Note") && is_told_by_structure("REPORT.IPM.Note.NDR"));
        assert!(!is_told_by_structure("IPM.Note.Custom") && !is_told_by_structure("IPM.Post"));
        assert!(is_exception("ipm.ole.class.{00061055-0000-0000-c000-000000000046}"));
    }
}
