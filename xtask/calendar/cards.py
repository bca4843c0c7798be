"""Contacts and distribution lists."""

import base64
import re
import struct
import urllib.parse
from collections import Counter
from datetime import timedelta

import content
import vobject
from facts import ADDRESS, STRINGS, lines, smtp

ONE_OFF = bytes.fromhex("812B1FA4BEA310199D6E00DD010F5402")
TELEPHONES = [
    0x3A1A, 0x3A08, 0x3A1B, 0x3A09, 0x3A2F, 0x3A1C, 0x3A1F, 0x3A1E, 0x3A21, 0x3A23, 0x3A24, 0x3A25, 0x3A2D, 0x3A02,
    0x3A1D, 0x3A2C, 0x3A2E, 0x3A4B, 0x3A57,
]
# TYPE of a telephone in both versions, where they have a word for it.
TYPES = {
    0x3A08: {"work", "voice"}, 0x3A09: {"home", "voice"}, 0x3A1C: {"cell", "voice"}, 0x3A21: {"pager"},
    0x3A24: {"work", "fax"}, 0x3A25: {"home", "fax"}, 0x3A1B: {"work", "voice"}, 0x3A2F: {"home", "voice"},
}
# Box, office, street, city, region, code, country, as ADR has them.
WORK = [0x804A, None, 0x8045, 0x8046, 0x8047, 0x8048, 0x8049]
HOME = [0x3A5E, None, 0x3A5D, 0x3A59, 0x3A5C, 0x3A5B, 0x3A5A]
OTHER = [0x3A64, None, 0x3A63, 0x3A5F, 0x3A62, 0x3A61, 0x3A60]
MAILING = [0x3A2B, None, 0x3A29, 0x3A27, 0x3A28, 0x3A2A, 0x3A26]
KNOWN = {
    3: "BEGIN END VERSION PRODID UID FN N NICKNAME PHOTO BDAY ADR LABEL TEL EMAIL TITLE ROLE ORG CATEGORIES NOTE REV URL "
    "CLASS SORT-STRING FBURL",
    4: "BEGIN END VERSION PRODID UID FN N NICKNAME PHOTO BDAY ANNIVERSARY GENDER ADR TEL EMAIL IMPP TITLE ROLE ORG MEMBER "
    "RELATED CATEGORIES NOTE REV URL KIND FBURL HOBBY",
}
# At most one of each (RFC 6350 6; RFC 2426 says so of N, and of the others by their meaning).
SINGLE = "VERSION PRODID UID N BDAY ANNIVERSARY GENDER REV KIND"


def compare(check, item, text, version):
    card = strict(text, version)
    check.count("strict")
    has = lambda name: [line for line in card if line.name == name]
    by_vobject = None
    if version == 3:
        by_vobject = vobject.readOne(text)
        check.count("vobject")
    compare_general(check, item, has, version)
    if item.message_class.startswith("ipm.distlist"):
        compare_list(check, item, has, version)
        return
    clean = lambda number, space=None: trimmed(item.text(number, space))
    name = [clean(number) or "" for number in (0x3A11, 0x3A06, 0x3A44, 0x3A45, 0x3A05)]
    if has("N"):
        check.equal("n", name, has("N")[0].parts)
    else:
        check.equal("n", [""] * 5, name)
    check.check("fn", bool(has("FN")[0].text), "a name", has("FN"))
    if clean(0x3001):
        check.equal("fn", clean(0x3001), lines(has("FN")[0].text))
    work = [clean(0x3A16) or "", clean(0x3A18) or ""]
    while work and not work[-1]:
        work.pop()
    check.equal("org", work, has("ORG")[0].parts if has("ORG") else [])
    for name, number in [("TITLE", 0x3A17), ("ROLE", 0x3A46), ("NICKNAME", 0x3A4F)]:
        check.equal(name.lower(), [clean(number)] if clean(number) else [], [line.text for line in has(name)])
    compare_telephones(check, clean, has)
    compare_mail(check, item, clean, has, by_vobject)
    compare_places(check, clean, has, by_vobject)
    compare_dates(check, item, has, version, by_vobject)
    pages = [page for page in (clean(0x3A51) or clean(0x802B, ADDRESS), clean(0x3A50), clean(0x3A4C)) if page]
    check.equal("url", pages, [line.raw for line in has("URL")])
    spouse = has("X-MS-SPOUSE") if version == 3 else [line for line in has("RELATED") if line.types() == ["spouse"]]
    check.equal("spouse", [clean(0x3A48)] if clean(0x3A48) else [], [line.text for line in spouse])
    pictures = [one for one in item.attachments if one["properties"].get("0x7fff") is True]
    check.equal("photos", len(pictures), len(has("PHOTO")))
    for picture, line in zip(pictures, has("PHOTO")):
        data = line.raw.split("base64,")[-1]


        check.equal("photo", picture["properties"]["0x3701"], base64.b64decode(data, validate=True).hex())
    if by_vobject:
        check.equal("fn by vobject", has("FN")[0].text, by_vobject.fn.value)
        n = by_vobject.n.value
        # vobject makes lists of parts with commas.
        flat = lambda part: ",".join(part) if isinstance(part, list) else part
        parts = [flat(part) for part in (n.family, n.given, n.additional, n.prefix, n.suffix)]
        check.equal("n by vobject", has("N")[0].parts, parts)
        check.equal("telephones by vobject", [line.text for line in has("TEL")],
                    [line.value for line in by_vobject.contents.get("tel", [])])


