//! Prints what the `outlook-pst` crate reads in a file as the neutral view of `cargo xtask readers`:
//! `outlook-pst-view FILE`. The fields are described in `xtask/src/readers/view.rs`.
//!
//! The crate hands out the compressed RTF stream as it is stored; it is decompressed here with `pst-core`.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;

use outlook_pst::ltp::prop_context::PropertyValue;
use outlook_pst::ltp::table_context::TableContext;
use outlook_pst::messaging::attachment::{AnsiAttachment, Attachment, AttachmentData, UnicodeAttachment};
use outlook_pst::messaging::folder::Folder;
use outlook_pst::messaging::message::{AnsiMessage, Message, UnicodeMessage};
use outlook_pst::messaging::store::{AnsiStore, EntryId, Store, UnicodeStore};
use outlook_pst::ndb::node_id::NodeId;
use outlook_pst::{AnsiPstFile, UnicodePstFile};
use pst_core::rtf::lzfu;
use pst_core::text::CodePage;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Where the view names the crate's version, which `Cargo.lock` pins.
const READER: &str = "outlook-pst 1.2.0";
const ROOT_FOLDER: u32 = 0x122;
const CLASS: u16 = 0x001A;
const SUBJECT: u16 = 0x0037;
const BODY: u16 = 0x1000;
const RTF_COMPRESSED: u16 = 0x1009;
const HTML: u16 = 0x1013;
const DISPLAY_NAME: u16 = 0x3001;
const ATTACH_NAME: u16 = 0x3704;
const ATTACH_METHOD: u16 = 0x3705;
const ATTACH_LONG_NAME: u16 = 0x3707;
const MESSAGE_CODEPAGE: u16 = 0x3FFD;
const WESTERN: CodePage = CodePage::new(1252);
/// More than any stream in a test file.
const RTF_LIMIT: u64 = 1 << 30;

/// The crate has one type per layout and no common way to an attachment.
trait Layout {
    type Store: Store;
    type Message: Message;

    fn open(path: &Path) -> io::Result<Rc<Self::Store>>;
    fn message(store: &Rc<Self::Store>, id: &EntryId) -> io::Result<Rc<Self::Message>>;
    fn attachment(message: &Rc<Self::Message>, node: NodeId) -> io::Result<Rc<dyn Attachment>>;
}

struct Unicode;
struct Ansi;

impl Layout for Unicode {
    type Store = UnicodeStore;
    type Message = UnicodeMessage;

    fn open(path: &Path) -> io::Result<Rc<UnicodeStore>> {
        UnicodeStore::read(Rc::new(UnicodePstFile::open(path)?))
    }

    fn message(store: &Rc<UnicodeStore>, id: &EntryId) -> io::Result<Rc<UnicodeMessage>> {
        UnicodeMessage::read(Rc::clone(store), id, None)
    }

    fn attachment(message: &Rc<UnicodeMessage>, node: NodeId) -> io::Result<Rc<dyn Attachment>> {
        Ok(UnicodeAttachment::read(Rc::clone(message), node, None)?)
    }
}

impl Layout for Ansi {
    type Store = AnsiStore;
    type Message = AnsiMessage;

    fn open(path: &Path) -> io::Result<Rc<AnsiStore>> {
        AnsiStore::read(Rc::new(AnsiPstFile::open(path)?))
    }

    fn message(store: &Rc<AnsiStore>, id: &EntryId) -> io::Result<Rc<AnsiMessage>> {
        AnsiMessage::read(Rc::clone(store), id, None)
    }

    fn attachment(message: &Rc<AnsiMessage>, node: NodeId) -> io::Result<Rc<dyn Attachment>> {
        Ok(AnsiAttachment::read(Rc::clone(message), node, None)?)
    }
}

/// Runs a job of the crate; what it returns or panics with becomes text.
fn attempt<T>(job: impl FnOnce() -> io::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(job)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(format!("panic: {}", text.unwrap_or_default()))
        }
    }
}

fn form(name: &str, data: &[u8]) -> Value {
    let digest: String = Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "form": name, "len": data.len(), "sha256": digest })
}

