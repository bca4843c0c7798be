"""Appointments and meeting messages: when they are, and what they say."""

import re
import urllib.parse
from datetime import datetime, timedelta, timezone
from itertools import count

import content
import icalendar
import mapi
import recurring_ical_events
import vobject
from facts import APPOINTMENT, COMMON, MEETING, STRINGS, lines, smtp

ZONE_NUMBERS = count(1)
DAY = timedelta(days=1)
# How far each kind of series is followed.
WINDOWS = {"DAILY": 430, "WEEKLY": 3 * 366, "MONTHLY": 4 * 366, "YEARLY": 12 * 366}
MOST = 1500
METHODS = [
    ("ipm.schedule.meeting.request", "REQUEST"),
    ("ipm.schedule.meeting.cancel", "CANCEL"),
    ("ipm.schedule.meeting.resp", "REPLY"),
    ("ipm.appointment", "PUBLISH"),
]


def compare(check, item, text, expected):
    content.read(text)
    check.count("strict")
    # Readers know zones of Windows by heart; under names of its own the file's zones are all there is.
    own = rename_zones(text)
    calendar = icalendar.Calendar.from_ical(own)
    icalendar.Calendar.from_ical(text)
    check.count("icalendar")
    component = vobject.readOne(own)
    check.count("vobject")
    inbound = item.binary(0x827A, APPOINTMENT)
    if inbound and item.message_class.startswith("ipm.schedule.meeting."):
        kept = re.sub("\r?\n", "\r\n", inbound.decode("utf-8-sig").strip("\0\r\n ")) + "\r\n"
        check.equal("the calendar it came with", kept.replace("\r\n\r\n", "\r\n"), text)
    zone = zone_of(item)
    skipped = set()
    stored = occurrences(item, zone, skipped)
    found = expand(calendar)
    by_vobject = expand_vobject(component)
    # Nothing says what the time is in an hour that clocks skip: readers differ by that hour.
    less = lambda all: [one for one in all if not any(near(one[0], start) for start in skipped)]
    check.count("occurrences", len(stored))
    check.same("occurrences by icalendar", show(less(stored)), show(less(found)), "recurrence")
    starts = [one[0] for one in less(stored)]
    check.same("occurrences by vobject", show(starts), show(less([(start,) for start in by_vobject])), "recurrence")
    compare_count(check, item)
    if item.subject in expected:
        wanted = expected[item.subject]
        told = [one[0].isoformat(timespec="minutes") if isinstance(one[0], datetime) else str(one[0]) for one in stored]
        check.equal("the first occurrences", wanted, told[:len(wanted)])
    events = [event for event in calendar.walk("VEVENT")]
    compare_facts(check, item, calendar, events[0], inbound is not None)


def compare_count(check, item):
    """The writer of a counted series has told its last day as well: it must be that of the rule as it is understood here."""
    blob = item.binary(0x8216, APPOINTMENT)
    recurrence = mapi.Recurrence(blob) if blob else None
    if recurrence and recurrence.end_type == 0x2022 and recurrence.count and recurrence.end:
        dates = recurrence.dates(recurrence.end + 366 * DAY)
        check.equal("last day of a counted series", recurrence.end, dates[-1])


def near(one, other):
    return isinstance(one, datetime) and abs(one - other) <= timedelta(hours=1)


def rename_zones(text):
    text = text.replace("\r\n ", "")
    for name in set(re.findall(r"^TZID:(.*?)\r$", text, re.MULTILINE)):
        own = f"zone-{next(ZONE_NUMBERS)}"
        text = text.replace(f"TZID:{name}\r\n", f"TZID:{own}\r\n")
        text = re.sub(rf';TZID="?{re.escape(name)}"?(?=[:;])', f";TZID={own}", text)
    return text


def zone_of(item):
    """The rule of a series, or of a day; none if the item has none."""
    structure = item.binary(0x8233, APPOINTMENT)
    recurs = item.binary(0x8260, APPOINTMENT)
    display = item.binary(0x825E, APPOINTMENT)
    if item.get(0x8223, APPOINTMENT):
        if structure:
            return mapi.zone_structure(structure)
        if recurs:
            return mapi.zone_definition(recurs, 1)[1]
    if display:
        return mapi.zone_definition(display, 2)[1]
    return mapi.zone_structure(structure) if structure else None


