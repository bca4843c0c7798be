//! Bodies for text that names people: addresses and journal reports.

use pst_core::address::{AddressFacts, AddressKind, AddressList, Imcea, SmtpAddress, alias_of, resolve};
use pst_core::journal::{Envelope, Journal, Place, of_mail};
use pst_core::messaging::kind::classify;
use pst_core::messaging::{AddressBookEntryId, OneOffEntryId};
use pst_core::mime::Mail;
use pst_core::text::CodePage;

/// Reads the input as an address list, an address of any kind, an entry id, a message class. What decodes survives encoding.
pub fn address(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let list = AddressList::parse(&text);
    for mailbox in list.mailboxes() {
        let address = mailbox.address.as_deref().unwrap_or_default();
        let _ = (SmtpAddress::parse(address).map(|smtp| smtp.key()), AddressKind::of(None, address), alias_of(address));
    }
    if let Some(imcea) = Imcea::decode(&text) {
        assert_eq!(Imcea::decode(&imcea.encode()), Some(imcea));
    }
    if let Some(id) = OneOffEntryId::decode(data, CodePage::WINDOWS_1252) {
        // A NUL ends a string, and decoding leaves none in it.
        let again = OneOffEntryId::decode(&id.encode(), CodePage::WINDOWS_1252);
        assert_eq!(again, Some(id));
    }
    if let Some(id) = AddressBookEntryId::decode(data) {
        let again = id.encode().and_then(|stored| AddressBookEntryId::decode(&stored));
        assert_eq!(again, Some(id));
    }
    let facts = AddressFacts {
        name: Some(&text),
        address_type: text.get(..4),
        address: Some(&text),
        entry_id: Some(data),
        search_key: Some(data),
        ..AddressFacts::default()
    };
    let resolved = resolve(&facts, &());
    assert!(resolved.smtp.is_some() != resolved.unresolved.is_some(), "one of both");
    assert!(resolved.smtp.is_none_or(|found| SmtpAddress::parse(&found.address).is_ok()));
    if let Some(stored) = resolved.stored {
        let _ = stored.encapsulated("x.invalid");
    }
    let _ = classify(Some(&text)).reported_class().map(str::len);
}

/// Reads the input as an envelope, and as a mail that may be a journal report. Originals lie inside the mail.
pub fn journal(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let envelope = Envelope::parse(&text);
    assert!(!envelope.is_sound() || Envelope::begins(&text), "a sound envelope begins like one");
    let mail = Mail::parse(data);
    places(&mail, &of_mail(&mail));
}

fn places(mail: &Mail<'_>, journal: &Journal) {
    let originals = match journal {
        Journal::Report(report) | Journal::Suspect(report) => &report.originals,
        Journal::Undeliverable(outer) => &outer.reports,
        _ => return,
    };
    for original in originals {
        if let Place::Range { range, .. } = &original.place {
            assert!(mail.bytes().get(range.clone()).is_some(), "{range:?} of {}", mail.bytes().len());
        }
        places(mail, &original.inner);
    }
}
