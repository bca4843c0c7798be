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

/// Seeds of [`crate::rtf_text()`].
pub fn rtf_texts() -> Vec<Vec<u8>> {
    const FONTS: &str =
        "\\deff0{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset128 MS Gothic;}{\\f2\\fcharset2 Symbol;}}";
    let rtf = |mark: &str, body: &str| format!("{{\\rtf1\\ansi\\ansicpg1252{mark}{FONTS}{body}}}").into_bytes();
    vec![
        rtf(
            "\\fromhtml1",
            "{\\*\\htmltag64 <p>}{\\htmlrtf\\f1\\htmlrtf0\\'83e\\'94\\'4e{\\*\\htmltag84 &nbsp;}\\htmlrtf \\'a0\\htmlrtf0 \\lquote x\\u-10179 ?\\u-8704 ?\\htmlrtf\\par}\\htmlrtf0{\\*\\htmltag72 </p>\\par }",
        ),
        rtf("\\fromtext", "\\pard caf\\'e9\\tab{\\f1\\'93\\'fa}\\par\\u8364 ?"),
        rtf(
            "",
            "{\\colortbl;\\red255\\green0\\blue0;}\\pard\\qc\\li720\\b bold\\cf1\\fs28{\\i italic}\\par{\\listtext\\f2\\'b7\\tab}item\\par\\plain  two  spaces\\line",
        ),
        rtf(
            "",
            "\\trowd\\cellx1\\intbl a\\cell{\\b b}\\cell\\row\\pard{\\field{\\*\\fldinst HYPERLINK \"http://example.com/\"}{\\fldrslt link\\par}}\\objattph\\'20",
        ),
        rtf(
            "",
            "{\\header h}{\\footnote f}{\\*\\shppict{\\pict\\bin3 {}}}}{\\shp{\\*\\shpinst{\\shptxt box}}}{\\upr{a}{\\*\\ud\\u8364 ?}}{\\v hidden}{\\field{\\*\\fldinst SYMBOL 74 \\\\f Wingdings}{\\fldrslt}}",
        ),
    ]
}

/// Seeds of [`crate::tnef()`].
pub fn tnefs() -> Vec<Vec<u8>> {
    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).expect("small").to_le_bytes();
        let sum = pst_core::tnef::checksum(data).to_le_bytes();
        [&[level][..], &id.to_le_bytes(), &length, data, &sum].concat()
    }
    fn stream(attributes: &[Vec<u8>]) -> Vec<u8> {
        [b"\x78\x9F\x3E\x22\x01\0".to_vec(), attributes.concat()].concat()
    }
    let page = attribute(1, 0x0006_9007, &[0xE4, 4, 0, 0, 0, 0, 0, 0]);
    let legacy = [
        page.clone(),
        attribute(1, 0x0007_8008, b"IPM.Microsoft Mail.Note\0"),
        attribute(1, 0x0001_8004, b"subject\0"),
        attribute(1, 0x0000_8000, b"\x04\0\x18\0\x04\0\x04\0Ann\0X:a\0\0\0\0\0\0\0\0\0"),
        attribute(1, 0x0003_8005, b"\xEA\x07\x0B\0\x16\0\x01\0\x02\0\x03\0\0\0"),
        attribute(1, 0x0001_8009, b"0a0B\0"),
    ];
    let properties = [
        &[4, 0, 0, 0][..],
        b"\x1F\0\x37\0\x01\0\0\0\x04\0\0\0a\0\0\0",
        b"\x02\x10\x01\0\x02\0\0\0\x01\0\0\0\x02\0\0\0",
        b"\x03\0\0\x80\x08\x20\x06\0\0\0\0\0\xC0\0\0\0\0\0\0\x46\0\0\0\0\x03\x85\0\0\x01\0\0\0",
        b"\x40\0\x39\0\0\x80\x3E\xD5\xDE\xB1\x9D\x01",
    ]
    .concat();
    let recipients = [&[1, 0, 0, 0][..], b"\x01\0\0\0\x1E\0\x01\x30\x01\0\0\0\x04\0\0\0Ann\0"].concat();
    let file = [
        attribute(2, 0x0006_9002, b"\x01\0\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0"),
        attribute(2, 0x0001_8010, b"a.txt\0"),
        attribute(2, 0x0006_800F, b"data"),
    ];
    let inner = stream(&[&legacy[..], &file].concat());
    let length = u32::try_from(inner.len()).expect("small").wrapping_add(16).to_le_bytes();
    let object =
        [b"\x01\0\0\0\x0D\0\x01\x37\x01\0\0\0", &length[..], b"\x07\x03\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", &inner]
            .concat();
    let lists = [page, attribute(1, 0x0006_9004, &recipients), attribute(1, 0x0006_9003, &properties)];
    let embedded =
        [attribute(2, 0x0006_9002, b"\x01\0\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0"), attribute(2, 0x0006_9005, &object)];
    vec![stream(&legacy), stream(&lists), inner, stream(&[&lists[..], &embedded].concat())]
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

/// Seeds of [`crate::calendar()`].
pub fn calendars() -> Vec<Vec<u8>> {
    use crate::calendar::WEEKLY;
    use pst_core::messaging::recurrence::{AppointmentRecurrence, RecurrenceException};
    let weekly = AppointmentRecurrence::decode(&WEEKLY).value.expect("a sound recurrence");
    let mut changed = weekly.clone();
    changed.exceptions = vec![RecurrenceException {
        start: changed.pattern.start,
        end: changed.pattern.start,
        original_start: changed.pattern.start,
        subject: Some(b"changed".to_vec()),
        wide_subject: Some("changed".to_owned()),
        location: Some(b"there".to_vec()),
        wide_location: Some("there".to_owned()),
        busy_status: Some(1),
        change_highlight: Some(vec![0; 4]),
        ..RecurrenceException::default()
    }];
    changed.pattern.modified = vec![changed.pattern.start];
    changed.pattern.deleted = vec![changed.pattern.start, changed.pattern.end];
    let rule = [&480i32.to_le_bytes()[..], &[0; 4], &(-60i32).to_le_bytes()].concat();
    let [november, march] = [[0u8, 0, 11, 0, 0, 0, 1, 0, 2, 0], [0, 0, 3, 0, 0, 0, 2, 0, 2, 0]];
    let dates = [&november[..], &[0; 6], &march, &[0; 6]].concat();
    let zone = [&rule[..], &[0; 2], &november, &[0; 8], &march, &[0; 6]].concat();
    let definition =
        [&[2, 1, 8, 0, 2, 0, 1, 0, 65, 0, 1, 0, 2, 1, 0x3E, 0, 2, 0][..], &[0; 16], &rule, &dates].concat();
    let id = [4u8, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 8];
    let id = [&id[..], &[7, 0xD8, 3, 25], &[0; 16], &[4, 0, 0, 0, 1, 2, 3, 4]].concat();
    let kept = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let members = [&[1, 0, 0, 0][..], &[0; 8], &[1, 0, 0, 0], &[0; 12], &[4, 0, 0, 0, 1, 2, 3, 4], &[0; 16]].concat();
    let seeds: [(u8, Vec<u8>); 9] = [
        (0, weekly.encode()),
        (0, changed.encode()),
        (1, weekly.pattern.encode()),
        (2, zone),
        (3, definition.clone()),
        (4, definition),
        (5, id),
        (6, kept.to_vec()),
        (7, members),
    ];
    seeds.into_iter().map(|(choice, bytes)| [&[choice][..], &bytes].concat()).collect()
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
