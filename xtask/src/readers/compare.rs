//! Our view against a peer's, and where they differ.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::pairs;
use super::peers::Peer;
use super::view::{Attachment, Folder, Form, Item, Ours, Told, View};

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) folders: usize,
    pub(super) items: usize,
    pub(super) bodies: usize,
    pub(super) attachments: usize,
}

/// A field that two readers see differently.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) folder: String,
    pub(super) item: String,
    pub(super) field: Field,
    pub(super) ours: Said,
    pub(super) theirs: Said,
    pub(super) about: About,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The file as a whole.
    File,
    Orphans,
    Folder,
    Path,
    Item,
    Class,
    Subject,
    Plain,
    Html,
    Rtf,
    Recipients,
    Attachment,
    Name,
    Method,
    Data,
    Embedded,
}

/// What a reader says of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    NotTold,
    /// There is none.
    Nothing,
    /// It is there.
    There,
    Text(String),
    /// Bytes, and in which form they agree if they do.
    Bytes(Form),
    Error(String),
}

/// What limits of a peer may depend on: all from our side.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) file: super::view::FileFacts,
    pub(super) search_folder: bool,
    /// The folder is the top of personal folders or below it.
    pub(super) personal: bool,
    /// The folder has nothing in it that a person sees, and no folder below it that has.
    pub(super) empty: bool,
    pub(super) associated: bool,
    pub(super) class: String,
    pub(super) facts: super::view::Facts,
    /// Of the item.
    pub(super) recipients: Vec<String>,
    /// Of the outermost item, if this one is embedded.
    pub(super) recipients_around: Option<Vec<String>>,
    /// Of the attachment.
    pub(super) method: Option<i64>,
    pub(super) data_len: Option<u64>,
    pub(super) short_name: Option<String>,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}").to_lowercase())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTold => f.write_str("not told"),
            Self::Nothing => f.write_str("none"),
            Self::There => f.write_str("there"),
            Self::Text(text) => {
                let short: String = text.chars().take(80).collect();
                write!(f, "{short:?}")
            }
            Self::Bytes(form) => {
                let digest: String = form.sha256.chars().take(12).collect();
                write!(f, "{} bytes {digest} {}", form.len, form.name)
            }
            Self::Error(text) => write!(f, "error: {}", text.escape_debug()),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}: ours {}, theirs {}", self.folder, self.item, self.field, self.ours, self.theirs)
    }
}

/// Compares all that both sides tell.
pub(super) fn compare(peer: Peer, ours: &Ours, theirs: &View) -> (Counts, Vec<Difference>) {
    let mut comparison = Comparison { counts: Counts::default(), differences: Vec::new() };
    comparison.files(peer, ours, theirs);
    (comparison.counts, comparison.differences)
}

/// How many differences two items would have.
pub(super) fn differences(place: &Place, ours: &Item, theirs: &Item) -> usize {
    let mut trial = Comparison { counts: Counts::default(), differences: Vec::new() };
    trial.item(place, ours, theirs);
    trial.differences.len()
}

struct Comparison {
    counts: Counts,
    differences: Vec<Difference>,
}

/// Where a comparison is.
#[derive(Clone, Default)]
pub(super) struct Place {
    folder: String,
    item: String,
    about: About,
}

impl Comparison {
    fn differ(&mut self, place: &Place, field: Field, ours: Said, theirs: Said) {
        let Place { folder, item, about } = place.clone();
        self.differences.push(Difference { folder, item, field, ours, theirs, about });
    }

    fn errors(&mut self, place: &Place, field: Field, errors: &[String]) {
        for error in errors {
            self.differ(place, field, Said::Nothing, Said::Error(error.clone()));
        }
    }

