//! Who a contact is: names, organisation, telephones, e-mail, dates, people around them.

use jiff::civil::Date;

use super::{Writer, address};
use crate::FileTime;
use crate::convert::LossKind;
use crate::convert::address::{Sources, smtp_address};
use crate::convert::item::{Item, Key};
use crate::ltp::id;

/// Telephones: the property, TYPE in 3.0 (behind `X:` that of X-MS-TEL), TYPE in 4.0.
const TELEPHONES: [(u16, &str, &str); 19] = [
    (0x3A1A, "pref,voice", "voice"),
    (0x3A08, "work,voice", "work,voice"),
    (0x3A1B, "work,voice", "work,voice"),
    (0x3A09, "home,voice", "home,voice"),
    (0x3A2F, "home,voice", "home,voice"),
    (0x3A1C, "cell,voice", "cell,voice"),
    (0x3A1F, "voice", "voice"),
    (0x3A1E, "car,voice", "x-car"),
    (0x3A21, "pager", "pager"),
    (0x3A23, "fax", "fax"),
    (0x3A24, "work,fax", "work,fax"),
    (0x3A25, "home,fax", "home,fax"),
    (0x3A2D, "isdn", "x-isdn"),
    (0x3A02, "X:CALLBACK", "x-callback"),
    (0x3A1D, "X:RADIO", "x-radio"),
    (0x3A2C, "X:TELEX", "x-telex"),
    (0x3A2E, "X:ASSISTANT", "x-assistant"),
    (0x3A4B, "X:TTYTDD", "textphone"),
    (0x3A57, "X:COMPANY", "work,x-company"),
];

/// Writes everything but postal addresses.
pub(super) fn write(item: &mut Item<'_>, writer: &mut Writer) {
    let name = write_names(item, writer);
    write_work(item, writer);
    for (tag, v3, v4) in TELEPHONES {
        let Some(number) = item.trimmed(Key::Tag(tag)) else { continue };
        match v3.strip_prefix("X:") {
            _ if writer.is_v4() => {
                writer.lines.open("TEL").words("TYPE", v4);
                if tag == 0x3A1A {
                    writer.lines.words("PREF", "1");
                }
                writer.lines.text(&number);
            }
            Some(kind) => writer.typed("X-MS-TEL", kind, Some(number)),
            None => writer.typed("TEL", v3, Some(number)),
        }
    }
    write_mail(item, writer, &name);
    write_dates(item, writer);
    write_circle(item, writer);
    // What the store or the address book keeps beside what is carried.
    let kept = [0x3A0A, 0x3A20, 0x3A40, 0x3A12, 0x3A13, 0x3A14, 0x3A0F, 0x3A52, 0x3A54, 0x3A03, 0x3A0E];
    item.pass_over(&kept.map(Key::Tag));
}

/// N, FN, NICKNAME and how names sound. Gives the formatted name.
fn write_names(item: &mut Item<'_>, writer: &mut Writer) -> String {
    // Surname, given name, middle name, prefix, suffix: the order of N.
    let parts = [0x3A11, 0x3A06, 0x3A44, 0x3A45, 0x3A05].map(|tag| item.trimmed(Key::Tag(tag)).unwrap_or_default());
    let [surname, given, middle, prefix, suffix] = &parts;
    let spoken = [prefix, given, middle, surname, suffix].map(String::as_str);
    let spoken = spoken.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let display = item.trimmed(Key::Tag(id::DISPLAY_NAME));
    let filed = item.trimmed(address(0x8005));
    let company = item.trimmed(Key::Tag(0x3A16));
    let mail = item.trimmed(address(0x8083));
    let name = display.or(Some(spoken).filter(|name| !name.is_empty())).or(filed).or(company).or(mail);
    let name = name.unwrap_or_else(|| {
        item.lose(LossKind::MadeUp, "FN: the contact has no name");
        "?".to_owned()
    });
    writer.lines.open("FN").text(&name);
    if !writer.is_v4() || parts.iter().any(|part| !part.is_empty()) {
        writer.lines.open("N").texts(&parts, ';');
    }
    writer.text("NICKNAME", item.trimmed(Key::Tag(0x3A4F)));
    writer.text("X-PHONETIC-FIRST-NAME", item.trimmed(address(0x802C)));
    writer.text("X-PHONETIC-LAST-NAME", item.trimmed(address(0x802D)));
    writer.text("X-PHONETIC-ORG", item.trimmed(address(0x802E)));
    name
}

fn write_work(item: &mut Item<'_>, writer: &mut Writer) {
    let company = item.trimmed(Key::Tag(0x3A16));
    let department = item.trimmed(Key::Tag(0x3A18));
    let units = [company.unwrap_or_default(), department.unwrap_or_default()];
    let filled = units.iter().rposition(|unit| !unit.is_empty()).map_or(0, |last| last.saturating_add(1));
    if filled > 0 {
        writer.lines.open("ORG").texts(units.get(..filled).unwrap_or_default(), ';');
    }
    writer.text("TITLE", item.trimmed(Key::Tag(0x3A17)));
    writer.text("ROLE", item.trimmed(Key::Tag(0x3A46)));
}

