//! Reports: what happened to a mail (MS-OXCMAIL 2.2.3.7; RFC 3464, RFC 8098).

use encodify::base64;

use super::Conversion;
use super::people::ORIGINAL;
use super::structure::Plan;
use crate::Result;
use crate::convert::LossKind;
use crate::ltp::id;
use crate::mime::{Date, Mail, Part};
use crate::write::{MessageDraft, Properties, Target, recipient_row};

/// PidTagRecipientType.
const TO: i32 = 1;
const PARENT_KEY: u16 = 0x0025;
const REPORT_TIME: u16 = 0x0032;
const ORIGINAL_SUBJECT: u16 = 0x0049;
const ORIGINAL_SUBMIT_TIME: u16 = 0x004E;
const REPORT_DISPOSITION: u16 = 0x0080;
const REPORT_DISPOSITION_MODE: u16 = 0x0081;
const REASON_CODE: u16 = 0x0C04;
const DIAG_CODE: u16 = 0x0C05;
const SUPPLEMENTARY_INFO: u16 = 0x0C1B;
const STATUS_CODE: u16 = 0x0C20;
const REMOTE_MTA: u16 = 0x0C21;
const ORIGINAL_MESSAGE_ID: u16 = 0x1046;
const REPORTING_MTA: u16 = 0x6820;

/// Recipients of one report that become rows.
const MOST_RECIPIENTS: usize = 10_000;

/// A status part is small.
const MOST_STATUS: usize = 16 << 20;

/// Fields of a status part: twenty for each recipient. One takes 80 bytes of memory and three of the part.
const MOST_FIELDS: usize = 20 * MOST_RECIPIENTS;

/// A group of fields, as a header has them.
struct Group(Vec<(String, String)>);

impl Group {
    /// The groups of a status part, which empty lines separate, and whether they are all there are.
    fn all(text: &str) -> (Vec<Self>, bool) {
        let mut groups = vec![Self(Vec::new())];
        let (mut room, mut are_all) = (MOST_FIELDS, true);
        for line in text.lines() {
            let is_folded = line.starts_with([' ', '\t']);
            let Some(Self(fields)) = groups.last_mut() else { break };
            if line.trim().is_empty() {
                if !fields.is_empty() {
                    groups.push(Self(Vec::new()));
                }
            } else if let (true, Some((_, value))) = (is_folded, fields.last_mut()) {
                value.push(' ');
                value.push_str(line.trim());
            } else if let Some((name, value)) = line.split_once(':') {
                let Some(left) = room.checked_sub(1) else {
                    are_all = false;
                    break;
                };
                room = left;
                fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        groups.retain(|group| !group.0.is_empty());
        (groups, are_all)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The value behind `type;`.
    fn typed(&self, name: &str) -> Option<&str> {
        let value = self.get(name)?;
        Some(value.split_once(';').map_or(value, |(_, value)| value).trim()).filter(|value| !value.is_empty())
    }

    /// Fields that are not among these.
    fn others(&self, known: &[&str]) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).filter(|name| !known.contains(name)).collect()
    }
}

/// What happened to a recipient's copy, the worst last (2.2.3.7.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    Delivered,
    Expanded,
    Relayed,
    Delayed,
    Failed,
}

impl Action {
    fn of(group: &Group) -> Option<Self> {
        let word = group.get("action")?.split([' ', '(', ';']).next()?.to_ascii_lowercase();
        Some(match word.as_str() {
            "delivered" => Self::Delivered,
            "expanded" => Self::Expanded,
            "relayed" => Self::Relayed,
            "delayed" => Self::Delayed,
            "failed" => Self::Failed,
            _ => return None,
        })
    }

    fn class(self) -> &'static str {
        match self {
            Self::Delivered => "REPORT.IPM.Note.DR",
            Self::Expanded => "REPORT.IPM.Note.Expanded.DR",
            Self::Relayed => "REPORT.IPM.Note.Relayed.DR",
            Self::Delayed => "REPORT.IPM.Note.Delayed.DR",
            Self::Failed => "REPORT.IPM.Note.NDR",
        }
    }
}

