//! The SMTP addresses of the people in a store, found by each rung of the ladder.
//!
//! One test compares with the corpus, which is no part of the project: the variable `PST_CORPUS` names a directory whose
//! subdirectory `pst` has stores with `.truth.json`; without it that test looks at nothing and passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

use std::path::PathBuf;

use pst_core::address::{
    AddressKind, AddressRole, AddressSource, Imcea, LearnedMap, Resolved, SmtpAddress, Unresolved, of_recipient,
    of_role, of_sender, of_sent_representing,
};
use pst_core::ltp::{EncodedValue, PropertyTag, PropertyType, id};
use pst_core::messaging::{AddressBookEntryId, Message, OneOffEntryId};
use pst_core::ndb::{Format, Nid, NidType};
use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, Prop, StoreBuilder};
use pst_core::write::{MessageDraft, Properties, PstWriter, WriteOptions};
use pst_core::{FileTime, Pst};
use serde_json::Value;

const DN: &str = "/O=ORG/OU=SITE/CN=RECIPIENTS/CN=ANN";

/// A store of one message.
fn stored(fill: impl FnOnce(&mut MessageDraft)) -> (Pst, Message) {
    let now = FileTime::from_unix_seconds(1_000_000_000).unwrap();
    let mut out = PstWriter::in_memory(WriteOptions::new().record_key(*b"0123456789abcdef").now(now)).unwrap();
    let folder = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    let mut draft = MessageDraft::new("IPM.Note");
    fill(&mut draft);
    let nid = out.message(folder, draft).unwrap();
    let pst = Pst::from_bytes(out.finish().unwrap()).unwrap();
    let message = pst.message(nid).unwrap();
    (pst, message)
}

fn found(resolved: &Resolved) -> (Option<&str>, Option<AddressSource>, Option<Unresolved>) {
    let smtp = resolved.smtp.as_ref();
    (smtp.map(|found| found.address.as_str()), smtp.map(|found| found.source), resolved.unresolved)
}

/// The sender as Exchange keeps one of its own.
fn internal(properties: &mut Properties, name: &str, distinguished_name: &str) {
    properties
        .text(id::SENDER_NAME, name)
        .text(id::SENDER_ADDRESS_TYPE, "EX")
        .text(id::SENDER_EMAIL_ADDRESS, distinguished_name)
        .text(id::SENT_REPRESENTING_NAME, name)
        .text(id::SENT_REPRESENTING_ADDRESS_TYPE, "EX")
        .text(id::SENT_REPRESENTING_EMAIL_ADDRESS, distinguished_name);
}

#[test]
fn recipient_rows() {
    let mut plain = Properties::new();
    plain.integer32(id::RECIPIENT_TYPE, 1).text(id::DISPLAY_NAME, "Ann");
    let row = |fill: &dyn Fn(&mut Properties)| {
        let mut row = plain.clone();
        row.text(id::ADDRESS_TYPE, "EX").text(id::EMAIL_ADDRESS, DN);
        fill(&mut row);
        row
    };
    let one_off = OneOffEntryId { name: "A".into(), address_type: "SMTP".into(), address: "one-off@x.example".into() };
    let book = AddressBookEntryId { object_type: 0, distinguished_name: DN.into() };
    let (_pst, message) = stored(|draft| {
        draft.to("Bob", "bob@x.example");
        draft.recipient_row(row(&|row| _ = row.text(id::SMTP_ADDRESS, "property@x.example")));
        draft.recipient_row(row(&|row| _ = row.binary(id::ENTRY_ID, one_off.encode())));
        draft.recipient_row(row(&|row| {
            row.texts(id::ADDRESS_BOOK_PROXY_ADDRESSES, ["x500:/o=x", "SMTP:proxy@x.example"]);
        }));
        draft.recipient_row(row(&|row| _ = row.binary(id::SEARCH_KEY, *b"SMTP:KEY@X.EXAMPLE\0")));
        draft.recipient_row(row(&|_| {}));
        let mut entry_alone = plain.clone();
        entry_alone.binary(id::ENTRY_ID, book.encode().unwrap());
        draft.recipient_row(entry_alone);
        draft.recipient_row(plain.clone());
    });
    let rows: Vec<Resolved> = message.recipients().map(|row| of_recipient(&row.unwrap(), &())).collect();
    let read: Vec<_> = rows.iter().map(found).collect();
    let unknown = (None, None, Some(Unresolved::Kind(AddressKind::Ex)));
    assert_eq!(
        read,
        [
            (Some("bob@x.example"), Some(AddressSource::SmtpProperty), None),
            (Some("property@x.example"), Some(AddressSource::SmtpProperty), None),
            (Some("one-off@x.example"), Some(AddressSource::EntryId), None),
            (Some("proxy@x.example"), Some(AddressSource::ProxyAddress), None),
            (Some("KEY@X.EXAMPLE"), Some(AddressSource::SearchKey), None),
            unknown,
            unknown,
            (None, None, Some(Unresolved::NameOnly)),
        ]
    );
    assert_eq!(rows[6].stored.as_ref().unwrap().value, DN);
    assert_eq!(
        rows[5].stored.as_ref().unwrap().encapsulated("x.invalid"),
        "IMCEAEX-_O=ORG_OU=SITE_CN=RECIPIENTS_CN=ANN@x.invalid"
    );
}

