"""Prints what pypff (libpff) reads in a file as the neutral view of `cargo xtask readers`: pypff_view.py FILE."""

import sys

import pypff

from view import form, path_of, text, write

DISPLAY_NAME, SUBJECT, CLASS = 0x3001, 0x0037, 0x001A
ATTACH_LONG_NAME, ATTACH_NAME, ATTACH_METHOD = 0x3707, 0x3704, 0x3705
BY_VALUE, EMBEDDED, OLE = 1, 5, 6
ASSOCIATED_MESSAGE = 0x08


def entries(item):
    """The first value of every property of an item that is not a table."""
    found = {}
    for record_set in item.record_sets:
        for entry in record_set.entries:
            if entry.entry_type is not None:
                found.setdefault(entry.entry_type, entry)
    return found


def string(found, tag):
    return found[tag].data_as_string if tag in found else None


def body(item, name, errors):
    try:
        data = getattr(item, name)
    except OSError as error:
        errors.append(f"{name}: {error}")
        return None
    if data is None:
        return None
    data = data.encode() if isinstance(data, str) else data
    return text(data, ("without one NUL at its end", data[:-1])) if data.endswith(b"\0") else text(data)


def recipients(item):
    """The display names in the rows of the recipient table."""
    names = []
    for row in item.recipients.record_sets if item.recipients else []:
        found = {entry.entry_type: entry for entry in row.entries}
        names.append(string(found, DISPLAY_NAME) or "")
    return names


def attachment(item):
    errors = []
    found = entries(item)
    method = found[ATTACH_METHOD].data_as_integer if ATTACH_METHOD in found else 0
    name = string(found, ATTACH_LONG_NAME) or string(found, ATTACH_NAME) or string(found, DISPLAY_NAME)
    view = {"nid": hex(item.identifier), "method": method, "name": name, "errors": errors}
    if method in (BY_VALUE, OLE):
        try:
            size = item.size
            data = item.read_buffer(size) if size else b""
            view["data"] = form("as given", data)
        except OSError as error:
            errors.append(f"data: {error}")
    if method == EMBEDDED and item.number_of_sub_items:
        view["embedded"] = message(item.get_sub_item(0))
    return view


def message(item):
    errors = []
    found = entries(item)
    view = {"nid": hex(item.identifier), "errors": errors, "class": string(found, CLASS)}
    view["associated"] = item.identifier & 0x1F == ASSOCIATED_MESSAGE
    # Classes that pypff does not know are bare items, whose bodies and attachments it does not tell.
    if not isinstance(item, pypff.message):
        subject = string(found, SUBJECT)
        view["subject"] = subject[2:] if subject and subject[0] == "\x01" else subject
        return view
    try:
        view["subject"] = item.subject
    except OSError as error:
        errors.append(f"subject: {error}")
    view["plain"] = body(item, "plain_text_body", errors)
    view["html"] = body(item, "html_body", errors)
    view["rtf"] = body(item, "rtf_body", errors)
    try:
        view["recipients"] = recipients(item)
    except OSError as error:
        errors.append(f"recipients: {error}")
    view["attachments"] = []
    try:
        for index in range(item.number_of_attachments):
            view["attachments"].append(attachment(item.get_attachment(index)))
    except OSError as error:
        errors.append(f"attachments: {error}")
    return view


def walk(folder, names, folders):
    errors = []
    view = {"nid": hex(folder.identifier), "path": path_of(names), "items": [], "errors": errors}
    folders.append(view)
    # Associated items are among the sub items only.
    for index in range(folder.number_of_sub_items):
        try:
            item = folder.get_sub_item(index)
            if not isinstance(item, pypff.folder):
                view["items"].append(message(item))
        except OSError as error:
            errors.append(f"item {index}: {error}")
    for index in range(folder.number_of_sub_folders):
        try:
            child = folder.get_sub_folder(index)
            walk(child, [*names, child.name or ""], folders)
        except OSError as error:
            errors.append(f"folder {index}: {error}")


def main():
    folders, errors, more = [], [], {}
    file = pypff.file()
    try:
        file.open(sys.argv[1])
        walk(file.root_folder, [], folders)
        more["orphans"] = file.number_of_orphan_items
    except OSError as error:
        errors.append(str(error))
    write(f"pypff {pypff.get_version()}", folders, errors, **more)


main()
