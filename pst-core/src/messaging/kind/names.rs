//! The stable names of kinds, as reports and scripts write them.

use crate::messaging::kind::{Evidence, Kind, MeetingKind, ReportKind, StubContent};

impl Kind {
    /// The stable name, in small letters: `mail`, `report-non-delivery`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::SignedMail => "signed-mail",
            Self::EncryptedMail => "encrypted-mail",
            Self::SecureReceipt => "secure-receipt",
            Self::OldSecureMail => "old-secure-mail",
            Self::ReplyTemplate => "reply-template",
            Self::SystemNotice => "system-notice",
            Self::Form => "form",
            Self::Voice => "voice",
            Self::MissedCall => "missed-call",
            Self::Fax => "fax",
            Self::InstantMessage => "instant-message",
            Self::TextMessage => "text-message",
            Self::Report(report) => report.name(),
            Self::Meeting(meeting) => meeting.name(),
            Self::Appointment => "appointment",
            Self::AppointmentException => "appointment-exception",
            Self::Task => "task",
            Self::TaskMail => "task-mail",
            Self::Contact => "contact",
            Self::DistributionList => "distribution-list",
            Self::Note => "note",
            Self::Activity => "activity",
            Self::Post => "post",
            Self::FeedPost => "feed-post",
            Self::Document => "document",
            Self::Sharing => "sharing",
            Self::RecallRequest => "recall-request",
            Self::RecallReport => "recall-report",
            Self::Conflict => "conflict",
            Self::Stub => "stub",
            Self::Configuration => "configuration",
            Self::OldForm => "old-form",
            Self::Unknown => "unknown",
            Self::Unclassified => "unclassified",
        }
    }
}

impl ReportKind {
    /// The stable name, in small letters: `report-non-delivery`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NonDelivery => "report-non-delivery",
            Self::Delivery => "report-delivery",
            Self::Delayed => "report-delayed",
            Self::Relayed => "report-relayed",
            Self::Expanded => "report-expanded",
            Self::Read => "report-read",
            Self::NotRead => "report-not-read",
            Self::Other => "report-other",
        }
    }
}

impl MeetingKind {
    /// The stable name, in small letters: `meeting-request`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "meeting-request",
            Self::Cancellation => "meeting-cancellation",
            Self::Accepted => "meeting-accepted",
            Self::Tentative => "meeting-tentative",
            Self::Declined => "meeting-declined",
            Self::Response => "meeting-response",
            Self::ForwardNotice => "meeting-forward-notice",
            Self::Other => "meeting-other",
        }
    }
}

impl Evidence {
    /// The stable name: `seen` or `told`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Told => "told",
        }
    }
}

impl StubContent {
    /// The stable name: `pointer`, `partial`, `whole`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pointer => "pointer",
            Self::Partial => "partial",
            Self::Whole => "whole",
        }
    }
}
