//! Which folder a mail goes to, by where it stood.

use pst_core::messaging::SpecialFolder;

use crate::input::{Found, MaildirFlags, Within, maildir_folders};

/// The way from the top to the folder of a mail, and what its place tells of the mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) steps: Vec<Step>,
    /// What the name of its file in a maildir tells.
    pub(super) flags: Option<MaildirFlags>,
}

/// A folder on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) name: String,
    /// What mail programs use it for.
    pub(super) role: Option<SpecialFolder>,
    /// Its container class, if it is made here; that of a folder of mail unless set.
    pub(super) class: Option<String>,
}

impl Step {
    pub(super) fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// What mail programs use a folder of this name for. **Names that programs give files and directories on disk whatever
/// language they speak**, regardless of case: those of Thunderbird, Dovecot and Courier, Apple Mail, Evolution, Pine.
///
/// | folder | names |
/// |---|---|
/// | inbox | Inbox |
/// | sent items | Sent, Sent Items, Sent Messages, Sent-mail |
/// | drafts | Drafts |
/// | deleted items | Trash, Deleted Items, Deleted Messages |
/// | junk mail | Junk, Spam, Junk E-mail |
pub fn role_of(name: &str) -> Option<SpecialFolder> {
    Some(match name.to_ascii_lowercase().as_str() {
        "inbox" => SpecialFolder::Inbox,
        "sent" | "sent items" | "sent messages" | "sent-mail" => SpecialFolder::SentItems,
        "drafts" => SpecialFolder::Drafts,
        "trash" | "deleted items" | "deleted messages" => SpecialFolder::DeletedItems,
        "junk" | "spam" | "junk e-mail" => SpecialFolder::JunkMail,
        _ => return None,
    })
}

/// The folder of mail that stands in no directory.
const NO_DIRECTORY: &str = "Mail";

impl Way {
    /// The way of a mail.
    pub(super) fn of(found: &Found<'_>) -> Self {
        let mut names = found.place.folder.names().to_vec();
        let mut flags = found.flags.clone();
        let mut is_maildir = flags.is_some();
        if let (false, Some(entry)) = (is_maildir, found.place.entries.last())
            && let Some(packed) = packed_maildir(entry, &mut names)
        {
            (flags, is_maildir) = (Some(packed), true);
        }
        let is_mbox = matches!(found.place.within, Within::Offset(_));
        let names = plain(names, is_mbox);
        let mut steps: Vec<Step> = names.into_iter().map(Step::named).collect();
        match steps.first_mut() {
            Some(first) if is_mbox || is_maildir => first.role = role_of(&first.name),
            Some(_) => {}
            // A maildir that was given is itself the inbox.
            None if is_maildir => {
                let role = Some(SpecialFolder::Inbox);
                steps.push(Step { role, ..Step::named("Inbox") });
            }
            None => steps.push(Step::named(NO_DIRECTORY)),
        }
        Self { steps, flags }
    }
}

/// Names without what programs add to them for themselves.
fn plain(mut names: Vec<String>, is_mbox: bool) -> Vec<String> {
    let last = names.len().saturating_sub(1);
    // Apple Mail: the directory is the folder, and the file in it is always called so.
    let of_apple = names.len() > 1 && is_mbox && names.last().is_some_and(|name| name == "mbox");
    let is_packed = |name: &String| without(name, ".mbox").is_some();
    if of_apple && last.checked_sub(1).and_then(|at| names.get(at)).is_some_and(is_packed) {
        names.pop();
        if let Some(name) = names.last_mut()
            && let Some(stem) = without(name, ".mbox")
        {
            *name = stem;
        }
    }
    for name in names.iter_mut() {
        if let Some(stem) = without(name, ".sbd") {
            *name = stem;
        }
    }
    if let [takeout, mail, _, ..] = names.as_slice()
        && takeout == "Takeout"
        && mail == "Mail"
    {
        names.drain(..2);
    }
    names
}

fn without(name: &str, ending: &str) -> Option<String> {
    let (stem, found) = name.split_at_checked(name.len().checked_sub(ending.len())?)?;
    (found.eq_ignore_ascii_case(ending) && !stem.is_empty()).then(|| stem.to_owned())
}

/// The flags of a mail in a maildir that was packed into an archive, whose folders are then put right; `None` if it is in
/// none. **An archive does not show its directories before their entries**, so that the name of the mail must tell.
fn packed_maildir(entry: &str, names: &mut Vec<String>) -> Option<MaildirFlags> {
    let file = entry.rsplit('/').next().unwrap_or(entry);
    let has_flags = [":2,", ";2,", "!2,"].iter().any(|mark| file.contains(mark));
    // Seconds, a dot, what is unique in them, a dot, the host.
    let (seconds, rest) = file.split_once('.').unwrap_or_default();
    let is_delivered = seconds.len() >= 9 && seconds.bytes().all(|byte| byte.is_ascii_digit()) && rest.contains('.');
    let is_one = match names.last().map(String::as_str)? {
        "cur" => has_flags || is_delivered,
        "new" => is_delivered,
        _ => false,
    };
    if !is_one {
        return None;
    }
    names.pop();
    if let Some(below) = names.last().and_then(|name| maildir_folders(name)) {
        names.pop();
        names.extend(below);
    }
    Some(MaildirFlags::of(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_of(path: &str, is_mbox: bool) -> String {
        plain(path.split('/').map(str::to_owned).collect(), is_mbox).join("/")
    }

    #[test]
    fn names_that_programs_make() {
        assert_eq!(plain_of("Inbox.sbd/Work.sbd/2020", true), "Inbox/Work/2020");
        assert_eq!(plain_of("Work.mbox/mbox", true), "Work");
        assert_eq!(plain_of("Work.mbox/mbox", false), "Work.mbox/mbox");
        assert_eq!(plain_of("Work/mbox", true), "Work/mbox");
        assert_eq!(plain_of("Takeout/Mail/Inbox", true), "Inbox");
        assert_eq!(plain_of("Takeout/Mail", true), "Takeout/Mail");
        assert_eq!(plain_of(".sbd/x", true), ".sbd/x");
    }

    #[test]
    fn maildirs_in_archives() {
        let packed = |entry: &str, folder: &str| {
            let mut names: Vec<String> = folder.split('/').map(str::to_owned).collect();
            packed_maildir(entry, &mut names).map(|flags| (names.join("/"), flags.seen))
        };
        assert_eq!(packed("a/cur/1204680122.27c.host:2,S", "a/cur"), Some(("a".into(), true)));
        assert_eq!(
            packed("a/.Work.2020/new/1204680122.27c.host", "a/.Work.2020/new"),
            Some(("a/Work/2020".into(), false))
        );
        assert_eq!(packed("cur/letter.eml", "cur"), None);
        assert_eq!(packed("new/letter.eml", "new"), None);
        assert_eq!(packed("a/x:2,S", "a"), None);
    }

    #[test]
    fn roles() {
        assert_eq!(role_of("INBOX"), Some(SpecialFolder::Inbox));
        assert_eq!(role_of("Trash"), Some(SpecialFolder::DeletedItems));
        assert_eq!(role_of("Papierkorb"), None);
        assert_eq!(role_of("Inbox 2"), None);
    }
}
