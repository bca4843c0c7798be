//! The calendar items and contacts of real files.
//!
//! The files are in `pst` below the directory that `PST_CORPUS` names; without it these tests pass without a look. `PST_CONVERTED` names a
//! directory to write every converted item to, for other programs to read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::{Date, Weekday};
use pst_core::Pst;
use pst_core::convert::LossKind;
use pst_core::convert::calendar::{self, Calendar, Method};
use pst_core::convert::contact::{self, Version};
use pst_core::messaging::Message;
use pst_core::ndb::Nid;

use crate::kit::{components, line, lines, told, well_formed};

fn file(name: &str) -> Option<Pst> {
    let dir = PathBuf::from(std::env::var_os("PST_CORPUS")?).join("pst");
    Some(Pst::open(dir.join(name)).unwrap())
}

/// Every message of a file that has a class the filter wants.
fn messages(pst: &Pst, wanted: impl Fn(&str) -> bool) -> Vec<Message> {
    let folders = pst.root_folder().unwrap().descendants();
    let messages = folders.flat_map(|folder| folder.unwrap().messages().unwrap()).map(Result::unwrap);
    let mut messages: Vec<_> = messages.filter(|one| wanted(&one.class().unwrap().unwrap_or_default())).collect();
    messages.sort_by_key(Message::id);
    messages.dedup_by_key(|message| message.id());
    messages
}

fn keep(name: &str, id: Nid, extension: &str, text: &str) {
    if let Some(dir) = std::env::var_os("PST_CONVERTED") {
        std::fs::write(PathBuf::from(dir).join(format!("{name}-{id}.{extension}")), text).unwrap();
    }
}

fn calendars(name: &str) -> Option<BTreeMap<u32, Calendar>> {
    let pst = file(name)?;
    let names = pst.named_properties().unwrap();
    let convert = |message: &Message| {
        let calendar = calendar::to_icalendar(message, &names, &calendar::Options::default()).unwrap();
        well_formed(&calendar.text);
        keep(name, message.id(), "ics", &calendar.text);
        (message.id().raw(), calendar)
    };
    Some(messages(&pst, calendar::is_convertible).iter().map(convert).collect())
}

fn cards(name: &str, version: Version) -> Option<Vec<contact::Card>> {
    let pst = file(name)?;
    let names = pst.named_properties().unwrap();
    let convert = |message: &Message| {
        let card = contact::to_vcard(message, &names, version).unwrap();
        well_formed(&card.text);
        let extension = if version == Version::V3 { "v3.vcf" } else { "v4.vcf" };
        keep(name, message.id(), extension, &card.text);
        card
    };
    Some(messages(&pst, contact::is_convertible).iter().map(convert).collect())
}

fn day(event: &str) -> Date {
    let digits = line(event, "DTSTART").unwrap().replace(";VALUE=DATE:", "");
    Date::strptime("%Y%m%d", &digits).unwrap()
}

/// Western Easter (Meeus, Jones, Butcher).
fn easter(year: i16) -> Date {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let l = (32 + 2 * e + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(n / 31).unwrap(), i8::try_from(n % 31 + 1).unwrap()).unwrap()
}

/// Holidays are on days that everybody knows.
#[test]
fn holidays_are_on_their_days() {
    let Some(calendars) = calendars("ost2013-4k.ost") else { return };
    let nth =
        |year, month, nth, weekday| Date::new(year, month, 1).unwrap().nth_weekday_of_month(nth, weekday).unwrap();
    let (mut checked, mut holidays, mut yearly) = (0, 0, 0);
    for (id, calendar) in &calendars {
        let event = &components(&calendar.text, "VEVENT")[0];
        if line(event, "LOCATION").as_deref() != Some("United States") {
            continue;
        }
        holidays += 1;
        assert_eq!(calendar.losses, [], "{id:#x}");
        assert_eq!(calendar.method, Some(Method::Publish));
        let date = day(event);
        let next = date.tomorrow().unwrap().strftime(";VALUE=DATE:%Y%m%d").to_string();
        assert_eq!(line(event, "DTEND"), Some(next));
        let (year, summary) = (date.year(), line(event, "SUMMARY").unwrap());
        let expected = match summary.as_str() {
            "Thanksgiving Day" => nth(year, 11, 4, Weekday::Thursday),
            "Day After Thanksgiving Day" => nth(year, 11, 4, Weekday::Thursday).tomorrow().unwrap(),
            "Labor Day" => nth(year, 9, 1, Weekday::Monday),
            "Columbus Day" => nth(year, 10, 2, Weekday::Monday),
            "Memorial Day" => nth(year, 5, -1, Weekday::Monday),
            "Mother's Day" => nth(year, 5, 2, Weekday::Sunday),
            "Father's Day" => nth(year, 6, 3, Weekday::Sunday),
            "Presidents' Day" => nth(year, 2, 3, Weekday::Monday),
            "Martin Luther King Day" => nth(year, 1, 3, Weekday::Monday),
            "Election Day" => nth(year, 11, 1, Weekday::Monday).tomorrow().unwrap(),
            "Easter Day" => easter(year),
            _ => match fixed(&summary) {
                Some((month, day)) => {
                    yearly += 1;
                    let rule = format!("FREQ=YEARLY;BYMONTHDAY={day};BYMONTH={month}");
                    assert_eq!(line(event, "RRULE").unwrap().replace("BYMONTHDAY=-1", "BYMONTHDAY=31"), rule);
                    Date::new(year, month, day).unwrap()
                }
                None => continue,
            },
        };
        assert_eq!(date, expected, "{summary}");
        checked += 1;
    }
    assert_eq!((holidays, yearly), (160, 13));
    // All but tax days, days of administrative professionals, and observed ones.
    assert_eq!(checked, 128);
}

