//! What a mail program uses which folder for (MS-OXOSFLD 2.2; where a PST keeps it is observed in files of Outlook).
//!
//! ```text
//! store, node 0x21            top, outbox, deleted items, sent items, views, search root   entry ids 0x35E0 to 0x35E7
//! receive folder table, 0x62B inbox                                                        the folder for class IPM
//! root folder, else inbox     calendar, contacts, journal, notes, tasks, drafts            entry ids 0x36D0 to 0x36D7
//!                             junk mail                                                    the fifth of 0x36D8
//! ```
//!
//! Names say nothing: they are in the language of the program that made the folder, and people change them. **An OST has
//! entry ids of a server in these places**; of its folders those are known that have fixed names below its mailbox.

use std::collections::BTreeMap;

use crate::Pst;
use crate::ltp::{PropertyContext, TableContext, Value, id};
use crate::messaging::{Folder, Store};
use crate::ndb::{Client, Nid, NidType};

/// What a mail program uses a folder for, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SpecialFolder {
    /// The top of the folders a person sees.
    IpmSubtree,
    /// What was deleted.
    DeletedItems,
    /// The parent of search folders.
    Finder,
    /// Views that all folders share.
    CommonViews,
    /// Views of one person.
    Views,
    /// Where mail arrives.
    Inbox,
    /// Mail on its way out.
    Outbox,
    /// Mail that went out.
    SentItems,
    /// Mail that is being written.
    Drafts,
    /// Appointments.
    Calendar,
    /// People.
    Contacts,
    /// What was done when.
    Journal,
    /// Sticky notes.
    Notes,
    /// Tasks.
    Tasks,
    /// Unwanted mail.
    JunkMail,
}

/// Where a store keeps the entry id of a special folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In a property of the store, with this bit in PidTagValidFolderMask.
    Store(u16, i32),
    /// In the receive folder table.
    ReceiveFolder,
    /// In a property of the root folder and of the inbox.
    Root(u16),
    /// As a part of a multiple property of the root folder and of the inbox.
    RootPart(u16, usize),
}

/// PidTagAdditionalRenEntryIds.
const ADDITIONAL: u16 = 0x36D8;
pub(crate) const RECEIVE_FOLDER_TABLE: Nid = Nid::new(0x62B);
/// The folder of a row in the receive folder table.
pub(crate) const RECEIVE_FOLDER_ID: u16 = 0x6605;
/// Rows of a receive folder table that are looked at; Outlook writes four.
const MOST_RECEIVE_FOLDERS: usize = 1000;

impl SpecialFolder {
    /// All of them, those first that every store has.
    pub const ALL: [Self; 15] = [
        Self::IpmSubtree,
        Self::DeletedItems,
        Self::Finder,
        Self::CommonViews,
        Self::Views,
        Self::Inbox,
        Self::Outbox,
        Self::SentItems,
        Self::Drafts,
        Self::Calendar,
        Self::Contacts,
        Self::Journal,
        Self::Notes,
        Self::Tasks,
        Self::JunkMail,
    ];

    pub(crate) const fn kept(self) -> Kept {
        match self {
            Self::IpmSubtree => Kept::Store(id::IPM_SUBTREE_ENTRY_ID, 0x01),
            Self::Inbox => Kept::ReceiveFolder,
            Self::Outbox => Kept::Store(0x35E2, 0x04),
            Self::DeletedItems => Kept::Store(id::IPM_WASTEBASKET_ENTRY_ID, 0x08),
            Self::SentItems => Kept::Store(0x35E4, 0x10),
            Self::Views => Kept::Store(0x35E5, 0x20),
            Self::CommonViews => Kept::Store(0x35E6, 0x40),
            Self::Finder => Kept::Store(id::FINDER_ENTRY_ID, 0x80),
            Self::Calendar => Kept::Root(0x36D0),
            Self::Contacts => Kept::Root(0x36D1),
            Self::Journal => Kept::Root(0x36D2),
            Self::Notes => Kept::Root(0x36D3),
            Self::Tasks => Kept::Root(0x36D4),
            Self::Drafts => Kept::Root(0x36D7),
            Self::JunkMail => Kept::RootPart(ADDITIONAL, 4),
        }
    }

    /// The name that Outlook gives the folder in an OST, in the mailbox or below its top, in every language.
    const fn name_in_mailbox(self) -> Option<(&'static str, bool)> {
        Some(match self {
            Self::DeletedItems => ("Deleted Items", true),
            Self::Outbox => ("Outbox", true),
            Self::SentItems => ("Sent Items", true),
            Self::Finder => ("Finder", false),
            Self::Views => ("Views", false),
            Self::CommonViews => ("Common Views", false),
            _ => return None,
        })
    }
}

/// The special folders of a store, as far as it says which they are and they are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecialFolders(BTreeMap<SpecialFolder, Nid>);