def times(item):
    start = item.time(0x820D, APPOINTMENT) or item.time(0x8516, COMMON) or item.time(0x0060)
    end = item.time(0x820E, APPOINTMENT) or item.time(0x8517, COMMON) or item.time(0x0061)
    if item.get(0x8257, APPOINTMENT) and ".resp" in item.message_class:
        start = item.time(0x8250, APPOINTMENT) or start
        end = item.time(0x8251, APPOINTMENT) or end
    return start, end


def as_day(time, zone):
    """The day of a midnight somewhere."""
    local = zone.to_local(time) if zone else time
    if local.time() != datetime.min.time() and time.time() == datetime.min.time():
        local = time
    if local.time() != datetime.min.time():
        local += DAY / 2
    return local.date()


def occurrences(item, zone, skipped):
    """Start, end, summary and location of each, by the properties; times in UTC. Starts that the clocks skip go to `skipped`
    as well."""
    place = item.text(0x8208, APPOINTMENT) or item.text(0x0002, MEETING)
    blob = item.binary(0x8216, APPOINTMENT)
    all_day = bool(item.get(0x8215, APPOINTMENT))
    start, end = times(item)
    if not blob or item.get(0x8223, APPOINTMENT) is False:
        if all_day:
            first, last = as_day(start, zone), as_day(end, zone) if end else None
            return [(first, max(last or first, first + DAY), lines(item.subject), lines(place))]
        if end is None and isinstance(item.get(0x8213, APPOINTMENT), int):
            end = start + timedelta(minutes=item.get(0x8213, APPOINTMENT))
        return [(start, end, lines(item.subject), lines(place))]
    recurrence = mapi.Recurrence(blob)
    frequency = {0x200A: "DAILY", 0x200B: "WEEKLY", 0x200C: "MONTHLY", 0x200D: "YEARLY"}[recurrence.frequency]
    until = recurrence.start + timedelta(days=WINDOWS[frequency])
    local = recurrence.occurrences(until + 40 * DAY)
    if zone:
        to_utc = zone.to_utc
    else:
        first = min(recurrence.dates(until), default=recurrence.start)
        first = datetime(first.year, first.month, first.day) + timedelta(minutes=recurrence.start_offset)
        to_utc = lambda time: time - (first - start)
    messages = {message.time(0x8228, APPOINTMENT): message for message in item.exceptions()}
    found = []
    for begin, finish, exception in local:
        summary, location, day = item.subject, place, all_day
        if exception:
            summary, location = exception.get("subject", summary), exception.get("location", location)
            day = bool(exception.get("all_day", day))
            message = messages.get(to_utc(exception["original"]))
            if message:
                summary = message.subject or summary
                location = message.text(0x8208, APPOINTMENT) or location
                day = bool(message.get(0x8215, APPOINTMENT)) if message.get(0x8215, APPOINTMENT) is not None else day
        if begin.date() > until:
            continue
        if day:
            span = max((finish - begin).days, 1) * DAY if not exception else max(finish.date() - begin.date(), DAY)
            found.append((begin.date(), begin.date() + span, lines(summary), lines(location)))
        else:
            if zone and zone.is_in_gap(begin):
                skipped.add(to_utc(begin))
            found.append((to_utc(begin), to_utc(finish), lines(summary), lines(location)))
    return order(found)


def order(found):
    as_time = lambda one: one if isinstance(one, datetime) else datetime(one.year, one.month, one.day)
    return sorted(found, key=lambda one: as_time(one[0]))[:MOST]


