//! The message classes whose meaning is known, as data.
//!
//! Sources: MS-OXCMSG 2.2.1.3, MS-OXOMSG 2.2.2.1, MS-OXCMAIL 2.1.3.2.1 and 2.2.3.2.15, MS-OXOSMIME, MS-OXOUM, the lists of
//! item types in the documentation of Outlook and of ActiveSync (MS-ASEMAIL 2.2.2.50), and what archiving products document.

use crate::messaging::kind::pattern::{fits, weight};
use crate::messaging::kind::{Evidence, Kind, MeetingKind, ReportKind, Stub, StubContent};

/// A class, or a group of them, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The classes: `*` is any run of characters, `(.*)` at the end is nothing or further levels.
    pub pattern: &'static str,
    /// What they are.
    pub kind: Kind,
}

/// A class of an archiving product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StubRow {
    /// The classes, as in [`Row`].
    pub pattern: &'static str,
    /// The product.
    pub stub: Stub,
}

/// The classes of reports.
pub fn reports() -> &'static [Row] {
    REPORTS
}

/// The classes of everything that is neither report nor stub.
pub fn classes() -> &'static [Row] {
    CLASSES
}

/// The classes of archiving products.
pub fn stubs() -> &'static [StubRow] {
    STUBS
}

/// The row that fits with the most letters; of equals the first.
pub(super) fn best<R>(rows: &'static [R], class: &str, pattern: impl Fn(&R) -> &'static str) -> Option<&'static R> {
    let fitting = rows.iter().filter(|row| fits(pattern(row), class));
    fitting.fold(None, |best: Option<&R>, row| match best {
        Some(best) if weight(pattern(best)) >= weight(pattern(row)) => Some(best),
        _ => Some(row),
    })
}

const fn row(pattern: &'static str, kind: Kind) -> Row {
    Row { pattern, kind }
}

const fn report(pattern: &'static str, kind: ReportKind) -> Row {
    Row { pattern, kind: Kind::Report(kind) }
}

const fn meeting(pattern: &'static str, kind: MeetingKind) -> Row {
    Row { pattern, kind: Kind::Meeting(kind) }
}

const fn seen(pattern: &'static str, product: &'static str, content: StubContent) -> StubRow {
    StubRow { pattern, stub: Stub { product: Some(product), evidence: Evidence::Seen, content } }
}

const fn told(pattern: &'static str, product: &'static str) -> StubRow {
    let stub = Stub { product: Some(product), evidence: Evidence::Told, content: StubContent::Pointer };
    StubRow { pattern, stub }
}

/// REPORT, the class of what is reported on, and an ending that says what is reported (MS-OXOMSG 2.2.2.1). Some stores have
/// reports on meetings without the first level.
pub(super) const REPORTS: &[Row] = &[
    report("REPORT", ReportKind::Other),
    report("REPORT.*", ReportKind::Other),
    report("REPORT.*.NDR", ReportKind::NonDelivery),
    report("REPORT.*.DR", ReportKind::Delivery),
    report("REPORT.*.Delayed.DR", ReportKind::Delayed),
    report("REPORT.*.Delayed", ReportKind::Delayed),
    report("REPORT.*.Relayed.DR", ReportKind::Relayed),
    report("REPORT.*.Expanded.DR", ReportKind::Expanded),
    report("REPORT.*.IPNRN", ReportKind::Read),
    report("REPORT.*.IPNNRN", ReportKind::NotRead),
    report("IPM.Schedule.Meeting.*.NDR", ReportKind::NonDelivery),
    report("IPM.Schedule.Meeting.*.DR", ReportKind::Delivery),
    report("IPM.Schedule.Meeting.*.IPNRN", ReportKind::Read),
    report("IPM.Schedule.Meeting.*.IPNNRN", ReportKind::NotRead),
];

