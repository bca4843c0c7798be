//! Messages made of any bytes become mails.
//!
//! The input is a row of commands, each a byte and what it takes: properties of every kind, recipients, attachments,
//! messages within. What comes out must be seven bits in lines that end with CR LF, whatever went in.

use pst_core::Pst;
use pst_core::convert::to_mime::{Options, write_mail};
use pst_core::ltp::{PropertyTag, PropertyType, id};
use pst_core::messaging::{PropertyName, PropertySet};
use pst_core::mime::Mail;
use pst_core::ndb::CryptMethod;
use pst_core::write::{AttachmentDraft, MessageDraft, Properties, PstWriter, WriteOptions};
use pst_core::{FileTime, Guid};

/// Messages within messages that an input may ask for.
const DEPTH: usize = 40;

/// Classes that ask for a structure of their own.
const CLASSES: [&str; 16] = [
    "IPM.Note",
    "IPM.Note.SMIME.MultipartSigned",
    "IPM.Note.SMIME",
    "REPORT.IPM.Note.NDR",
    "REPORT.IPM.Note.Delayed.DR",
    "REPORT.IPM.Note.IPNRN",
    "IPM.Schedule.Meeting.Request",
    "IPM.Schedule.Meeting.Resp.Neg",
    "IPM.Appointment",
    "IPM.Task",
    "IPM.TaskRequest",
    "IPM.Contact",
    "IPM.DistList",
    "IPM.StickyNote",
    "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}",
    "",
];

/// Properties a mail is made of.
const IDS: [u16; 48] = [
    0x0015, 0x0017, 0x001A, 0x0023, 0x0025, 0x0026, 0x0029, 0x0030, 0x0036, 0x0037, 0x0039, 0x0040, 0x0041, 0x0042,
    0x0044, 0x0049, 0x004E, 0x004F, 0x0050, 0x005D, 0x0064, 0x0065, 0x0070, 0x0071, 0x0076, 0x007D, 0x0C1A, 0x0C1D,
    0x0C1E, 0x0C1F, 0x0E06, 0x0E07, 0x0E1F, 0x1000, 0x1001, 0x1009, 0x1013, 0x1014, 0x1015, 0x1035, 0x1039, 0x1042,
    0x1043, 0x1046, 0x3FDE, 0x3FDF, 0x64F0, 0x6820,
];

/// Named ones: a set and a name or number.
const NAMED: [(Guid, &str, u32); 10] = [
    (Guid::PS_PUBLIC_STRINGS, "Keywords", 0),
    (Guid::PS_INTERNET_HEADERS, "X-Any", 0),
    (Guid::PS_INTERNET_HEADERS, "--bad", 0),
    (Guid::PSETID_UNIFIED_MESSAGING, "X-CallID", 0),
    (Guid::PSETID_COMMON, "", 0x8530),
    (Guid::PSETID_COMMON, "", 0x85B5),
    (Guid::PSETID_APPOINTMENT, "", 0x8216),
    (Guid::PSETID_APPOINTMENT, "", 0x820D),
    (Guid::PSETID_APPOINTMENT, "", 0x827A),
    (Guid::PSETID_ADDRESS, "", 0x8083),
];

/// The input, read from front to back.
struct Commands<'a>(&'a [u8]);

impl<'a> Commands<'a> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(usize::from(self.byte()).checked_rem(from.len())?).copied()
    }

    /// Bytes, as many as a number of two bytes says.
    fn bytes(&mut self) -> &'a [u8] {
        let length = usize::from(u16::from_le_bytes([self.byte(), self.byte()]));
        let (bytes, rest) = self.0.split_at_checked(length.min(self.0.len())).unwrap_or((self.0, &[]));
        self.0 = rest;
        bytes
    }

    fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    fn number(&mut self) -> i32 {
        i32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    /// A property of any type.
    fn property(&mut self, property: u16, properties: &mut Properties) {
        match self.byte() & 7 {
            0 | 1 => properties.text(property, self.text()),
            2 => properties.binary(property, self.bytes()),
            3 => properties.integer32(property, self.number()),
            4 => properties.boolean(property, self.byte() & 1 == 1),
            5 => {
                let count = i64::from(self.number()).unsigned_abs();
                properties.time(property, FileTime::new(count.wrapping_mul(0x1_0000_0001)))
            }
            6 => properties.texts(property, [self.text(), self.text()]),
            _ => properties.stored(PropertyTag::from_parts(property, PropertyType::STRING), self.bytes()),
        };
    }
}

/// Makes a message of commands; false where there are none left.
fn draft(commands: &mut Commands<'_>, out: &mut PstWriter<Vec<u8>>, depth: usize) -> MessageDraft {
    let mut draft = MessageDraft::new(commands.pick(&CLASSES).unwrap_or_default());
    while !commands.0.is_empty() {
        match commands.byte() & 15 {
            0..=3 => {
                let property = commands.pick(&IDS).unwrap_or_default();
                commands.property(property, draft.properties());
            }
            4 => {
                let Some((set, name, number)) = commands.pick(&NAMED) else { continue };
                let name =
                    if name.is_empty() { PropertyName::Number(number) } else { PropertyName::String(name.to_owned()) };
                let Ok(property) = out.named_property(PropertySet::from_guid(set), name) else { continue };
                commands.property(property, draft.properties());
            }
            5 => drop(draft.body(&commands.text()).properties()),
            6 => drop(draft.html(&commands.text()).properties()),
            7 => drop(draft.rtf(commands.bytes()).properties()),
            8 => drop(draft.headers(&commands.text()).properties()),
            9 => {
                let mut row = Properties::new();
                for property in [id::RECIPIENT_TYPE, id::DISPLAY_NAME, id::ADDRESS_TYPE, id::EMAIL_ADDRESS, 0x0C1B] {
                    commands.property(property, &mut row);
                }
                draft.recipient_row(row);
            }
            10 | 11 => {
                let mut file = AttachmentDraft::file(&commands.text(), commands.bytes());
                for property in
                    [id::ATTACH_MIME_TAG, id::ATTACH_CONTENT_ID, id::ATTACH_FLAGS, id::ATTACH_CONTENT_LOCATION]
                {
                    commands.property(property, file.properties());
                }
                draft.attach(file);
            }
            12 => drop(draft.attach(AttachmentDraft::ole(&commands.text(), commands.bytes())).properties()),
            13 => drop(draft.attach(AttachmentDraft::reference(&commands.text(), &commands.text())).properties()),
            14 if depth < DEPTH => {
                let inner = self::draft(commands, out, depth.saturating_add(1));
                draft.attach(AttachmentDraft::message(&commands.text(), inner));
            }
            15 if depth > 0 => break,
            _ => {}
        }
    }
    draft
}

