//! Copies of stores: read, write, read again.

use pst_core::Pst;
use pst_core::ltp::id;
use pst_core::ndb::Format;
use pst_core::testkit::{
    AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, StoreBuilder, may_differ_in_a_copy,
};
use pst_core::transfer::{Filter, copy_store};

use crate::compare::{assert_equal, check, lines};
use crate::{open, options};

fn copy(source: &Pst) -> Pst {
    let mut told = Vec::new();
    let (bytes, summary) = copy_store(source, Vec::new(), options(), &Filter::new(), &mut |event| {
        told.push(format!("{event:?}"));
        true
    })
    .unwrap();
    assert!(!summary.has_losses() && summary.skipped.total() == 0, "{told:?}");
    open(bytes)
}

fn store(format: Format) -> Vec<u8> {
    let message = MessageBuilder::new("IPM.Note")
        .subject("RE: copy")
        .sender("Ann", "ann@example.com")
        .to("Bob", "bob@example.com")
        .body(&"text ".repeat(3000))
        .html("<p>html</p>")
        .rtf("{\\rtf1 text}")
        .attach(AttachmentBuilder::by_value("data.bin", vec![7; 40_000]))
        .attach(AttachmentBuilder::ole("ole", vec![8; 4_000]))
        .attach(AttachmentBuilder::embedded("inner", MessageBuilder::new("IPM.Note").body("inner")));
    let inbox = FolderBuilder::new("Inbox").message(message).folder(FolderBuilder::new("Below"));
    Mailbox::new("Copy").folder(inbox).write(StoreBuilder::new(format)).finish_vec()
}

#[test]
fn a_store_of_every_layout() {
    for format in [Format::UNICODE, Format::UNICODE_4K] {
        let source = open(store(format));
        let target = copy(&source);
        check(&target);
        assert_equal(&lines(&source), &lines(&target), may_differ_in_a_copy(false));
        // A copy of a copy is the same to the byte.
        let again = copy(&target);
        assert_equal(&lines(&target), &lines(&again), |_, _, _| false);
    }
}

#[test]
fn an_ansi_store_becomes_unicode() {
    let source = open(store(Format::ANSI));
    let target = copy(&source);
    check(&target);
    assert!(!target.format().is_ansi());
    for (one, two) in source.message_entries().zip(target.message_entries()) {
        let (one, two) =
            (source.message_from_entry(one.unwrap()).unwrap(), target.message_from_entry(two.unwrap()).unwrap());
        assert_eq!(one.id(), two.id());
        for id in [id::SUBJECT, id::BODY, id::SENDER_NAME, id::DISPLAY_TO] {
            assert_eq!(one.string(id).unwrap(), two.string(id).unwrap());
        }
        assert_eq!(
            one.body_html().unwrap().map(|html| html.bytes.to_vec()),
            two.body_html().unwrap().map(|html| html.bytes.to_vec())
        );
        assert_eq!(
            two.properties().unwrap().get(id::SUBJECT).unwrap().unwrap().tag().kind(),
            pst_core::ltp::PropertyType::STRING
        );
    }
}
