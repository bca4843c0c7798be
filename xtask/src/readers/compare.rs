//! Our view against a peer's: who goes with whom, and where they differ.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

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
    Folder,
    Path,
    Item,
    Class,
    Subject,
    Plain,
    Html,
    Rtf,
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

struct Comparison {
    counts: Counts,
    differences: Vec<Difference>,
}

/// Where a comparison is.
#[derive(Clone, Default)]
struct Place {
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
        let pairs = pair_items(place, ours, theirs);
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
        match (&ours.attachments, &theirs.attachments) {
            (Some(ours), Some(theirs)) => self.attachments(place, ours, theirs),
            (Some(ours), None) if !failed && !ours.is_empty() => {
                self.differ(place, Field::Attachment, Said::There, Said::NotTold);
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
        let pairs = pair_attachments(ours, theirs);
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
        let list = |told: &Told<Form>| match told {
            Told::No => Told::No,
            Told::Nothing => Told::Nothing,
            Told::Some(form) => Told::Some(vec![form.clone()]),
        };
        // A file elsewhere has no data to tell of.
        if !matches!((&ours.data, &theirs.data), (Told::Nothing, Told::No)) {
            self.bytes(place, Field::Data, &list(&ours.data), &list(&theirs.data), failed);
        }
        match (&ours.embedded, &theirs.embedded) {
            (Some(ours), Some(theirs)) => {
                let about = About {
                    class: text(&ours.class).unwrap_or_default().to_owned(),
                    facts: ours.facts.clone(),
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
        ..place.about.clone()
    };
    let nid = item.nid.as_deref().unwrap_or("no node id");
    Place { item: format!("{nid} {subject:?}"), about, ..place.clone() }
}

fn text(told: &Told<String>) -> Option<&str> {
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

/// For each of our items the peer's: by node id where the peer tells it, else by subject and the fewest differences.
fn pair_items(place: &Place, ours: &[Item], theirs: &[Item]) -> Vec<Option<usize>> {
    let by_nid: HashMap<&str, usize> =
        (0..).zip(theirs).filter_map(|(at, item)| Some((item.nid.as_deref()?, at))).collect();
    if !by_nid.is_empty() {
        return ours.iter().map(|item| by_nid.get(item.nid.as_deref()?).copied()).collect();
    }
    let mut by_subject: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, item) in (0..).zip(theirs) {
        by_subject.entry(text(&item.subject).unwrap_or_default()).or_default().push(at);
    }
    let mut pairs: Vec<Option<usize>> = Vec::with_capacity(ours.len());
    for item in ours {
        let candidates = by_subject.get_mut(text(&item.subject).unwrap_or_default());
        let best = candidates.filter(|_| !item.is_associated()).and_then(|candidates| {
            let may_be = |at: &usize| theirs.get(*at).is_some_and(|other| like(item, other));
            let fewest = candidates.iter().enumerate().filter(|(_, at)| may_be(at)).min_by_key(|(_, at)| {
                let mut trial = Comparison { counts: Counts::default(), differences: Vec::new() };
                if let Some(other) = theirs.get(**at) {
                    trial.item(place, item, other);
                }
                trial.differences.len()
            });
            fewest.map(|(slot, _)| slot).map(|slot| candidates.remove(slot))
        });
        pairs.push(best);
    }
    // What is left is taken in order, so that a subject that differs is told as that.
    let taken: HashSet<usize> = pairs.iter().flatten().copied().collect();
    let mut left: Vec<usize> = (0..theirs.len()).filter(|at| !taken.contains(at)).collect();
    for (item, pair) in ours.iter().zip(&mut pairs).filter(|(item, pair)| pair.is_none() && !item.is_associated()) {
        let found = left.iter().position(|at| theirs.get(*at).is_some_and(|other| like(item, other)));
        *pair = found.map(|slot| left.remove(slot));
    }
    pairs
}

/// Whether a peer that tells no bodies of contacts and appointments may mean this item of ours.
fn like(ours: &Item, theirs: &Item) -> bool {
    let class = text(&ours.class).unwrap_or_default();
    let card = class.starts_with("IPM.Contact") || class.starts_with("IPM.Appointment");
    card == matches!(theirs.plain, Told::No)
}

/// For each of our attachments the peer's: by node id, else by kind, name and data, else by order within its kind.
fn pair_attachments(ours: &[Attachment], theirs: &[Attachment]) -> Vec<Option<usize>> {
    let by_nid: HashMap<&str, usize> =
        (0..).zip(theirs).filter_map(|(at, item)| Some((item.nid.as_deref()?, at))).collect();
    if !by_nid.is_empty() {
        return ours.iter().map(|item| by_nid.get(item.nid.as_deref()?).copied()).collect();
    }
    let mut left: Vec<usize> = (0..theirs.len()).collect();
    let mut pairs = vec![None; ours.len()];
    let digest = |told: &Told<Form>| match told {
        Told::Some(form) => Some(form.sha256.clone()),
        _ => None,
    };
    let same_name = |a: &Attachment, b: &Attachment| text(&a.name) == text(&b.name);
    let same_data = |a: &Attachment, b: &Attachment| digest(&a.data) == digest(&b.data);
    let same_kind = |a: &Attachment, b: &Attachment| a.embedded.is_some() == b.embedded.is_some();
    let tests: [&dyn Fn(&Attachment, &Attachment) -> bool; 3] = [
        &|a, b| same_kind(a, b) && same_name(a, b) && same_data(a, b),
        &|a, b| same_kind(a, b) && (same_name(a, b) || a.embedded.is_some()),
        &|a, b| same_kind(a, b) && same_data(a, b),
    ];
    for test in tests {
        for (mine, pair) in ours.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
            let found = left.iter().position(|at| theirs.get(*at).is_some_and(|other| test(mine, other)));
            *pair = found.map(|slot| left.remove(slot));
        }
    }
    pairs
}
