//! A store of any size that looks like a mailbox: for figures at scale.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use pst_core::ndb::Format;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, NameMap, StoreBuilder};
use pst_core::{FileTime, Guid};

/// Ticks of 2020-01-01 in 100 ns since 1601.
const YEAR_2020: u64 = 132_223_104_000_000_000;
const HOUR: u64 = 36_000_000_000;
const MESSAGES_PER_FOLDER: usize = 2_000;

/// A number that looks random and is always the same.
fn mix(seed: usize) -> usize {
    let mut x = seed as u64 ^ 0x9E37_79B9_7F4A_7C15;
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (x ^ (x >> 31)) as usize
}

fn text(seed: usize, length: usize) -> String {
    const WORDS: [&str; 16] = [
        "the ",
        "contract ",
        "will ",
        "be ",
        "sent ",
        "on ",
        "Monday ",
        "with ",
        "all ",
        "figures ",
        "and ",
        "a ",
        "note ",
        "für ",
        "Herrn ",
        "Müller.\r\n",
    ];
    let mut out = String::with_capacity(length + 16);
    let mut at = seed;
    while out.len() < length {
        at = mix(at);
        out.push_str(WORDS[at % 16]);
    }
    out
}

/// The text on one line, as subjects and header fields must be.
fn line(text: &str) -> String {
    text.replace("\r\n", " ")
}

fn message(number: usize) -> MessageBuilder {
    let random = mix(number);
    let sent = FileTime::new(YEAR_2020 + number as u64 * HOUR);
    let person = |n: usize| (format!("Person {}", n % 400), format!("person{}@example.com", n % 400));
    let (sender, sender_address) = person(random);
    let mut message = MessageBuilder::new("IPM.Note")
        .subject(&format!("{}{}", if random.is_multiple_of(3) { "RE: " } else { "" }, line(&text(random, 30))))
        .sender(&sender, &sender_address)
        .dates(sent, sent)
        .headers(&format!(
            "From: {sender_address}\r\nMessage-ID: <{number}@example.com>\r\nReceived: {}",
            line(&text(random, 900))
        ))
        .message_id(&format!("<{number}@example.com>"))
        .body(&text(random, 600 + random % 3000));
    if random % 4 != 1 {
        message = message.html(&format!("<html><body>{}</body></html>", text(random, 2000 + random % 20_000)));
    }
    for recipient in 0..1 + random % 5 {
        let (name, address) = person(mix(random + recipient));
        message = message.to(&name, &address);
    }
    if random % 5 < 2 {
        let size = match random % 50 {
            0..=1 => 300_000,
            2..=20 => 60_000,
            _ => 12_000,
        };
        let bytes: Vec<u8> = (0..size).step_by(8).flat_map(|at| (mix(number + at) as u64).to_le_bytes()).collect();
        message = message.attach(AttachmentBuilder::by_value("report.pdf", bytes).mime("application/pdf"));
    }
    message
}

/// Writes a store with so many messages.
pub fn write(path: &Path, messages: usize) {
    let sink = BufWriter::with_capacity(1 << 20, File::create(path).expect("the file can be made"));
    // As every store that Outlook wrote has some.
    let mut names = NameMap::new();
    names.number(Guid::PSETID_COMMON, 0x8554);
    let mut mailbox = Mailbox::new("Benchmark").names(names);
    let mut from = 0;
    while from < messages {
        let to = (from + MESSAGES_PER_FOLDER).min(messages);
        let name = format!("Folder {}", from / MESSAGES_PER_FOLDER);
        mailbox = mailbox.folder(FolderBuilder::new(&name).class("IPF.Note").messages((from..to).map(message)));
        from = to;
    }
    mailbox
        .write(StoreBuilder::with_sink(Format::UNICODE, sink))
        .finish()
        .into_inner()
        .expect("the file can be written");
}
