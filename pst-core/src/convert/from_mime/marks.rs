//! What became of a mail where it was kept: read, answered, flagged.
//!
//! A mail itself does not know. Programs that keep mail in files write it into fields of their own:
//!
//! | field | written by | says |
//! |---|---|---|
//! | `Status`, `X-Status` | mbox programs since mailx | `R` read; `A` answered, `F` flagged, `T` draft, `D` deleted |
//! | `X-Mozilla-Status` | Thunderbird | bits in hex: 1 read, 2 answered, 4 flagged, 8 deleted, 1000 forwarded |
//! | `X-Gmail-Labels` | Google Takeout | `Unread`, `Opened`, `Starred`, `Drafts`, in English |
//! | `X-Unsent` | Outlook | 1 for a draft |
//! | property list behind the mail | Apple Mail | bits of `flags`: 1 read, 2 deleted, 4 answered, 0x10 flagged, 0x40 draft, 0x100 forwarded |

use crate::mime::Mail;
use crate::write::MessageDraft;

/// PidTagToDoItemFlags, PidTagIconIndex, PidTagLastVerbExecuted, PidTagFlagStatus and PidTagFollowupIcon.
const TO_DO_ITEM_FLAGS: u16 = 0x0E2B;
const ICON_INDEX: u16 = 0x1080;
const LAST_VERB_EXECUTED: u16 = 0x1081;
const FLAG_STATUS: u16 = 0x1090;
const FOLLOWUP_ICON: u16 = 0x1095;

/// What became of a mail where it was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Marks {
    /// It was read, or it was not; `None` if nobody says.
    pub read: Option<bool>,
    /// It was answered.
    pub answered: bool,
    /// It was passed on.
    pub forwarded: bool,
    /// Somebody flagged it.
    pub flagged: bool,
    /// It is being written and was not sent.
    pub draft: bool,
    /// It is marked to be deleted, which an item of a store cannot say.
    pub deleted: bool,
}

impl Marks {
    /// What the fields of a mail and the property list behind it say.
    pub fn of_mail(mail: &Mail<'_>) -> Self {
        let mut marks = Self::default();
        if let Some(status) = mail.header_text("Status") {
            marks.read = Some(status.contains('R'));
        }
        let status = mail.header_text("X-Status").unwrap_or_default();
        marks.answered = status.contains('A');
        marks.flagged = status.contains('F');
        marks.draft = status.contains('T');
        marks.deleted = status.contains('D');
        let mozilla = mail.header_text("X-Mozilla-Status").and_then(|text| u32::from_str_radix(text.trim(), 16).ok());
        if let Some(bits) = mozilla {
            marks.bits(bits.into(), &[1, 2, 4, 8, 0x1000, 0]);
        }
        if let Some(bits) = mail.property_list().and_then(apple_flags) {
            marks.bits(bits, &[1, 4, 0x10, 2, 0x100, 0x40]);
        }
        for label in labels(mail) {
            match label.as_str() {
                "Unread" => marks.read = Some(false),
                "Opened" if marks.read.is_none() => marks.read = Some(true),
                "Starred" => marks.flagged = true,
                "Draft" | "Drafts" => marks.draft = true,
                _ => {}
            }
        }
        marks.draft |= mail.header_text("X-Unsent").is_some_and(|text| text.trim() == "1");
        marks
    }

    /// Takes over the bits for read, answered, flagged, deleted, forwarded and draft.
    fn bits(&mut self, bits: u64, meanings: &[u64; 6]) {
        let [read, answered, flagged, deleted, forwarded, draft] = meanings.map(|bit| bits & bit != 0);
        self.read = self.read.or(Some(read));
        self.answered |= answered;
        self.flagged |= flagged;
        self.deleted |= deleted;
        self.forwarded |= forwarded;
        self.draft |= draft;
    }

    /// These marks and those that somebody else tells, whose word on whether it was read goes first.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            read: other.read.or(self.read),
            answered: self.answered | other.answered,
            forwarded: self.forwarded | other.forwarded,
            flagged: self.flagged | other.flagged,
            draft: self.draft | other.draft,
            deleted: self.deleted | other.deleted,
        }
    }

    /// Sets the properties that say so: PidTagMessageFlags, PidTagLastVerbExecuted and PidTagIconIndex (MS-OXOMSG 2.2.1.33),
    /// PidTagFlagStatus and its like (MS-OXOFLAG 2.2.1). A draft counts as read unless somebody says otherwise.
    pub fn set(&self, message: &mut MessageDraft) {
        if self.draft {
            message.unsent(true).read(true);
        }
        if let Some(read) = self.read {
            message.read(read);
        }
        // Reply to sender, forward, and the pictures for them.
        let verb = if self.answered { Some((102, 0x105)) } else { self.forwarded.then_some((104, 0x106)) };
        if let Some((verb, icon)) = verb {
            message.properties().integer32(LAST_VERB_EXECUTED, verb).integer32(ICON_INDEX, icon);
        }
        if self.flagged {
            message.properties().integer32(FLAG_STATUS, 2).integer32(FOLLOWUP_ICON, 6).integer32(TO_DO_ITEM_FLAGS, 1);
        }
    }
}

