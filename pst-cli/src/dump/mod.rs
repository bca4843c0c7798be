//! Everything a file holds as one JSON object, in the shape `pst-truth/1`.
//!
//! Written as it is read, record by record. What stays in memory is a name per folder, some paths, and the first ones of
//! what could not be read; what one item may cost is bounded. Unreadable parts are `null` in their record and a line in
//! `integrity.raw_anomalies`.

mod budget;
mod item;
mod records;
mod tree;

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, Result};
use md5::Md5;
use pst_core::ltp::{PropertyContext, PropertyTag, TableContext};
use pst_core::messaging::PropertySet;
use pst_core::ndb::{Layout, NidType};
use pst_core::{Error, ErrorKind, Pst};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use budget::Budget;
use item::Items;
use records::{Counts, Digest, File, Integrity, NamedProperties, Store};
use tree::Tree;

/// Writes the dump of an open file to `out`. Returns the number of parts that could not be read.
///
/// # Errors
/// Those of `out`, and of reading the file for its digests.
pub(crate) fn write(path: &Path, pst: &Pst, out: &mut impl Write) -> Result<usize> {
    let mut dump = Dump { pst, counts: Counts::default(), integrity: Integrity::default() };
    let mut object = Object::new(out)?;
    object.member("schema", &"pst-truth/1")?;
    object.member("file", &file(path, pst)?)?;
    if pst.missing_bytes() > 0 {
        let text = format!("{} bytes of what its header says are missing", pst.missing_bytes());
        dump.note("file".to_owned(), &Error::text(ErrorKind::Corrupt, "file", text));
    }
    object.member("store", &dump.store())?;
    let mut tree = dump.tree();
    object.list("folders", |list| dump.folders(&mut tree, list))?;
    object.list("messages", |list| dump.messages(&mut tree, NidType::NORMAL_MESSAGE, false, list))?;
    object.list("associated", |list| dump.messages(&mut tree, NidType::ASSOCIATED_MESSAGE, false, list))?;
    object.list("orphans", |list| dump.orphans(&mut tree, list))?;
    object.member("named_properties", &dump.named_properties())?;
    object.member("counts", &dump.counts)?;
    object.member("integrity", &dump.integrity)?;
    object.end()?;
    Ok(dump.integrity.raw_anomalies.count())
}

/// The state of one dump.
struct Dump<'a> {
    pst: &'a Pst,
    counts: Counts,
    integrity: Integrity,
}