impl<T: Target> Conversion<'_, T> {
    /// Makes a report of a multipart/report; false, and nothing done, if it is none.
    pub(super) fn report(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) -> Result<bool> {
        let root = mail.root();
        if !root.content_type().is("multipart", "report") || !root.is_multipart() {
            return Ok(false);
        }
        let find = |subtypes: &[&str]| {
            root.children().find(|part| {
                let kind = part.content_type();
                kind.kind == "message" && subtypes.contains(&kind.subtype.as_str()) && part.body().len() <= MOST_STATUS
            })
        };
        if let Some(status) = find(&["delivery-status", "global-delivery-status"]) {
            if self.delivery(mail, &status, draft) {
                self.around_status(mail, &status, draft)?;
                return Ok(true);
            }
            self.lose_of(&status, LossKind::Changed, "tells of nobody; the report is an ordinary mail");
        } else if let Some(status) = find(&["disposition-notification", "global-disposition-notification"]) {
            if self.disposition(&status, draft) {
                self.recipients(mail, draft);
                self.around_status(mail, &status, draft)?;
                return Ok(true);
            }
            self.lose_of(&status, LossKind::Changed, "neither read nor deleted; the report is an ordinary mail");
        }
        Ok(false)
    }

    /// Body and attachments of a report: the first part is the text for people, the status part is in properties.
    fn around_status(&mut self, mail: &Mail<'_>, status: &Part<'_>, draft: &mut MessageDraft) -> Result<()> {
        let root = mail.root();
        let mut plan = match root.children().next().filter(|first| first.index() != status.index()) {
            Some(first) => Plan::of(first),
            None => Plan::default(),
        };
        for part in root.children().skip(1).filter(|part| part.index() != status.index()) {
            plan.file(part);
        }
        plan.multiparts.push(root);
        self.original(&root, draft);
        self.rest_of(status, false);
        self.content(&mut plan, draft)
    }

    /// What the report is about, from the mail or the headers in it.
    fn original(&mut self, root: &Part<'_>, draft: &mut MessageDraft) {
        let Some(part) =
            root.children().find(|part| part.is_message() || part.content_type().is("text", "rfc822-headers"))
        else {
            return;
        };
        let bytes = part.decoded();
        let original = Mail::parse(&bytes);
        let properties = draft.properties();
        let texts = [("Subject", ORIGINAL_SUBJECT), ("Message-ID", ORIGINAL_MESSAGE_ID)];
        for (name, property) in texts {
            if let Some(text) = original.header_text(name).filter(|_| !properties.contains(property)) {
                properties.text(property, text.trim().replace('\0', ""));
            }
        }
        if let Some(time) = original.date().and_then(Date::to_file_time) {
            properties.time(ORIGINAL_SUBMIT_TIME, time);
        }
        if let Some(from) = original.from().first() {
            ORIGINAL.set(properties, from);
        }
    }

    /// Class and recipients of a delivery report (2.2.3.7.1); false if it tells of nobody.
    fn delivery(&mut self, mail: &Mail<'_>, status: &Part<'_>, draft: &mut MessageDraft) -> bool {
        let (groups, are_all) = Group::all(&status.text());
        let Some(worst) = groups.iter().filter_map(Action::of).max() else { return false };
        let about =
            |group: &Group| group.typed("final-recipient").or(group.typed("original-recipient")).map(str::to_owned);
        if !groups.iter().any(|group| Action::of(group) == Some(worst) && about(group).is_some()) {
            return false;
        }
        if !are_all {
            self.lose_of(status, LossKind::TooLarge, format!("more than {MOST_FIELDS} fields; the rest is left out"));
        }
        draft.properties().text(id::MESSAGE_CLASS, worst.class());
        self.receiver(mail, draft);
        let report_time = mail.date().and_then(Date::to_file_time);
        if let Some(time) = report_time {
            draft.properties().time(REPORT_TIME, time);
        }
        let mut names = Vec::new();
        for (group, number) in groups.iter().zip(0..) {
            let Some(action) = Action::of(group) else {
                self.per_message(group, number, draft);
                continue;
            };
            let Some(address) = about(group).filter(|_| action == worst && names.len() < MOST_RECIPIENTS) else {
                // A report has one class for all.
                let detail = format!("recipient {number}: {}", group.get("action").unwrap_or_default());
                self.lose_of(status, LossKind::NoPlace, detail);
                continue;
            };
            let address = self.clean(&address, "Final-Recipient");
            let name =
                group.get("x-display-name").map_or_else(|| address.clone(), |name| self.clean(name, "X-Display-Name"));
            let mut row = recipient_row(TO, &name, &address);
            self.outcome(group, &mut row);
            if let Some(time) = report_time {
                row.time(REPORT_TIME, time);
            }
            const KEPT: [&str; 7] = [
                "final-recipient",
                "action",
                "status",
                "remote-mta",
                "diagnostic-code",
                "x-display-name",
                "x-supplementary-info",
            ];
            let others = group.others(&KEPT);
            if !others.is_empty() {
                self.lose_of(status, LossKind::NoPlace, format!("recipient {number}: {}", others.join(", ")));
            }
            draft.recipient_row(row);
            names.push(name);
        }
        draft.properties().text(id::DISPLAY_TO, names.join("; "));
        true
    }

    /// The fields about the whole report.
    fn per_message(&mut self, group: &Group, number: usize, draft: &mut MessageDraft) {
        if let Some(mta) = group.typed("reporting-mta") {
            let mta = self.clean(mta, "Reporting-MTA");
            draft.properties().text(REPORTING_MTA, mta);
        }
        let others = group.others(&["reporting-mta"]);
        if !others.is_empty() {
            self.lose(LossKind::NoPlace, format!("report, group {number}: {}", others.join(", ")));
        }
    }

    /// Status and diagnostic of one recipient (2.2.3.7.1.2, 2.2.3.7.1.3).
    fn outcome(&mut self, group: &Group, row: &mut Properties) {
        let remote = group.typed("remote-mta").map(|mta| self.clean(mta, "Remote-MTA"));
        if let Some(remote) = &remote {
            row.text(REMOTE_MTA, remote.as_str());
        }
        let status =
            group.get("status").and_then(|status| status.split([' ', '(']).next()).filter(|text| !text.is_empty());
        let info = match (group.get("x-supplementary-info"), status) {
            (Some(info), _) => Some(info.to_owned()),
            (None, Some(status)) => {
                let remote = remote.map(|remote| format!("{remote} ")).unwrap_or_default();
                let code = group.get("diagnostic-code").map(|code| format!(" {code}")).unwrap_or_default();
                Some(format!("<{remote}#{status}{code}>"))
            }
            (None, None) => group.get("diagnostic-code").map(str::to_owned),
        };
        if let Some(info) = info {
            let info = self.clean(&info, "diagnostics");
            row.text(SUPPLEMENTARY_INFO, info);
        }
        if let Some((class, subject, detail)) = status.and_then(status_numbers) {
            let code = class.saturating_mul(100).saturating_add(subject.saturating_mul(10)).saturating_add(detail);
            let (diagnostic, reason) = diagnosis(subject, detail);
            row.integer32(STATUS_CODE, code).integer32(DIAG_CODE, diagnostic).integer32(REASON_CODE, reason);
        }
    }

    /// Class and fields of a report on reading (2.2.3.7.2); false if it tells neither.
    fn disposition(&mut self, status: &Part<'_>, draft: &mut MessageDraft) -> bool {
        let (groups, _) = Group::all(&status.text());
        let Some(group) = groups.first() else { return false };
        // `manual-action/MDN-sent-manually; displayed/modifier`
        let Some((mode, kind)) = group.get("disposition").and_then(|value| value.split_once(';')) else { return false };
        let kind = kind.split(['/', ' ', ',']).find(|word| !word.is_empty()).unwrap_or_default().to_ascii_lowercase();
        let class = match kind.as_str() {
            "displayed" => "REPORT.IPM.Note.IPNRN",
            "deleted" => "REPORT.IPM.Note.IPNNRN",
            _ => return false,
        };
        let mode = self.clean(mode.trim(), "Disposition");
        draft
            .properties()
            .text(id::MESSAGE_CLASS, class)
            .text(REPORT_DISPOSITION, kind)
            .text(REPORT_DISPOSITION_MODE, mode);
        if let Some(original) = group.get("original-message-id") {
            let original = self.clean(original, "Original-Message-ID");
            draft.properties().text(ORIGINAL_MESSAGE_ID, original);
        }
        if let Some(key) = group.get("x-msexch-correlation-key") {
            let text: String = key.split_whitespace().collect();
            match base64::LENIENT.decode(&text) {
                Ok(key) => {
                    draft.properties().binary(PARENT_KEY, key);
                }
                Err(_) => self.lose_of(status, LossKind::NoPlace, "x-msexch-correlation-key: no base64"),
            }
        }
        let others = group.others(&["disposition", "original-message-id", "x-msexch-correlation-key"]);
        if !others.is_empty() {
            self.lose_of(status, LossKind::NoPlace, others.join(", "));
        }
        true
    }
}

