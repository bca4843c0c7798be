//! What a reader says of a file: one neutral shape for our own dump and for every peer.
//!
//! ```text
//! View { reader, folders, orphans, errors }
//!   Folder { nid, path, items, errors }               path as in a dump: "/" is the root, a slash in a name is %2F
//!     Item { nid, associated, class, subject, plain, html, rtf, recipients, attachments, errors }
//!       Attachment { nid, method, name, data, embedded, errors }      embedded is an Item
//! ```
//!
//! A field that is missing was **not told**; null says that there is none. A body is a list of [`Form`]s: first the bytes
//! as the reader gave them, then what they may have been before the reader changed them, each with a name. Text counts as
//! UTF-8, HTML and RTF as stored bytes, RTF unpacked.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// All that one reader says of one file.
#[derive(Debug, Deserialize)]
pub(super) struct View {
    /// Name and version.
    pub(super) reader: String,
    pub(super) folders: Vec<Folder>,
    pub(super) errors: Vec<String>,
    /// How many items no folder lists.
    #[serde(default)]
    pub(super) orphans: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Folder {
    #[serde(default)]
    pub(super) nid: Option<String>,
    pub(super) path: String,
    pub(super) items: Vec<Item>,
    pub(super) errors: Vec<String>,
    #[serde(skip)]
    pub(super) search: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Item {
    #[serde(default)]
    pub(super) nid: Option<String>,
    #[serde(default)]
    pub(super) associated: Option<bool>,
    #[serde(default, deserialize_with = "told")]
    pub(super) class: Told<String>,
    #[serde(default, deserialize_with = "told")]
    pub(super) subject: Told<String>,
    #[serde(default, deserialize_with = "told")]
    pub(super) plain: Told<Vec<Form>>,
    #[serde(default, deserialize_with = "told")]
    pub(super) html: Told<Vec<Form>>,
    #[serde(default, deserialize_with = "told")]
    pub(super) rtf: Told<Vec<Form>>,
    #[serde(default)]
    pub(super) attachments: Option<Vec<Attachment>>,
    /// Their display names.
    #[serde(default)]
    pub(super) recipients: Option<Vec<String>>,
    pub(super) errors: Vec<String>,
    /// Properties of ours that limits of peers depend on.
    #[serde(skip)]
    pub(super) facts: Facts,
}

impl Item {
    /// Hidden from people: settings, views, rules.
    pub(super) fn is_associated(&self) -> bool {
        self.associated == Some(true)
    }
}

/// What only our side knows of an item.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// It has a property of the appointment set.
    pub(super) appointment_property: bool,
    pub(super) recipients: usize,
    pub(super) attachments: usize,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Attachment {
    #[serde(default)]
    pub(super) nid: Option<String>,
    #[serde(default)]
    pub(super) method: Option<i64>,
    #[serde(default, deserialize_with = "told")]
    pub(super) name: Told<String>,
    #[serde(default, deserialize_with = "told")]
    pub(super) data: Told<Form>,
    #[serde(default)]
    pub(super) embedded: Option<Box<Item>>,
    pub(super) errors: Vec<String>,
    #[serde(skip)]
    pub(super) short_name: Option<String>,
}

/// Bytes by length and digest.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Form {
    #[serde(rename = "form")]
    pub(super) name: String,
    pub(super) len: u64,
    pub(super) sha256: String,
}

/// What a reader says of a field.
#[derive(Clone, Debug, Default)]
pub(super) enum Told<T> {
    /// Nothing at all.
    #[default]
    No,
    /// That there is none.
    Nothing,
    Some(T),
}

fn told<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Told<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.map_or(Told::Nothing, Told::Some))
}

/// What limits of peers depend on in the file as a whole.
#[derive(Clone, Debug, Default)]
pub(super) struct FileFacts {
    pub(super) name: String,
    pub(super) format: String,
    pub(super) crypt: String,
    /// Named properties of sets that stand in the GUID stream of the name map.
    pub(super) named_in_sets: usize,
}

/// Our own view, with the folders by node id.
#[derive(Debug)]
pub(super) struct Ours {
    pub(super) file: FileFacts,
    pub(super) folders: BTreeMap<String, Folder>,
    pub(super) orphans: usize,
    /// Path of the top of personal folders.
    pub(super) ipm_path: Option<String>,
}

/// Sets that have numbers of their own in the name map and do not stand in its stream of GUIDs.
const NUMBERED_SETS: [&str; 3] = ["none", "mapi", "public"];
const APPOINTMENT_SET: &str = "0220060000000000c000000000000046";