pub(super) const CLASSES: &[Row] = &[
    // Mail and what came as mail.
    row("IPM.Note(.*)", Kind::Mail),
    row("IPM.Note.SMIME(.*)", Kind::EncryptedMail),
    row("IPM.Note.SMIME.MultipartSigned(.*)", Kind::SignedMail),
    row("IPM.Note.Receipt.SMIME(.*)", Kind::SecureReceipt),
    row("IPM.Note.Secure(.*)", Kind::OldSecureMail),
    row("IPM.Note.Secure.Sign(.*)", Kind::OldSecureMail),
    row("IPM.Note.Rules.OofTemplate(.*)", Kind::ReplyTemplate),
    row("IPM.Note.Rules.Oof.Template(.*)", Kind::ReplyTemplate),
    row("IPM.Note.Rules.ReplyTemplate(.*)", Kind::ReplyTemplate),
    row("IPM.Note.IMC.Notification(.*)", Kind::SystemNotice),
    row("IPM.Note.StorageQuotaWarning(.*)", Kind::SystemNotice),
    row("IPM.Note.Microsoft.Voicemail(.*)", Kind::Voice),
    row("IPM.Note.RPMSG.Microsoft.Voicemail(.*)", Kind::Voice),
    row("IPM.Note.VoiceMail(.*)", Kind::Voice),
    row("IPM.Note.Custom.Cisco.Unity.Voice(.*)", Kind::Voice),
    row("IPM.Octel.Voice(.*)", Kind::Voice),
    row("IPM.VoiceNotes(.*)", Kind::Voice),
    row("IPM.Note.Microsoft.Missed(.*)", Kind::MissedCall),
    row("IPM.Note.Microsoft.Fax(.*)", Kind::Fax),
    row("IPM.Note.Fax(.*)", Kind::Fax),
    row("IPM.Note.RightFax(.*)", Kind::Fax),
    row("IPM.Fax(.*)", Kind::Fax),
    row("IPM.Note.Microsoft.Conversation(.*)", Kind::InstantMessage),
    row("IPM.SkypeTeams.Message(.*)", Kind::InstantMessage),
    row("IPM.Note.Mobile.SMS(.*)", Kind::TextMessage),
    row("IPM.Note.Mobile.MMS(.*)", Kind::TextMessage),
    // Filing states of iManage WorkSite: full mails, although the class looks like an archive's.
    row("IPM.Note.WorkSite.Ems(.*)", Kind::Mail),
    row("IPM.Note.Agenda(.*)", Kind::Mail),
    row("IPM.InfoPathForm(.*)", Kind::Form),
    row("IPM.InfoPathForm.*.SMIME", Kind::EncryptedMail),
    row("IPM.InfoPathForm.*.SMIME.MultipartSigned", Kind::SignedMail),
    // Meetings.
    meeting("IPM.Schedule(.*)", MeetingKind::Other),
    meeting("IPM.Schedule.Meeting(.*)", MeetingKind::Other),
    meeting("IPM.Schedule.Inquiry(.*)", MeetingKind::Other),
    meeting("IPM.Schedule.Meeting.Request(.*)", MeetingKind::Request),
    meeting("IPM.Schedule.Meeting.Canceled(.*)", MeetingKind::Cancellation),
    meeting("IPM.Schedule.Meeting.Resp(.*)", MeetingKind::Response),
    meeting("IPM.Schedule.Meeting.Resp.Pos(.*)", MeetingKind::Accepted),
    meeting("IPM.Schedule.Meeting.Resp.Tent(.*)", MeetingKind::Tentative),
    meeting("IPM.Schedule.Meeting.Resp.Neg(.*)", MeetingKind::Declined),
    meeting("IPM.Schedule.Meeting.Notification.Forward(.*)", MeetingKind::ForwardNotice),
    meeting("IPM.Notification.Meeting(.*)", MeetingKind::Other),
    meeting("IPM.Notification.Meeting.Forward(.*)", MeetingKind::ForwardNotice),
    // What lies in a mailbox without having been sent.
    row("IPM.Appointment(.*)", Kind::Appointment),
    row("IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}", Kind::AppointmentException),
    row("IPM.Task(.*)", Kind::Task),
    row("IPM.TaskRequest(.*)", Kind::TaskMail),
    row("IPM.Contact(.*)", Kind::Contact),
    row("IPM.AbchPerson(.*)", Kind::Contact),
    row("IPM.DistList(.*)", Kind::DistributionList),
    row("IPM.StickyNote(.*)", Kind::Note),
    row("IPM.Activity(.*)", Kind::Activity),
    row("IPM.Post(.*)", Kind::Post),
    row("IPM.Post.Rss(.*)", Kind::FeedPost),
    row("IPM.Document(.*)", Kind::Document),
    row("IPM.File(.*)", Kind::Document),
    row("IPM.Sharing(.*)", Kind::Sharing),
    row("IPM.Sharing.Binding.In(.*)", Kind::Configuration),
    row("IPM.Outlook.Recall(.*)", Kind::RecallRequest),
    row("IPM.Recall.Report(.*)", Kind::RecallReport),
    row("IPM.Report(.*)", Kind::OldForm),
    row("IPM.Resend(.*)", Kind::OldForm),
    row("IPM.Remote(.*)", Kind::OldForm),
    row("IPM.Conflict(.*)", Kind::Conflict),
    // Settings.
    row("IPM.Configuration(.*)", Kind::Configuration),
    row("IPM.Rule.Message(.*)", Kind::Configuration),
    row("IPM.ExtendedRule.Message(.*)", Kind::Configuration),
    row("IPM.RuleOrganizer(.*)", Kind::Configuration),
    row("IPM.MessageManager(.*)", Kind::Configuration),
    row("IPM.Microsoft(.*)", Kind::Configuration),
    row("IPC(.*)", Kind::Configuration),
    // A super class and no class of its own.
    row("IPM", Kind::Unknown),
];

