"""What both Python views are made of; the fields are described in xtask/src/readers/view.rs."""

import hashlib
import json
import sys


def form(name, data):
    return {"form": name, "len": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def text(data, *others):
    """A body: the bytes the reader gave and, by name, what they may have been before the reader changed them."""
    if data is None:
        return None
    forms = [form("as given", data)]
    for name, other in others:
        if all(known["sha256"] != hashlib.sha256(other).hexdigest() for known in forms):
            forms.append(form(name, other))
    return forms


def path_of(names):
    return "/" + "/".join(name.replace("/", "%2F") for name in names)


def write(reader, folders, errors, **more):
    json.dump({"reader": reader, "folders": folders, "errors": errors, **more}, sys.stdout, ensure_ascii=True)
