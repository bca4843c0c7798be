//! Good input to mutate, made by the encoders.

// Built from constants; a slip should stop the run.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use pst_core::ltp::{EncodedValue, HeapBuilder, PropertyTag, TableBuilder, encode_properties};
use pst_core::messaging::{AddressBookEntryId, OneOffEntryId};
use pst_core::ndb::{Bid, CryptMethod, Format, InternalBlock, Nid, SubnodeEntry, SubnodeIndexEntry};
use pst_core::rtf::lzfu;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};

use crate::FORMATS;

/// A store with a bit of everything.
fn store(format: Format, crypt: CryptMethod) -> Vec<u8> {
    let inner = MessageBuilder::new("IPM.Note")
        .subject("inside")
        .body("deeper")
        .attach(AttachmentBuilder::by_value("a.txt", "abc"));
    let message = MessageBuilder::new("IPM.Note")
        .subject("RE: Plan")
        .sender("Ann", "ann@example.com")
        .to("Bob", "bob@example.com")
        .bcc("Eve", "eve@example.com")
        .headers("From: ann@example.com\r\n")
        .body(&"a long body ".repeat(900))
        .html("<p>short</p>")
        .rtf("{\\rtf1 text}")
        .attach(AttachmentBuilder::by_value("large.bin", vec![7; 40_000]))
        .attach(AttachmentBuilder::embedded("inside", inner))
        .attach(AttachmentBuilder::ole("object", vec![1; 100]));
    let inbox = FolderBuilder::new("Inbox")
        .class("IPF.Note")
        .message(message)
        .messages((0..40).map(|number| MessageBuilder::new("IPM.Note").subject(&format!("number {number}"))))
        .associated(MessageBuilder::new("IPM.Configuration.Test").subject("hidden"))
        .folder(FolderBuilder::new("Below"));
    let search = FolderBuilder::search("Found", vec![Nid::new(0x20_0024)]);
    Mailbox::new("Seed")
        .folder(inbox)
        .root_folder(search)
        .write(StoreBuilder::new(format).crypt(crypt).compress(true))
        .finish_vec()
}

/// A small sound store.
pub fn small(format: Format) -> &'static [u8] {
    crate::cached(format, || store(format, CryptMethod::None))
}

/// The same without the padding of its last section; map pages beyond it are not there.
pub fn trimmed(format: Format) -> &'static [u8] {
    let whole = small(format);
    let end = whole.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    whole.get(..end.next_multiple_of(format.page_size())).unwrap_or(whole)
}

/// Prepends the byte that chooses the layout.
fn chosen(format: Format, mut data: Vec<u8>) -> Vec<u8> {
    let choice = FORMATS.iter().position(|known| *known == format).and_then(|at| u8::try_from(at).ok());
    data.insert(0, choice.unwrap_or(0));
    data
}

/// Seeds of [`crate::header()`].
pub fn headers() -> Vec<Vec<u8>> {
    FORMATS.iter().map(|format| small(*format)[..format.header_size()].to_vec()).collect()
}

/// Seeds of [`crate::page()`].
pub fn pages() -> Vec<Vec<u8>> {
    use pst_core::ndb::page::PageType;
    use pst_core::testkit::edit::Editor;
    let mut seeds = Vec::new();
    for format in FORMATS {
        let editor = Editor::new(small(format).to_vec());
        for kind in [PageType::NodeTree, PageType::BlockTree] {
            seeds.push(chosen(format, editor.page(editor.root(kind).at).to_vec()));
            seeds.push(chosen(format, editor.page(editor.leaf(kind).at).to_vec()));
        }
    }
    seeds
}

/// Seeds of [`crate::block()`].
pub fn blocks() -> Vec<Vec<u8>> {
    let entry = SubnodeEntry { nid: Nid::new(0x8025), data: Bid::new(4), subnodes: Bid::new(6) };
    let blocks = [
        InternalBlock::DataTree { level: 1, total: 9000, children: vec![Bid::new(4), Bid::new(8)] },
        InternalBlock::DataTree { level: 2, total: 9_000_000, children: vec![Bid::new(2); 9] },
        InternalBlock::Subnodes(vec![entry; 5]),
        InternalBlock::SubnodeIndex(vec![SubnodeIndexEntry { nid: Nid::new(5), block: Bid::new(10) }; 3]),
    ];
    FORMATS.iter().flat_map(|format| blocks.iter().map(|block| chosen(*format, block.encode(*format)))).collect()
}