/// Takes our view out of a dump.
pub(super) fn ours(dump: &Value) -> Result<Ours> {
    let mut folders = BTreeMap::new();
    let ipm = string(&dump["store"], "ipm_subtree_nid");
    let mut ipm_path = None;
    for record in list(dump, "folders") {
        let nid = string(record, "nid").context("a folder without node id")?;
        let path = string(record, "path").unwrap_or_default();
        if ipm.as_ref() == Some(&nid) {
            ipm_path = Some(path.clone());
        }
        let search = record["kind"] == "search";
        folders.insert(nid.clone(), Folder { nid: Some(nid), path, search, ..Folder::default() });
    }
    let appointment: Vec<String> = list(&dump["named_properties"], "entries")
        .iter()
        .filter_map(Value::as_str)
        .filter_map(|entry| entry.split_once('|'))
        .filter(|(_, name)| name.starts_with(APPOINTMENT_SET))
        .map(|(id, _)| id.trim_start_matches("0x").to_owned())
        .collect();
    for (records, associated) in [("messages", false), ("associated", true)] {
        for record in list(dump, records) {
            let folder = string(record, "folder_nid").and_then(|nid| folders.get_mut(&nid));
            let folder = folder.with_context(|| format!("no folder for the item {}", record["nid"]))?;
            folder.items.push(item(record, associated, &appointment));
        }
    }
    let file = FileFacts {
        name: string(&dump["file"], "name").unwrap_or_default(),
        format: string(&dump["file"], "format").unwrap_or_default(),
        crypt: string(&dump["file"], "crypt_method").unwrap_or_default(),
        named_in_sets: list(&dump["named_properties"], "entries")
            .iter()
            .filter_map(|entry| entry.as_str()?.split('|').nth(1))
            .filter(|set| !NUMBERED_SETS.contains(set))
            .count(),
    };
    Ok(Ours { file, folders, orphans: list(dump, "orphans").len(), ipm_path })
}

fn item(record: &Value, associated: bool, appointment: &[String]) -> Item {
    let tags = string(record, "property_tags").unwrap_or_default();
    let facts = Facts {
        appointment_property: tags.split(' ').any(|tag| appointment.iter().any(|id| tag.starts_with(id.as_str()))),
        recipients: list(record, "recipients").len(),
        attachments: list(record, "attachments").len(),
    };
    let body = |name: &str, length: &str| match &record[name] {
        // A dump tells no bodies of associated items.
        _ if associated => Told::No,
        Value::Null => Told::Nothing,
        body => Told::Some(vec![form(body, length)]),
    };
    Item {
        nid: string(record, "nid"),
        associated: Some(associated),
        class: string(record, "message_class").map_or(Told::Nothing, Told::Some),
        subject: string(record, "subject").map_or(Told::Nothing, Told::Some),
        plain: body("body_plain", "utf8_len"),
        html: body("body_html", "len"),
        rtf: body("body_rtf", "len"),
        attachments: (!associated)
            .then(|| list(record, "attachments").iter().map(|record| attachment(record, appointment)).collect()),
        recipients: (!associated).then(|| {
            list(record, "recipients").iter().map(|record| string(record, "name").unwrap_or_default()).collect()
        }),
        errors: Vec::new(),
        facts,
    }
}

fn attachment(record: &Value, appointment: &[String]) -> Attachment {
    let named = ["long_filename", "short_filename", "display_name"];
    let name = named.into_iter().filter_map(|name| string(record, name)).find(|name| !name.is_empty());
    let data = if record["data_sha256"].is_string() {
        let len = record["data_len"].as_u64().unwrap_or_default();
        Told::Some(Form { name: String::new(), len, sha256: string(record, "data_sha256").unwrap_or_default() })
    } else {
        Told::Nothing
    };
    let embedded = &record["embedded"];
    Attachment {
        nid: string(record, "nid"),
        method: record["method"].as_i64(),
        name: name.map_or(Told::Nothing, Told::Some),
        data,
        embedded: embedded.is_object().then(|| Box::new(item(embedded, false, appointment))),
        errors: Vec::new(),
        short_name: string(record, "short_filename"),
    }
}

fn form(body: &Value, length: &str) -> Form {
    let len = body[length].as_u64().unwrap_or_default();
    Form { name: String::new(), len, sha256: string(body, "sha256").unwrap_or_default() }
}

fn string(record: &Value, name: &str) -> Option<String> {
    record.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn list<'a>(record: &'a Value, name: &str) -> &'a [Value] {
    record.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