/// Rows that were only told of are wide on purpose: they remark and change nothing.
pub(super) const STUBS: &[StubRow] = &[
    seen("*.EnterpriseVault.Shortcut(.*)", "Enterprise Vault", StubContent::Pointer),
    seen("*.EnterpriseVault.PendingArchive(.*)", "Enterprise Vault", StubContent::Whole),
    seen("IPM.Note.EAS(.*)", "EAS (Educom, Zantaz, Autonomy, HP)", StubContent::Partial),
    seen("IPM.Note.CommVault.Galaxy.Stub(.*)", "Commvault", StubContent::Pointer),
    seen("IPM.Note.BMA.Stub(.*)", "Barracuda Message Archiver", StubContent::Partial),
    seen("IPM.ixos-archive(.*)", "OpenText / IXOS LiveLink", StubContent::Pointer),
    told("IPM.Note.ExShortcut*", "EMC EmailXtender / SourceOne"),
    told("IPM.Note.EMailXtender*", "EMC EmailXtender / SourceOne"),
    told("IPM.Note.SourceOne*", "EMC EmailXtender / SourceOne"),
    told("IPM.Note.ArchiveOne*", "C2C / Barracuda ArchiveOne"),
    told("IPM.Note.C2C*", "C2C / Barracuda ArchiveOne"),
    told("IPM.Note.BarracudaArchiver*", "Barracuda"),
    told("IPM.Note.Mimosa*", "Mimosa NearPoint"),
    told("IPM.Note.NearPoint*", "Mimosa NearPoint"),
    told("IPM.Note.Metalogix*", "Metalogix / exchange@PAM"),
    told("IPM.Note.exchange@PAM*", "Metalogix / exchange@PAM"),
    told("IPM.Note.GFI*", "GFI"),
    told("IPM.Note.MailMeter*", "MailMeter"),
    told("IPM.Note.Retain*", "Retain / GWAVA"),
    told("IPM.Note.GWAVA*", "Retain / GWAVA"),
    told("IPM.Note.Autonomy*", "Autonomy / HP"),
    told("IPM.Note.HP*", "Autonomy / HP"),
    told("IPM.Note.MessageStats*", "Quest Archive Manager"),
    told("IPM.Note.Quest*", "Quest Archive Manager"),
    told("IPM.Note.Netmail*", "Netmail"),
    told("IPM.Note.contentACCESS*", "contentACCESS"),
    told("IPM.Note.Mimecast*", "Mimecast"),
];