/// Holidays of the same day every year.
fn fixed(summary: &str) -> Option<(i8, i8)> {
    Some(match summary {
        "New Year's Day" => (1, 1),
        "Groundhog Day" => (2, 2),
        "Valentine's Day" => (2, 14),
        "St. Patrick's Day" => (3, 17),
        "Peace Officers Memorial Day" => (5, 15),
        "Flag Day" => (6, 14),
        "Juneteenth" => (6, 19),
        "Independence Day" => (7, 4),
        "Halloween" => (10, 31),
        "Veterans Day" => (11, 11),
        "Christmas Eve" => (12, 24),
        "Christmas Day" => (12, 25),
        "New Year's Eve" => (12, 31),
        _ => return None,
    })
}

#[test]
fn meetings_and_series_of_a_mailbox() {
    let Some(calendars) = calendars("ost2013-4k.ost") else { return };
    assert_eq!(calendars.len(), 175);
    let event = |id: u32| components(&calendars[&id].text, "VEVENT").remove(0);
    let pacific = |text: &str| Some(format!(";TZID=Pacific Standard Time:{text}"));
    // Its body says: every Monday effective 8/9/2021 until 10/11/2021 from 10:00 AM to 11:00 AM.
    let weekly = event(0x201CE4);
    assert_eq!(line(&weekly, "RRULE").as_deref(), Some("FREQ=WEEKLY;BYDAY=MO;WKST=SU;COUNT=10"));
    assert_eq!(
        (line(&weekly, "DTSTART"), line(&weekly, "DTEND")),
        (pacific("20210809T100000"), pacific("20210809T110000"))
    );
    let daily = event(0x201D44);
    assert_eq!(line(&daily, "RRULE").as_deref(), Some("FREQ=DAILY;COUNT=3"));
    assert_eq!(line(&daily, "DTSTART"), pacific("20210810T120000"));
    let yearly = event(0x201E44);
    assert_eq!(line(&yearly, "RRULE").as_deref(), Some("FREQ=YEARLY;BYMONTHDAY=13;BYMONTH=8"));
    assert_eq!(line(&event(0x202384), "DTSTART").as_deref(), Some(";VALUE=DATE:20210815"));
    assert_eq!(line(&event(0x202384), "DTEND").as_deref(), Some(";VALUE=DATE:20210818"));

    let methods: Vec<_> = [0x2021A4, 0x2021C4, 0x202344, 0x202B24].map(|id| calendars[&id].method).into();
    assert_eq!(methods, [Method::Request, Method::Reply, Method::Request, Method::Reply].map(Some));
    let invitation = event(0x202344);
    assert_eq!(line(&invitation, "UID").as_deref(), Some("392dkifg6272gco6qi3f9up3pq@google.com"));
    assert_eq!(line(&invitation, "DTSTART").as_deref(), Some(";VALUE=DATE:20210814"));
    assert_eq!(
        line(&invitation, "ORGANIZER").as_deref(),
        Some(";CN=epfromer@gmail.com;SENT-BY=\"mailto:calendar-notification@google.com\":mailto:epfromer@gmail.com")
    );
    let answer = event(0x202B24);
    assert_eq!(
        line(&answer, "ATTENDEE").as_deref(),
        Some(";CN=epfromer@gmail.com;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:epfromer@gmail.com")
    );
    assert!(line(&answer, "ORGANIZER").unwrap().ends_with("mailto:pstextractortest@outlook.com"));
    // Invitation and entry of the calendar have one id.
    assert_eq!(line(&event(0x202324), "UID"), line(&invitation, "UID"));
    // Nothing is lost but what has no address.
    for (id, calendar) in &calendars {
        let known = |kind: LossKind, detail: &str| kind == LossKind::Changed && detail.contains("has no SMTP address");
        assert!(told(&calendar.losses).into_iter().all(|(kind, detail)| known(kind, detail)), "{id:#x} {calendar:?}");
    }
}