    fn files(&mut self, peer: Peer, ours: &Ours, theirs: &View) {
        let about = About { file: ours.file.clone(), ..About::default() };
        let place = Place { about, ..Place::default() };
        self.errors(&place, Field::File, &theirs.errors);
        if theirs.folders.is_empty() && !theirs.errors.is_empty() {
            return;
        }
        if let Some(orphans) = theirs.orphans
            && orphans != ours.orphans
        {
            let said = |number: usize| Said::Text(number.to_string());
            self.differ(&place, Field::Orphans, said(ours.orphans), said(orphans));
        }
        let empty = empty_paths(ours);
        let mut left: BTreeMap<String, &Folder> = BTreeMap::new();
        for folder in &theirs.folders {
            let key = folder.nid.clone().unwrap_or_else(|| folder.path.clone());
            if left.insert(key, folder).is_some() {
                let place = Place { folder: folder.path.clone(), ..place.clone() };
                self.differ(&place, Field::Folder, Said::There, Said::Error("listed twice".to_owned()));
            }
        }
        let by_nid = theirs.folders.iter().any(|folder| folder.nid.is_some());
        for (nid, folder) in &ours.folders {
            let about = About {
                search_folder: folder.search,
                personal: below(ours, &folder.path).is_some(),
                empty: empty.get(&folder.path).copied().unwrap_or(true),
                ..place.about.clone()
            };
            let place = Place { folder: folder.path.clone(), item: String::new(), about };
            let key = if by_nid { Some(nid.clone()) } else { below(ours, &folder.path).map(|path| peer.path(&path)) };
            match key.and_then(|key| left.remove(&key)) {
                None => self.differ(&place, Field::Folder, Said::There, Said::Nothing),
                Some(theirs) => {
                    self.counts.folders = self.counts.folders.saturating_add(1);
                    if by_nid && theirs.path != folder.path {
                        let said = |path: &str| Said::Text(path.to_owned());
                        self.differ(&place, Field::Path, said(&folder.path), said(&theirs.path));
                    }
                    self.errors(&place, Field::Folder, &theirs.errors);
                    self.items(&place, &folder.items, &theirs.items);
                }
            }
        }
        for (_, folder) in left {
            let place = Place { folder: folder.path.clone(), ..place.clone() };
            self.differ(&place, Field::Folder, Said::Nothing, Said::There);
        }
    }

    fn items(&mut self, place: &Place, ours: &[Item], theirs: &[Item]) {
        let pairs = pairs::items(place, ours, theirs);
        let mut matched = vec![false; theirs.len()];
        for (item, partner) in ours.iter().zip(pairs) {
            let place = at_item(place, item);
            match partner.and_then(|at| theirs.get(at).zip(matched.get_mut(at))) {
                None => self.differ(&place, Field::Item, Said::There, Said::Nothing),
                Some((theirs, seen)) => {
                    *seen = true;
                    self.item(&place, item, theirs);
                }
            }
        }
        for (item, _) in theirs.iter().zip(matched).filter(|(_, matched)| !matched) {
            self.differ(&at_item(place, item), Field::Item, Said::Nothing, Said::There);
        }
    }

    fn item(&mut self, place: &Place, ours: &Item, theirs: &Item) {
        self.counts.items = self.counts.items.saturating_add(1);
        self.errors(place, Field::Item, &theirs.errors);
        // Of an item it could not read, a peer needs to tell no more.
        let failed = !theirs.errors.is_empty();
        self.text(place, Field::Class, &ours.class, &theirs.class, failed);
        self.text(place, Field::Subject, &ours.subject, &theirs.subject, failed);
        for (field, ours, theirs) in [
            (Field::Plain, &ours.plain, &theirs.plain),
            (Field::Html, &ours.html, &theirs.html),
            (Field::Rtf, &ours.rtf, &theirs.rtf),
        ] {
            if self.bytes(place, field, ours, theirs, failed) {
                self.counts.bodies = self.counts.bodies.saturating_add(1);
            }
        }
        self.recipients(place, ours, theirs, failed);
        match (&ours.attachments, &theirs.attachments) {
            (Some(ours), Some(theirs)) => self.attachments(place, ours, theirs),
            (Some(ours), None) if !failed && !ours.is_empty() => {
                self.differ(place, Field::Attachment, Said::There, Said::NotTold);
            }
            _ => {}
        }
    }

