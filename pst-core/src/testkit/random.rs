//! Stores of every shape, each made from one number by the writer.

use crate::ltp::{PropertyTag, PropertyType};
use crate::messaging::{PropertyName, PropertySet, RecipientKind};
use crate::ndb::CryptMethod;
use crate::text::CodePage;
use crate::write::{AttachmentDraft, FolderId, MessageDraft, Properties, PstWriter, Target, WriteOptions};
use crate::{FileTime, Guid, Result};

/// Numbers that look random, always the same for a seed.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A size at an edge of the format, or near one, or any.
    fn size(&mut self, most: usize) -> usize {
        const ITEM: usize = 3580;
        const BLOCK: usize = 8176;
        const ANSI_BLOCK: usize = 8180;
        let edge = match self.below(12) {
            0 => 0,
            1 => self.choose(&[1, 2, 3, 4, 5, 8]),
            2 => ITEM,
            3 => ITEM * 2,
            4 => BLOCK,
            5 => BLOCK * self.choose(&[2, 3, 7]),
            6 => ANSI_BLOCK,
            7 if self.one_in(8) => BLOCK * 1021,
            8 => BLOCK - 64,
            _ => return self.below(most.min(6000)),
        };
        (edge + self.below(5)).saturating_sub(2).min(most)
    }

    fn bytes(&mut self, size: usize) -> Vec<u8> {
        let seed = self.next();
        (0..size).map(|at| ((at as u64).wrapping_mul(seed | 1) >> 13) as u8).collect()
    }

    fn text(&mut self, size: usize, ansi: bool) -> String {
        let letters: &[char] =
            if ansi { &['a', 'b', ' ', 'ä', 'Z', '\n'] } else { &['a', ' ', 'ß', '日', '🎉', 'Ω', 'z', '\n'] };
        let mut out = String::new();
        while out.len() < size {
            out.push(self.choose(letters));
        }
        out
    }
}

/// Large shapes that a seed may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Up to some hundred items and some ten megabytes.
    Small,
    /// 100,000 items in one folder.
    ManyItems,
    /// So many bytes at least.
    Bytes(u64),
}

/// Writes the store of a seed.
///
/// # Errors
/// Those of the writer.
pub fn random_store<T: Target>(seed: u64, scale: Scale, target: T) -> Result<T::Output> {
    let mut random = Random(seed);
    let ansi = scale == Scale::Small && random.one_in(8);
    let mut options = WriteOptions::new()
        .record_key(*b"stores of a seed")
        .now(FileTime::from_unix_seconds(1_500_000_000).expect("a date"))
        .crypt(random.choose(&[CryptMethod::Permute, CryptMethod::Cyclic, CryptMethod::None]))
        .share_data(random.one_in(3))
        .overwrite(true)
        .name(format!("Seed {seed}"));
    if ansi {
        options = options.ansi(CodePage::WINDOWS_1252);
    }
    let mut out = PstWriter::with_target(target, options)?;
    let mut folders = vec![out.ipm_subtree(), out.deleted_items()];
    let deep = random.one_in(10);
    let count = if random.one_in(15) { 300 } else { random.below(12) };
    for number in 0..count {
        let parent = if deep { folders[folders.len() - 1] } else { random.choose(&folders) };
        let class = random.choose(&["IPF.Note", "IPF.Contact", "IPF.Appointment", "IPF.Task"]);
        folders.push(out.folder_of_class(parent, &format!("Folder {number}"), class)?);
    }
    let mut names = Vec::new();
    for number in 0..random.below(40) {
        let set =
            random.choose(&[PropertySet::PublicStrings, PropertySet::Guid(Guid::PSETID_COMMON), PropertySet::Mapi]);
        let name = if random.one_in(2) {
            PropertyName::Number(0x8000 + number as u32)
        } else {
            PropertyName::String(format!("name {number} {}", random.text(random.clone().below(20), false)))
        };
        names.push(out.named_property(set, name)?);
    }
    let items = match scale {
        Scale::Small => match random.below(20) {
            0 => 0,
            1 => 1000,
            _ => random.below(60),
        },
        Scale::ManyItems => 100_000,
        Scale::Bytes(_) => 5_000,
    };
    let one = random.choose(&folders);
    for _ in 0..items {
        let folder = if scale == Scale::ManyItems { one } else { random.choose(&folders) };
        let rich = scale == Scale::Small && items < 200;
        let message = message(&mut random, &mut out, &names, ansi, rich, 3)?;
        if random.one_in(12) {
            out.associated_message(folder, message)?
        } else {
            out.message(folder, message)?
        };
    }
    if let Scale::Bytes(bytes) = scale {
        fill(&mut random, &mut out, one, bytes)?;
    }
    out.finish()
}

/// Adds attachments until the file is as long as it is to be.
fn fill<T: Target>(random: &mut Random, out: &mut PstWriter<T>, folder: FolderId, bytes: u64) -> Result<()> {
    let part = random.bytes(20_000_000);
    while out.estimated_size() < bytes {
        let mut message = MessageDraft::new("IPM.Note");
        let size = part.len() - random.below(9000);
        let data = out.data(&part[..size])?;
        message.subject("large").attach(AttachmentDraft::file("large.bin", data));
        out.message(folder, message)?;
    }
    Ok(())
}