impl Dump<'_> {
    /// Takes a value or notes what it was and why it could not be read.
    fn keep<T>(&mut self, what: impl FnOnce() -> String, result: pst_core::Result<T>) -> Option<T> {
        result.map_err(|error| self.note(what(), &error)).ok()
    }

    fn note(&mut self, what: String, error: &Error) {
        self.integrity.raw_anomalies.push(format!("{what}: {error}"));
    }

    fn store(&mut self) -> Store {
        let mut record = Store::default();
        let Some(store) = self.keep(|| "store".to_owned(), self.pst.store()) else { return record };
        let nid = |nid: Option<pst_core::ndb::Nid>| nid.map(|nid| nid.to_string());
        let what = |name: &'static str| move || format!("store {name}");
        record.display_name = self.keep(what("name"), store.name()).flatten();
        let key = self.keep(what("record key"), store.record_key()).flatten();
        record.record_key = key.map(|key| hex(key.as_bytes()));
        record.ipm_subtree_nid = nid(self.keep(what("IPM subtree"), store.ipm_subtree()).flatten());
        record.wastebasket_nid = nid(self.keep(what("wastebasket"), store.wastebasket()).flatten());
        record.finder_nid = nid(self.keep(what("finder"), store.finder()).flatten());
        record.password_crc32 = self.keep(what("password"), store.password_crc()).flatten().unwrap_or(0);
        let mut budget = Budget::new(self.pst);
        let digest = self.digest(|| "store".to_owned(), store.properties(), &mut budget);
        self.settle("store", &mut budget);
        record.property_count = digest.property_count;
        record.props_digest = digest.props_digest;
        record
    }

    /// Says that the rest of an item is left out, if it is.
    fn settle(&mut self, what: &str, budget: &mut Budget) {
        if let Some(error) = budget.take_error() {
            self.note(format!("{what}, whose rest is left out"), &error);
        }
    }

    /// SHA-256 over tag and stored bytes of every property in the order of their tags. Nothing if that costs too much.
    fn digest(&mut self, what: impl Fn() -> String, properties: &PropertyContext, budget: &mut Budget) -> Digest {
        if budget.is_over() {
            return Digest::default();
        }
        let mut all: Vec<(PropertyTag, _)> = Vec::new();
        for property in properties {
            if let Some(property) = self.keep(&what, property) {
                all.push((property.tag(), property));
            }
        }
        all.sort_by_key(|(tag, _)| *tag);
        let mut hash = Sha256::new();
        for (tag, property) in &all {
            hash.update(format!("{:08x}:", tag.raw()));
            if let Some(mut stream) = self.keep(|| format!("{} property {tag}", what()), property.stream()) {
                loop {
                    match stream.next_chunk() {
                        Ok([]) => break,
                        Ok(chunk) if !budget.bytes(chunk.len()) => return Digest::default(),
                        Ok(chunk) => hash.update(hex(chunk)),
                        Err(error) => {
                            self.note(format!("{} property {tag}", what()), &error);
                            break;
                        }
                    }
                }
            }
            hash.update(b"\n");
        }
        let tags: Vec<String> = all.iter().map(|(tag, _)| format!("{:08x}", tag.raw())).collect();
        Digest { property_count: all.len(), props_digest: hex(&hash.finalize()), property_tags: tags.join(" ") }
    }

    fn tree(&mut self) -> Tree {
        let mut tree = Tree::new(self.pst.limits().folder_depth);
        for entry in self.pst.nodes() {
            match entry {
                Ok(entry) => {
                    self.integrity.nodes = self.integrity.nodes.saturating_add(1);
                    if matches!(entry.nid.kind(), NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER) {
                        tree.insert(entry);
                    }
                }
                Err(error) => self.note("node B-tree".to_owned(), &error),
            }
        }
        let names: Vec<_> = tree.ids().collect();
        for nid in names {
            let name = self.pst.folder(nid).and_then(|folder| folder.name());
            // The folder's own record reports the error.
            tree.name(nid, name.unwrap_or_default());
        }
        tree
    }

    fn folders(&mut self, tree: &mut Tree, list: &mut List<'_, impl Write>) -> Result<()> {
        for nid in tree.depth_first() {
            let record = self.folder(tree, nid);
            list.item(&record)?;
        }
        Ok(())
    }

    fn folder(&mut self, tree: &mut Tree, nid: pst_core::ndb::Nid) -> records::Folder {
        let what = move || format!("folder {nid}");
        let is_search = nid.kind() == NidType::SEARCH_FOLDER;
        let count = if is_search { &mut self.counts.search_folders } else { &mut self.counts.folders };
        *count = count.saturating_add(1);
        if is_search {
            self.counts.folders = self.counts.folders.saturating_add(1);
        }
        let path = tree.path(nid);
        if !path.whole {
            let text = "it is too deep, only the end of its path is given";
            self.note(what(), &Error::text(ErrorKind::Limit, "folder", text));
        }
        let mut record = records::Folder {
            nid: nid.to_string(),
            parent_nid: tree.parent(nid).map(|parent| parent.to_string()),
            path: path.text,
            kind: if is_search { "search" } else { "normal" },
            name: String::new(),
            container_class: None,
            content_count: None,
            unread_count: None,
            associated_content_count: None,
            has_subfolders: None,
            comment: None,
            n_messages: None,
            n_associated: None,
            n_search_results: None,
            search_result_nids: None,
            note: None,
            property_count: 0,
            props_digest: String::new(),
        };
        let Some(folder) = self.keep(what, self.pst.folder(nid)) else { return record };
        record.name = self.keep(what, folder.name()).unwrap_or_default();
        if let Ok(properties) = folder.properties() {
            use pst_core::ltp::id;
            record.container_class = self.keep(what, properties.string(id::CONTAINER_CLASS)).flatten();
            record.content_count = self.keep(what, properties.integer(id::CONTENT_COUNT)).flatten();
            record.unread_count = self.keep(what, properties.integer(id::CONTENT_UNREAD_COUNT)).flatten();
            record.associated_content_count =
                self.keep(what, properties.integer(id::ASSOCIATED_CONTENT_COUNT)).flatten();
            record.has_subfolders =
                self.keep(what, properties.integer(id::SUBFOLDERS)).flatten().map(|number| number != 0);
            record.comment = self.keep(what, properties.string(id::COMMENT)).flatten();
            let mut budget = Budget::new(self.pst);
            let digest = self.digest(what, properties, &mut budget);
            self.settle(&what(), &mut budget);
            record.property_count = digest.property_count;
            record.props_digest = digest.props_digest;
        }
        self.rows(&format!("hierarchy table of folder {nid}"), folder.hierarchy_table());
        record.n_messages = self.rows(&format!("contents table of folder {nid}"), folder.contents_table());
        record.n_associated =
            self.rows(&format!("associated contents table of folder {nid}"), folder.associated_table());
        self.search_results(&folder, &mut record);
        record
    }

    /// Counts the rows of a table, each of which must have its node.
    fn rows(&mut self, what: &str, table: pst_core::Result<Option<TableContext>>) -> Option<u64> {
        let table = self.keep(|| what.to_owned(), table).flatten()?;
        let mut count = 0u64;
        for row in table.rows() {
            count = count.saturating_add(1);
            let Some(nid) = self.keep(|| what.to_owned(), row).map(|row| row.nid()) else { continue };
            let node = self
                .pst
                .node(nid)
                .and_then(|node| node.ok_or_else(|| Error::not_found("row", "what it lists has no node").in_node(nid)));
            self.keep(|| what.to_owned(), node);
        }
        Some(count)
    }

    fn search_results(&mut self, folder: &pst_core::messaging::Folder, record: &mut records::Folder) {
        let table_nid = folder.id().with_kind(NidType::SEARCH_CONTENTS_TABLE);
        match folder.search_table() {
            Ok(Some(table)) => {
                let rows = table.rows().filter_map(|row| self.keep(|| format!("row of node {table_nid}"), row));
                let nids: Vec<String> = rows.map(|row| row.nid().to_string()).collect();
                record.n_search_results = u64::try_from(nids.len()).ok();
                record.search_result_nids = Some(nids);
            }
            Ok(None) => {}
            Err(error) => {
                // Outlook's older kind of search table is a heap of another client.
                let node = self.pst.node(table_nid).ok().flatten();
                match node.and_then(|node| pst_core::ltp::Heap::open(&node).ok()).map(|heap| heap.client()) {
                    Some(0xAC) => {
                        let text = format!("search_contents table of node {table_nid}: not a TC: ac");
                        self.integrity.raw_anomalies.push(text);
                        record.note = Some("search contents table is of the undocumented 0xAC type; not decoded");
                    }
                    _ => self.note(format!("search contents table of node {table_nid}"), &error),
                }
            }
        }
    }

    fn messages(
        &mut self,
        tree: &mut Tree,
        kind: NidType,
        orphans: bool,
        list: &mut List<'_, impl Write>,
    ) -> Result<()> {
        // An unreadable page was noted when the folders were collected.
        for entry in self.pst.nodes().filter_map(pst_core::Result::ok) {
            if entry.nid.kind() != kind || tree.contains(entry.parent) == orphans {
                continue;
            }
            let mut items = Items::new(self);
            if kind == NidType::ASSOCIATED_MESSAGE {
                list.item(&items.associated(tree, entry))?;
            } else {
                list.item(&items.message(tree, entry))?;
            }
        }
        Ok(())
    }

    fn orphans(&mut self, tree: &mut Tree, list: &mut List<'_, impl Write>) -> Result<()> {
        self.messages(tree, NidType::NORMAL_MESSAGE, true, list)?;
        self.messages(tree, NidType::ASSOCIATED_MESSAGE, true, list)
    }

    fn named_properties(&mut self) -> NamedProperties {
        let names = self.keep(|| "named property map".to_owned(), self.pst.named_properties());
        let Some(names) = names else { return NamedProperties::default() };
        for error in names.errors() {
            self.note("named property map".to_owned(), error);
        }
        let entries = names.entries().iter().map(|entry| {
            let set = match entry.set {
                PropertySet::None => "none".to_owned(),
                PropertySet::Mapi => "mapi".to_owned(),
                PropertySet::PublicStrings => "public".to_owned(),
                PropertySet::Guid(guid) => hex(guid.as_bytes()),
            };
            format!("{:#06x}|{set}|{}", entry.id, entry.name)
        });
        NamedProperties { count: names.len(), entries: entries.collect() }
    }
}