def show(all):
    return [" ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in all]


def utc(time):
    """A time in UTC without a zone; a day as it is."""
    if isinstance(time, datetime):
        return time.astimezone(timezone.utc).replace(tzinfo=None) if time.tzinfo else time
    return time


def window(calendar):
    """Where a calendar's series is followed to, by its rule."""
    event = calendar.walk("VEVENT")[0]
    start = event["DTSTART"].dt
    first = start.date() if isinstance(start, datetime) else start
    rule = event.get("RRULE")
    frequency = rule["FREQ"][0] if rule else "DAILY"
    days = WINDOWS[frequency]
    if rule and frequency == "MONTHLY" and rule.get("INTERVAL", [1])[0] > 12:
        days = WINDOWS["YEARLY"]
    return first, first + timedelta(days=days)


def expand(calendar):
    first, until = window(calendar)
    found = []
    between = (first - 2 * DAY, until + 10 * DAY)
    for event in recurring_ical_events.of(calendar, components=["VEVENT"]).between(*between):
        start = utc(event["DTSTART"].dt)
        end = utc(event["DTEND"].dt) if "DTEND" in event else None
        if end is None:
            end = start
        day = start.date() if isinstance(start, datetime) else start
        summary, location = (lines(str(event.get(name, "")) or None) for name in ("SUMMARY", "LOCATION"))
        found.append((day, (start, end, summary, location)))
    return order([one for day, one in found if local_day(calendar, one[0]) <= until])


def local_day(calendar, start):
    """The day of a start in the zone of the first event."""
    zone = getattr(calendar.walk("VEVENT")[0]["DTSTART"].dt, "tzinfo", None)
    if not isinstance(start, datetime):
        return start
    return start.replace(tzinfo=timezone.utc).astimezone(zone).date() if zone else start.date()


def expand_vobject(component):
    """Starts by the rules as dateutil reads them, with changed occurrences in place of those they change."""
    events = component.vevent_list
    master = events[0]
    day = master.dtstart.value.date() if isinstance(master.dtstart.value, datetime) else master.dtstart.value
    rule = getattr(master, "rrule", None)
    frequency = re.search("FREQ=([A-Z]+)", rule.value)[1] if rule else "DAILY"
    interval = re.search("INTERVAL=([0-9]+)", rule.value) if rule else None
    days = WINDOWS["YEARLY"] if frequency == "MONTHLY" and interval and int(interval[1]) > 12 else WINDOWS[frequency]
    until = day + timedelta(days=days)
    is_day = not isinstance(master.dtstart.value, datetime)
    found = set()
    rules = master.getrruleset(addRDate=True) if rule or hasattr(master, "rdate") else [master.dtstart.value]
    for start in rules or []:
        if (start.date() if isinstance(start, datetime) else start) > until:
            break
        found.add(start.date() if is_day and isinstance(start, datetime) else utc(start))
    for event in events[1:]:
        found.discard(utc(event.recurrence_id.value))
        found.add(utc(event.dtstart.value))
    return [one for (one,) in order([(one,) for one in found])]


def uid(item):
    """What MS-OXCICAL 2.1.3.1.1.20.26 makes of PidLidGlobalObjectId."""
    stored = item.binary(0x0023, MEETING) or item.binary(0x0003, MEETING)
    if not stored:
        return None
    data = stored[40:]
    if data.startswith(b"vCal-Uid\1\0\0\0"):
        return data[12:].rstrip(b"\0").decode()
    return (stored[:16] + bytes(4) + stored[20:]).hex().upper()


def compare_facts(check, item, calendar, event, is_inbound):
    method = next((method for start, method in METHODS if item.message_class.startswith(start)), None)
    if method == "REPLY" and item.get(0x8257, APPOINTMENT):
        method = "COUNTER"
    check.equal("method", method, str(calendar.get("METHOD", "")) or None)
    if uid(item):
        check.equal("uid", uid(item), str(event["UID"]))
    else:
        check.check("uid", bool(str(event["UID"])), "made up", event["UID"])
    if is_inbound:
        return
    body = item.text(0x1000)
    if body and body.strip():
        check.equal("description", lines(body), lines(str(event.get("DESCRIPTION", ""))), "Body")
    for name, number in [("CREATED", 0x3007), ("LAST-MODIFIED", 0x3008)]:
        time = item.time(number)
        check.equal(name, time, utc(event[name].dt) if name in event else None)
    categories = item.get("Keywords", STRINGS) or []
    found = event.get("CATEGORIES")
    check.equal("categories", list(categories), [str(one) for one in found.cats] if found else [])
    busy = item.get(0x8205, APPOINTMENT)
    check.equal("transparent", "TRANSPARENT" if busy == 0 else "OPAQUE", str(event["TRANSP"]))
    check.equal("sequence", max(item.get(0x8201, APPOINTMENT) or 0, 0), event["SEQUENCE"])
    classes = {1: "X-PERSONAL", 2: "PRIVATE", 3: "CONFIDENTIAL"}
    check.equal("class", classes.get(item.get(0x0036), "PUBLIC"), str(event["CLASS"]))
    check.equal("priority", {0: 9, 1: 5, 2: 1}.get(item.get(0x0017)), event.get("PRIORITY"))
    is_canceled = (item.get(0x8217, APPOINTMENT) or 0) & 4 or method == "CANCEL"
    check.equal("canceled", bool(is_canceled), str(event.get("STATUS")) == "CANCELLED")
    replaced = item.time(0x8228, APPOINTMENT)
    if replaced and "RRULE" not in event:
        check.equal("recurrence id", replaced, utc(event["RECURRENCE-ID"].dt) if "RECURRENCE-ID" in event else None)
    alarms = [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    delta = item.get(0x8501, COMMON)
    delta = 15 if delta in (None, 0x5AE980E1) else delta
    check.equal("reminder", [timedelta(minutes=-delta)] if item.get(0x8503, COMMON) else [], alarms)
    compare_people(check, item, event, method)


def unquote(text):
    """The address in a mailto URI (RFC 6068)."""
    return urllib.parse.unquote(text[7:]) if text.startswith("mailto:") else text


def row_address(row):
    return smtp(row.get("0x3002"), row.get("0x3003"), row.get("0x39fe"))


def compare_people(check, item, event, method):
    found = event.get("ATTENDEE", [])
    found = found if isinstance(found, list) else [found]
    organizer = event.get("ORGANIZER")
    represented = smtp(item.text(0x0064), item.text(0x0065), item.text(0x5D02))
    rows = item.recipients
    if method in ("REPLY", "COUNTER"):
        answers = {".pos": "ACCEPTED", ".neg": "DECLINED", ".tent": "TENTATIVE"}
        answer = next((answer for part, answer in answers.items() if part in item.message_class), None)
        check.equal("number of attendees", 1, len(found))
        if represented:
            check.equal("attendee", represented, unquote(str(found[0]).lower()))
        check.equal("answer", answer, str(found[0].params.get("PARTSTAT")))
        if rows and row_address(rows[0]):
            check.equal("organizer", row_address(rows[0]), unquote(str(organizer).lower()))
        return
    kind = lambda row: (row.get("0x0c15") or 1) & 0x0FFFFFFF
    flags = lambda row: row.get("0x5ffd") or 0
    invited = [row for row in rows if not flags(row) & 0x22 and kind(row)]
    nameless = [name.strip() for number in (0x8536, 0x8537, 0x8538) for name in (item.text(number, COMMON) or "").split(";")]
    nameless = [name for name in nameless if name]
    check.equal("number of attendees", len(invited) + len(nameless), len(found))
    roles = {2: "OPT-PARTICIPANT", 3: "NON-PARTICIPANT"}
    statuses = {2: "TENTATIVE", 3: "ACCEPTED", 4: "DECLINED"}
    for row, line in zip(invited, found):
        told = "has no SMTP address" if row_address(row) is None else None
        if row_address(row) or not str(line).lower().startswith("mailto:"):
            check.equal("attendee", row_address(row), unquote(str(line).lower()), told)
        name = (row.get("0x3001") or "").strip("\0 ")
        if name:
            check.equal("name of attendee", lines(name), lines(str(line.params.get("CN"))))
        check.equal("role", roles.get(kind(row), "REQ-PARTICIPANT"), str(line.params.get("ROLE")))
        status = statuses.get(row.get("0x5fff"))
        own = statuses.get(item.get(0x8218, APPOINTMENT))
        answers = [status] if status else ["NEEDS-ACTION", own]
        check.check("answer", str(line.params.get("PARTSTAT")) in answers, answers, line.params.get("PARTSTAT"))
    owners = [row_address(row) for row in rows if flags(row) & 2]
    owner = owners[0] if owners else represented
    if owner and organizer is not None:
        check.equal("organizer", owner, unquote(str(organizer).lower()))
    elif owner and (invited or method in ("REQUEST", "CANCEL")):
        check.equal("organizer", owner, organizer)
