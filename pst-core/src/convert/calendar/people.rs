//! ORGANIZER and ATTENDEE (MS-OXCICAL 2.1.3.1.1.20.2, 2.1.3.1.1.20.16) from senders and recipient rows.
//!
//! **A party without an SMTP address is `invalid:nomail`**, as the specification has it, and its other address is a loss.

use crate::FileTime;
use crate::convert::LossKind;
use crate::convert::address::{Party, Sources, mailto, share_addresses, smtp_address};
use crate::convert::calendar::Method;
use crate::convert::calendar::event::state;
use crate::convert::calendar::when::utc_text;
use crate::convert::content_line::ContentLines;
use crate::convert::item::{Item, Key};
use crate::ltp::{Row, id};
use crate::messaging::RecipientKind;
use crate::{Guid, Result};

const RESPONSE_STATUS: Key = Key::Lid(Guid::PSETID_APPOINTMENT, 0x8218);

/// PidTagRecipientFlags.
mod flag {
    pub(super) const ORGANIZER: i64 = 0x02;
    pub(super) const EXCEPTION_DELETED: i64 = 0x20;
}

/// What an attendee answered (MS-OXOCAL 2.2.1.11).
fn answer(status: i64) -> Option<&'static str> {
    match status {
        2 => Some("TENTATIVE"),
        3 => Some("ACCEPTED"),
        4 => Some("DECLINED"),
        _ => None,
    }
}

/// A row of the recipient table, as far as a calendar asks.
struct Invited {
    party: Party,
    kind: RecipientKind,
    flags: i64,
    status: i64,
    status_time: Option<FileTime>,
    /// PidTagDisplayType and PidTagDisplayTypeEx.
    display_types: [i64; 2],
}

impl Invited {
    fn read(row: &Row<'_>, item: &Item<'_>) -> Result<Self> {
        let name = row.string(id::DISPLAY_NAME)?.filter(|name| !name.is_empty());
        let sources = Sources {
            name: name.or(row.string(0x5FF6)?),
            smtp: row.string(id::SMTP_ADDRESS)?,
            address_type: row.string(id::ADDRESS_TYPE)?,
            address: row.string(id::EMAIL_ADDRESS)?,
            entry_id: row.get(0x0FFF).and_then(|cell| cell.stored().ok()).map(|bytes| bytes.to_vec()),
        };
        let kind = row.integer(id::RECIPIENT_TYPE).and_then(|number| i32::try_from(number).ok());
        Ok(Self {
            party: sources.party(item.code_page()),
            kind: kind.map_or(RecipientKind::To, RecipientKind::new),
            flags: row.integer(0x5FFD).unwrap_or(0),
            status: row.integer(0x5FFF).unwrap_or(0),
            status_time: row.time(0x5FFB).filter(|time| !time.is_none() && !time.is_outlook_none()),
            display_types: [row.integer(0x3900).unwrap_or(0), row.integer(0x3905).unwrap_or(0)],
        })
    }

    fn attendee(self, rsvp: bool) -> Attendee {
        let [display_type, display_type_ex] = self.display_types;
        let (role, group) = match self.kind {
            RecipientKind::Cc => ("OPT-PARTICIPANT", None),
            RecipientKind::Bcc => ("NON-PARTICIPANT", Some("RESOURCE")),
            _ => ("REQ-PARTICIPANT", None),
        };
        // MS-OXOABK 2.2.3.11 and 2.2.3.12: a room, a piece of equipment, a list.
        let cutype = match (display_type_ex & 0xFF, display_type) {
            (7, _) => Some("ROOM"),
            (8, _) => Some("RESOURCE"),
            (_, 1) => Some("GROUP"),
            _ => group,
        };
        Attendee {
            party: self.party,
            role,
            cutype,
            status: answer(self.status),
            responded: answer(self.status).and(self.status_time),
            rsvp,
        }
    }
}

/// An ATTENDEE.
#[derive(Clone, Debug)]
struct Attendee {
    party: Party,
    role: &'static str,
    cutype: Option<&'static str>,
    /// PARTSTAT; none is NEEDS-ACTION.
    status: Option<&'static str>,
    responded: Option<FileTime>,
    rsvp: bool,
}

