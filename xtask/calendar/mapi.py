"""Recurrences and time zones as MS-OXOCAL has them, decoded and expanded.

Stands on the specification alone, so that it can disagree with the library.
"""

import struct
from datetime import date, datetime, timedelta

EPOCH = datetime(1601, 1, 1)
PATTERN_DAY, PATTERN_WEEK, PATTERN_MONTH, PATTERN_NTH, PATTERN_END = 0, 1, 2, 3, 4
NO_END = 0x5AE980DF


def minutes(number):
    """A local time: minutes since 1601."""
    return EPOCH + timedelta(minutes=number)


def filetime(ticks):
    """A time in UTC, of whole seconds."""
    return EPOCH + timedelta(seconds=ticks // 10_000_000)


class Fields:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        size = struct.calcsize("<" + form)
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += size
        return values if len(values) > 1 else values[0]

    def bytes(self, count):
        part = self.data[self.at:self.at + count]
        if len(part) < count:
            raise ValueError("it breaks off")
        self.at += count
        return part


class Rule:
    """Biases and changes of a zone, by which local times and UTC are told from each other."""

    def __init__(self, bias, standard_bias, daylight_bias, standard, daylight):
        self.standard = timedelta(minutes=-(bias + standard_bias))
        self.daylight = timedelta(minutes=-(bias + daylight_bias))
        self.changes = (daylight, standard) if daylight[1] and standard[1] else None

    def change(self, when, year):
        _, month, weekday, nth, hour, minute, second, _ = when
        first = datetime(year, month, 1, hour, minute, second)
        # Python's week begins on Monday.
        day = first + timedelta(days=(weekday - 1 - first.weekday()) % 7)
        days = [day + timedelta(weeks=week) for week in range(5)]
        days = [day for day in days if day.month == month]
        return days[-1] if nth == 5 else days[nth - 1]

    def summer(self, year):
        """Begin of daylight saving time as standard clocks show it, and its end as summer clocks do."""
        begin, end = (self.change(when, year) for when in self.changes)
        return begin, end

    def is_in_gap(self, local):
        if not self.changes:
            return False
        begin, _ = self.summer(local.year)
        return begin <= local < begin + (self.daylight - self.standard)

    def to_utc(self, local):
        """Times that the clocks skip are of standard time, those they show twice of daylight saving time."""
        if not self.changes:
            return local - self.standard
        begin, end = self.summer(local.year)
        begin += self.daylight - self.standard
        is_summer = begin <= local < end if begin < end else not end <= local < begin
        return local - (self.daylight if is_summer else self.standard)

    def to_local(self, utc):
        if not self.changes:
            return utc + self.standard
        for offset in (self.daylight, self.standard):
            local = utc + offset
            begin, end = (bound - other for bound, other in zip(self.summer(local.year), (self.standard, self.daylight)))
            is_summer = begin <= utc < end if begin < end else not end <= utc < begin
            if is_summer == (offset == self.daylight):
                return local
        return utc + self.standard


def zone_structure(data):
    """PidLidTimeZoneStruct (2.2.1.39)."""
    fields = Fields(data)
    biases = fields.take("3i")
    fields.take("H")
    standard = fields.take("8H")
    fields.take("H")
    return Rule(*biases, standard, fields.take("8H"))


def zone_definition(data, flag):
    """PidLidAppointmentTimeZoneDefinition... (2.2.1.41): its name, and the rule with a flag."""
    fields = Fields(data)
    _major, _minor, _header, _reserved, length = fields.take("BBHHH")
    name = fields.bytes(2 * length).decode("utf-16-le")
    rules = []
    for _ in range(fields.take("H")):
        _major, _minor, _size, flags, year = fields.take("BBHHH")
        fields.bytes(14)
        biases = fields.take("3i")
        rules.append((flags, year, Rule(*biases, fields.take("8H"), fields.take("8H"))))
    marked = [rule for flags, _, rule in rules if flags & flag]
    return name, marked[0] if marked else max(rules, key=lambda rule: rule[1])[2]


class Recurrence:
    """PidLidAppointmentRecur (2.2.1.44.5), or RecurrencePattern (2.2.1.44.1) alone."""

    def __init__(self, data, is_task=False):
        fields = Fields(data)
        _, _, self.frequency, self.pattern, self.calendar = fields.take("5H")
        self.first, self.period, self.sliding = fields.take("3I")
        self.days = self.nth = None
        if self.pattern in (PATTERN_NTH, 0xB):
            self.days, self.nth = fields.take("2I")
        elif self.pattern != PATTERN_DAY:
            self.days = fields.take("I")
        self.end_type, self.count, self.first_weekday, deleted = fields.take("4I")
        self.deleted = [minutes(number).date() for number in (fields.take("I") for _ in range(deleted))]
        self.modified = [minutes(number).date() for number in (fields.take("I") for _ in range(fields.take("I")))]
        self.start, end = fields.take("2I")
        self.start = minutes(self.start).date()
        self.end = None if end >= NO_END else minutes(end).date()
        self.exceptions = []
        if is_task:
            return
        _, writer, self.start_offset, self.end_offset = fields.take("4I")
        self.exceptions = [self.exception(fields) for _ in range(fields.take("H"))]
        fields.bytes(fields.take("I"))
        for exception in self.exceptions:
            self.extended(fields, exception, writer)

    def exception(self, fields):
        start, end, original, flags = fields.take("3IH")
        exception = {"start": minutes(start), "end": minutes(end), "original": minutes(original), "flags": flags}
        for flag, name in [
            (0x01, "subject"), (0x02, "meeting"), (0x04, "delta"), (0x08, "reminder"), (0x10, "location"),
            (0x20, "busy"), (0x40, "attachment"), (0x80, "all_day"), (0x100, "color"),
        ]:
            if not flags & flag:
                continue
            if name in ("subject", "location"):
                _, length = fields.take("2H")
                exception[name] = fields.bytes(length)
            else:
                exception[name] = fields.take("I")
        return exception

    def extended(self, fields, exception, writer):
        if writer >= 0x3009:
            fields.bytes(fields.take("I"))
        fields.bytes(fields.take("I"))
        if exception["flags"] & 0x11:
            fields.take("3I")
            for flag, name in [(0x01, "subject"), (0x10, "location")]:
                if exception["flags"] & flag:
                    exception[name] = fields.bytes(2 * fields.take("H")).decode("utf-16-le")
            fields.bytes(fields.take("I"))

    def dates(self, until):
        """Days of the pattern: deleted ones too, and changed ones where they were at first."""
        found = []
        for day in self.candidates(until):
            if day < self.start:
                continue
            if self.end_type == 0x2022 and self.count and len(found) >= self.count:
                break
            if (self.end_type == 0x2021 or self.end_type == 0x2022 and not self.count) and self.end and day > self.end:
                break
            found.append(day)
        return found

    def candidates(self, until):
        if self.pattern == PATTERN_DAY:
            day = self.start
            while day <= until:
                yield day
                day += timedelta(minutes=self.period)
        elif self.pattern == PATTERN_WEEK:
            # Bit 0 is Sunday.
            weekday = (self.start.weekday() + 1) % 7
            week = self.start - timedelta(days=(weekday - self.first_weekday) % 7)
            while week <= until:
                for day in (week + timedelta(days=number) for number in range(7)):
                    if self.days >> (day.weekday() + 1) % 7 & 1:
                        yield day
                week += timedelta(weeks=max(self.period, 1))
        else:
            year, month = self.start.year, self.start.month
            while date(year, month, 1) <= until:
                yield from self.of_month(year, month)
                year, month = year + (month - 1 + self.period) // 12, (month - 1 + self.period) % 12 + 1

    def of_month(self, year, month):
        after = date(year + month // 12, month % 12 + 1, 1)
        days = [date(year, month, number + 1) for number in range((after - date(year, month, 1)).days)]
        if self.pattern == PATTERN_MONTH:
            return [days[min(self.days, len(days)) - 1]]
        if self.pattern == PATTERN_END:
            return [days[-1]]
        days = [day for day in days if self.days >> (day.weekday() + 1) % 7 & 1]
        return [days[-1]] if self.nth == 5 else days[self.nth - 1:self.nth]

    def occurrences(self, until):
        """Start, end and exception of each, in local time and in order."""
        gone = set(self.deleted) | {exception["original"].date() for exception in self.exceptions}
        found = [(exception["start"], exception["end"], exception) for exception in self.exceptions]
        for day in self.dates(until):
            if day not in gone:
                midnight = datetime(day.year, day.month, day.day)
                start, end = (midnight + timedelta(minutes=offset) for offset in (self.start_offset, self.end_offset))
                found.append((start, end, None))
        return sorted(found, key=lambda occurrence: occurrence[0])
