use super::*;

/// Classes as mailboxes have them, with what each is known to be: the taxonomy, not the table.
const KNOWN: &[(&str, Kind)] = &[
    ("IPM.Note", Kind::Mail),
    ("IPM.NOTE", Kind::Mail),
    ("IPM.Note.Whatever.Else", Kind::Mail),
    ("IPM.Note.SMIME", Kind::EncryptedMail),
    ("IPM.Note.SMIME.MultipartSigned", Kind::SignedMail),
    ("IPM.Note.Receipt.SMIME", Kind::SecureReceipt),
    ("IPM.Note.Receipt.SMIME.MultipartSigned", Kind::SecureReceipt),
    ("IPM.Note.Secure", Kind::OldSecureMail),
    ("IPM.Note.Secure.Sign", Kind::OldSecureMail),
    ("IPM.Note.Rules.OofTemplate.Microsoft", Kind::ReplyTemplate),
    ("IPM.Note.Rules.Oof.Template.Microsoft", Kind::ReplyTemplate),
    ("IPM.Note.Rules.ReplyTemplate.Microsoft", Kind::ReplyTemplate),
    ("IPM.Note.IMC.Notification", Kind::SystemNotice),
    ("IPM.Note.StorageQuotaWarning", Kind::SystemNotice),
    ("IPM.Note.StorageQuotaWarning.SendReceive", Kind::SystemNotice),
    ("IPM.Note.Microsoft.Voicemail.UM", Kind::Voice),
    ("IPM.Note.Microsoft.Voicemail.UM.CA", Kind::Voice),
    ("IPM.Note.RPMSG.Microsoft.Voicemail.UM.CA", Kind::Voice),
    ("IPM.Note.VoiceMail", Kind::Voice),
    ("IPM.Note.Custom.Cisco.Unity.Voice", Kind::Voice),
    ("IPM.Octel.Voice", Kind::Voice),
    ("IPM.VoiceNotes", Kind::Voice),
    ("IPM.Note.Microsoft.Missed", Kind::MissedCall),
    ("IPM.Note.Microsoft.Missed.Voice", Kind::MissedCall),
    ("IPM.Note.Microsoft.Fax", Kind::Fax),
    ("IPM.Note.Microsoft.Fax.CA", Kind::Fax),
    ("IPM.Note.Fax", Kind::Fax),
    ("IPM.Note.RightFax.Adv", Kind::Fax),
    ("IPM.FAX", Kind::Fax),
    ("IPM.Note.Microsoft.Conversation", Kind::InstantMessage),
    ("IPM.Note.Microsoft.Conversation.Voice", Kind::InstantMessage),
    ("IPM.SkypeTeams.Message", Kind::InstantMessage),
    ("IPM.Note.Mobile.SMS", Kind::TextMessage),
    ("IPM.Note.Mobile.MMS", Kind::TextMessage),
    ("IPM.Note.WorkSite.Ems.Filed.Re", Kind::Mail),
    ("IPM.Note.WorkSite.Ems.Queued", Kind::Mail),
    ("IPM.Note.Agenda", Kind::Mail),
    ("IPM.InfoPathForm.Expenses", Kind::Form),
    ("IPM.InfoPathForm.Expenses.SMIME", Kind::EncryptedMail),
    ("IPM.InfoPathForm.Expenses.SMIME.MultipartSigned", Kind::SignedMail),
    ("REPORT.IPM.Note.DR", Kind::Report(ReportKind::Delivery)),
    ("REPORT.IPM.Note.NDR", Kind::Report(ReportKind::NonDelivery)),
    ("REPORT.IPM.Note.Delayed.DR", Kind::Report(ReportKind::Delayed)),
    ("REPORT.IPM.Note.DELAYED", Kind::Report(ReportKind::Delayed)),
    ("REPORT.IPM.Note.Relayed.DR", Kind::Report(ReportKind::Relayed)),
    ("REPORT.IPM.Note.Expanded.DR", Kind::Report(ReportKind::Expanded)),
    ("Report.IPM.Note.IPNRN", Kind::Report(ReportKind::Read)),
    ("REPORT.IPM.Note.IPNNRN", Kind::Report(ReportKind::NotRead)),
    ("REPORT.IPM.Note.SMIME.NDR", Kind::Report(ReportKind::NonDelivery)),
    ("REPORT.IPM.Note.SMIME.MultipartSigned.DR", Kind::Report(ReportKind::Delivery)),
    ("REPORT.IPM.Schedule.Meeting.Resp.Pos.NDR", Kind::Report(ReportKind::NonDelivery)),
    ("REPORT.IPM.Schedule.Meeting.Request.IPNRN", Kind::Report(ReportKind::Read)),
    ("REPORT.IPM.TaskRequest.DR", Kind::Report(ReportKind::Delivery)),
    ("REPORT.IPM.Outlook.Recall.NDR", Kind::Report(ReportKind::NonDelivery)),
    ("REPORT.IPM.Note", Kind::Report(ReportKind::Other)),
    ("REPORT", Kind::Report(ReportKind::Other)),
    ("IPM.Schedule.Meeting.Request", Kind::Meeting(MeetingKind::Request)),
    ("IPM.Schedule.Meeting.Canceled", Kind::Meeting(MeetingKind::Cancellation)),
    ("IPM.Schedule.Meeting.Resp.Pos", Kind::Meeting(MeetingKind::Accepted)),
    ("IPM.Schedule.Meeting.Resp.Tent", Kind::Meeting(MeetingKind::Tentative)),
    ("IPM.Schedule.Meeting.Resp.Neg", Kind::Meeting(MeetingKind::Declined)),
    ("IPM.Schedule.Meeting.Resp", Kind::Meeting(MeetingKind::Response)),
    ("IPM.Schedule.Meeting", Kind::Meeting(MeetingKind::Other)),
    ("IPM.Schedule", Kind::Meeting(MeetingKind::Other)),
    ("IPM.Schedule.Inquiry", Kind::Meeting(MeetingKind::Other)),
    ("IPM.Schedule.Meeting.Notification.Forward", Kind::Meeting(MeetingKind::ForwardNotice)),
    ("IPM.Schedule.Meeting.Request.NDR", Kind::Report(ReportKind::NonDelivery)),
    ("IPM.Schedule.Meeting.Request.DR", Kind::Report(ReportKind::Delivery)),
    ("IPM.Schedule.Meeting.Resp.Pos.IPNRN", Kind::Report(ReportKind::Read)),
    ("IPM.Schedule.Meeting.Canceled.IPNNRN", Kind::Report(ReportKind::NotRead)),
    ("IPM.Notification.Meeting", Kind::Meeting(MeetingKind::Other)),
    ("IPM.Notification.Meeting.Forward", Kind::Meeting(MeetingKind::ForwardNotice)),
    ("IPM.Appointment", Kind::Appointment),
    ("IPM.Appointment.Occurrence", Kind::Appointment),
    ("IPM.Appointment.Live Meeting Request", Kind::Appointment),
    ("IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}", Kind::AppointmentException),
    ("IPM.Task", Kind::Task),
    ("IPM.Task.Own", Kind::Task),
    ("IPM.TaskRequest", Kind::TaskMail),
    ("IPM.TaskRequest.Accept", Kind::TaskMail),
    ("IPM.Contact", Kind::Contact),
    ("IPM.AbchPerson", Kind::Contact),
    ("IPM.DistList", Kind::DistributionList),
    ("IPM.StickyNote", Kind::Note),
    ("IPM.Activity", Kind::Activity),
    ("IPM.Post", Kind::Post),
    ("IPM.Post.Rss", Kind::FeedPost),
    ("IPM.Document.Word.Document.8", Kind::Document),
    ("IPM.File", Kind::Document),
    ("IPM.Sharing", Kind::Sharing),
    ("IPM.Sharing.Binding.In", Kind::Configuration),
    ("IPM.Outlook.Recall", Kind::RecallRequest),
    ("IPM.Recall.Report.Success", Kind::RecallReport),
    ("IPM.Report", Kind::OldForm),
    ("IPM.Resend", Kind::OldForm),
    ("IPM.Remote", Kind::OldForm),
    ("IPM.Conflict.Message", Kind::Conflict),
    ("IPM.Conflict.Resolution.Message", Kind::Conflict),
    ("IPM.Configuration.Calendar", Kind::Configuration),
    ("IPM.Rule.Message", Kind::Configuration),
    ("IPM.ExtendedRule.Message", Kind::Configuration),
    ("IPM.RuleOrganizer", Kind::Configuration),
    ("IPM.MessageManager", Kind::Configuration),
    ("IPM.Microsoft.FolderDesign.NamedView", Kind::Configuration),
    ("IPM.Microsoft.WunderBar.Link", Kind::Configuration),
    ("IPC.MS.REN.USERFIELDS", Kind::Configuration),
    ("IPM", Kind::Unknown),
    ("IPM.Notebook", Kind::Unknown),
    ("IPM.Contacts", Kind::Unknown),
    ("REPORTS.IPM.Note.NDR", Kind::Unknown),
    ("something", Kind::Unknown),
    ("", Kind::Unclassified),
    (" \0", Kind::Unclassified),
];

