//! Folders that stores say are for the same, whatever they are called.

use pst_core::Pst;
use pst_core::ltp::id;
use pst_core::messaging::{EntryId, SpecialFolder, SpecialFolders};
use pst_core::ndb::Nid;
use pst_core::testkit::{FolderBuilder, Mailbox};
use pst_core::transfer::{Filter, Merge, MergeOptions, SplitBy, SplitOptions, copy_store, split};
use pst_core::write::{MessageDraft, PstWriter, WriteOptions};

use crate::{check, folders, items, keys, mail, open, path, write};

const USES: [SpecialFolder; 6] = [
    SpecialFolder::Inbox,
    SpecialFolder::Outbox,
    SpecialFolder::SentItems,
    SpecialFolder::Drafts,
    SpecialFolder::Calendar,
    SpecialFolder::JunkMail,
];
const GERMAN: [&str; 6] = ["Posteingang", "Postausgang", "Gesendete Elemente", "Entwürfe", "Kalender", "Junk-E-Mail"];
const FRENCH: [&str; 6] =
    ["Boîte de réception", "Boîte d'envoi", "Éléments envoyés", "Brouillons", "Calendrier", "Courrier indésirable"];

fn draft(subject: &str) -> MessageDraft {
    let mut draft = MessageDraft::new("IPM.Note");
    draft.subject(subject).body("text");
    draft
}

/// A store that receives mail: an item in each folder, named after its number and the language.
fn localised(language: &str, deleted: &str, names: [&str; 6]) -> Pst {
    let mut out = PstWriter::in_memory(WriteOptions::new()).unwrap();
    let own = out.deleted_items();
    out.folder_properties(own).unwrap().text(id::DISPLAY_NAME, deleted);
    out.message(own, draft(&format!("{language} deleted"))).unwrap();
    for (use_, name) in USES.into_iter().zip(names) {
        let folder = out.folder(out.ipm_subtree(), name).unwrap();
        out.designate(folder, use_).unwrap();
        out.message(folder, draft(&format!("{language} {use_:?}"))).unwrap();
    }
    let pst = open(out.finish().unwrap());
    check(&pst);
    pst
}

fn merged(sources: &[&Pst], options: MergeOptions) -> Pst {
    let mut merge = Merge::new(Vec::new(), WriteOptions::new(), options).unwrap();
    for (number, source) in sources.iter().enumerate() {
        merge.add(source, &format!("source {number}"), &mut |_| true).unwrap();
    }
    let out = open(merge.finish().unwrap().0);
    check(&out);
    out
}

/// The paths of all folders that are used for something below the top.
fn uses(pst: &Pst) -> Vec<(SpecialFolder, String)> {
    let special = SpecialFolders::of(pst);
    let below_top = special.iter().map(|(use_, nid)| (use_, path(pst, nid)));
    below_top.filter(|(_, path)| path.starts_with("Top/")).collect()
}

fn expected(deleted: &str, names: [&str; 6]) -> Vec<(SpecialFolder, String)> {
    let mut all: Vec<_> = USES.into_iter().zip(names).map(|(use_, name)| (use_, format!("Top/{name}"))).collect();
    all.push((SpecialFolder::DeletedItems, format!("Top/{deleted}")));
    all.sort();
    all
}

#[test]
fn stores_of_two_languages_become_one_in_the_first() {
    let german = localised("de", "Gelöschte Elemente", GERMAN);
    let french = localised("fr", "Corbeille", FRENCH);
    let out = merged(&[&german, &french], MergeOptions::new());
    let found = items(&out);
    for (use_, name) in USES.into_iter().zip(GERMAN) {
        assert_eq!(found[&format!("Top/{name}/de {use_:?}")], 1);
        assert_eq!(found[&format!("Top/{name}/fr {use_:?}")], 1);
    }
    assert_eq!(found["Top/Gelöschte Elemente/fr deleted"], 1);
    assert_eq!(found.len(), 14);
    // And the new store still says which is which.
    assert_eq!(uses(&out), expected("Gelöschte Elemente", GERMAN));
    assert_eq!(uses(&merged(&[&french, &german], MergeOptions::new())), expected("Corbeille", FRENCH));
}

/// The store and its root folder name the new folders, as Outlook looks for them.
#[test]
fn what_outlook_looks_for_is_there() {
    let out = merged(&[&localised("de", "Gelöschte Elemente", GERMAN)], MergeOptions::new());
    let store = out.store().unwrap();
    let key = store.record_key().unwrap().unwrap();
    let folder = |stored: &[u8]| {
        let entry_id = EntryId::decode(stored).unwrap();
        assert_eq!(entry_id.store, key);
        path(&out, entry_id.nid)
    };
    let binary = |properties: &pst_core::ltp::PropertyContext, id| folder(&properties.binary(id).unwrap().unwrap());
    assert_eq!(binary(store.properties(), 0x35E2), "Top/Postausgang");
    assert_eq!(binary(store.properties(), 0x35E4), "Top/Gesendete Elemente");
    // Top, inbox, outbox, deleted items, sent items, common views, search root.
    assert_eq!(store.properties().integer(id::VALID_FOLDER_MASK).unwrap(), Some(0xDF));
    let inbox = SpecialFolders::of(&out).get(SpecialFolder::Inbox).unwrap();
    for holder in [Nid::ROOT_FOLDER, inbox] {
        let holder = out.folder(holder).unwrap();
        let properties = holder.properties().unwrap();
        assert_eq!(binary(properties, 0x36D0), "Top/Kalender");
        assert_eq!(binary(properties, 0x36D7), "Top/Entwürfe");
    }
}