fn message<T: Target>(
    random: &mut Random,
    out: &mut PstWriter<T>,
    names: &[u16],
    ansi: bool,
    rich: bool,
    depth: usize,
) -> Result<MessageDraft> {
    let class = random.choose(&["IPM.Note", "IPM.Appointment", "IPM.Contact", "REPORT.IPM.Note.NDR", "IPM.Task"]);
    let mut message = MessageDraft::new(class);
    let length = random.below(60);
    message.subject(&(random.choose(&["", "RE: ", "AW: ", "Long prefix: "]).to_owned() + &random.text(length, ansi)));
    message.sender(&random.text(12, ansi), "ann@example.com").read(random.one_in(2));
    if !rich {
        message.body("body");
        return Ok(message);
    }
    let recipients = if random.one_in(30) { 500 } else { random.below(6) };
    for number in 0..recipients {
        let kind = random.choose(&[RecipientKind::To, RecipientKind::Cc, RecipientKind::Bcc]);
        message.recipient(kind, &random.text(10, ansi), &format!("person{number}@example.com"));
    }
    let size = random.size(200_000);
    message.body(&random.text(size, ansi));
    let size = random.size(60_000);
    message.html(&random.text(size, false));
    if random.one_in(3) {
        let size = random.size(40_000);
        message.rtf(random.text(size, true).as_bytes());
    }
    properties(random, message.properties(), names, ansi);
    if random.one_in(6) {
        let size = random.size(9_000_000);
        let bytes = random.bytes(size);
        let data = out.data(bytes.as_slice())?;
        message.properties().data(PropertyTag::from_parts(0x6F00, PropertyType::BINARY), data);
    }
    let attachments = match random.below(40) {
        0 => 400,
        1..=25 => 0,
        _ => random.below(4),
    };
    for number in 0..attachments {
        let size = if attachments > 10 { random.below(50) } else { random.size(9_000_000) };
        let bytes = random.bytes(size);
        let name = format!("{}{number}.bin", random.text(random.clone().below(30), ansi));
        let mut attachment = match random.below(6) {
            0 if depth > 0 => {
                let inner = self::message(random, out, names, ansi, attachments <= 10, depth - 1)?;
                AttachmentDraft::message(&name, inner)
            }
            1 => AttachmentDraft::ole(&name, bytes),
            2 => AttachmentDraft::reference(&name, "\\\\server\\share\\file"),
            _ => AttachmentDraft::file(&name, out.data(bytes.as_slice())?).mime("application/octet-stream"),
        };
        if random.one_in(4) {
            attachment = attachment.inline("image@example.com");
        }
        properties(random, attachment.properties(), names, ansi);
        message.attach(attachment);
    }
    Ok(message)
}

/// Properties of all types.
fn properties(random: &mut Random, properties: &mut Properties, names: &[u16], ansi: bool) {
    let mut ids: Vec<u16> = (0x6E00..0x6E20).collect();
    ids.extend_from_slice(names);
    for id in ids {
        if random.one_in(3) {
            continue;
        }
        let number = random.next();
        let parts = |random: &mut Random, size: usize| -> Vec<Vec<u8>> {
            (0..random.below(5)).map(|_| random.bytes(size)).collect()
        };
        match random.below(19) {
            0 => properties.integer16(id, number as i16),
            1 => properties.integer32(id, number as i32),
            2 => properties.integer64(id, number as i64),
            3 => properties.boolean(id, number & 1 == 1),
            4 => properties.floating64(id, number as f64),
            5 => {
                properties.stored(PropertyTag::from_parts(id, PropertyType::FLOATING32), (number as u32).to_le_bytes())
            }
            6 => properties.stored(PropertyTag::from_parts(id, PropertyType::CURRENCY), number.to_le_bytes()),
            7 => properties.stored(PropertyTag::from_parts(id, PropertyType::FLOATING_TIME), number.to_le_bytes()),
            8 => {
                properties.stored(PropertyTag::from_parts(id, PropertyType::ERROR_CODE), (number as u32).to_le_bytes())
            }
            9 => properties.time(id, FileTime::new(number >> 2)),
            10 => properties.guid(id, Guid::PSETID_TASK),
            11 => {
                let size = random.size(30_000);
                properties.binary(id, random.bytes(size))
            }
            12 => {
                let size = random.below(50);
                properties.text(id, random.text(size, ansi))
            }
            13 => {
                let parts = parts(random, 4);
                properties.multiple(id, PropertyType::MULTIPLE_INTEGER32, &parts)
            }
            14 => {
                let parts = parts(random, 8);
                properties.multiple(id, PropertyType::MULTIPLE_TIME, &parts)
            }
            15 => {
                let parts = parts(random, 16);
                properties.multiple(id, PropertyType::MULTIPLE_GUID, &parts)
            }
            16 => {
                let size = random.size(5000);
                let parts = parts(random, size);
                properties.multiple(id, PropertyType::MULTIPLE_BINARY, &parts)
            }
            17 => {
                let texts = [random.text(5, false), random.text(20, false)];
                properties.texts(id, texts)
            }
            _ => properties.stored(PropertyTag::from_parts(id, PropertyType::STRING8), b"bytes".to_vec()),
        };
    }
}
