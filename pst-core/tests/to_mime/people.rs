//! From, Sender, Reply-To and recipients (MS-OXCMAIL 2.1.3.1).

use pst_core::address::{AddressLookup, AddressSource, Known};
use pst_core::convert::LossKind;
use pst_core::convert::to_mime::{BccPolicy, Options, write_mail_with};
use pst_core::ltp::id;
use pst_core::messaging::OneOffEntryId;
use pst_core::write::{MessageDraft, Properties};

use crate::{convert, convert_with, letter, store};

/// The fields of people.
fn people(draft: MessageDraft) -> Vec<String> {
    let mail = convert(draft);
    let names = ["From:", "Sender:", "Reply-To:", "To:", "Cc:", "Bcc:"];
    let fields = mail.fields().replace("\r\n ", " ");
    fields.lines().filter(|line| names.iter().any(|name| line.starts_with(name))).map(str::to_owned).collect()
}

fn row(kind: i32, name: &str, address_type: &str, address: &str) -> Properties {
    let mut row = Properties::new();
    row.integer32(id::RECIPIENT_TYPE, kind)
        .text(id::DISPLAY_NAME, name)
        .text(id::ADDRESS_TYPE, address_type)
        .text(id::EMAIL_ADDRESS, address);
    row
}

#[test]
fn all_kinds_of_recipients() {
    let mut draft = letter();
    draft
        .cc("Lee, Cy", "cy@example.com")
        .bcc("Ötzi", "oetzi@example.com")
        .bcc("dan@example.com", "dan@example.com")
        .recipient_row(row(0, "Ann", "SMTP", "ann@example.com"))
        .recipient_row(row(0x1000_0001, "Flo", "SMTP", "flo@example.com"));
    assert_eq!(
        people(draft),
        [
            "From: Ann <ann@example.com>",
            "To: Bob <bob@example.com>, Flo <flo@example.com>",
            "Cc: \"Lee, Cy\" <cy@example.com>",
            "Bcc: =?utf-8?Q?=C3=96tzi?= <oetzi@example.com>, dan@example.com",
        ]
    );
}

#[test]
fn blind_copies_can_be_left_out() {
    let mut options = Options::default();
    options.bcc = BccPolicy::Drop;
    let mail = convert_with(&options, |_| {
        let mut draft = letter();
        draft.bcc("Eve", "eve@example.com").body("Hi.");
        draft
    });
    assert!(!mail.text.contains("eve@"));
    assert_eq!(mail.losses(), ["no-place: 1 Bcc recipients, as the options say"]);
    let mail = convert_with(&options, |_| {
        let mut draft = letter();
        draft
            .body("Hi.")
            .headers("From: ann@example.com\r\nBcc: eve@example.com\r\n e2@example.com\r\nTo: bob@example.com\r\n");
        draft
    });
    assert!(!mail.text.contains("eve@") && !mail.text.contains("e2@"));
}

#[test]
fn sent_on_behalf_of_somebody() {
    let mut draft = letter();
    draft.represented("Boss", "boss@example.com");
    let fields = people(draft);
    assert_eq!(fields[..2], ["From: Boss <boss@example.com>", "Sender: Ann <ann@example.com>"]);
}

/// PidTagReplyRecipientEntries.
fn reply_to(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut list = Vec::new();
    for entry in entries {
        list.extend_from_slice(&u32::try_from(entry.len()).unwrap().to_le_bytes());
        list.extend_from_slice(entry);
        list.resize(list.len().next_multiple_of(4), 0);
    }
    let mut out = u32::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
    out.extend_from_slice(&u32::try_from(list.len()).unwrap().to_le_bytes());
    [out, list].concat()
}

fn one_off(name: &str, address: &str) -> Vec<u8> {
    OneOffEntryId { name: name.to_owned(), address_type: "SMTP".to_owned(), address: address.to_owned() }.encode()
}

