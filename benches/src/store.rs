//! A store of any size that looks like a mailbox: for figures at scale.

use std::path::Path;
use std::sync::LazyLock;

use pst_core::write::{AttachmentDraft, MessageDraft, PstWriter, WriteOptions};
use pst_core::{FileTime, Guid, Result};

/// Ticks of 2020-01-01 in 100 ns since 1601.
const YEAR_2020: u64 = 132_223_104_000_000_000;
const HOUR: u64 = 36_000_000_000;
const MESSAGES_PER_FOLDER: usize = 2_000;

/// How large the mails are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mails {
    /// Some 42 KB: two of five have an attachment.
    Heavy,
    /// Some 20 KB: one of fifteen has.
    Light,
    /// Some 10 KB, none has.
    Small,
}

/// A number that looks random and is always the same.
fn mix(seed: usize) -> usize {
    let mut x = seed as u64 ^ 0x9E37_79B9_7F4A_7C15;
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (x ^ (x >> 31)) as usize
}

/// Words without end, so that making a mail costs little beside writing it.
static WORDS: LazyLock<String> = LazyLock::new(|| {
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
    let mut out = String::new();
    let mut at = 1;
    while out.len() < 4 << 20 {
        at = mix(at);
        out.push_str(WORDS[at % 16]);
    }
    out
});

static BYTES: LazyLock<Vec<u8>> =
    LazyLock::new(|| (0..1usize << 18).flat_map(|at| (mix(at) as u64).to_le_bytes()).collect());

fn text(seed: usize, length: usize) -> &'static str {
    let start = WORDS.floor_char_boundary(mix(seed) % (WORDS.len() - length));
    WORDS.get(start..WORDS.ceil_char_boundary(start + length)).unwrap_or_default()
}

/// The text on one line, as subjects and header fields must be.
fn line(text: &str) -> String {
    text.replace("\r\n", " ")
}

fn message(number: usize, mails: Mails) -> MessageDraft {
    let random = mix(number);
    let sent = FileTime::new(YEAR_2020 + number as u64 * HOUR);
    let person = |n: usize| (format!("Person {}", n % 400), format!("person{}@example.com", n % 400));
    let (sender, sender_address) = person(random);
    let mut message = MessageDraft::new("IPM.Note");
    message
        .subject(&format!("{}{}", if random.is_multiple_of(3) { "RE: " } else { "" }, line(text(random, 30))))
        .sender(&sender, &sender_address)
        .dates(sent, sent)
        .headers(&format!(
            "From: {sender_address}\r\nMessage-ID: <{number}@example.com>\r\nReceived: {}",
            line(text(random, 900))
        ))
        .message_id(&format!("<{number}@example.com>"))
        .body(text(random, 600 + random % 3000));
    if random % 4 != 1 {
        let length = if mails == Mails::Small { 500 + random % 2_500 } else { 2000 + random % 20_000 };
        message.html(&format!("<html><body>{}</body></html>", text(random, length)));
    }
    for recipient in 0..1 + random % 5 {
        let (name, address) = person(mix(random + recipient));
        message.to(&name, &address);
    }
    let has_attachment = match mails {
        Mails::Heavy => random % 5 < 2,
        Mails::Light => random.is_multiple_of(15),
        Mails::Small => false,
    };
    if has_attachment {
        let size = match random % 50 {
            0..=1 => 300_000,
            2..=20 => 60_000,
            _ => 12_000,
        };
        let start = mix(number) % (BYTES.len() - size);
        let bytes = &BYTES[start..start + size];
        message.attach(AttachmentDraft::file("report.pdf", bytes).mime("application/pdf"));
    }
    message
}

/// Writes a store with so many messages.
pub fn write(path: &Path, messages: usize, mails: Mails) -> Result<()> {
    let options = WriteOptions::new()
        .overwrite(true)
        .name("Benchmark")
        .record_key(*b"benchmark store!")
        .now(FileTime::new(YEAR_2020));
    let mut out = PstWriter::create(path, options)?;
    // As every store that Outlook wrote has some.
    out.named_property(Guid::PSETID_COMMON, 0x8554)?;
    let top = out.ipm_subtree();
    let mut folder = top;
    for number in 0..messages {
        if number % MESSAGES_PER_FOLDER == 0 {
            folder = out.folder(top, &format!("Folder {}", number / MESSAGES_PER_FOLDER))?;
        }
        out.message(folder, message(number, mails))?;
    }
    out.finish().map(drop)
}
