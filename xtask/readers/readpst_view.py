"""Prints what readpst wrote below a directory as the neutral view of `cargo xtask readers`: readpst_view.py DIR VERSION.

The directory is what `readpst -D -e -8 -o DIR` left: DIR/<store name>/<folder>/.../<number>.<eml, vcf or ics>.
"""

import email
import email.header
import os
import re
import sys
import urllib.parse

from view import form, path_of, text, write

RTF_NAME = "rtf-body.rtf"


def words(header):
    """A header as text: encoded words decoded, folded lines joined."""
    if header is None:
        return None
    parts = []
    for data, charset in email.header.decode_header(re.sub(r"\r?\n(?=[ \t])", "", str(header))):
        if isinstance(data, str):
            data = data.encode("ascii", "surrogateescape")
        parts.append(data.decode(charset or "utf-8", "replace"))
    return "".join(parts)


def crlf(data):
    return data.replace(b"\n", b"\r\n")


def html(part):
    """The HTML as stored but for its carriage returns."""
    data = part.get_payload(decode=True)
    return text(data, ("with line ends as CRLF", crlf(data)))


def plain(part):
    """The text in UTF-8. readpst removes carriage returns."""
    data = part.get_payload(decode=True)
    charset = part.get_content_charset("utf-8")
    try:
        data_in_utf8 = data.decode(charset).encode()
    except (LookupError, UnicodeDecodeError):
        data_in_utf8 = data
    forms = [("with line ends as CRLF", crlf(data_in_utf8))]
    if charset == "iso-2022-jp":
        forms.append(("read as code page 932", data.decode("cp932", "replace").encode()))
    return text(data_in_utf8, *forms)


def file_name(part):
    """The long name, which stands in the header as RFC 2231 has it, or the short one."""
    header = str(part["Content-Disposition"])
    extended = re.search(r"filename\*=([^']*)'[^']*'([^;\s]*)", header)
    if extended:
        return urllib.parse.unquote(extended.group(2), extended.group(1))
    return part.get_filename()


def embedded(part):
    """A message in a message. The parser ends its headers at the line `>From "sender" date` that readpst begins with,
    so the part is taken as text and parsed again without that line."""
    raw = part.get_payload()
    inner = raw[0] if isinstance(raw, list) else email.message_from_string(raw)
    data = inner.as_bytes().lstrip(b"\n")
    data = re.sub(rb'\A>From "[^\n]*\n', b"", data)
    return message(email.message_from_bytes(data))


def leaves(part):
    if part.get_content_maintype() == "multipart" and part["Content-Disposition"] is None:
        payload = part.get_payload()
        # Without any part there is only the closing boundary, which is text to the parser.
        for child in payload if isinstance(payload, list) else []:
            yield from leaves(child)
    else:
        yield part


def message(parsed):
    view = {"subject": words(parsed["Subject"]), "plain": None, "html": None, "rtf": None, "attachments": []}
    view["errors"] = []
    if parsed.get_content_maintype() != "multipart":
        view["errors"].append("not a multipart message")
        return view
    for part in leaves(parsed):
        kind, name = part.get_content_type(), file_name(part)
        if kind == "message/rfc822" and name is None:
            view["attachments"].append({"method": 5, "embedded": embedded(part), "errors": []})
        elif part["Content-Disposition"] is None:
            if kind == "text/plain":
                view["plain"] = plain(part)
            elif kind == "text/html":
                view["html"] = html(part)
            elif kind != "text/calendar":
                view["errors"].append(f"a part of type {kind}")
        elif name == RTF_NAME and kind == "application/rtf":
            view["rtf"] = text(part.get_payload(decode=True))
        else:
            data = part.get_payload(decode=True)
            view["attachments"].append({"name": name, "data": form("as given", data), "errors": []})
    return view


def item(path):
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".eml"):
        return message(email.message_from_bytes(data))
    # A contact or an appointment: all that is compared is its name.
    unfolded = re.sub(r"\r?\n[ \t]", "", data.decode("utf-8", "replace"))
    found = re.search(r"(?m)^(?:FN|SUMMARY)[^:\n]*:(.*?)\r?$", unfolded)
    subject = found and re.sub(r"\\(.)", r"\1", found.group(1))
    return {"subject": subject, "errors": []}


def main():
    top, version = sys.argv[1], sys.argv[2]
    folders = []
    stores = sorted(entry.path for entry in os.scandir(top) if entry.is_dir())
    for store in stores:
        for directory, _, files in os.walk(store):
            relative = os.path.relpath(directory, store)
            names = [] if relative == "." else relative.split(os.sep)
            numbered = sorted(files, key=lambda name: (int(re.match(r"\d+", name).group()), name))
            items = [item(os.path.join(directory, name)) for name in numbered]
            folders.append({"path": path_of(names), "items": items, "errors": []})
    write(version, folders, [] if len(stores) == 1 else [f"{len(stores)} stores"])


main()