#[test]
fn answers_go_where_the_entry_ids_say() {
    let mut draft = letter();
    draft.properties().binary(0x004F, reply_to(&[one_off("Team", "team@example.com"), one_off("", "x@example.com")]));
    assert!(people(draft).contains(&"Reply-To: Team <team@example.com>, x@example.com".to_owned()));
    // The sender alone is no answer address of its own.
    let mut draft = letter();
    draft.properties().binary(0x004F, reply_to(&[one_off("Ann", "Ann@Example.com")]));
    assert!(!people(draft).iter().any(|field| field.starts_with("Reply-To")));
    // Lengths beyond the list end it.
    let mut draft = letter();
    draft.properties().binary(0x004F, [[1, 0, 0, 0].as_slice(), &[0xFF; 12]].concat());
    assert!(!people(draft).iter().any(|field| field.starts_with("Reply-To")));
}

#[test]
fn addresses_that_are_no_smtp_addresses_are_encapsulated_and_told() {
    let mut draft = letter();
    draft.body("Hi.");
    draft.recipient_row(row(2, "Cy", "EX", "/o=ORG/cn=Recipients/cn=CY")).recipient_row(row(2, "Smith, D", "", ""));
    let mail = convert(draft);
    assert!(mail.fields().contains(
        "Cc: Cy <IMCEAEX-_o=ORG_cn=Recipients_cn=CY@pst.invalid>, \"Smith, D\"\r\n <IMCEAINVALID-Smith+2C+20D@pst.invalid>\r\n"
    ), "{}", mail.fields());
    let losses = mail.lost(LossKind::Changed);
    assert_eq!(losses.len(), 2);
    assert!(losses[0].starts_with("Cc: ") && losses[0].ends_with("IMCEAEX-_o=ORG_cn=Recipients_cn=CY@pst.invalid"));
}

#[test]
fn somebody_else_may_know_the_address() {
    struct Directory;
    impl AddressLookup for Directory {
        fn find(&self, _: &str, address: &str) -> Known {
            match address {
                "/o=ORG/cn=CY" => {
                    Known::Address { smtp: "cy@example.com".to_owned(), source: AddressSource::Directory }
                }
                _ => Known::Nothing,
            }
        }
    }
    let (pst, nid) = store(|_| {
        let mut draft = letter();
        draft.recipient_row(row(2, "Cy", "EX", "/o=ORG/cn=CY")).body("Hi.");
        draft
    });
    let mut out = Vec::new();
    let (names, message) = (pst.named_properties().unwrap(), pst.message(nid).unwrap());
    let converted = write_mail_with(&message, &names, &mut out, &Options::default(), &Directory).unwrap();
    assert!(String::from_utf8(out).unwrap().contains("Cc: Cy <cy@example.com>\r\n"));
    assert!(converted.losses.is_empty());
}

#[test]
fn recipients_the_headers_do_not_name_are_told() {
    let mut draft = letter();
    draft.to("Eve", "eve@example.com").body("Hi.").headers("From: ann@example.com\r\nTo: Bob <bob@example.com>\r\n");
    let mail = convert(draft);
    assert_eq!(mail.losses(), ["no-place: to: 1 recipients are not in the header, eve@example.com among them"]);
}

#[test]
fn nobody_is_made_up() {
    let mut draft = MessageDraft::new("IPM.Note");
    draft.subject("x").body("Hi.");
    assert_eq!(people(draft), [""; 0]);
}

/// The smallest entry takes a hundred times its size once it is taken apart.
#[test]
fn more_answers_than_are_read_are_told() {
    let mut draft = letter();
    draft.properties().binary(0x004F, reply_to(&vec![one_off("", "x@example.com"); 10_002]));
    let mail = convert(draft);
    assert_eq!(mail.fields().matches("x@example.com").count(), 10_000);
    assert_eq!(mail.lost(LossKind::TooLarge), ["more than 10000 addresses in Reply-To"]);
}