fn text_of(value: Option<&PropertyValue>) -> Option<String> {
    match value? {
        PropertyValue::Unicode(text) => Some(text.to_string()),
        PropertyValue::String8(text) => Some(text.to_string()),
        _ => None,
    }
}

/// A body as bytes: text in UTF-8, anything else as stored.
fn body(value: Option<&PropertyValue>, code_page: CodePage) -> Value {
    let data = match value {
        Some(PropertyValue::Binary(data)) => data.buffer().to_vec(),
        Some(PropertyValue::String8(data)) => {
            let mut forms = vec![form("as given", data.to_string().as_bytes())];
            // The crate makes each byte a character; its caller may decode the bytes.
            if let Ok(decoded) = code_page.decode(data.buffer()) {
                forms.push(form("decoded by the code page of the message", decoded.text.as_bytes()));
            }
            forms.push(form("8-bit text as stored", data.buffer()));
            return forms.into();
        }
        value => match text_of(value) {
            Some(text) => text.into_bytes(),
            None => return Value::Null,
        },
    };
    json!([form("as given", &data)])
}

/// The subject without the two characters that tell the length of its prefix.
fn subject(value: Option<&PropertyValue>) -> Option<String> {
    let text = text_of(value)?;
    let mut characters = text.chars();
    if characters.next() == Some('\u{1}') {
        characters.next();
        return Some(characters.collect());
    }
    Some(text)
}

fn attachment(attachment: &dyn Attachment, node: u32) -> Value {
    let properties = attachment.properties();
    let method = match properties.get(ATTACH_METHOD) {
        Some(PropertyValue::Integer32(method)) => *method,
        _ => 0,
    };
    let name = [ATTACH_LONG_NAME, ATTACH_NAME, DISPLAY_NAME].into_iter().find_map(|id| text_of(properties.get(id)));
    let nid = format!("{node:#x}");
    match attachment.data() {
        Some(AttachmentData::Binary(data)) => {
            let data = form("as given", data.buffer());
            json!({ "nid": nid, "method": method, "name": name, "data": data, "errors": [] })
        }
        _ => json!({ "nid": nid, "method": method, "name": name, "errors": [] }),
    }
}

/// The display names in the rows of a table.
fn names(table: &dyn TableContext) -> io::Result<Vec<String>> {
    let described = table.context().columns();
    let Some(at) = described.iter().position(|column| column.prop_id() == DISPLAY_NAME) else { return Ok(Vec::new()) };
    table
        .rows_matrix()
        .map(|row| {
            let cells = row.columns(table.context())?;
            let cell = cells.get(at).and_then(Option::as_ref).zip(described.get(at));
            let value = cell.map(|(cell, column)| table.read_column(cell, column.prop_type())).transpose()?;
            Ok(text_of(value.as_ref()).unwrap_or_default())
        })
        .collect()
}

fn message<L: Layout>(message: &Rc<L::Message>, node: u32, associated: bool) -> Value {
    let properties = message.properties();
    let code_page = match properties.get(MESSAGE_CODEPAGE) {
        Some(PropertyValue::Integer32(number)) => u16::try_from(*number).map_or(WESTERN, CodePage::new),
        _ => WESTERN,
    };
    let mut errors = Vec::new();
    let mut view = Map::new();
    view.insert("nid".to_owned(), format!("{node:#x}").into());
    view.insert("associated".to_owned(), associated.into());
    view.insert("class".to_owned(), text_of(properties.get(CLASS)).into());
    view.insert("subject".to_owned(), subject(properties.get(SUBJECT)).into());
    view.insert("plain".to_owned(), body(properties.get(BODY), code_page));
    view.insert("html".to_owned(), body(properties.get(HTML), code_page));
    let rtf = match properties.get(RTF_COMPRESSED) {
        Some(PropertyValue::Binary(stored)) => match lzfu::decompress(stored.buffer(), RTF_LIMIT) {
            Ok(rtf) => json!([form("as given", &rtf.bytes)]),
            Err(error) => {
                errors.push(format!("rtf: {error:?}"));
                Value::Null
            }
        },
        _ => Value::Null,
    };
    view.insert("rtf".to_owned(), rtf);
    let recipients = message.recipient_table().map_or(Ok(Vec::new()), |table| attempt(|| names(table.as_ref())));
    match recipients {
        Ok(recipients) => {
            view.insert("recipients".to_owned(), recipients.into());
        }
        Err(error) => errors.push(format!("recipients: {error}")),
    }
    let mut attachments = Vec::new();
    for row in message.attachment_table().into_iter().flat_map(|table| table.rows_matrix()) {
        let node = u32::from(row.id());
        match attempt(|| L::attachment(message, NodeId::from(node))) {
            Ok(read) => attachments.push(attachment(read.as_ref(), node)),
            Err(error) => attachments.push(json!({ "nid": format!("{node:#x}"), "errors": [error] })),
        }
    }
    view.insert("attachments".to_owned(), attachments.into());
    view.insert("errors".to_owned(), errors.into());
    view.into()
}