    /// Compares the names in order; a peer that tells none where there are none need not say so.
    fn recipients(&mut self, place: &Place, ours: &Item, theirs: &Item, failed: bool) {
        let Some(mine) = ours.recipients.as_ref() else { return };
        let said = |names: &[String]| Said::Text(list(names));
        match &theirs.recipients {
            Some(given) if given != mine => self.differ(place, Field::Recipients, said(mine), said(given)),
            None if !failed && !mine.is_empty() => {
                self.differ(place, Field::Recipients, said(mine), Said::NotTold);
            }
            _ => {}
        }
    }

    fn text(&mut self, place: &Place, field: Field, ours: &Told<String>, theirs: &Told<String>, failed: bool) {
        let said = |told: &Told<String>| match told {
            Told::No => Said::NotTold,
            // An empty string and none are the same.
            Told::Some(text) if !text.is_empty() => Said::Text(text.clone()),
            Told::Nothing | Told::Some(_) => Said::Nothing,
        };
        let (ours, theirs) = (said(ours), said(theirs));
        if ours != theirs && ours != Said::NotTold && !(failed && theirs == Said::NotTold) {
            self.differ(place, field, ours, theirs);
        }
    }

    /// Compares bodies or data; whether there were any on both sides.
    fn bytes(
        &mut self,
        place: &Place,
        field: Field,
        ours: &Told<Vec<Form>>,
        theirs: &Told<Vec<Form>>,
        failed: bool,
    ) -> bool {
        let first = |told: &Told<Vec<Form>>| match told {
            Told::No => Said::NotTold,
            Told::Nothing => Said::Nothing,
            Told::Some(forms) => forms.first().filter(|form| form.len > 0).cloned().map_or(Said::Nothing, Said::Bytes),
        };
        let (mine, given) = (first(ours), first(theirs));
        match (&mine, theirs) {
            (Said::NotTold, _) => false,
            (Said::Bytes(form), Told::Some(forms)) if !forms.is_empty() => {
                match forms.iter().position(|other| other.len == form.len && other.sha256 == form.sha256) {
                    Some(0) => {}
                    Some(at) => {
                        let theirs = forms.get(at).cloned().map_or(Said::Nothing, Said::Bytes);
                        self.differ(place, field, mine, theirs);
                    }
                    None => self.differ(place, field, mine, given),
                }
                true
            }
            _ => {
                if mine != given && !(failed && given == Said::NotTold) {
                    self.differ(place, field, mine, given);
                }
                false
            }
        }
    }

    fn attachments(&mut self, place: &Place, ours: &[Attachment], theirs: &[Attachment]) {
        let pairs = pairs::attachments(ours, theirs);
        let mut matched = vec![false; theirs.len()];
        for ((number, attachment), partner) in (1..).zip(ours).zip(pairs) {
            let data_len = match &attachment.data {
                Told::Some(form) => Some(form.len),
                _ => None,
            };
            let short_name = attachment.short_name.clone();
            let about = About { method: attachment.method, data_len, short_name, ..place.about.clone() };
            let place = Place { item: format!("{} attachment {number}", place.item), about, ..place.clone() };
            match partner.and_then(|at| theirs.get(at).zip(matched.get_mut(at))) {
                None => self.differ(&place, Field::Attachment, Said::There, Said::Nothing),
                Some((theirs, seen)) => {
                    *seen = true;
                    self.attachment(&place, attachment, theirs);
                }
            }
        }
        for (attachment, _) in theirs.iter().zip(matched).filter(|(_, matched)| !matched) {
            let said = match &attachment.name {
                Told::Some(name) => Said::Text(name.clone()),
                _ => Said::There,
            };
            self.differ(place, Field::Attachment, Said::Nothing, said);
        }
    }

