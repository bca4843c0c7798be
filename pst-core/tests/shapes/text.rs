//! Text: who names the code page of String8, and what is kept of text that is none.

use pst_core::ltp::id;
use pst_core::ndb::{Format, Nid};
use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, Prop, Props, StoreBuilder};
use pst_core::text::{CodePage, CodePageSource};
use pst_core::{OpenOptions, Pst};

use crate::{FORMATS, NODE, open, properties, with_props};

/// The first message of a mailbox; the folder of [`message`].
const MESSAGE: Nid = Nid::new(0x20_0024);

/// A message whose body has these bytes.
fn message(body: &[u8], props: &[Prop]) -> MessageBuilder {
    let message = MessageBuilder::new("IPM.Note").prop(Prop::string8(id::BODY, body));
    props.iter().cloned().fold(message, MessageBuilder::prop)
}

fn file(store: &[Prop], messages: Vec<MessageBuilder>) -> Vec<u8> {
    let mailbox = store.iter().cloned().fold(Mailbox::new("Text"), Mailbox::prop);
    mailbox.folder(FolderBuilder::new("Inbox").messages(messages)).write(StoreBuilder::new(Format::ANSI)).finish_vec()
}

fn check(pst: &Pst, nid: Nid, text: &str, page: u16, source: CodePageSource) {
    let message = pst.message(nid).unwrap();
    let body = message.body_text().unwrap().unwrap();
    assert_eq!(body.to_string_lossy(), text);
    let choice = body.code_page().unwrap();
    assert_eq!((choice.page, choice.source), (CodePage::new(page), source));
    assert_eq!(body.utf16_units(), None);
    assert!(!body.is_lossy());
}

const CYRILLIC: &[u8] = b"\xCF\xF0\xE8\xE2\xE5\xF2";

#[test]
fn code_page_of_the_message() {
    let pst = open(file(
        &[],
        vec![message(CYRILLIC, &[Prop::i32(id::MESSAGE_CODEPAGE, 1251), Prop::i32(id::MESSAGE_LOCALE_ID, 1033)])],
    ));
    check(&pst, MESSAGE, "Привет", 1251, CodePageSource::Message);
}

#[test]
fn code_page_of_the_locale() {
    let locale = Prop::i32(id::MESSAGE_LOCALE_ID, 1049);
    let pst = open(file(&[], vec![message(CYRILLIC, &[locale.clone(), Prop::i32(id::INTERNET_CODEPAGE, 28597)])]));
    check(&pst, MESSAGE, "Привет", 1251, CodePageSource::Locale);
    // 1200 says that the text is Unicode, which String8 is not.
    let pst = open(file(&[], vec![message(CYRILLIC, &[Prop::i32(id::MESSAGE_CODEPAGE, 1200), locale])]));
    check(&pst, MESSAGE, "Привет", 1251, CodePageSource::Locale);
}

#[test]
fn code_page_of_the_internet() {
    let pst = open(file(&[], vec![message(b"\xC3\xE5\xE9\xE1", &[Prop::i32(id::INTERNET_CODEPAGE, 28597)])]));
    check(&pst, MESSAGE, "Γεια", 1253, CodePageSource::Internet);
}

#[test]
fn code_page_of_the_store() {
    let pst = open(file(&[Prop::i32(id::STORE_CODE_PAGE, 1250)], vec![message(b"\xE8e\xB9tina", &[])]));
    check(&pst, MESSAGE, "čeątina", 1250, CodePageSource::Store);
}

#[test]
fn code_page_sampled_from_other_messages() {
    let other = message(b"x", &[Prop::i32(id::MESSAGE_CODEPAGE, 1251)]);
    let pst = open(file(&[], vec![message(CYRILLIC, &[]), other]));
    check(&pst, MESSAGE, "Привет", 1251, CodePageSource::Sampled);
}

#[test]
fn code_page_of_nobody() {
    let pst = open(file(&[], vec![message(b"Gr\xFC\xDFe \x80", &[])]));
    check(&pst, MESSAGE, "Grüße €", 1252, CodePageSource::Default);
}

#[test]
fn code_page_of_the_caller() {
    let bytes = file(
        &[Prop::i32(id::STORE_CODE_PAGE, 1250)],
        vec![message(CYRILLIC, &[Prop::i32(id::MESSAGE_CODEPAGE, 1252)])],
    );
    let pst = OpenOptions::new().code_page(CodePage::new(1251)).from_bytes(bytes).unwrap();
    check(&pst, MESSAGE, "Привет", 1251, CodePageSource::Caller);
}