#[test]
fn senders_by_the_transport_headers() {
    let headers = "Received: from a\r\nFrom: \"Smith, Ann\" <ann@x.example>\r\nTo: bob@x.example\r\n\r\n";
    let by_header = (Some("ann@x.example"), Some(AddressSource::TransportHeaders), None);
    let unknown = (None, None, Some(Unresolved::Kind(AddressKind::Ex)));
    // The name agrees.
    let (_pst, message) = stored(|draft| {
        internal(draft.headers(headers).properties(), "smith, ann", DN);
    });
    assert_eq!(found(&of_sender(&message, &()).unwrap().unwrap()), by_header);
    assert_eq!(found(&of_sent_representing(&message, &()).unwrap().unwrap()), by_header);
    // It does not, and there is one sender alone.
    let (_pst, message) = stored(|draft| {
        internal(draft.headers(headers).properties(), "Ann (Sales)", DN);
    });
    assert_eq!(found(&of_sender(&message, &()).unwrap().unwrap()), by_header);
    // It does not, and somebody sent it for another: nothing says whose address it is.
    let (_pst, message) = stored(|draft| {
        internal(draft.headers(headers).properties(), "Boss", DN);
        draft.properties().text(id::SENDER_NAME, "Office").text(id::SENDER_EMAIL_ADDRESS, "/O=ORG/CN=OFFICE");
    });
    assert_eq!(found(&of_sender(&message, &()).unwrap().unwrap()), unknown);
    assert_eq!(found(&of_sent_representing(&message, &()).unwrap().unwrap()), unknown);
    // The header tells the two apart.
    let both = "From: Boss <boss@x.example>\r\nSender: Office <office@x.example>\r\n\r\n";
    let (_pst, message) = stored(|draft| {
        internal(draft.headers(both).properties(), "Boss", DN);
        draft.properties().text(id::SENDER_NAME, "Office").text(id::SENDER_EMAIL_ADDRESS, "/O=ORG/CN=OFFICE");
    });
    let sender = of_sender(&message, &()).unwrap().unwrap();
    assert_eq!(found(&sender), (Some("office@x.example"), Some(AddressSource::TransportHeaders), None));
    let boss = of_sent_representing(&message, &()).unwrap().unwrap();
    assert_eq!(found(&boss), (Some("boss@x.example"), Some(AddressSource::TransportHeaders), None));
}

#[test]
fn every_role_has_its_properties() {
    let ids = [
        (AddressRole::Sender, 0x0C1A, 0x5D01),
        (AddressRole::SentRepresenting, 0x0042, 0x5D02),
        (AddressRole::ReceivedBy, 0x0040, 0x5D07),
        (AddressRole::ReceivedRepresenting, 0x0044, 0x5D08),
        (AddressRole::ReadReceipt, 0x402B, 0x5D05),
    ];
    for (role, name, smtp) in ids {
        let (_pst, message) = stored(|draft| _ = draft.properties().text(name, "Ann").text(smtp, "ann@x.example"));
        for (other, _, _) in ids {
            let resolved = of_role(&message, other, &()).unwrap();
            assert_eq!(resolved.is_some(), other == role, "{role:?} {other:?}");
        }
        let resolved = of_role(&message, role, &()).unwrap().unwrap();
        assert_eq!(resolved.name.as_deref(), Some("Ann"));
        assert_eq!(found(&resolved), (Some("ann@x.example"), Some(AddressSource::SmtpProperty), None));
    }
}

#[test]
fn sent_items_get_their_addresses_from_others() {
    // Two mails that came in, and one that was sent, which has nothing but the distinguished name.
    let came = |_: usize| {
        stored(|draft| {
            internal(draft.properties(), "Ann", DN);
            draft.properties().text(id::SENDER_SMTP_ADDRESS, "ann@x.example");
        })
    };
    let mut map = LearnedMap::new();
    for item in 0..2 {
        let (_pst, message) = came(item);
        map.observe(item as u64, &of_sender(&message, &()).unwrap().unwrap());
    }
    let (_pst, message) = stored(|draft| internal(draft.properties(), "Ann", &DN.to_lowercase()));
    let sender = of_sender(&message, &map).unwrap().unwrap();
    assert_eq!(found(&sender), (Some("ann@x.example"), Some(AddressSource::Learned), None));
}