    fn attachment(&mut self, place: &Place, ours: &Attachment, theirs: &Attachment) {
        self.counts.attachments = self.counts.attachments.saturating_add(1);
        self.errors(place, Field::Attachment, &theirs.errors);
        let failed = !theirs.errors.is_empty();
        if ours.method != theirs.method && !(failed && theirs.method.is_none()) {
            let said = |method: Option<i64>| method.map_or(Said::NotTold, |number| Said::Text(number.to_string()));
            self.differ(place, Field::Method, said(ours.method), said(theirs.method));
        }
        self.text(place, Field::Name, &ours.name, &theirs.name, failed);
        let one = |told: &Told<Form>| match told {
            Told::No => Told::No,
            Told::Nothing => Told::Nothing,
            Told::Some(form) => Told::Some(vec![form.clone()]),
        };
        // A file elsewhere has no data to tell of.
        if !matches!((&ours.data, &theirs.data), (Told::Nothing, Told::No)) {
            self.bytes(place, Field::Data, &one(&ours.data), &one(&theirs.data), failed);
        }
        match (&ours.embedded, &theirs.embedded) {
            (Some(ours), Some(theirs)) => {
                let around = place.about.recipients_around.clone();
                let about = About {
                    class: text(&ours.class).unwrap_or_default().to_owned(),
                    facts: ours.facts.clone(),
                    recipients: ours.recipients.clone().unwrap_or_default(),
                    recipients_around: around.or_else(|| Some(place.about.recipients.clone())),
                    method: None,
                    data_len: None,
                    short_name: None,
                    ..place.about.clone()
                };
                self.item(&Place { item: format!("{}, in it", place.item), about, ..place.clone() }, ours, theirs);
            }
            (Some(_), None) if !failed => self.differ(place, Field::Embedded, Said::There, Said::NotTold),
            (None, Some(_)) => self.differ(place, Field::Embedded, Said::Nothing, Said::There),
            _ => {}
        }
    }
}

fn at_item(place: &Place, item: &Item) -> Place {
    let subject: String = text(&item.subject).unwrap_or_default().chars().take(40).collect();
    let about = About {
        associated: item.is_associated(),
        class: text(&item.class).unwrap_or_default().to_owned(),
        facts: item.facts.clone(),
        recipients: item.recipients.clone().unwrap_or_default(),
        ..place.about.clone()
    };
    let nid = item.nid.as_deref().unwrap_or("no node id");
    Place { item: format!("{nid} {subject:?}"), about, ..place.clone() }
}

/// Names as a difference shows them.
pub(super) fn list(names: &[String]) -> String {
    format!("{}: {}", names.len(), names.join("; "))
}

pub(super) fn text(told: &Told<String>) -> Option<&str> {
    match told {
        Told::Some(text) => Some(text),
        _ => None,
    }
}

/// The path below the top of personal folders, which itself is `/`.
fn below(ours: &Ours, path: &str) -> Option<String> {
    let rest = path.strip_prefix(ours.ipm_path.as_ref()?)?;
    match rest {
        "" => Some("/".to_owned()),
        rest => rest.starts_with('/').then(|| rest.to_owned()),
    }
}

