//! Which code page a String8 value is in.
//!
//! The value does not say. Ordered by what has proved right on real files: the caller; the item's own
//! PidTagMessageCodepage; the ANSI code page of its PidTagMessageLocaleId; the ANSI relative of its
//! PidTagInternetCodepage, **which describes the HTML body and is often wrong for the rest**; the store's PidTagCodePageId;
//! what the first items of the store name; windows-1252.

use std::sync::Arc;

use crate::ltp::{PropertyContext, id};
use crate::ndb::{Database, Nid, NidType, Node};
use crate::text::{CodePage, CodePageChoice, CodePageSource, ansi_code_page};

/// Messages looked at for a code page before giving up.
const SAMPLED_MESSAGES: usize = 64;
/// Nodes passed over to find them.
const SAMPLED_NODES: usize = 4096;
/// The first node id a message can have (MS-PST 2.2.2.6, rgnid).
const FIRST_MESSAGE: u64 = 0x1_0000 << 5;

/// What an item says about its own String8 values.
pub(crate) fn of_item(properties: &PropertyContext) -> Option<CodePageChoice> {
    let number = |id| properties.integer(id).ok().flatten().and_then(|number| i32::try_from(number).ok());
    let found = |page, source| Some(CodePageChoice { page, source });
    // 1200 and 1201 are UTF-16: no code page of 8-bit text.
    let eight_bit = |page: &CodePage| !matches!(page.number(), 0 | 1200 | 1201) && page.is_supported();
    if let Some(page) = number(id::MESSAGE_CODEPAGE).and_then(CodePage::from_property).filter(eight_bit) {
        return found(page, CodePageSource::Message);
    }
    let locale = number(id::MESSAGE_LOCALE_ID).and_then(|locale| u32::try_from(locale).ok()).and_then(ansi_code_page);
    if let Some(page) = locale {
        return found(page, CodePageSource::Locale);
    }
    let internet = number(id::INTERNET_CODEPAGE).and_then(CodePage::from_property).and_then(ansi_relative)?;
    found(internet, CodePageSource::Internet)
}

/// The Windows code page for the script of an internet code page; none where it says nothing, as UTF-8 and US-ASCII do.
fn ansi_relative(page: CodePage) -> Option<CodePage> {
    Some(CodePage::new(match page.number() {
        number @ (874 | 932 | 936 | 949 | 950 | 1250..=1258) => number,
        28591 | 28605 => 1252,
        28592 | 28606 => 1250,
        28594 | 28603 => 1257,
        28595 | 20866 | 21866 => 1251,
        28596 => 1256,
        28597 => 1253,
        28598 | 38598 => 1255,
        28599 => 1254,
        50220..=50222 | 51932 => 932,
        50225 | 51949 => 949,
        51936 | 52936 | 54936 => 936,
        _ => return None,
    }))
}

/// The code page of String8 values whose item says nothing, found once for a store.
pub(crate) fn of_store(database: &Arc<Database>) -> CodePageChoice {
    if let Some(choice) = database.code_page_override {
        return choice;
    }
    *database.code_page.get_or_init(|| {
        stated(database)
            .or_else(|| sampled(database))
            .unwrap_or(CodePageChoice { page: CodePage::WINDOWS_1252, source: CodePageSource::Default })
    })
}

fn stated(database: &Arc<Database>) -> Option<CodePageChoice> {
    let entry = database.node_entry(Nid::MESSAGE_STORE).ok().flatten()?;
    let store = PropertyContext::open(&Node::new(database, entry)).ok()?;
    let number = store.integer(id::STORE_CODE_PAGE).ok().flatten()?;
    let page = CodePage::from_property(i32::try_from(number).ok()?)?;
    (!matches!(page.number(), 1200 | 1201) && page.is_supported())
        .then_some(CodePageChoice { page, source: CodePageSource::Store })
}

fn sampled(database: &Arc<Database>) -> Option<CodePageChoice> {
    database
        .node_entries()
        .starting_at(FIRST_MESSAGE)
        .take(SAMPLED_NODES)
        .filter_map(Result::ok)
        .filter(|entry| entry.nid.kind() == NidType::NORMAL_MESSAGE)
        .take(SAMPLED_MESSAGES)
        .filter_map(|entry| PropertyContext::open(&Node::new(database, entry)).ok())
        .filter_map(|message| of_item(&message))
        // An internet code page alone is too weak to speak for a whole store.
        .find(|choice| choice.source != CodePageSource::Internet)
        .map(|choice| CodePageChoice { source: CodePageSource::Sampled, ..choice })
}