impl SpecialFolders {
    /// Those of a store. What cannot be read is not known.
    pub fn of(source: &Pst) -> Self {
        let mut found = Self::default();
        let store = source.store().ok();
        let is_there =
            |nid: Nid| nid.kind() == NidType::NORMAL_FOLDER && source.node(nid).is_ok_and(|node| node.is_some());
        let mut add = |special: SpecialFolder, nid: Option<Nid>| {
            // A folder that is said to be two things is the first of them.
            if let Some(nid) = nid.filter(|nid| is_there(*nid))
                && !found.0.contains_key(&special)
                && !found.0.values().any(|known| *known == nid)
            {
                found.0.insert(special, nid);
            }
        };
        for special in SpecialFolder::ALL {
            if let (Kept::Store(property, _), Some(store)) = (special.kept(), &store) {
                add(special, store.folder_id(property).ok().flatten());
            }
        }
        if source.client() != Client::Pst {
            by_name(source, &mut add);
        }
        let inbox = inbox(&receive_folders(source));
        add(SpecialFolder::Inbox, inbox);
        let root = source.root_folder().ok();
        let inbox = inbox.and_then(|nid| source.folder(nid).ok());
        for folder in [root, inbox].into_iter().flatten() {
            let (Ok(properties), Some(store)) = (folder.properties(), &store) else { continue };
            for special in SpecialFolder::ALL {
                add(special, kept_in_folder(special, properties, store));
            }
        }
        found
    }

    /// The folder that is used for this.
    pub fn get(&self, special: SpecialFolder) -> Option<Nid> {
        self.0.get(&special).copied()
    }

    /// What a folder is used for.
    pub fn role(&self, nid: Nid) -> Option<SpecialFolder> {
        self.iter().find(|(_, known)| *known == nid).map(|(special, _)| special)
    }

    /// All that are known.
    pub fn iter(&self) -> impl Iterator<Item = (SpecialFolder, Nid)> + '_ {
        self.0.iter().map(|(special, nid)| (*special, *nid))
    }
}

/// The folder an entry id in the properties of the root folder or the inbox names.
fn kept_in_folder(special: SpecialFolder, properties: &PropertyContext, store: &Store) -> Option<Nid> {
    match special.kept() {
        Kept::Root(property) => store.folder_of(&properties.binary(property).ok()??).ok()?,
        Kept::RootPart(property, at) => {
            let property = properties.get(property).ok()??;
            let Ok(Value::Multiple(parts)) = property.value() else { return None };
            match parts.get(at)? {
                Value::Binary(stored) => store.folder_of(stored).ok()?,
                _ => None,
            }
        }
        Kept::Store(..) | Kept::ReceiveFolder => None,
    }
}

/// What an OST calls its folders.
fn by_name(source: &Pst, add: &mut impl FnMut(SpecialFolder, Option<Nid>)) {
    let below = |folder: &Folder, name: &str| {
        let mut all = folder.subfolders().ok()?.filter_map(Result::ok);
        all.find(|folder| folder.name().is_ok_and(|found| found == name))
    };
    let Some(mailbox) = source.root_folder().ok().and_then(|root| below(&root, "Root - Mailbox")) else { return };
    let top = below(&mailbox, "IPM_SUBTREE");
    add(SpecialFolder::IpmSubtree, top.as_ref().map(Folder::id));
    for special in SpecialFolder::ALL {
        if let Some((name, is_below_top)) = special.name_in_mailbox() {
            let parent = if is_below_top { top.as_ref() } else { Some(&mailbox) };
            add(special, parent.and_then(|parent| below(parent, name)).map(|folder| folder.id()));
        }
    }
}

/// The rows of the receive folder table: a message class and the folder where items of that class arrive. What cannot be
/// read is left out.
pub(crate) fn receive_folders(source: &Pst) -> Vec<(String, Nid)> {
    let Ok(Some(node)) = source.node(RECEIVE_FOLDER_TABLE) else { return Vec::new() };
    let Ok(table) = TableContext::open(&node) else { return Vec::new() };
    let rows = table.rows().filter_map(Result::ok).take(MOST_RECEIVE_FOLDERS);
    let folder = |number: i64| i32::try_from(number).ok().map(|number| Nid::new(number.cast_unsigned()));
    rows.filter_map(|row| {
        let folder = row.integer(RECEIVE_FOLDER_ID).and_then(folder)?;
        Some((row.string(id::MESSAGE_CLASS).ok()?.unwrap_or_default(), folder))
    })
    .collect()
}

/// Where a mail arrives: the row whose class is the longest beginning of its own. A store that receives no mail names the
/// root, which is no inbox.
fn inbox(rows: &[(String, Nid)]) -> Option<Nid> {
    let of = |class: &str| rows.iter().find(|(known, _)| known.eq_ignore_ascii_case(class)).map(|(_, nid)| *nid);
    let folder = ["IPM.Note", "IPM", ""].into_iter().find_map(of);
    folder.filter(|nid| *nid != Nid::ROOT_FOLDER)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Outlook 2007 writes the table of a store that receives mail, and of one that does not.
    #[test]
    fn the_inbox_is_where_mail_arrives() {
        let row = |class: &str, nid| (class.to_owned(), Nid::new(nid));
        let rows = [row("", 0x8082), row("IPM", 0x8082), row("Report.IPM", 0x80A2), row("IPC", 0x122)];
        assert_eq!(inbox(&rows), Some(Nid::new(0x8082)));
        assert_eq!(inbox(&[row("", 0x122)]), None);
        assert_eq!(inbox(&[row("", 0x122), row("ipm.note", 0x8082)]), Some(Nid::new(0x8082)));
        assert_eq!(inbox(&[]), None);
    }

    #[test]
    fn no_two_are_kept_in_one_place() {
        for (at, one) in SpecialFolder::ALL.iter().enumerate() {
            for other in &SpecialFolder::ALL[at + 1..] {
                assert_ne!(one.kept(), other.kept());
            }
        }
    }
}
