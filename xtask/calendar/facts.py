"""An item's properties as they are stored, and the comparison with what was made of them."""

import re
from collections import Counter

import mapi

APPOINTMENT = "00062002-0000-0000-c000-000000000046"
TASK = "00062003-0000-0000-c000-000000000046"
ADDRESS = "00062004-0000-0000-c000-000000000046"
COMMON = "00062008-0000-0000-c000-000000000046"
MEETING = "6ed8da90-450b-101b-98da-00aa003f1305"
STRINGS = "00020329-0000-0000-c000-000000000046"

# PtypTime of nothing: none, or Outlook's 4501-01-01.
NO_TIMES = (0, 0x7FFFFFFFFFFFFFFF, 0x0CB34557A3DD4000)


class Check:
    def __init__(self):
        self.counts = Counter(
            {name: 0 for name in ("items", "losses", "icalendar", "vobject", "strict", "occurrences", "facts", "told")}
        )
        self.differing = []
        self.about, self.losses = "", []

    def begin(self, about, losses):
        self.about, self.losses = about, losses
        self.count("losses", len(losses))

    def count(self, name, number=1):
        self.counts[name] += number

    def check(self, fact, agrees, stored, found, loss=None):
        """One fact; a difference that `loss`, the words of a loss, tells of is none."""
        self.count("facts")
        if agrees:
            return
        if loss and any(loss in told for told in self.losses):
            self.count("told")
        else:
            self.differing.append(f"{self.about} {fact}: stored {str(stored)[:300]!r}, found {str(found)[:300]!r}")

    def equal(self, fact, stored, found, loss=None):
        self.check(fact, stored == found, stored, found, loss)

    def same(self, fact, stored, found, loss=None):
        """Two lists that should be one; what they have in common is not told."""
        less = lambda one, other: list((Counter(one) - Counter(other)).elements())
        missing, further = less(stored, found), less(found, stored)
        show = lambda some: f"{len(some)} others: " + ", ".join(some[:3])
        self.check(fact, stored == found, show(missing), show(further), loss)


class Item:
    def __init__(self, facts):
        self.properties = facts["properties"]
        self.recipients = facts["recipients"]
        self.attachments = facts["attachments"]

    def get(self, number, space=None):
        """A property by its id, or by its number or name in a set."""
        number = number if isinstance(number, str) else f"{number:#06x}"
        return self.properties.get(f"{space}/{number}" if space else number)

    def text(self, number, space=None):
        value = self.get(number, space)
        return value.rstrip("\0") or None if isinstance(value, str) else None

    def time(self, number, space=None):
        value = self.get(number, space)
        return None if value is None or value in NO_TIMES else mapi.filetime(value)

    def binary(self, number, space=None):
        value = self.get(number, space)
        return bytes.fromhex(value) if isinstance(value, str) and value else None

    @property
    def message_class(self):
        return (self.text(0x001A) or "").lower()

    @property
    def subject(self):
        """Without the two characters that tell how long its prefix is."""
        subject = self.text(0x0037) or ""
        return (subject[2:] if subject.startswith("\1") else subject) or None

    def exceptions(self):
        """Messages of changed occurrences."""
        items = [Item(attachment["message"]) for attachment in self.attachments if attachment["message"]]
        return [item for item in items if item.message_class.startswith("ipm.ole.class.{00061055")]


def lines(text):
    """Text as it is after the way through a content line: one kind of line end, no control characters."""
    text = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", text).rstrip("\n ") or None


def smtp(address_type, address, smtp_address=None):
    """The address in small letters, where there is one in so many words."""
    if smtp_address and "@" in smtp_address:
        return smtp_address.strip("\0 ").lower()
    if (address_type or "").upper() == "SMTP" and "@" in (address or ""):
        return re.sub("^mailto:", "", address.strip("\0 ").lower())
    return None
