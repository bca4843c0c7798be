"""Tasks, entries of the journal and notes."""

from datetime import datetime, timedelta

import content
import icalendar
import mapi
import vobject
from dateutil.rrule import rrulestr
from events import lines, utc
from facts import COMMON, TASK

# How far a task that repeats is followed.
WINDOW = timedelta(days=3 * 366)


def compare(check, item, text):
    content.read(text)
    check.count("strict")
    calendar = icalendar.Calendar.from_ical(text)
    check.count("icalendar")
    component = vobject.readOne(text)
    check.count("vobject")
    inner = next(iter(calendar.walk("VTODO") + calendar.walk("VJOURNAL")))
    if item.message_class.startswith("ipm.taskrequest"):
        return
    check.equal("summary", lines(item.subject), lines(str(inner.get("SUMMARY", "")) or None))
    body = item.text(0x1000)
    if body and body.strip():
        check.equal("description", lines(body), lines(str(inner.get("DESCRIPTION", ""))), "Body")
    if inner.name != "VTODO":
        return
    start, due = (day(item.time(number, TASK)) for number in (0x8104, 0x8105))
    is_repeating = bool(item.get(0x8126, TASK))
    begin = start if start or not is_repeating else due
    check.equal("start", begin, inner["DTSTART"].dt if "DTSTART" in inner else None, "the start,")
    check.equal("due", due, inner["DUE"].dt if "DUE" in inner else None)
    vtodo = component.vtodo
    check.equal("due by vobject", due, vtodo.due.value if hasattr(vtodo, "due") else None)
    status = {1: "IN-PROCESS", 2: "COMPLETED"}.get(item.get(0x8101, TASK), "NEEDS-ACTION")
    status = "COMPLETED" if item.get(0x811C, TASK) else status
    check.equal("status", status, str(inner["STATUS"]))
    part = item.get(0x8102, TASK)
    percent = None if part is None else round(100 * part)
    check.equal("percent", percent, inner.get("PERCENT-COMPLETE"))
    completed = item.time(0x810F, TASK)
    check.equal("completed", completed, utc(inner["COMPLETED"].dt) if "COMPLETED" in inner else None)
    check.equal("reminders", int(bool(item.get(0x8503, COMMON))), len(inner.walk("VALARM")), "reminder")
    blob = item.binary(0x8116, TASK)
    if blob and is_repeating:
        recurrence = mapi.Recurrence(blob, is_task=True)
        stored = [one for one in recurrence.dates(begin + WINDOW) if one >= begin]
        rule = inner.get("RRULE")
        found = rrulestr(rule.to_ical().decode(), dtstart=datetime(begin.year, begin.month, begin.day)) if rule else []
        found = [one.date() for one in found if one.date() <= begin + WINDOW] if rule else []
        check.count("occurrences", len(stored))
        check.equal("occurrences", stored, found, "task that is made anew")


def day(time):
    return time.date() if time else None