#[test]
fn a_series_with_changed_and_deleted_occurrences() {
    let Some(calendars) = calendars("dist-list.pst") else { return };
    let calendar = &calendars[&0x2000C4];
    assert_eq!((calendars.len(), &calendar.losses[..]), (1, &[][..]));
    let events = components(&calendar.text, "VEVENT");
    let [master, ninth, tenth] = &events[..] else { panic!("{}", events.len()) };
    let pacific = |text: &str| Some(format!(";TZID=Pacific Standard Time:{text}"));
    // Its description says: every Tuesday from 8:00 AM to 8:30 AM.
    assert_eq!(line(master, "RRULE").as_deref(), Some("FREQ=WEEKLY;BYDAY=TU;WKST=SU"));
    assert_eq!(
        (line(master, "DTSTART"), line(master, "DTEND")),
        (pacific("20160802T080000"), pacific("20160802T083000"))
    );
    assert_eq!(lines(master, "EXDATE"), ["EXDATE;TZID=Pacific Standard Time:20160809T080000"]);
    assert_eq!(line(master, "DESCRIPTION").as_deref(), Some("This is a complete test\\n"));
    assert_eq!(line(ninth, "RECURRENCE-ID"), pacific("20160823T080000"));
    assert_eq!(line(ninth, "DTSTART"), pacific("20160823T090000"));
    assert_eq!(line(ninth, "DESCRIPTION").as_deref(), Some("This is the appointment at 9\\n"));
    assert_eq!(line(tenth, "RECURRENCE-ID"), pacific("20160830T080000"));
    assert_eq!(line(tenth, "DTEND"), pacific("20160830T103000"));
    assert_eq!(line(tenth, "DESCRIPTION").as_deref(), Some("This is the one at 10\\n"));
}

#[test]
fn an_old_meeting_of_an_ansi_file() {
    let Some(calendars) = calendars("ansi-32bit.pst") else { return };
    let calendar = &calendars[&0x200024];
    let event = &components(&calendar.text, "VEVENT")[0];
    assert_eq!(line(event, "DTSTART").as_deref(), Some("20040819T183000Z"));
    assert_eq!(line(event, "SUMMARY").as_deref(), Some("Updated: Olympus training for new hires"));
    assert_eq!(line(event, "ORGANIZER").as_deref(), Some(";CN=Cyndy Foulkrod:mailto:Cyndy.Foulkrod@stellent.com"));
    let attendees = lines(event, "ATTENDEE");
    let optional = attendees.iter().filter(|line| line.contains("ROLE=OPT-PARTICIPANT")).count();
    assert_eq!((attendees.len(), optional), (6, 3));
    assert_eq!(line(event, "SEQUENCE").as_deref(), Some("1"));
    assert_eq!(told(&calendar.losses), [(LossKind::MadeUp, "UID: the item has no PidLidGlobalObjectId")]);
}

#[test]
fn contacts_and_lists() {
    for version in [Version::V3, Version::V4] {
        let Some(japanese) = cards("ansi-contacts-cp932.pst", version) else { return };
        assert_eq!(line(&japanese[0].text, "N").as_deref(), Some("イグザンプル;コム;ドット;Mr.;殿"));
        assert_eq!(line(&japanese[0].text, "ORG").as_deref(), Some("My work company;My division"));
        let adr = line(&japanese[0].text, "ADR").unwrap();
        assert!(adr.ends_with(":;;Somewhere;Osaka;Osaka;544-0001;日本"), "{adr}");
        assert_eq!(japanese[0].losses, []);
        for (name, count, mails) in [("contacts-6.pst", 6, 5), ("contacts-24.pst", 24, 20)] {
            let cards = cards(name, version).unwrap();
            assert_eq!(cards.len(), count);
            let mut ids: Vec<_> = cards.iter().map(|card| line(&card.text, "UID")).collect();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), count, "copies are contacts of their own");
            assert_eq!(cards.iter().filter(|card| lines(&card.text, "EMAIL").len() == 1).count(), mails);
            let wilcox = cards.iter().find(|card| line(&card.text, "FN").unwrap() == "Matthew R. Wilcox").unwrap();
            assert_eq!(line(&wilcox.text, "N").as_deref(), Some("Wilcox;Matthew;R.;;"));
            assert_eq!(line(&wilcox.text, "TITLE").as_deref(), Some("Psychiatric aide"));
            assert_eq!(lines(&wilcox.text, "TEL").len(), 2);
        }
        for name in ["dist-list.pst", "passworded.pst"] {
            let cards = cards(name, version).unwrap();
            let [list, contact] = &cards[..] else { panic!("{}", cards.len()) };
            assert_eq!(line(&list.text, "FN").as_deref(), Some("test dist list"));
            let member = if version == Version::V4 { "MEMBER" } else { "X-ADDRESSBOOKSERVER-MEMBER" };
            let members = lines(&list.text, member);
            assert_eq!(members.len(), 3);
            assert!(members[0].ends_with(";X-CN=contact name 1:mailto:contact1@rjohnson.id.au"), "{members:?}");
            assert!(members[2].ends_with(";X-CN=dist name 2:mailto:dist2@rjohnson.id.au"), "{members:?}");
            assert_eq!(line(&contact.text, "N").as_deref(), Some("1;contact;name;;"));
            assert!(cards.iter().all(|card| card.losses.is_empty()), "{cards:?}");
        }
    }
}