/// Makes a message of the input, writes it as a mail, and looks at the mail.
pub fn to_mail(data: &[u8]) {
    let options = WriteOptions::new().now(FileTime::new(1)).record_key([7; 16]).crypt(CryptMethod::None);
    let Ok(mut out) = PstWriter::in_memory(options) else { return };
    let Ok(folder) = out.folder(out.ipm_subtree(), "Inbox") else { return };
    let message = draft(&mut Commands(data), &mut out, 0);
    let Ok(nid) = out.message(folder, message) else { return };
    let Some(pst) = out.finish().ok().and_then(|bytes| Pst::from_bytes(bytes).ok()) else { return };
    let (Ok(message), Ok(names)) = (pst.message(nid), pst.named_properties()) else { return };
    let mut mail = Vec::new();
    let written = write_mail(&message, &names, &mut mail, &Options::default());
    assert!(written.is_ok(), "{written:?}");
    let mut again = Vec::new();
    let _ = write_mail(&message, &names, &mut again, &Options::default());
    assert!(mail == again, "the second time other bytes");
    // What is signed goes out as it is; there, anything may stand.
    if !mail.windows(16).any(|window| window.eq_ignore_ascii_case(b"multipart/signed")) && !has_sealed(data) {
        let mut length = 0usize;
        let mut last = 0;
        for byte in &mail {
            assert!(byte.is_ascii() && (*byte == b'\n') == (last == b'\r'), "a bare line end or eight bits");
            length = if *byte == b'\n' { 0 } else { length.saturating_add(1) };
            assert!(length <= 999, "a line too long");
            last = *byte;
        }
        assert!(last == b'\n', "no line end at the end");
    }
    let parsed = Mail::parse(&mail);
    assert!(parsed.message_id().is_some(), "no message id");
}

/// Whether a message of the input may be a sealed one.
fn has_sealed(data: &[u8]) -> bool {
    let sealed = |byte: &u8| matches!(usize::from(*byte).checked_rem(CLASSES.len()), Some(1 | 2));
    data.first().is_some_and(sealed) || data.windows(2).any(|pair| matches!(pair, [14 | 30, class] if sealed(class)))
}

/// Seeds of [`to_mail`]: one command of each kind, and a bit of each structure.
pub fn to_mails() -> Vec<Vec<u8>> {
    let short = |text: &str| {
        let length = u16::try_from(text.len()).unwrap_or(0).to_le_bytes();
        [length.as_slice(), text.as_bytes()].concat()
    };
    let text = |text: &str| [[0].as_slice(), &short(text)].concat();
    let number = |number: i32| [[3].as_slice(), &number.to_le_bytes()].concat();
    let with = |command: u8, parts: &[Vec<u8>]| [vec![command], parts.concat()].concat();
    let property = |place: u8, value: Vec<u8>| with(0, &[vec![place], value]);
    let recipient =
        with(9, &[number(1), text("Jürgen, B"), text("SMTP"), text("b@x.example"), text("<mx #5.1.1 smtp;550 no>")]);
    let file = with(
        10,
        &[short("für.png"), short("\u{89}PNG bytes"), text("image/png"), text("<p@x>"), number(4), text("p.png")],
    );
    let everyday = [
        property(9, text("RE: Grüße")),
        property(27, text("ann@x.example")),
        with(5, &[short("plain\r\n.\r\ntext ")]),
        with(6, &[short("<meta charset=x><img src=\"cid:p@x\"><img src=p.png>")]),
        with(8, &[short("Received: by x\r\nTo: \u{e4}@x\r\nSubject: =?utf-8?q?a?=\r\nContent-Type: x/y\r\n")]),
        recipient,
        file.clone(),
        with(12, &[short("object"), short("\u{1}no compound file")]),
        with(13, &[short("link"), short("\\\\server\\file")]),
        with(4, &[vec![0], vec![6], short("red"), short("blue")]),
        with(4, &[vec![1], text("value")]),
    ]
    .concat();
    let sealed = with(
        10,
        &[
            short("smime.p7m"),
            short("Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\nx\r\n--s--\r\n"),
            text("multipart/signed"),
            text(""),
            number(0),
            text(""),
        ],
    );
    let mut seeds: Vec<Vec<u8>> = (0..16).map(|class| [vec![class], everyday.clone()].concat()).collect();
    seeds.push([vec![1], sealed.clone()].concat());
    seeds.push([vec![2], sealed.clone()].concat());
    let nested =
        [vec![0, 14, 1], sealed, vec![15], short("inner"), vec![14, 3], everyday, vec![15], short("report")].concat();
    seeds.push(nested);
    seeds.push([vec![0], [14, 0].repeat(60)].concat());
    seeds.push([vec![0], with(7, &[short("{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}x}")]), file].concat());
    seeds
}