#[cfg(feature = "dos-codepages")]
#[test]
fn code_page_of_dos() {
    let pst = open(file(&[], vec![message(b"\x81 \x82", &[Prop::i32(id::MESSAGE_CODEPAGE, 850)])]));
    check(&pst, MESSAGE, "ü é", 850, CodePageSource::Message);
}

/// Recipients and attachments are read with the code page of their message, folder names with the store's.
#[test]
fn tables_inherit_the_code_page_of_their_message() {
    let recipient = Props::from_iter([
        Prop::i32(id::RECIPIENT_TYPE, 1),
        Prop::string8(id::DISPLAY_NAME, CYRILLIC),
        Prop::string8(id::SMTP_ADDRESS, b"a@example.com".to_vec()),
    ]);
    let message = message(b"x", &[Prop::i32(id::MESSAGE_CODEPAGE, 1251)]).recipient_props(recipient).attach(
        pst_core::testkit::AttachmentBuilder::by_value("x", vec![1])
            .prop(Prop::string8(id::ATTACH_LONG_FILENAME, CYRILLIC)),
    );
    let mailbox = Mailbox::new("Text").prop(Prop::i32(id::STORE_CODE_PAGE, 1252)).folder(
        FolderBuilder::new("Inbox").prop(Prop::string8(id::DISPLAY_NAME, b"M\xFCll".to_vec())).message(message),
    );
    let pst = open(mailbox.write(StoreBuilder::new(Format::ANSI)).finish_vec());
    let message = pst.message(MESSAGE).unwrap();
    assert_eq!(message.recipients().next().unwrap().unwrap().name.as_deref(), Some("Привет"));
    assert_eq!(message.attachments().next().unwrap().unwrap().file_name().unwrap().as_deref(), Some("Привет"));
    assert_eq!(pst.folder(message.folder_id()).unwrap().name().unwrap(), "Müll");
}

/// The bytes of an ANSI file written in another code page than the usual one.
#[test]
fn a_store_in_another_code_page() {
    let store = StoreBuilder::new(Format::ANSI).code_page(CodePage::new(932));
    let mailbox = Mailbox::new("日本")
        .prop(Prop::i32(id::STORE_CODE_PAGE, 932))
        .folder(FolderBuilder::new("受信トレイ").message(MessageBuilder::new("IPM.Note").subject("件名").body("本文")));
    let pst = open(mailbox.write(store).finish_vec());
    assert_eq!(pst.store().unwrap().name().unwrap().as_deref(), Some("日本"));
    let inbox = pst.ipm_subtree().unwrap().unwrap().subfolders().unwrap().nth(1).unwrap().unwrap();
    assert_eq!(inbox.name().unwrap(), "受信トレイ");
    let message = inbox.messages().unwrap().next().unwrap().unwrap();
    assert_eq!(message.subject().unwrap().as_deref(), Some("件名"));
    check(&pst, message.id(), "本文", 932, CodePageSource::Store);
}

#[test]
fn an_unpaired_surrogate_survives() {
    let units = [0x0041, 0xD83C, 0x0042, 0xDF88, 0xD83C, 0xDF88];
    for format in FORMATS {
        let pst = with_props(StoreBuilder::new(format), &Props::new().with(Prop::units(0x3001, &units)));
        let context = properties(&pst, NODE);
        let text = context.text(0x3001).unwrap().unwrap();
        assert_eq!(text.utf16_units().unwrap(), units);
        assert_eq!(text.to_string_lossy(), "A\u{FFFD}B\u{FFFD}🎈");
        assert!(text.is_lossy());
        assert_eq!(text.raw().len(), 12);
    }
}

/// Exactly one trailing NUL is no text; the stored bytes have it.
#[test]
fn one_trailing_nul_is_left_out() {
    let props = Props::from_iter([
        Prop::unicode(0x3001, "text\0"),
        Prop::unicode(0x3002, "text\0\0"),
        Prop::string8(0x3003, b"text\0".to_vec()),
        Prop::unicode(0x3004, "\0"),
        Prop::stored(0x3005, pst_core::ltp::PropertyType::STRING, b"t\0e\0x".to_vec()),
    ]);
    let pst = with_props(StoreBuilder::new(Format::UNICODE), &props);
    let context = properties(&pst, NODE);
    let text = |id| context.string(id).unwrap().unwrap();
    assert_eq!(text(0x3001), "text");
    assert_eq!(text(0x3002), "text\0");
    assert_eq!(text(0x3003), "text");
    assert_eq!(text(0x3004), "");
    assert_eq!(text(0x3005), "te");
    assert_eq!(context.text(0x3001).unwrap().unwrap().raw().len(), 10);
}
