//! Distribution lists as vCard.

use pst_core::convert::LossKind;
use pst_core::convert::contact::Version;
use pst_core::ltp::PropertyType;
use pst_core::write::MessageDraft;

use crate::kit::{Names, bytes, line, lines, stored, told};

fn one_off(name: &str, address_type: &str, address: &str) -> Vec<u8> {
    let text = format!("{name}\0{address_type}\0{address}\0");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&[0; 4][..], &bytes("812B1FA4BEA310199D6E00DD010F5402"), &[0, 0, 1, 0x80], &wide].concat()
}

fn wrapped(kind: u8, entry_id: &[u8]) -> Vec<u8> {
    [&[0; 4][..], &bytes("C091ADD3519DCF11A4A900AA0047FAA4"), &[kind], entry_id].concat()
}

fn list(names: &mut Names<'_>, members: &[Vec<u8>], one_offs: &[Vec<u8>]) -> MessageDraft {
    let mut draft = MessageDraft::new("IPM.DistList");
    draft
        .properties()
        .text(names.address(0x8053), "Team")
        .multiple(names.address(0x8055), PropertyType::MULTIPLE_BINARY, members)
        .multiple(names.address(0x8054), PropertyType::MULTIPLE_BINARY, one_offs);
    draft
}

#[test]
fn members_of_every_kind() {
    let ann = one_off("Ann", "SMTP", "ann@example.com");
    let members = [
        wrapped(0xC3, &[0; 24]),
        one_off("bob@example.com", "SMTP", "bob@example.com"),
        wrapped(0xB5, b"x"),
        wrapped(0xB4, &[0; 24]),
    ];
    let one_offs = [ann, Vec::new(), one_off("Otto", "EX", "/o=Org/cn=otto"), Vec::new()];
    let item = stored(|names| list(names, &members, &one_offs));
    let card = item.card(Version::V4);
    assert_eq!(line(&card.text, "KIND").as_deref(), Some("group"));
    assert_eq!(line(&card.text, "FN").as_deref(), Some("Team"));
    assert_eq!(
        lines(&card.text, "MEMBER"),
        ["MEMBER;X-CN=Ann:mailto:ann@example.com", "MEMBER:mailto:bob@example.com"]
    );
    assert_eq!(
        told(&card.losses),
        [
            (
                LossKind::NoPlace,
                "member 3, a user of an address book without an e-mail address, Otto (EX:/o=Org/cn=otto)"
            ),
            (LossKind::NoPlace, "member 4, a list without an e-mail address"),
        ]
    );
    let v3 = item.card(Version::V3);
    assert_eq!(line(&v3.text, "X-ADDRESSBOOKSERVER-KIND").as_deref(), Some("group"));
    assert_eq!(lines(&v3.text, "X-ADDRESSBOOKSERVER-MEMBER").len(), 2);
}

#[test]
fn a_stream_counts_before_the_others() {
    let ann = one_off("Ann", "SMTP", "ann@example.com");
    let length = u32::try_from(ann.len()).unwrap().to_le_bytes();
    let head = [&[1, 0, 0, 0][..], &[0; 8], &[2, 0, 0, 0], &[0; 12]].concat();
    let member = [&length[..], &ann, &[0; 8]].concat();
    let stream = [&head[..], &member, &[9, 0, 0, 0, 1]].concat();
    let card = stored(|names| {
        let mut draft = list(names, &[one_off("Old", "SMTP", "old@example.com")], &[]);
        draft.properties().binary(names.address(0x8064), stream);
        draft
    })
    .card(Version::V4);
    assert_eq!(lines(&card.text, "MEMBER"), ["MEMBER;X-CN=Ann:mailto:ann@example.com"]);
    assert_eq!(told(&card.losses), [(LossKind::Unreadable, "the members after the first 1")]);
}
