"""Reads calendars and cards with icalendar and vobject, and compares them with the properties they were made of.

Usage: compare.py DIRECTORY. The calendar of an item is NAME.ics, its cards are NAME.v3.vcf and NAME.v4.vcf; what a file
does not carry stands beside it in NAME.ics.losses, and the properties of the item in NAME.json. DIRECTORY/expected, if
there, has when items begin by their subjects. Prints counts and differences as JSON.
"""

import json
import sys
from pathlib import Path

import cards
import events
import tasks
from facts import Check, Item


def main(directory):
    directory = Path(directory)
    expected = directory / "expected"
    expected = json.loads(expected.read_text()) if expected.exists() else {}
    check = Check()
    for path in sorted(directory.glob("*.json")):
        item = Item(json.loads(path.read_text()))
        check.count("items")
        found = 0
        for made in sorted(directory.glob(path.stem + ".*")):
            if made.suffix not in (".ics", ".vcf"):
                continue
            found += 1
            check.begin(made.name, json.loads(made.with_name(made.name + ".losses").read_text()))
            text = made.read_bytes().decode()
            try:
                if made.suffix == ".vcf":
                    cards.compare(check, item, text, 3 if ".v3." in made.name else 4)
                elif "BEGIN:VEVENT" in text:
                    events.compare(check, item, text, expected)
                else:
                    tasks.compare(check, item, text)
            except Exception as error:
                check.check("reading", False, "no error", f"{type(error).__name__}: {error}")
        check.check("a file", found > 0, "one", found)
    counts = dict(check.counts)
    json.dump({**counts, "differ": len(check.differing), "differing": check.differing}, sys.stdout)


main(*sys.argv[1:])