/// For each folder, whether it and all below it have no items that a person sees.
fn empty_paths(ours: &Ours) -> HashMap<String, bool> {
    let full: Vec<&str> = ours
        .folders
        .values()
        .filter(|folder| folder.items.iter().any(|item| !item.is_associated()))
        .map(|folder| folder.path.as_str())
        .collect();
    let holds = |path: &str, full: &str| {
        full.strip_prefix(path).is_some_and(|rest| path == "/" || rest.is_empty() || rest.starts_with('/'))
    };
    let paths = ours.folders.values().map(|folder| folder.path.clone());
    paths.map(|path| (path.clone(), !full.iter().any(|full| holds(&path, full)))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::readers::view;

    fn dump() -> Value {
        let body = |sha: &str| json!({ "chars": 2, "utf8_len": 2, "sha256": sha });
        let message = |nid: &str, subject: &str, sha: &str| {
            json!({ "nid": nid, "folder_nid": "0x8082", "message_class": "IPM.Note", "subject": subject,
                    "body_plain": body(sha), "body_html": null, "body_rtf": null, "recipients": [], "attachments": [
                        { "nid": "0x8025", "method": 1, "long_filename": "a.txt", "data_len": 1, "data_sha256": "d1" }] })
        };
        json!({
            "file": { "name": "x.pst", "format": "unicode", "crypt_method": "permute" },
            "store": { "ipm_subtree_nid": "0x8022" },
            "folders": [{ "nid": "0x122", "path": "/", "kind": "normal" },
                        { "nid": "0x8022", "path": "/Top", "kind": "normal" },
                        { "nid": "0x8082", "path": "/Top/In %2F Out", "kind": "normal" }],
            "messages": [message("0x200024", "One", "b1"), message("0x200044", "Two", "b2")],
            "associated": [], "orphans": [], "named_properties": { "entries": [] }
        })
    }

    fn item(nid: Option<&str>, subject: &str, sha: &str) -> Value {
        json!({ "nid": nid, "class": "IPM.Note", "subject": subject, "html": null, "rtf": null, "recipients": [],
                "plain": [{ "form": "as given", "len": 2, "sha256": sha }], "errors": [], "attachments": [
                    { "method": 1, "name": "a.txt", "errors": [],
                      "data": { "form": "as given", "len": 1, "sha256": "d1" } }] })
    }

    fn told(peer: Peer, folders: Value) -> Vec<String> {
        let view = json!({ "reader": "a peer", "folders": folders, "errors": [] });
        let theirs: View = serde_json::from_value(view).unwrap();
        let (_, differences) = compare(peer, &view::ours(&dump()).unwrap(), &theirs);
        differences.iter().map(|d| format!("{}: ours {}, theirs {}", d.field, d.ours, d.theirs)).collect()
    }

    #[test]
    fn records_with_node_ids_are_compared_by_them() {
        let folders = |second: Value| {
            json!([{ "nid": "0x122", "path": "/", "items": [], "errors": [] },
                   { "nid": "0x8022", "path": "/Top", "items": [], "errors": [] },
                   { "nid": "0x8082", "path": "/Top/In %2F Out", "errors": [],
                     "items": [second, item(Some("0x200024"), "One", "b1")] }])
        };
        let none: Vec<String> = Vec::new();
        assert_eq!(told(Peer::Pypff, folders(item(Some("0x200044"), "Two", "b2"))), none);
        assert_eq!(
            told(Peer::Pypff, folders(item(Some("0x200044"), "Too", "b3"))),
            ["subject: ours \"Two\", theirs \"Too\"", "plain: ours 2 bytes b2 , theirs 2 bytes b3 as given"]
        );
        assert_eq!(
            told(Peer::Pypff, folders(item(Some("0x200064"), "Two", "b2"))),
            ["item: ours there, theirs none", "item: ours none, theirs there"]
        );
    }

    #[test]
    fn records_without_node_ids_are_found_by_path_and_subject() {
        let folders = |items: Value| {
            json!([{ "path": "/", "items": [], "errors": [] },
                   { "path": "/In _ Out", "items": items, "errors": [] }])
        };
        let outside = "folder: ours there, theirs none";
        let items = json!([item(None, "Two", "b2"), item(None, "One", "b1")]);
        assert_eq!(told(Peer::Readpst, folders(items)), [outside]);
        let items = json!([item(None, "Two", "b2"), item(None, "Won", "b1")]);
        assert_eq!(told(Peer::Readpst, folders(items)), [outside, "subject: ours \"One\", theirs \"Won\""]);
    }

    #[test]
    fn what_a_reader_leaves_out_is_a_difference() {
        let mut silent = item(Some("0x200044"), "Two", "b2");
        silent.as_object_mut().unwrap().retain(|name, _| name != "plain" && name != "class");
        let folders = json!([{ "nid": "0x122", "path": "/", "items": [], "errors": [] },
                             { "nid": "0x8022", "path": "/Top", "items": [], "errors": [] },
                             { "nid": "0x8082", "path": "/Top/In %2F Out", "errors": ["cut"], "items": [silent] }]);
        assert_eq!(
            told(Peer::Pypff, folders),
            [
                "folder: ours none, theirs error: cut",
                "item: ours there, theirs none",
                "class: ours \"IPM.Note\", theirs not told",
                "plain: ours 2 bytes b2 , theirs not told"
            ]
        );
    }
}