fn items<L: Layout>(store: &Rc<L::Store>, table: Option<&Rc<dyn TableContext>>, associated: bool) -> Vec<Value> {
    let rows = table.into_iter().flat_map(|table| table.rows_matrix());
    rows.map(|row| {
        let node = u32::from(row.id());
        let read = attempt(|| {
            let id = store.properties().make_entry_id(NodeId::from(node))?;
            Ok(message::<L>(&L::message(store, &id)?, node, associated))
        });
        read.unwrap_or_else(|error| json!({ "nid": format!("{node:#x}"), "associated": associated, "errors": [error] }))
    })
    .collect()
}

/// Reads a folder and what is below it.
fn walk<L: Layout>(store: &Rc<L::Store>, node: u32, path: &str, folders: &mut Vec<Value>) {
    let opened = attempt(|| store.open_folder(&store.properties().make_entry_id(NodeId::from(node))?));
    let folder: Rc<dyn Folder> = match opened {
        Ok(folder) => folder,
        Err(error) => {
            let path = if path.is_empty() { "/" } else { path };
            folders.push(json!({ "nid": format!("{node:#x}"), "path": path, "items": [], "errors": [error] }));
            return;
        }
    };
    let name = text_of(folder.properties().get(DISPLAY_NAME)).unwrap_or_default().replace('/', "%2F");
    let path = match (node, path) {
        (ROOT_FOLDER, _) => String::new(),
        (_, path) => format!("{path}/{name}"),
    };
    let mut all = items::<L>(store, folder.contents_table(), false);
    all.extend(items::<L>(store, folder.associated_table(), true));
    let shown = if path.is_empty() { "/" } else { &path };
    folders.push(json!({ "nid": format!("{node:#x}"), "path": shown, "items": all, "errors": [] }));
    for row in folder.hierarchy_table().into_iter().flat_map(|table| table.rows_matrix()) {
        walk::<L>(store, u32::from(row.id()), &path, folders);
    }
}

fn view<L: Layout>(path: &Path) -> Result<Vec<Value>, String> {
    let store = attempt(|| L::open(path))?;
    let mut folders = Vec::new();
    walk::<L>(&store, ROOT_FOLDER, "", &mut folders);
    Ok(folders)
}

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("Usage: outlook-pst-view FILE");
        return ExitCode::from(2);
    };
    // A panic of the crate is told in the view.
    std::panic::set_hook(Box::new(|_| {}));
    let path = Path::new(&path);
    let result = view::<Unicode>(path).or_else(|unicode| view::<Ansi>(path).map_err(|ansi| [unicode, ansi]));
    let (folders, errors) = match result {
        Ok(folders) => (folders, Vec::new()),
        Err([unicode, ansi]) => (Vec::new(), vec![format!("as Unicode: {unicode}"), format!("as ANSI: {ansi}")]),
    };
    println!("{}", json!({ "reader": READER, "folders": folders, "errors": errors }));
    ExitCode::SUCCESS
}