/// The address names a subnode that is not there. The rungs below it still hold.
#[test]
fn a_property_that_cannot_be_read_is_told() {
    let missing = EncodedValue::Subnode(Nid::from_parts(NidType::LTP, 0x900));
    let mail = |search_key: &[u8]| {
        let address = PropertyTag::from_parts(id::SENDER_EMAIL_ADDRESS, PropertyType::STRING);
        let mail = MessageBuilder::new("IPM.Note")
            .prop(Prop::text(id::SENDER_NAME, "Ann"))
            .prop(Prop::raw(address, missing.clone()))
            .prop(Prop::binary(id::SENDER_SEARCH_KEY, search_key));
        let inbox = FolderBuilder::new("Inbox").message(mail.nid(Nid::new(0x20_0024)));
        let file = Mailbox::new("Mail").folder(inbox).write(StoreBuilder::new(Format::UNICODE)).finish_vec();
        let message = Pst::from_bytes(file).unwrap().message(Nid::new(0x20_0024)).unwrap();
        of_sender(&message, &()).unwrap().unwrap()
    };
    let sender = mail(b"SMTP:ANN@X.EXAMPLE\0");
    assert_eq!(found(&sender), (Some("ANN@X.EXAMPLE"), Some(AddressSource::SearchKey), None));
    assert_eq!(sender.unreadable, [id::SENDER_EMAIL_ADDRESS]);
    let sender = mail(b"EX:/O=ORG\0");
    assert_eq!(found(&sender), (None, None, Some(Unresolved::NameOnly)));
    assert_eq!(sender.unreadable, [id::SENDER_EMAIL_ADDRESS]);
}

/// Stores with their truth.
fn corpus() -> Vec<(PathBuf, Value)> {
    let Some(directory) = std::env::var_os("PST_CORPUS").map(|corpus| PathBuf::from(corpus).join("pst")) else {
        return Vec::new();
    };
    let paths = std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let stores =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "pst" || extension == "ost"));
    stores
        .map(|path| {
            let truth = std::fs::read_to_string(path.with_extension("truth.json")).expect("a truth file");
            (path, serde_json::from_str(&truth).expect("JSON"))
        })
        .collect()
}

/// What the truth says in so many words: the SMTP property, or an address of type SMTP.
fn stated(person: &Value) -> Option<&str> {
    let valid = |value: &'_ Value| {
        value.as_str().is_some_and(|text| SmtpAddress::parse(text).is_ok() && Imcea::decode(text).is_none())
    };
    if valid(&person["smtp"]) {
        return person["smtp"].as_str();
    }
    (person["address_type"] == "SMTP" && valid(&person["address"])).then(|| person["address"].as_str().unwrap())
}

/// Compares somebody with the truth. `None` if the truth has no address for him.
fn agrees(truth: &Value, resolved: Option<&Resolved>, place: &str) -> Option<()> {
    let stated = stated(truth)?;
    let resolved = resolved.unwrap_or_else(|| panic!("{place}: nobody"));
    let smtp = resolved.smtp.as_ref().unwrap_or_else(|| panic!("{place}: {:?}", resolved.unresolved));
    assert_eq!(smtp.address, stated, "{place}");
    assert!(matches!(smtp.source, AddressSource::SmtpProperty | AddressSource::Address), "{place}: {}", smtp.source);
    Some(())
}

#[test]
fn the_corpus_is_resolved_as_its_truth_says() {
    let (mut people, mut beyond, mut unresolved) = (0, 0, 0);
    for (path, truth) in corpus() {
        let pst = Pst::open(&path).expect("a store");
        for record in truth["messages"].as_array().expect("messages") {
            let nid = u32::from_str_radix(record["nid"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
            let message = pst.message(Nid::new(nid)).expect("a message");
            let place = format!("{} {nid:#x}", path.display());
            let sender = of_sender(&message, &()).unwrap();
            let from = of_sent_representing(&message, &()).unwrap();
            let rows: Vec<Resolved> = message.recipients().map(|row| of_recipient(&row.unwrap(), &())).collect();
            let truths = record["recipients"].as_array().cloned().unwrap_or_default();
            assert_eq!(rows.len(), truths.len(), "{place}");
            let all = [(&record["sender"], sender.as_ref()), (&record["sent_representing"], from.as_ref())];
            let all = all.into_iter().chain(truths.iter().zip(rows.iter().map(Some)));
            for (truth, resolved) in all {
                match agrees(truth, resolved, &place) {
                    Some(()) => people += 1,
                    None => match resolved {
                        Some(resolved) if resolved.smtp.is_some() => beyond += 1,
                        Some(resolved) => {
                            assert!(resolved.unresolved.is_some(), "{place}");
                            unresolved += 1;
                        }
                        None => {}
                    },
                }
            }
        }
    }
    println!("{people} as stated, {beyond} found beyond that, {unresolved} unresolved");
}