/// Seeds of [`crate::heap()`].
pub fn heaps() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for format in FORMATS {
        for (count, leaf_size) in [(12u16, 3580), (200, 64), (2000, 256)] {
            let properties: Vec<(PropertyTag, EncodedValue)> = (0..count)
                .map(|number| {
                    let kinds = [0x0003, 0x001F, 0x0102, 0x0040, 0x000B, 0x101F, 0x1003, 0x001E, 0x000D];
                    let kind = kinds[usize::from(number).checked_rem(kinds.len()).unwrap_or(0)];
                    let tag = PropertyTag::new(u32::from(number) << 16 | kind);
                    let item = match kind {
                        0x0003 | 0x000B => return (tag, EncodedValue::Inline(u32::from(number))),
                        0x101F => vec![1, 0, 0, 0, 8, 0, 0, 0, 65, 0],
                        _ => vec![65; 8],
                    };
                    (tag, EncodedValue::Item(item))
                })
                .collect();
            let blocks = encode_properties(HeapBuilder::new(format), &properties, leaf_size);
            seeds.push(chosen(format, blocks.concat()));
        }
    }
    seeds
}

/// Seeds of [`crate::table()`].
pub fn tables() -> Vec<Vec<u8>> {
    let tags: Vec<PropertyTag> =
        [0x0037_001F, 0x0E06_0040, 0x0E08_0003, 0x0E1B_000B, 0x0E17_0002, 0x3713_0102].map(PropertyTag::new).to_vec();
    let mut seeds = Vec::new();
    for format in FORMATS {
        for (rows, leaf_size) in [(3u32, 3580), (60, 32)] {
            let mut table = TableBuilder::new(format, &tags).leaf_size(leaf_size);
            for row in 0..rows {
                let cells: Vec<_> = tags.iter().map(|tag| (*tag, EncodedValue::Item(vec![66; 8]))).collect();
                table.push(row, &cells);
            }
            seeds.push(chosen(format, table.finish(None).0.concat()));
        }
    }
    seeds
}

/// Seeds of [`crate::rtf()`].
pub fn rtfs() -> Vec<Vec<u8>> {
    let text = "{\\rtf1\\ansi\\pard some text\\par }".repeat(50);
    vec![lzfu::compress(text.as_bytes()), lzfu::store(text.as_bytes()), lzfu::compress(b"x")]
}

/// Seeds of [`crate::address()`].
pub fn addresses() -> Vec<Vec<u8>> {
    let (name, address_type) = ("Ann".to_owned(), "SMTP".to_owned());
    let one_off = OneOffEntryId { name, address_type, address: "ann@x.example".to_owned() };
    let book = AddressBookEntryId { object_type: 0, distinguished_name: "/o=ORG/cn=Recipients/cn=ann".to_owned() };
    let mut seeds = vec![one_off.encode(), book.encode().unwrap_or_default()];
    let texts = [
        "\"Smith, Ann\" <ann@x.example>, Team: a@x.example, =?utf-8?q?J=C3=B6rg?= <j@x.example>;, (c) b@[192.0.2.1]",
        "IMCEAEX-_O=ORG_OU=SITE_CN=RECIPIENTS_CN=ANN+2EB@x.example",
        "IMCEANOTES-+22Ann+22+20+3Cann+40x+2Eexample+3E+40ORG@gateway.example",
        "/o=ORG/ou=SITE/cn=Recipients/cn=0123456789abcdef0123456789abcdef-ann",
        "REPORT.IPM.Note.SMIME.MultipartSigned.Delayed.DR",
        "SMTP:ANN@X.EXAMPLE\0",
    ];
    seeds.extend(texts.map(|text| text.as_bytes().to_vec()));
    seeds
}