#[test]
fn known_classes_are_what_they_are_known_to_be() {
    for (class, kind) in KNOWN {
        for spelling in [(*class).to_owned(), class.to_ascii_lowercase(), format!(" {}.\0", class.to_ascii_uppercase())]
        {
            assert_eq!(classify(Some(&spelling)).kind, *kind, "{spelling:?}");
        }
    }
    assert_eq!(classify(None).kind, Kind::Unclassified);
    assert_eq!(classify(Some(".")).kind, Kind::Unclassified);
}

#[test]
fn every_row_decides_about_one_of_the_known_classes() {
    let rules: Vec<&str> = KNOWN.iter().map(|(class, _)| classify(Some(class)).rule).collect();
    for row in table::REPORTS.iter().chain(table::CLASSES) {
        assert!(rules.contains(&row.pattern), "no known class for {}", row.pattern);
    }
}

#[test]
fn no_pattern_is_listed_twice() {
    let mut patterns: Vec<&str> = table::REPORTS.iter().chain(table::CLASSES).map(|row| row.pattern).collect();
    patterns.extend(table::STUBS.iter().map(|row| row.pattern));
    let count = patterns.len();
    patterns.sort_unstable();
    patterns.dedup();
    assert_eq!(patterns.len(), count);
}

#[test]
fn stubs() {
    use Evidence::{Seen, Told};
    use StubContent::{Partial, Pointer, Whole};
    for (class, kind, product, evidence, content) in [
        ("IPM.Note.EnterpriseVault.Shortcut", Kind::Stub, Some("Enterprise Vault"), Seen, Pointer),
        ("IPM.Note.EnterpriseVault.Shortcut.DeleteMe", Kind::Stub, Some("Enterprise Vault"), Seen, Pointer),
        ("IPM.Note.EnterpriseVault.Shortcut.RestoreMe", Kind::Stub, Some("Enterprise Vault"), Seen, Pointer),
        ("IPM.Appointment.EnterpriseVault.Shortcut", Kind::Stub, Some("Enterprise Vault"), Seen, Pointer),
        ("IPM.Note.SMIME.EnterpriseVault.Shortcut", Kind::Stub, Some("Enterprise Vault"), Seen, Pointer),
        ("IPM.Note.EnterpriseVault.PendingArchive", Kind::Mail, Some("Enterprise Vault"), Seen, Whole),
        ("IPM.Note.EnterpriseVault.PendingArchive.ArchiveMe", Kind::Mail, Some("Enterprise Vault"), Seen, Whole),
        ("IPM.Note.EAS", Kind::Stub, Some("EAS (Educom, Zantaz, Autonomy, HP)"), Seen, Partial),
        ("IPM.Note.CommVault.Galaxy.Stub", Kind::Stub, Some("Commvault"), Seen, Pointer),
        ("IPM.Note.BMA.Stub", Kind::Stub, Some("Barracuda Message Archiver"), Seen, Partial),
        ("IPM.ixos-archive", Kind::Stub, Some("OpenText / IXOS LiveLink"), Seen, Pointer),
        ("IPM.Note.ExShortcut", Kind::Stub, Some("EMC EmailXtender / SourceOne"), Told, Pointer),
        ("IPM.Note.EMailXtender.X", Kind::Mail, Some("EMC EmailXtender / SourceOne"), Told, Pointer),
        ("IPM.Note.SourceOne", Kind::Mail, Some("EMC EmailXtender / SourceOne"), Told, Pointer),
        ("IPM.Note.ArchiveOne", Kind::Mail, Some("C2C / Barracuda ArchiveOne"), Told, Pointer),
        ("IPM.Note.GFI.Archived", Kind::Mail, Some("GFI"), Told, Pointer),
        ("IPM.Somebody.ShortCut", Kind::Stub, None, Seen, Pointer),
        ("REPORT.IPM.Note.EnterpriseVault.Shortcut.NDR", Kind::Stub, Some("Enterprise Vault"), Seen, Pointer),
    ] {
        let found = classify(Some(class));
        assert_eq!((found.kind, found.stub), (kind, Some(Stub { product, evidence, content })), "{class}");
    }
    // Every row that was only told of remarks on the class it names, and leaves it what it is.
    for row in table::STUBS.iter().filter(|row| row.stub.evidence == Told && !row.pattern.contains("Shortcut")) {
        let found = classify(Some(&row.pattern.replace('*', ".x")));
        assert_eq!((found.kind, found.stub), (Kind::Mail, Some(row.stub)), "{}", row.pattern);
    }
    for class in ["IPM.Note", "IPM.Note.EASY", "IPM.Note.WorkSite.Ems.Filed", "IPM.Note.CommVault"] {
        assert_eq!(classify(Some(class)).stub, None, "{class}");
    }
}