fn file(path: &Path, pst: &Pst) -> Result<File> {
    let (md5, sha256) = file_digests(path).with_context(|| format!("reading {} for its digests", path.display()))?;
    let header = pst.header();
    Ok(File {
        name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        size: pst.file_size(),
        md5,
        sha256,
        readable: true,
        format: match header.format.layout() {
            Layout::Ansi => "ansi",
            Layout::Unicode => "unicode",
            Layout::Unicode4k => "unicode4k",
        },
        version: header.format.version(),
        client_version: header.client_version,
        client_magic: header.client.magic(),
        crypt_method: header.crypt.as_str(),
        crypt_method_raw: header.crypt.to_byte(),
        amap_valid: header.root.amap_valid,
        string8_codepage: header.format.is_ansi().then(|| pst.default_code_page().page.to_string()),
    })
}

fn file_digests(path: &Path) -> io::Result<(String, String)> {
    let mut file = fs::File::open(path)?;
    let (mut md5, mut sha256) = (Md5::new(), Sha256::new());
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer)?;
        let Some(chunk) = buffer.get(..count).filter(|chunk| !chunk.is_empty()) else { break };
        md5.update(chunk);
        sha256.update(chunk);
    }
    Ok((hex(&md5.finalize()), hex(&sha256.finalize())))
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)]).collect()
}

