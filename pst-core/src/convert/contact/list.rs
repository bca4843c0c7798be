//! IPM.DistList (MS-OXOCNTC 2.2.2): KIND:group and its members.
//!
//! ```text
//! PidLidDistributionListMembers         entry ids: one-off, or wrapped around that of a contact, list or address book user
//! PidLidDistributionListOneOffMembers   for each the name and address it had
//! PidLidDistributionListStream          both, for lists too long for the others, which then do not count
//! ```

use super::{Writer, address};
use crate::bytes;
use crate::convert::LossKind;
use crate::convert::address::{OneOff, mailto, smtp_address};
use crate::convert::item::{Item, Key};
use crate::ltp::id;

/// The provider of wrapped entry ids (MS-OXOCNTC 2.2.2.2.4.1.1).
const WRAPPED: [u8; 16] =
    [0xC0, 0x91, 0xAD, 0xD3, 0x51, 0x9D, 0xCF, 0x11, 0xA4, 0xA9, 0x00, 0xAA, 0x00, 0x47, 0xFA, 0xA4];

/// A member: its entry id, and the one-off entry id beside it.
#[derive(Debug, PartialEq, Eq)]
struct Member {
    entry_id: Vec<u8>,
    one_off: Vec<u8>,
}

/// What a wrapped entry id points to.
fn wrapped(entry_id: &[u8]) -> Option<&'static str> {
    (bytes::array(entry_id, 4)? == WRAPPED).then_some(())?;
    Some(match bytes::u8(entry_id, 20)? & 0x0F {
        0 => "an address",
        3 => "a contact",
        4 => "a list",
        5 => "a user of an address book",
        6 => "a list of an address book",
        _ => "something",
    })
}

/// The members in a PidLidDistributionListStream (MS-OXOCNTC 2.2.2.2.4); what breaks off leaves those before it.
fn decode_stream(stored: &[u8]) -> (Vec<Member>, bool) {
    const HEADER: usize = 28;
    let Some(count) = bytes::u32(stored, 12) else { return (Vec::new(), false) };
    let mut rest = stored.get(HEADER..).unwrap_or_default();
    let mut part = || {
        let length = usize::try_from(bytes::u32(rest, 0)?).ok()?;
        let (taken, after) = rest.get(4..)?.split_at_checked(length)?;
        rest = after;
        Some(taken.to_vec())
    };
    let mut members = Vec::new();
    for _ in 0..count {
        let one = part().zip(part()).zip(part());
        let Some(((entry_id, one_off), _)) = one else { return (members, false) };
        members.push(Member { entry_id, one_off });
    }
    (members, true)
}

fn members(item: &mut Item<'_>) -> Vec<Member> {
    let stream = address(0x8064);
    let entry_ids = item.binaries(address(0x8055));
    let one_offs = item.binaries(address(0x8054));
    if let Some(stored) = item.binary(stream) {
        let (members, whole) = decode_stream(&stored);
        if !whole {
            item.lose_key(stream, LossKind::Unreadable, format_args!("the members after the first {}", members.len()));
        }
        return members;
    }
    let mut one_offs = one_offs.into_iter();
    let pair = |entry_id| Member { entry_id, one_off: one_offs.next().unwrap_or_default() };
    entry_ids.into_iter().map(pair).collect()
}

/// Writes a list.
pub(super) fn write(item: &mut Item<'_>, writer: &mut Writer) {
    let name = item.trimmed(address(0x8053));
    let display = item.trimmed(Key::Tag(id::DISPLAY_NAME));
    let subject = item.trimmed(Key::Tag(id::SUBJECT));
    let _ = (item.trimmed(address(0x8005)), subject);
    let subject = item.message.subject().ok().flatten().filter(|subject| !subject.is_empty());
    let name = name.or(display).or(subject).unwrap_or_else(|| {
        item.lose(LossKind::MadeUp, "FN: the list has no name");
        "?".to_owned()
    });
    writer.either(("X-ADDRESSBOOKSERVER-KIND", ""), ("KIND", ""), Some("group"));
    writer.lines.open("FN").text(&name);
    if !writer.is_v4() {
        writer.lines.open("N").texts(&[name.as_str(), "", "", "", ""], ';');
    }
    let code_page = item.code_page();
    for (number, member) in members(item).into_iter().enumerate() {
        let own = OneOff::decode(&member.entry_id, code_page);
        let one_off = own.or_else(|| OneOff::decode(&member.one_off, code_page));
        let smtp = one_off.as_ref().and_then(|one| smtp_address(&one.address));
        let smtp = smtp.filter(|_| one_off.as_ref().is_some_and(|one| !one.address_type.eq_ignore_ascii_case("EX")));
        let Some(smtp) = smtp else {
            let number = number.saturating_add(1);
            let what = wrapped(&member.entry_id).unwrap_or("a member of an unknown kind");
            let who = one_off.map(|one| format!(", {} ({}:{})", one.name, one.address_type, one.address));
            let who = who.unwrap_or_default();
            item.lose(LossKind::NoPlace, format_args!("member {number}, {what} without an e-mail address{who}"));
            continue;
        };
        writer.lines.open(if writer.version == super::Version::V4 { "MEMBER" } else { "X-ADDRESSBOOKSERVER-MEMBER" });
        if let Some(name) = one_off.map(|one| one.name).filter(|name| !name.is_empty() && *name != smtp) {
            writer.lines.parameter("X-CN", &name);
        }
        writer.lines.value(&mailto(&smtp));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(members: &[(&[u8], &[u8])]) -> Vec<u8> {
        let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
        let mut out = [&[1, 0, 0, 0][..], &[0; 8], &number(members.len()), &[0; 12]].concat();
        for (entry_id, one_off) in members {
            for part in [*entry_id, *one_off, b""] {
                out.extend_from_slice(&number(part.len()));
                out.extend_from_slice(part);
            }
        }
        out.extend_from_slice(&[0; 8]);
        out
    }

    #[test]
    fn a_stream_has_pairs() {
        let stored = stream(&[(b"one", b"1"), (b"two", b"")]);
        let member =
            |entry_id: &[u8], one_off: &[u8]| Member { entry_id: entry_id.to_vec(), one_off: one_off.to_vec() };
        assert_eq!(decode_stream(&stored), (vec![member(b"one", b"1"), member(b"two", b"")], true));
        let (members, whole) = decode_stream(&stored[..stored.len() - 12]);
        assert_eq!((members.len(), whole), (1, false));
        assert_eq!(decode_stream(b""), (Vec::new(), false));
        let mut hostile = stored;
        hostile[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        let (members, whole) = decode_stream(&hostile);
        // Zeros at the end read as members without anything, until the bytes are used up.
        assert_eq!((members.len(), whole), (2, false));
    }

    #[test]
    fn what_is_wrapped() {
        let mut entry_id = [&[0; 4][..], &WRAPPED, &[0xC3]].concat();
        assert_eq!(wrapped(&entry_id), Some("a contact"));
        entry_id[20] = 0xB4;
        assert_eq!(wrapped(&entry_id), Some("a list"));
        assert_eq!(wrapped(&entry_id[..20]), None);
    }
}