#[test]
fn the_rule_is_the_most_specific_row() {
    for (class, rule) in [
        ("IPM.Note", "IPM.Note(.*)"),
        ("ipm.note.smime.multipartsigned", "IPM.Note.SMIME.MultipartSigned(.*)"),
        ("REPORT.IPM.Note.Delayed.DR", "REPORT.*.Delayed.DR"),
        ("IPM.Other.Shortcut", "*shortcut*"),
        ("x", "(unknown)"),
        ("", "(no class)"),
    ] {
        assert_eq!(classify(Some(class)).rule, rule);
    }
}

#[test]
fn what_a_report_is_about() {
    for (class, about) in [
        ("REPORT.IPM.Note.NDR", Some("ipm.note")),
        ("REPORT.IPM.Note.SMIME.MultipartSigned.Delayed.DR", Some("ipm.note.smime.multipartsigned")),
        ("IPM.Schedule.Meeting.Request.NDR", Some("ipm.schedule.meeting.request")),
        ("REPORT.IPM.Note", None),
        ("IPM.Note", None),
    ] {
        assert_eq!(classify(Some(class)).reported_class(), about, "{class}");
    }
}

#[test]
fn classes_of_mime() {
    let plain = MimeFacts::default;
    let report = |report_type, actions: &[&'static str], disposition| MimeFacts {
        content_type: Some("Multipart/Report"),
        report_type: Some(report_type),
        delivery_actions: actions.to_vec(),
        disposition,
        ..plain()
    };
    let calendar = |method, participation| MimeFacts {
        content_type: Some("multipart/alternative"),
        calendar: Some(CalendarMethod { method: Some(method), participation }),
        ..plain()
    };
    let typed = |content_type| MimeFacts { content_type: Some(content_type), ..plain() };
    let content_class = |content_class| MimeFacts { content_class: Some(content_class), ..plain() };
    for (facts, class, rule) in [
        (plain(), "IPM.Note", "default"),
        (typed("multipart/mixed"), "IPM.Note", "default"),
        (typed("multipart/signed"), "IPM.Note.SMIME.MultipartSigned", "multipart-signed"),
        (typed("application/pkcs7-mime"), "IPM.Note.SMIME", "smime"),
        (typed("application/X-PKCS7-mime"), "IPM.Note.SMIME", "smime"),
        (
            MimeFacts { smime_type: Some("signed-receipt"), ..typed("application/pkcs7-mime") },
            "IPM.Note.Receipt.SMIME",
            "smime-receipt",
        ),
        (MimeFacts { file_name: Some("smime.P7M"), ..typed("application/octet-stream") }, "IPM.Note.SMIME", "smime"),
        (MimeFacts { file_name: Some("report.doc"), ..typed("application/octet-stream") }, "IPM.Note", "default"),
        (
            report("delivery-status", &["delivered", "failed", "delayed"], None),
            "REPORT.IPM.Note.NDR",
            "delivery-status",
        ),
        (
            report("Delivery-Status", &["Delayed (4 h)", "relayed"], None),
            "REPORT.IPM.Note.Delayed.DR",
            "delivery-status",
        ),
        (report("delivery-status", &["relayed", "expanded"], None), "REPORT.IPM.Note.Relayed.DR", "delivery-status"),
        (report("delivery-status", &["expanded", "delivered"], None), "REPORT.IPM.Note.Expanded.DR", "delivery-status"),
        (report("delivery-status", &["delivered"], None), "REPORT.IPM.Note.DR", "delivery-status"),
        (report("delivery-status", &[], None), "IPM.Note", "report-without-status"),
        (
            report("disposition-notification", &[], Some("manual-action/MDN-sent-manually; displayed")),
            "REPORT.IPM.Note.IPNRN",
            "disposition-notification",
        ),
        (
            report("disposition-notification", &[], Some("automatic-action/MDN-sent-automatically; deleted/error")),
            "REPORT.IPM.Note.IPNNRN",
            "disposition-notification",
        ),
        (
            report("disposition-notification", &[], Some("manual-action/MDN-sent-manually; processed")),
            "IPM.Note",
            "disposition-unknown",
        ),
        (MimeFacts { smime_type: Some("certs-only"), ..typed("application/pkcs7-mime") }, "IPM.Note", "smime-other"),
        (report("disposition-notification", &[], None), "IPM.Note", "report-without-status"),
        (report("feedback-report", &[], None), "IPM.Note", "default"),
        (calendar("REQUEST", None), "IPM.Schedule.Meeting.Request", "calendar"),
        (calendar("cancel", None), "IPM.Schedule.Meeting.Canceled", "calendar"),
        (calendar("REPLY", Some("ACCEPTED")), "IPM.Schedule.Meeting.Resp.Pos", "calendar"),
        (calendar("REPLY", Some("declined")), "IPM.Schedule.Meeting.Resp.Neg", "calendar"),
        (calendar("REPLY", Some("TENTATIVE")), "IPM.Schedule.Meeting.Resp.Tent", "calendar"),
        (calendar("COUNTER", None), "IPM.Schedule.Meeting.Resp.Tent", "calendar"),
        (calendar("PUBLISH", None), "IPM.Appointment", "calendar"),
        (calendar("REPLY", None), "IPM.Note", "default"),
        (content_class("Voice-CA"), "IPM.Note.Microsoft.Voicemail.UM.CA", "content-class"),
        (content_class("fax"), "IPM.Note.Microsoft.Fax", "content-class"),
        (content_class("missedcall"), "IPM.Note.Microsoft.Missed.Voice", "content-class"),
        (content_class("urn:content-class:custom.Expenses"), "IPM.Note.Custom.Expenses", "content-class"),
        (content_class("InfoPathForm.Trip"), "IPM.InfoPathForm.Trip", "content-class"),
        (content_class("urn:content-classes:message"), "IPM.Note", "default"),
        // The structure goes before the header.
        (
            MimeFacts { content_class: Some("fax"), ..typed("multipart/signed") },
            "IPM.Note.SMIME.MultipartSigned",
            "multipart-signed",
        ),
        (MimeFacts { tnef_class: Some("IPM.Task"), ..typed("multipart/mixed") }, "IPM.Task", "tnef"),
    ] {
        let found = class_of_mime(&facts);
        assert_eq!((found.class.as_ref(), found.rule), (class, rule), "{facts:?}");
    }
    for (header, automatic) in [
        (None, false),
        (Some("no"), false),
        (Some("NO (really)"), false),
        (Some("auto-replied"), true),
        (Some(""), false),
    ] {
        assert_eq!(class_of_mime(&MimeFacts { auto_submitted: header, ..plain() }).automatic, automatic, "{header:?}");
    }
}