/// A JSON object written member by member, so that its lists need not be in memory.
struct Object<'a, W> {
    out: &'a mut W,
    first: bool,
}

impl<'a, W: Write> Object<'a, W> {
    fn new(out: &'a mut W) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Self { out, first: true })
    }

    fn key(&mut self, name: &str) -> Result<()> {
        self.out.write_all(if self.first { b"\n" } else { b",\n" })?;
        self.first = false;
        serde_json::to_writer(&mut *self.out, name)?;
        self.out.write_all(b": ")?;
        Ok(())
    }

    fn member(&mut self, name: &str, value: &impl Serialize) -> Result<()> {
        self.key(name)?;
        Ok(serde_json::to_writer(&mut *self.out, value)?)
    }

    fn list(&mut self, name: &str, fill: impl FnOnce(&mut List<'_, W>) -> Result<()>) -> Result<()> {
        self.key(name)?;
        self.out.write_all(b"[")?;
        fill(&mut List { out: self.out, first: true })?;
        self.out.write_all(b"]")?;
        Ok(())
    }

    fn end(self) -> io::Result<()> {
        self.out.write_all(b"\n}\n")?;
        self.out.flush()
    }
}

/// A list of an [`Object`].
struct List<'a, W> {
    out: &'a mut W,
    first: bool,
}

impl<W: Write> List<'_, W> {
    fn item(&mut self, value: &impl Serialize) -> Result<()> {
        self.out.write_all(if self.first { b"\n" } else { b",\n" })?;
        self.first = false;
        Ok(serde_json::to_writer(&mut *self.out, value)?)
    }
}