/// Seeds of [`crate::journal()`].
pub fn journals() -> Vec<Vec<u8>> {
    let later = "Sender: a@x.example\r\nOn-Behalf-Of: b@x.example\r\nSubject: x\r\nMessage-Id: <1@x.example>\r\n\
        To: c@x.example, Expanded: l@x.example\r\nCc: [EX:/o=ORG/cn=D]; e@x.example\r\nBcc: f@x.example, Forwarded: g@x.example\r\n";
    let older = "Sender: \"A\" <a@x.example>\r\nMessage-ID:\r\n <1@x.example>\r\nRecipients:\r\n\t\"B, b\" <b@x.example>\r\n\tC\r\n";
    let report = |marker: &str, text: &str, kind: &str, inner: &str, boundary: &str| {
        format!(
            "{marker}\r\nContent-Type: multipart/{kind}; boundary={boundary}\r\n\r\n--{boundary}\r\n\r\n{text}\r\n--{boundary}\r\n\
            Content-Type: message/rfc822\r\n\r\n{inner}\r\n--{boundary}--\r\n"
        )
    };
    let mail = "From: a@x.example\r\nMessage-ID: <1@x.example>\r\nSubject: x\r\n\r\nText.\r\n";
    let one = report("X-MS-Journal-Report:", later, "mixed", mail, "one");
    let two = report("Content-Identifier: ExJournalReport", older, "mixed", &one, "two");
    let bounce = report("Subject: y", "Sorry.", "report; report-type=delivery-status", &one, "three");
    [later.to_owned(), older.to_owned(), one, two, bounce].map(String::into_bytes).to_vec()
}

/// Mail with everything that a view of an item looks at.
const MAIL: &str = "Received: from a by b; Wed, 17 May 2000 19:35:09 -0400\r\nFrom: A <a@x.example>\r\nSender: b@x.example\r\n\
    To: c@x.example, G: d@x.example;\r\nReply-To: e@x.example\r\nSubject: =?utf-8?q?=C3=9C?=\r\nMessage-ID: <1@x.example>\r\n\
    Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\n\
    Hi\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>Hi\r\n--a\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n\
    METHOD:REPLY\r\nATTENDEE;PARTSTAT=ACCEPTED:x\r\n--a--\r\n--m\r\nContent-Type: image/png; name=x.png\r\nContent-ID: <i@x>\r\n\
    Content-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--m\r\nContent-Type: message/rfc822\r\n\r\n\
    From: f@x.example\r\nSubject: in\r\n\r\nWithin\r\n--m--\r\n";

fn zip_of(entries: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    use std::io::Write;
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, content) in entries {
        out.start_file(*name, options).expect("a name");
        out.write_all(content).expect("memory");
    }
    out.finish().expect("an archive").into_inner()
}

/// Seeds of [`crate::archive()`].
pub fn archives() -> Vec<Vec<u8>> {
    use zip::CompressionMethod::{Deflated, Stored};
    let mbox = format!("From a Wed May 17 23:35:05 2000\r\n{MAIL}\r\n");
    let inner = zip_of(&[("deep/a.eml", MAIL.as_bytes()), ("b.mbox", mbox.as_bytes())], Deflated);
    let store = trimmed(Format::UNICODE);
    vec![
        zip_of(&[("Inbox/a.eml", MAIL.as_bytes()), ("b.txt", b"text"), ("c.mbox", mbox.as_bytes())], Stored),
        zip_of(&[("a.eml", MAIL.as_bytes()), ("inner.zip", &inner), ("empty", b"")], Deflated),
        zip_of(&[("inner.zip", &inner), ("a.eml", MAIL.as_bytes())], Stored),
        zip_of(&[("store.pst", store)], Deflated),
    ]
}

/// Seeds of [`crate::mbox()`].
pub fn mboxes() -> Vec<Vec<u8>> {
    let from = "From a Wed May 17 23:35:05 2000\r\n";
    vec![
        MAIL.as_bytes().to_vec(),
        format!("{MAIL}\r\n{from}Subject: b\r\n\r\n>From here\r\n>>From there\r\n\r\nFrom where\r\n\r\n{from}{MAIL}")
            .into_bytes(),
        "A: b\n\n\nFrom x\nReceived: y\n\nFrom 10:30 2000\n\n".repeat(5).into_bytes(),
    ]
}

/// Seeds of [`crate::file()`].
pub fn files() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = FORMATS.iter().map(|format| trimmed(*format).to_vec()).collect();
    seeds.push(store(Format::UNICODE, CryptMethod::Permute));
    seeds.push(store(Format::UNICODE, CryptMethod::Cyclic));
    // What follows the data is padding of the last section; shorter files run faster.
    for seed in &mut seeds {
        let end = seed.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
        seed.truncate(end);
    }
    seeds
}
