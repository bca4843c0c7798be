//! ADR: where a contact lives and works.
//!
//! A contact has a home, a work and another address, and **the one that mail goes to is stored a second time** in
//! properties of its own. A formatted address is told only where it is all there is.

use super::{Writer, address};
use crate::convert::item::{Item, Key};

/// The parts of an address: street, city, region, code, country, box.
type Parts = [String; 6];

struct Place {
    types: &'static str,
    /// PidLidPostalAddressId that chooses it.
    number: i64,
    parts: Parts,
    formatted: Option<String>,
}

fn parts(item: &mut Item<'_>, keys: [Key; 6]) -> Parts {
    keys.map(|key| item.trimmed(key).unwrap_or_default())
}

fn is_empty(parts: &Parts) -> bool {
    parts.iter().all(String::is_empty)
}

/// Writes the addresses.
pub(super) fn write(item: &mut Item<'_>, writer: &mut Writer) {
    let named = [0x8045, 0x8046, 0x8047, 0x8048, 0x8049, 0x804A].map(address);
    let home = [0x3A5D, 0x3A59, 0x3A5C, 0x3A5B, 0x3A5A, 0x3A5E].map(Key::Tag);
    let other = [0x3A63, 0x3A5F, 0x3A62, 0x3A61, 0x3A60, 0x3A64].map(Key::Tag);
    let mailing = [0x3A29, 0x3A27, 0x3A28, 0x3A2A, 0x3A26, 0x3A2B].map(Key::Tag);
    let mut places = [
        Place { types: "work", number: 2, parts: parts(item, named), formatted: item.trimmed(address(0x801B)) },
        Place { types: "home", number: 1, parts: parts(item, home), formatted: item.trimmed(address(0x801A)) },
        Place { types: "", number: 3, parts: parts(item, other), formatted: item.trimmed(address(0x801C)) },
    ];
    let mailing = parts(item, mailing);
    let chosen = item.integer(address(0x8022)).unwrap_or(0);
    let formatted = item.trimmed(Key::Tag(0x3A15));
    let office = item.trimmed(Key::Tag(0x3A19)).unwrap_or_default();
    let mut further = None;
    if !is_empty(&mailing) && places.iter().all(|place| place.parts != mailing) {
        // Writers that know no named properties store the work address here alone.
        let wanted = if chosen == 0 { 2 } else { chosen };
        match places.iter_mut().find(|place| place.number == wanted && is_empty(&place.parts)) {
            Some(place) => place.parts = mailing.clone(),
            None => further = Some(Place { types: "", number: chosen, parts: mailing.clone(), formatted: None }),
        }
    }
    let has_place = |place: &Place| !is_empty(&place.parts) || place.formatted.is_some();
    if let Some(formatted) = formatted.filter(|_| further.is_none() && !places.iter().any(has_place)) {
        further = Some(Place { types: "", number: chosen, parts: Parts::default(), formatted: Some(formatted) });
    }
    for place in places.iter().chain(&further) {
        let office = if place.number == 2 { office.as_str() } else { "" };
        // The one that mail goes to.
        let preferred = place.number == chosen && chosen != 0;
        write_place(writer, place, office, preferred);
    }
}

fn write_place(writer: &mut Writer, place: &Place, office: &str, preferred: bool) {
    let Place { types, parts, formatted, .. } = place;
    let [street, city, region, code, country, post_box] = parts.each_ref().map(String::as_str);
    let label = formatted.as_ref().filter(|_| is_empty(parts));
    if is_empty(parts) && office.is_empty() && label.is_none() {
        return;
    }
    let is_v4 = writer.is_v4();
    let types = match (is_v4, preferred, *types) {
        (false, true, "") => "pref".to_owned(),
        (false, true, types) => format!("{types},pref"),
        (_, _, types) => types.to_owned(),
    };
    let open = |writer: &mut Writer, name: &str| {
        writer.lines.open(name);
        if !types.is_empty() {
            writer.lines.words("TYPE", &types);
        }
        if is_v4 && preferred {
            writer.lines.words("PREF", "1");
        }
    };
    if let Some(label) = label.filter(|_| !is_v4) {
        open(writer, "LABEL");
        writer.lines.text(label);
    }
    if !is_v4 && is_empty(parts) && office.is_empty() {
        return;
    }
    open(writer, "ADR");
    if let Some(label) = label.filter(|_| is_v4) {
        writer.lines.parameter("LABEL", label);
    }
    writer.lines.texts(&[post_box, office, street, city, region, code, country], ';');
}
