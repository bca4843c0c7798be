"""Content lines by RFC 6350 3.3 and RFC 5545 3.1: a strict reader, which forgives nothing."""

import re

PARAMETER = r'[A-Za-z0-9-]+=(?:"[^"\x00-\x08\x0a-\x1f\x7f]*"|[^";:,\x00-\x08\x0a-\x1f\x7f]*)(?:,(?:"[^"]*"|[^";:,]*))*'
LINE = re.compile(rf"([A-Za-z0-9-]+)((?:;{PARAMETER})*):(.*)", re.DOTALL)


class Line:
    def __init__(self, text):
        match = LINE.fullmatch(text)
        if not match:
            raise ValueError(f"no content line: {text[:60]}")
        self.name, parameters, self.raw = match.groups()
        self.parameters = {}
        for part in re.findall(rf";({PARAMETER})", parameters):
            name, value = part.split("=", 1)
            values = [one.strip('"') for one in re.findall(r'"[^"]*"|[^,]+', value)]
            # RFC 6868.
            decode = {"^n": "\n", "^^": "^", "^'": '"'}
            values = [re.sub(r"\^[n^']", lambda found: decode[found[0]], one) for one in values]
            self.parameters.setdefault(name.upper(), []).extend(values)

    @property
    def text(self):
        return unescape(self.raw)

    @property
    def texts(self):
        """The members of a list."""
        return [unescape(part) for part in re.split(r"(?<!\\)(?:\\\\)*,", self.raw)]

    @property
    def parts(self):
        """The parts of a structured value."""
        return [unescape(part) for part in re.findall(r"(?:^|;)((?:[^\\;]|\\.)*)", self.raw)]

    def types(self):
        return sorted(value.lower() for value in self.parameters.get("TYPE", []))


def unescape(text):
    if re.search(r"(?<!\\)(?:\\\\)*\\[^\\,;nN]", text) or re.search(r"(?<!\\)(?:\\\\)*\\$", text):
        raise ValueError(f"an escape that there is not: {text[:60]}")
    if re.search(r"(?:^|[^\\])(?:\\\\)*,", text):
        raise ValueError(f"a comma in a text: {text[:60]}")
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


def read(text):
    """The lines of a text in order, inner components as they come."""
    if not text.endswith("\r\n"):
        raise ValueError("the last line has no end")
    physical = text[:-2].split("\r\n")
    if any("\r" in line or "\n" in line for line in physical):
        raise ValueError("a bare end of a line")
    if any(len(line.encode()) > 75 for line in physical):
        raise ValueError("a line of more than 75 octets")
    found = [Line(line) for line in text[:-2].replace("\r\n ", "").split("\r\n")]
    opened = []
    for line in found:
        if line.name == "BEGIN":
            opened.append(line.raw)
        elif line.name == "END" and (not opened or opened.pop() != line.raw):
            raise ValueError("a component does not end as it began")
    if opened:
        raise ValueError("a component does not end")
    return found