/// The number behind `<key>flags</key>` in a property list.
fn apple_flags(list: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(list).ok()?;
    let (_, rest) = text.split_once("<key>flags</key>")?;
    let (_, rest) = rest.split_once("<integer>")?;
    rest.split_once("</integer>")?.0.trim().parse().ok()
}

/// Labels of one mail that are looked at.
const MOST_LABELS: usize = 1000;

/// The labels of Google Mail: separated by commas, in quotes where they have one.
pub(super) fn labels(mail: &Mail<'_>) -> Vec<String> {
    let Some(text) = mail.header_text("X-Gmail-Labels") else { return Vec::new() };
    let (mut all, mut one, mut quoted) = (Vec::new(), String::new(), false);
    for character in text.chars().chain([',']) {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                let label = one.split_whitespace().collect::<Vec<_>>().join(" ");
                if !label.is_empty() && all.len() < MOST_LABELS {
                    all.push(label);
                }
                one.clear();
            }
            other => one.push(other),
        }
    }
    all
}

/// What a person called a mail: keywords of mbox programs, tags of Thunderbird, labels of Google Mail; without those that
/// programs set for themselves.
pub(super) fn words(mail: &Mail<'_>) -> Vec<String> {
    let mut words = Vec::new();
    for name in ["X-Keywords", "X-Mozilla-Keys"] {
        let text = mail.header_text(name).unwrap_or_default();
        let of_people = |word: &&str| {
            !word.starts_with('$') && !["junk", "nonjunk", "notjunk"].contains(&word.to_ascii_lowercase().as_str())
        };
        words.extend(text.split([' ', '\t', ',']).filter(|word| !word.is_empty()).filter(of_people).map(str::to_owned));
    }
    words.extend(labels(mail).into_iter().filter(|label| !["Unread", "Opened", "Starred"].contains(&label.as_str())));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(headers: &str) -> Marks {
        Marks::of_mail(&Mail::parse(format!("Subject: x\n{headers}\n\nHi\n").as_bytes()))
    }

    #[test]
    fn fields_of_many_programs() {
        let read = Marks { read: Some(true), ..Marks::default() };
        let unread = Marks { read: Some(false), ..Marks::default() };
        assert_eq!(marks("X-Other: R"), Marks::default());
        assert_eq!(marks("Status: RO"), read);
        assert_eq!(marks("Status: O"), unread);
        assert_eq!(marks("Status: RO\nX-Status: AF"), Marks { answered: true, flagged: true, ..read });
        assert_eq!(marks("Status: O\nX-Status: DT"), Marks { deleted: true, draft: true, ..unread });
        assert_eq!(marks("X-Mozilla-Status: 0001"), read);
        assert_eq!(marks("X-Mozilla-Status: 1007"), Marks { answered: true, flagged: true, forwarded: true, ..read });
        assert_eq!(marks("X-Mozilla-Status: 0008"), Marks { deleted: true, ..unread });
        assert_eq!(marks("X-Mozilla-Status: what"), Marks::default());
        assert_eq!(marks("X-Gmail-Labels: Inbox,Opened,Starred"), Marks { flagged: true, ..read });
        assert_eq!(marks("X-Gmail-Labels: Unread,\"Opened, once\""), unread);
        assert_eq!(marks("X-Unsent: 1"), Marks { draft: true, ..Marks::default() });
    }

    #[test]
    fn flags_of_apple_mail() {
        let mail = "16\nSubject: x\n\nHello\n<?xml version=\"1.0\"?>\n<plist><dict><key>flags</key>\n<integer>8590195733</integer>\n</dict></plist>\n";
        let mail = Mail::parse(mail.as_bytes());
        // 0x2_0002_0015: read, answered, flagged.
        let expected = Marks { read: Some(true), answered: true, flagged: true, ..Marks::default() };
        assert_eq!(mail.property_list().map(|_| Marks::of_mail(&mail)), Some(expected));
    }

    #[test]
    fn words_of_people() {
        let words_of = |headers: &str| words(&Mail::parse(format!("{headers}\n\n").as_bytes()));
        assert_eq!(words_of("X-Keywords: $Label1 NonJunk work   "), ["work"]);
        assert_eq!(words_of("X-Gmail-Labels: Inbox,Unread,\"Tax, 2020\",\n Work"), ["Inbox", "Tax, 2020", "Work"]);
    }
}