/// The three numbers of `5.1.1`; a subject or detail above 9 counts as 0.
fn status_numbers(status: &str) -> Option<(i32, i32, i32)> {
    let mut numbers =
        status.split('.').map(|part| part.parse::<i32>().ok().filter(|number| (0..1000).contains(number)));
    let class = numbers.next()?.filter(|class| matches!(class, 2 | 4 | 5))?;
    let small = |number: i32| if number > 9 { 0 } else { number };
    let (subject, detail) = (small(numbers.next()??), small(numbers.next()??));
    numbers.next().is_none().then_some((class, subject, detail))
}

/// PidTagNonDeliveryReportDiagCode and ...ReasonCode of a status (2.2.3.7.1.3).
fn diagnosis(subject: i32, detail: i32) -> (i32, i32) {
    /// No diagnostic.
    const NONE: i32 = -1;
    match (subject, detail) {
        (1, 1) => (35, 1),
        (1, 2) => (48, 0),
        (1, 3) => (32, 0),
        (1, 4) => (1, 0),
        (1, 6) => (40, 0),
        (1, _) => (0, 0),
        (2, 2 | 3) => (13, 0),
        (2, 4) => (30, 0),
        (2, _) => (38, 0),
        (3, 2) => (NONE, 0),
        (3, 3 | 5) => (18, 0),
        (3, 4) => (13, 0),
        (3, _) => (38, 0),
        (4, 0 | 4) => (NONE, 0),
        (4, 3) => (NONE, 6),
        (4, 6 | 8) => (3, 0),
        (4, 7) => (5, 0),
        (4, _) => (2, 0),
        (5, 3) => (16, 0),
        (5, 4) => (11, 0),
        (5, _) => (17, 0),
        (6, 2) => (9, 0),
        (6, 3) => (8, 0),
        (6, 4) => (25, 0),
        (6, 5) => (NONE, 2),
        (6, _) => (15, 0),
        (7, 1) => (29, 0),
        (7, 2) => (28, 0),
        (7, 3) => (26, 0),
        (7, _) => (46, 0),
        _ => (NONE, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_codes() {
        assert_eq!(status_numbers("5.1.1"), Some((5, 1, 1)));
        assert_eq!(status_numbers("4.10.7"), Some((4, 0, 7)));
        for status in ["", "5", "5.1", "3.1.1", "5.1.1.1", "5.x.1", "5.1.1000", "5.-1.1"] {
            assert_eq!(status_numbers(status), None, "{status}");
        }
        assert_eq!(diagnosis(1, 1), (35, 1));
        assert_eq!(diagnosis(0, 0), (-1, 0));
    }

    #[test]
    fn fields_are_bounded() {
        let (groups, are_all) = Group::all(&"a:\n\n".repeat(MOST_FIELDS));
        assert_eq!((groups.len(), are_all), (MOST_FIELDS, true));
        let (groups, are_all) = Group::all(&"a:\n".repeat(MOST_FIELDS + 1));
        assert_eq!((groups.len(), groups[0].0.len(), are_all), (1, MOST_FIELDS, false));
    }

    #[test]
    fn groups_of_fields() {
        let (groups, are_all) = Group::all(
            "Reporting-MTA: dns; a.example\r\n\r\n\r\nAction: failed\r\nDiagnostic-Code: smtp;\r\n 550 no\r\n\r\n",
        );
        assert_eq!((groups.len(), are_all), (2, true));
        assert_eq!(groups[0].typed("reporting-mta"), Some("a.example"));
        assert_eq!(groups[1].get("diagnostic-code"), Some("smtp; 550 no"));
        assert_eq!(Action::of(&groups[1]), Some(Action::Failed));
        assert!(Action::Failed > Action::Delayed && Action::Delayed > Action::Relayed);
    }
}