def strict(text, version):
    """The lines of a card; raises what is wrong with it."""
    card = content.read(text)
    if [(line.name, line.raw) for line in card[:2]] != [("BEGIN", "VCARD"), ("VERSION", f"{version}.0")]:
        raise ValueError("a card does not begin with its version")
    counts = Counter(line.name for line in card)
    unknown = [name for name in counts if name not in KNOWN[version].split() and not name.startswith("X-")]
    if unknown:
        raise ValueError(f"names that there are not in version {version}: {unknown}")
    many = [name for name in SINGLE.split() if counts[name] > 1]
    if many or not counts["FN"] or (version == 3 and not counts["N"]):
        raise ValueError(f"too many or too few of {many or ['FN', 'N']}")
    if counts["MEMBER"] and [line.raw for line in card if line.name == "KIND"] != ["group"]:
        raise ValueError("members of what is no group")
    for line in card:
        if line.name in ("N", "ADR", "ORG"):
            line.parts
        elif line.name in ("CATEGORIES", "NICKNAME"):
            line.texts
        elif line.name not in ("URL", "PHOTO", "MEMBER", "UID", "FBURL", "IMPP"):
            line.text
        if version == 4 and line.name == "PREF" and not 1 <= int(line.parameters["PREF"][0]) <= 100:
            raise ValueError("a preference beyond 100")
        if line.name in ("URL", "MEMBER", "FBURL", "IMPP") and re.search(r'[\s"<>\\^`{}|]', line.raw):
            raise ValueError(f"a character that no URI has: {line.raw}")
    form = r"\d{8}T\d{6}Z" if version == 4 else r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    if any(not re.fullmatch(form, line.raw) for line in card if line.name == "REV"):
        raise ValueError("a time in another form")
    return card


def trimmed(text):
    text = lines(text)
    return text.strip() or None if text else None


def compare_general(check, item, has, version):
    body = item.text(0x1000)
    if body and body.strip():
        check.equal("note", lines(body), lines(has("NOTE")[0].text) if has("NOTE") else None)
    categories = item.get("Keywords", STRINGS) or []
    check.equal("categories", list(categories), has("CATEGORIES")[0].texts if has("CATEGORIES") else [])
    changed = item.time(0x3008) or item.time(0x3007)
    form = "%Y%m%dT%H%M%SZ" if version == 4 else "%Y-%m-%dT%H:%M:%SZ"
    check.equal("rev", changed.strftime(form) if changed else None, has("REV")[0].raw if has("REV") else None)


def compare_telephones(check, clean, has):
    stored = [(number, clean(number)) for number in TELEPHONES if clean(number)]
    found = {line.text: line for line in has("TEL") + has("X-MS-TEL")}
    check.equal("telephones", sorted(text for _, text in stored), sorted(line.text for line in has("TEL") + has("X-MS-TEL")))
    # Of numbers that are stored twice, one line tells nothing of the other.
    counts = Counter(text for _, text in stored)
    for number, text in stored:
        if number in TYPES and text in found and counts[text] == 1:
            check.equal(f"kind of telephone {number:#x}", TYPES[number], set(found[text].types()) - {"pref"})


def compare_mail(check, item, clean, has, by_vobject):
    stored = []
    for base in (0x8080, 0x8090, 0x80A0):
        kind, address, other = (clean(base + offset, ADDRESS) for offset in (2, 3, 4))
        if not address:
            continue
        found = smtp(kind or "SMTP", address) or smtp("SMTP", other)
        entry_id = one_off(item.binary(base + 5, ADDRESS))
        found = found or (entry_id and smtp(entry_id[1], entry_id[2]))
        if found:
            stored.append(found)
    check.equal("e-mail", stored, [line.text.lower() for line in has("EMAIL")])
    if by_vobject:
        found = [line.value.lower() for line in by_vobject.contents.get("email", [])]
        check.equal("e-mail by vobject", stored, found)