/// Who takes part in an event.
#[derive(Clone, Debug, Default)]
pub(super) struct People {
    organizer: Option<Party>,
    /// Who sent it in the organizer's name.
    sent_by: Option<Party>,
    attendees: Vec<Attendee>,
    /// The owner of the mailbox was invited.
    is_received: bool,
    /// Names of attendees that no message can be sent to, with their roles.
    nameless: Vec<(String, &'static str)>,
}

fn represented(item: &mut Item<'_>) -> Party {
    party(item, [id::SENT_REPRESENTING_NAME, id::SENT_REPRESENTING_SMTP_ADDRESS, 0x0064, 0x0065, 0x0041])
}

fn sender(item: &mut Item<'_>) -> Party {
    party(item, [id::SENDER_NAME, id::SENDER_SMTP_ADDRESS, 0x0C1E, 0x0C1F, 0x0C19])
}

fn party(item: &mut Item<'_>, [name, smtp, address_type, address, entry_id]: [u16; 5]) -> Party {
    let sources = Sources {
        name: item.text(Key::Tag(name)),
        smtp: item.text(Key::Tag(smtp)),
        address_type: item.text(Key::Tag(address_type)),
        address: item.text(Key::Tag(address)),
        entry_id: item.binary(Key::Tag(entry_id)),
    };
    sources.party(item.code_page())
}

fn rows(item: &mut Item<'_>) -> Vec<Invited> {
    let table = match item.message.recipient_table() {
        Ok(Some(table)) => table,
        Ok(None) => return Vec::new(),
        Err(error) => {
            item.lose(LossKind::Unreadable, format_args!("the recipients: {error}"));
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    for row in table.rows() {
        match row.and_then(|row| Invited::read(&row, item)) {
            Ok(row) => rows.push(row),
            Err(error) => item.lose(LossKind::Unreadable, format_args!("a recipient: {error}")),
        }
    }
    rows
}

impl People {
    /// Who takes part by the item; nobody in an appointment that nobody was invited to.
    /// `state` is PidLidAppointmentStateFlags.
    pub(super) fn read(item: &mut Item<'_>, method: Option<Method>, state: i64) -> Self {
        let is_meeting = state & state::MEETING != 0 || !matches!(method, None | Some(Method::Publish));
        let mut rows = rows(item);
        let mut represented = represented(item);
        let mut sender = sender(item);
        let known: Vec<Party> = rows.iter().map(|row| row.party.clone()).collect();
        share_addresses(known.iter(), &mut [&mut represented, &mut sender]);
        let known = [represented.clone(), sender.clone()];
        let mut wanting: Vec<&mut Party> = rows.iter_mut().map(|row| &mut row.party).collect();
        share_addresses(known.iter(), &mut wanting);

        let rsvp = item.boolean(Key::Tag(0x0063)).unwrap_or(false);
        let is_received = state & state::RECEIVED != 0;
        let mut people = Self { nameless: nameless(item), is_received, ..Self::default() };
        if matches!(method, Some(Method::Reply | Method::Counter)) {
            people.read_answer(item, rows, represented);
            return people;
        }
        let is_organizer = |row: &Invited| row.flags & flag::ORGANIZER != 0;
        let is_invited = |row: &Invited| {
            !is_organizer(row) && row.kind != RecipientKind::Originator && row.flags & flag::EXCEPTION_DELETED == 0
        };
        if !is_meeting && people.nameless.is_empty() && !rows.iter().any(is_invited) {
            return people;
        }
        let organizer = rows.iter().find(|row| is_organizer(row)).map(|row| row.party.clone());
        people.organizer = organizer.or_else(|| Some(represented.clone())).filter(|party| !party.is_unknown());
        let delegate = sender.smtp.is_some() && represented.smtp.is_some() && sender.smtp != represented.smtp;
        people.sent_by = Some(sender).filter(|_| delegate && matches!(method, Some(Method::Request | Method::Cancel)));
        people.attendees = rows.into_iter().filter(is_invited).map(|row| row.attendee(rsvp)).collect();
        people.own_answer(item);
        people
    }

    /// A reply: the sender is the attendee, the recipient is the organizer.
    fn read_answer(&mut self, item: &mut Item<'_>, rows: Vec<Invited>, represented: Party) {
        let class = item.text(Key::Tag(id::MESSAGE_CLASS)).unwrap_or_default().to_ascii_lowercase();
        let status = [(".resp.pos", "ACCEPTED"), (".resp.neg", "DECLINED"), (".resp.tent", "TENTATIVE")];
        let status = status.into_iter().find(|(part, _)| class.contains(part)).map(|(_, status)| status);
        let mut rows = rows.into_iter();
        self.organizer = rows.next().map(|row| row.party);
        for row in rows {
            let name = row.party.smtp.or(row.party.name).unwrap_or_default();
            item.lose(LossKind::NoPlace, format_args!("a further recipient of the answer: {name}"));
        }
        let answer = Attendee {
            party: represented,
            role: "REQ-PARTICIPANT",
            cutype: None,
            status: status.or(Some("TENTATIVE")),
            responded: None,
            rsvp: false,
        };
        self.attendees = vec![answer];
    }

    /// What the owner of the mailbox answered stands in the item and not in their row.
    fn own_answer(&mut self, item: &mut Item<'_>) {
        let Some(status) = item.integer(RESPONSE_STATUS).and_then(answer) else { return };
        let smtp = [0x5D07, 0x5D08].into_iter().find_map(|id| item.text(Key::Tag(id)));
        let smtp = smtp.and_then(|address| smtp_address(&address)).map(|address| address.to_lowercase());
        let native = item.text(Key::Tag(0x0075)).zip(item.text(Key::Tag(0x0076)));
        let native = native.map(|(kind, address)| format!("{kind}:{address}").to_lowercase());
        let same = |own: &Option<String>, other: &Option<String>| {
            own.as_ref().is_some_and(|own| other.as_ref().is_some_and(|other| other.to_lowercase() == *own))
        };
        // Who received an invitation of one is that one.
        let is_only = self.is_received && self.attendees.len() == 1;
        let own = self
            .attendees
            .iter_mut()
            .find(|attendee| is_only || same(&smtp, &attendee.party.smtp) || same(&native, &attendee.party.native));
        match own {
            Some(attendee) => attendee.status = Some(attendee.status.unwrap_or(status)),
            None => item.lose_key(RESPONSE_STATUS, LossKind::NoPlace, format_args!("the owner's own answer: {status}")),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.attendees.is_empty() && self.nameless.is_empty()
    }

    /// Writes ORGANIZER and ATTENDEE lines; parties without an address are losses.
    pub(super) fn write(&self, lines: &mut ContentLines) {
        if let Some(organizer) = &self.organizer {
            lines.open("ORGANIZER");
            name_parameter(lines, organizer);
            if let Some(delegate) = self.sent_by.as_ref().and_then(|party| party.smtp.as_deref()) {
                lines.parameter("SENT-BY", &mailto(delegate));
            }
            lines.value(&uri(organizer));
        }
        for attendee in &self.attendees {
            lines.open("ATTENDEE");
            name_parameter(lines, &attendee.party);
            if let Some(cutype) = attendee.cutype {
                lines.words("CUTYPE", cutype);
            }
            lines.words("ROLE", attendee.role);
            lines.words("PARTSTAT", attendee.status.unwrap_or("NEEDS-ACTION"));
            if attendee.rsvp {
                lines.words("RSVP", "TRUE");
            }
            if let Some(time) = attendee.responded.and_then(utc_text) {
                lines.words("X-MS-OLK-RESPTIME", &time);
            }
            lines.value(&uri(&attendee.party));
        }
        for (name, role) in &self.nameless {
            lines.open("ATTENDEE").parameter("CN", name).words("ROLE", role).value(NO_MAIL);
        }
    }

    /// Tells the addresses that the form cannot carry.
    pub(super) fn tell(&self, item: &mut Item<'_>) {
        let parties = self.organizer.iter().chain(self.attendees.iter().map(|attendee| &attendee.party));
        for party in parties.filter(|party| party.smtp.is_none()) {
            let name = party.name.as_deref().unwrap_or("somebody");
            let native = party.native.as_deref().unwrap_or("none at all");
            item.lose(LossKind::Changed, format_args!("{name} has no SMTP address, only {native}"));
        }
    }
}

const NO_MAIL: &str = "invalid:nomail";

fn uri(party: &Party) -> String {
    party.smtp.as_deref().map_or_else(|| NO_MAIL.to_owned(), mailto)
}

fn name_parameter(lines: &mut ContentLines, party: &Party) {
    if let Some(name) = party.name.as_deref().or(party.smtp.as_deref()) {
        lines.parameter("CN", name);
    }
}

/// PidLidNonSendableTo, -Cc and -Bcc: names, divided by semicolons.
fn nameless(item: &mut Item<'_>) -> Vec<(String, &'static str)> {
    let lists = [(0x8536, "REQ-PARTICIPANT"), (0x8537, "OPT-PARTICIPANT"), (0x8538, "NON-PARTICIPANT")];
    let mut names = Vec::new();
    for (list, role) in lists {
        let text = item.text(Key::Lid(Guid::PSETID_COMMON, list)).unwrap_or_default();
        let parts = text.split(';').map(str::trim).filter(|name| !name.is_empty());
        names.extend(parts.map(|name| (name.to_owned(), role)));
    }
    names
}