/// EMAIL, IMPP and URLs.
fn write_mail(item: &mut Item<'_>, writer: &mut Writer, name: &str) {
    let mut written = 0u32;
    for base in [0x8080, 0x8090, 0x80A0] {
        let key = |offset: u32| address(base | offset);
        let display = item.trimmed(key(0));
        let address_type = item.trimmed(key(2));
        let own = item.trimmed(key(3));
        let original = item.trimmed(key(4));
        let entry_id = item.binary(key(5));
        let untyped = own.as_deref().filter(|_| address_type.is_none()).and_then(smtp_address);
        let sources = Sources {
            name: display.clone(),
            smtp: untyped.or_else(|| original.as_deref().filter(|_| own.is_some()).and_then(smtp_address)),
            address_type,
            address: own.clone(),
            entry_id: entry_id.filter(|_| own.is_some()),
        };
        // The address itself, where it is one, before what stands for it.
        let own_smtp = sources.address_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("SMTP"));
        let own_smtp = own.as_deref().filter(|_| own_smtp).and_then(smtp_address);
        let party = sources.party(item.code_page());
        let Some(smtp) = own_smtp.or(party.smtp) else {
            if let Some(own) = party.native.or(own) {
                item.lose_key(key(3), LossKind::NoPlace, format_args!("{own}, which is no e-mail address"));
            }
            continue;
        };
        written = written.saturating_add(1);
        writer.lines.open("EMAIL");
        if writer.is_v4() {
            writer.lines.words("PREF", &written.to_string());
        } else {
            writer.lines.words("TYPE", if written == 1 { "internet,pref" } else { "internet" });
        }
        writer.lines.text(&smtp);
        if let Some(display) = display.filter(|display| !display.contains(&smtp) && display != name) {
            item.lose_key(key(0), LossKind::NoPlace, format_args!("the display name {display} of an address"));
        }
    }
    if let Some(chat) = item.trimmed(address(0x8062)) {
        // IMPP is a URI; most chat addresses are bare.
        let is_uri = chat.split_once(':').is_some_and(|(scheme, _)| scheme.bytes().all(|b| b.is_ascii_alphabetic()));
        if is_uri && writer.is_v4() {
            writer.lines.open("IMPP").uri(&chat);
        } else {
            writer.lines.open("X-MS-IMADDRESS").text(&chat);
        }
    }
    let work = item.trimmed(Key::Tag(0x3A51));
    let copy = item.trimmed(address(0x802B)).filter(|url| Some(url) != work.as_ref());
    for (types, url) in [("work", work.or(copy)), ("home", item.trimmed(Key::Tag(0x3A50)))] {
        if let Some(url) = url {
            writer.lines.open("URL").words("TYPE", types).uri(&url);
        }
    }
    for (name, key) in [("URL", Key::Tag(0x3A4C)), ("FBURL", address(0x80D8))] {
        if let Some(url) = item.trimmed(key) {
            writer.lines.open(name).uri(&url);
        }
    }
}

/// The day of a birthday. The local property has it; the other is its midnight somewhere, as UTC, and so the nearest day.
fn day(item: &mut Item<'_>, local: Key, tag: u16) -> Option<Date> {
    let utc = |time: FileTime| Some(jiff::tz::Offset::UTC.to_datetime(time.to_timestamp()?));
    let stored = item.time(Key::Tag(tag)).and_then(utc);
    let local = item.time(local).and_then(utc).map(|time| time.date());
    local.or_else(|| {
        let half_a_day = jiff::SignedDuration::from_hours(12);
        stored.map(|time| time.saturating_add(half_a_day).date())
    })
}

/// BDAY and ANNIVERSARY. **Exchange stores the year 1604 for a day without a year.**
fn write_dates(item: &mut Item<'_>, writer: &mut Writer) {
    let birthday = day(item, address(0x80DE), 0x3A42);
    let wedding = day(item, address(0x80DF), 0x3A41);
    for (v3, v4, date) in [("BDAY", "BDAY", birthday), ("X-MS-ANNIVERSARY", "ANNIVERSARY", wedding)] {
        let Some(date) = date else { continue };
        let (name, format) = match (writer.is_v4(), date.year()) {
            (true, 1604) => (v4, "--%m%d"),
            (true, _) => (v4, "%Y%m%d"),
            (false, _) => (v3, "%Y-%m-%d"),
        };
        writer.lines.open(name).value(&date.strftime(format).to_string());
    }
    let gender = item.integer(Key::Tag(0x3A4D));
    match gender {
        Some(1) if writer.is_v4() => writer.lines.open("GENDER").value("F"),
        Some(2) if writer.is_v4() => writer.lines.open("GENDER").value("M"),
        Some(1) => writer.lines.open("X-GENDER").value("Female"),
        Some(2) => writer.lines.open("X-GENDER").value("Male"),
        _ => {}
    }
}

/// People around the contact, interests, and the four fields users name themselves.
fn write_circle(item: &mut Item<'_>, writer: &mut Writer) {
    let around = [
        (0x3A48, "X-MS-SPOUSE", "spouse"),
        (0x3A4E, "X-MS-MANAGER", "x-manager"),
        (0x3A30, "X-MS-ASSISTANT", "x-assistant"),
        (0x3A58, "X-MS-CHILD", "child"),
    ];
    for (tag, v3, v4) in around {
        for name in item.texts(Key::Tag(tag)) {
            if writer.is_v4() {
                writer.lines.open("RELATED").words("VALUE", "text").words("TYPE", v4).text(&name);
            } else {
                writer.typed(v3, "N", Some(name));
            }
        }
    }
    let hobbies = item.trimmed(Key::Tag(0x3A43));
    writer.either(("X-MS-INTERESTS", ""), ("HOBBY", ""), hobbies);
    for number in 0x804F..=0x8052 {
        let custom = item.trimmed(address(number));
        writer.typed("X-MS-TEXT", "CUSTOM", custom);
    }
}