def compare_places(check, clean, has, by_vobject):
    found = [[lines(part) or "" for part in line.parts] for line in has("ADR")]
    places = [("work", WORK, ADDRESS), ("home", HOME, None), ("other", OTHER, None), ("mail", MAILING, None)]
    for what, numbers, space in places:
        stored = [clean(number, space) or "" if number else "" for number in numbers]
        if not any(stored):
            continue
        # The office is a part of its own.
        agrees = [one for one in found if [one[0], ""] + one[2:] == stored]
        check.check(f"{what} address", bool(agrees), stored, found)
        if what in ("work", "home") and agrees:
            kinds = [line.types() for line, one in zip(has("ADR"), found) if one in agrees]
            check.check(f"kind of {what} address", any(what in kind for kind in kinds), what, kinds)
    for line in has("ADR"):
        check.equal("parts of an address", 7, len(line.parts))
    if by_vobject:
        check.equal("addresses by vobject", len(has("ADR")), len(by_vobject.contents.get("adr", [])))
        for line, one in zip(has("ADR"), by_vobject.contents.get("adr", [])):
            flat = lambda part: ",".join(part) if isinstance(part, list) else part
            value = one.value
            parts = [value.box, value.extended, value.street, value.city, value.region, value.code, value.country]
            check.equal("address by vobject", line.parts, [flat(part) for part in parts])


def compare_dates(check, item, has, version, by_vobject):
    for name, local, tag in [("BDAY", 0x80DE, 0x3A42), ("ANNIVERSARY", 0x80DF, 0x3A41)]:
        day = item.time(local, ADDRESS)
        other = item.time(tag)
        if not day and other:
            day = other + timedelta(hours=12)
        if name == "ANNIVERSARY" and version == 3:
            name = "X-MS-ANNIVERSARY"
        form = "%Y-%m-%d" if version == 3 else "--%m%d" if day and day.year == 1604 else "%Y%m%d"
        found = [line.raw for line in has(name)]
        check.equal(name.lower(), [day.strftime(form)] if day else [], found)
        if by_vobject and name == "BDAY" and day:
            check.equal("birthday by vobject", day.strftime(form), by_vobject.bday.value)


def one_off(stored):
    """Name, type and address in a one-off entry id (MS-OXCDATA 2.2.5.1)."""
    if not stored or stored[4:20] != ONE_OFF:
        return None
    is_wide = struct.unpack_from("<H", stored, 22)[0] & 0x8000
    text = stored[24:].decode("utf-16-le" if is_wide else "cp1252", "replace")
    return text.split("\0")[:3]


def members(item):
    stream = item.binary(0x8064, ADDRESS)
    if not stream:
        entry_ids, beside = (item.get(number, ADDRESS) or [] for number in (0x8055, 0x8054))
        beside = beside + [""] * (len(entry_ids) - len(beside))
        return [[bytes.fromhex(part) for part in pair] for pair in zip(entry_ids, beside)]
    at, found = 28, []
    for _ in range(struct.unpack_from("<I", stream, 12)[0]):
        member = []
        for _ in range(3):
            size = struct.unpack_from("<I", stream, at)[0]
            member.append(stream[at + 4:at + 4 + size])
            at += 4 + size
        found.append(member[:2])
    return found


def compare_list(check, item, has, version):
    name = trimmed(item.text(0x8053, ADDRESS)) or trimmed(item.text(0x3001)) or trimmed(item.subject)
    check.equal("fn", name, has("FN")[0].text)
    found = has("MEMBER") if version == 4 else has("X-ADDRESSBOOKSERVER-MEMBER")
    stored = []
    for entry_id, beside in members(item):
        member = one_off(entry_id) or one_off(beside)
        if member and smtp(member[1], member[2]):
            stored.append((member[0], smtp(member[1], member[2])))
        else:
            check.check("member", False, member, None, "member")
    addresses = [urllib.parse.unquote(line.raw.removeprefix("mailto:")).lower() for line in found]
    check.equal("members", [address for _, address in stored], addresses)
    for (name, address), line in zip(stored, found):
        if name and name != address:
            check.equal("name of a member", [name], line.parameters.get("X-CN"))