#[test]
fn archives_without_such_folders_meet_by_name() {
    let archive =
        |subject| write(Mailbox::new("x").folder(FolderBuilder::new("Posteingang").message(mail(subject, 2019))));
    let (one, two) = (archive("one"), archive("two"));
    let french = localised("fr", "Corbeille", FRENCH);
    let german = localised("de", "Gelöschte Elemente", GERMAN);
    // Nothing says that the first one's folder is an inbox until the German store's meets it.
    let out = merged(&[&one, &german, &french, &two], MergeOptions::new());
    let found = items(&out);
    for subject in ["one", "de Inbox", "fr Inbox", "two"] {
        assert_eq!(found[&format!("Top/Posteingang/{subject}")], 1, "{found:?}");
    }
    assert!(!folders(&out).contains(&"Top/Boîte de réception".to_owned()));
}

/// A folder that a person called "Deleted Items" used to become the one whose contents Outlook empties.
#[test]
fn a_folder_with_the_name_of_another_language_stays_itself() {
    let mut out = PstWriter::in_memory(WriteOptions::new()).unwrap();
    let ordinary = out.folder(out.ipm_subtree(), "Deleted Items").unwrap();
    let own = out.deleted_items();
    out.folder_properties(own).unwrap().text(id::DISPLAY_NAME, "Corbeille");
    out.message(ordinary, draft("precious")).unwrap();
    out.message(own, draft("gone")).unwrap();
    let source = open(out.finish().unwrap());
    let out = merged(&[&source], MergeOptions::new());
    assert_eq!(keys(&items(&out)), ["Top/Corbeille/gone", "Top/Deleted Items/precious"]);
    let mut open_part = |_: &_| Ok((Vec::new(), WriteOptions::new()));
    let (parts, _) = split(&source, &SplitOptions::new(SplitBy::Size), &mut open_part, &mut |_| true).unwrap();
    assert_eq!(keys(&items(&open(parts.into_iter().next().unwrap().output))).len(), 2);
}

#[test]
fn sources_with_folders_of_their_own_keep_their_names() {
    let german = localised("de", "Gelöschte Elemente", GERMAN);
    let french = localised("fr", "Corbeille", FRENCH);
    let out = merged(&[&german, &french], MergeOptions::new().subfolders(true));
    let found = items(&out);
    assert_eq!(found["Top/source 0/Posteingang/de Inbox"], 1);
    assert_eq!(found["Top/source 1/Boîte de réception/fr Inbox"], 1);
    // The store receives no mail; what the root folder says, which is that of the first source, names folders of that.
    let special = SpecialFolders::of(&out);
    assert_eq!(
        special.get(SpecialFolder::DeletedItems).map(|nid| path(&out, nid)).as_deref(),
        Some("Top/Deleted Items")
    );
    for use_ in [SpecialFolder::Inbox, SpecialFolder::Outbox, SpecialFolder::SentItems] {
        assert_eq!(special.get(use_), None);
    }
    assert_eq!(special.get(SpecialFolder::Drafts).map(|nid| path(&out, nid)).as_deref(), Some("Top/source 0/Entwürfe"));
}

#[test]
fn parts_of_a_split_know_their_folders() {
    let source = localised("de", "Gelöschte Elemente", GERMAN);
    let mut open_part = |_: &_| Ok((Vec::new(), WriteOptions::new()));
    let (parts, _) = split(&source, &SplitOptions::new(SplitBy::TopFolder), &mut open_part, &mut |_| true).unwrap();
    let mut found: Vec<_> = parts.into_iter().flat_map(|part| uses(&open(part.output))).collect();
    found.retain(|(use_, _)| *use_ != SpecialFolder::DeletedItems);
    found.sort();
    let mut wanted = expected("Gelöschte Elemente", GERMAN);
    wanted.retain(|(use_, _)| *use_ != SpecialFolder::DeletedItems);
    assert_eq!(found, wanted);
}

/// A compacted store used to receive no mail: the table that says where it arrives was written anew.
#[test]
fn a_copy_keeps_them() {
    let source = localised("de", "Gelöschte Elemente", GERMAN);
    let (bytes, _) = copy_store(&source, Vec::new(), WriteOptions::new(), &Filter::new(), &mut |_| true).unwrap();
    let copy = open(bytes);
    check(&copy);
    assert_eq!(SpecialFolders::of(&copy), SpecialFolders::of(&source));
    assert_eq!(uses(&copy), expected("Gelöschte Elemente", GERMAN));
}

/// A copy of some folders used to name outbox and sent items that were not in it, which the checker takes for a loss.
#[test]
fn a_copy_of_some_folders_names_those() {
    let source = localised("de", "Gelöschte Elemente", GERMAN);
    let filter = Filter::new().folder("Postausgang").folder("Gel*");
    let (bytes, _) = copy_store(&source, Vec::new(), WriteOptions::new(), &filter, &mut |_| true).unwrap();
    let copy = open(bytes);
    check(&copy);
    assert_eq!(
        uses(&copy),
        [
            (SpecialFolder::DeletedItems, "Top/Gelöschte Elemente".to_owned()),
            (SpecialFolder::Outbox, "Top/Postausgang".to_owned())
        ]
    );
    let mask = copy.store().unwrap().properties().integer(id::VALID_FOLDER_MASK).unwrap().unwrap();
    assert_eq!(mask & 0x14, 0x04);
}
