"""Reads mails with Python's email package and compares them with a truth file.

Usage: compare.py DIRECTORY [TRUTH]; without a truth only the form of the mails is looked at. The mail of the message with
the node id 0x200024 is DIRECTORY/0x200024.eml, and what it does not carry stands in DIRECTORY/0x200024.losses. Prints
{"compared": facts, "told": facts that differ as the losses say, "differing": ["0x200024 subject: truth ..., mail ..."]}.
"""

import email
import email.policy
import email.utils
import hashlib
import json
import re
import sys
from datetime import datetime, timezone
from pathlib import Path


class Comparison:
    def __init__(self):
        self.compared = 0
        self.told = 0
        self.differing = []
        self.about = ""
        self.losses = ""

    def check(self, fact, agrees, truth, mail, loss=None):
        """One fact; a difference that `loss`, the words of a loss, tells of is none."""
        self.compared += 1
        if not agrees and loss and loss in self.losses:
            self.told += 1
        elif not agrees:
            self.differing.append(f"{self.about} {fact}: truth {str(truth)[:100]!r}, mail {str(mail)[:100]!r}")

    def equal(self, fact, truth, mail):
        self.check(fact, truth == mail, truth, mail)


def sha(data):
    return hashlib.sha256(data).hexdigest()


def words(text):
    return " ".join((text or "").replace("\0", " ").split())


def header(mail, name):
    value = mail[name]
    return None if value is None else str(value)


def addresses(mail, *names):
    found = []
    for name in names:
        for value in mail.get_all(name, []):
            try:
                found += [address.addr_spec.replace('"', "").lower() for address in value.addresses]
            except (AttributeError, ValueError):
                found += [address.lower() for _, address in email.utils.getaddresses([str(value)])]
    return found


def smtp(person):
    """The address that a header should have, where the store has one in so many words."""
    if person.get("smtp"):
        return person["smtp"].strip("\0 ").replace('"', "").lower()
    # Some rows have two addresses run together.
    if (person.get("address_type") or "").upper() == "SMTP" and (person.get("address") or "").count("@") == 1:
        return person["address"].strip("\0 ").replace('"', "").lower()
    return None


def spellings(content):
    """What a text may have been in the store: line ends become CR LF on the way."""
    plain = content.replace("\r\n", "\n").replace("\r", "\n")
    return [plain.replace("\n", "\r\n"), plain, plain.replace("\n", "\r"), plain + "\0"]


def leaves(part):
    """Parts with content, those of inner mails left out."""
    if part.get_content_type() == "message/rfc822":
        return
    if part.is_multipart():
        for inner in part.iter_parts():
            yield from leaves(inner)
    else:
        yield part


def inner_mails(part):
    if part.get_content_type() == "message/rfc822":
        yield part.get_payload(0)
    elif part.is_multipart():
        for inner in part.iter_parts():
            yield from inner_mails(inner)


def body(mail, subtype):
    for part in leaves(mail):
        if part.get_content_type() == "text/" + subtype and part.get_content_disposition() != "attachment":
            return part
    return None


def compare_body(out, record, mail):
    plain = record.get("body_plain")
    # White space alone is no body.
    if plain and plain["chars"] > 3:
        part = body(mail, "plain")
        content = part.get_payload(decode=True).decode(part.get_content_charset(), "replace") if part else ""
        found = [sha(text.encode("utf-8", "surrogatepass")) for text in spellings(content)]
        out.check("body_plain", plain["sha256"] in found, plain, content)
    html = record.get("body_html")
    if html and html.get("len", html.get("bytes", 99)) > 3:
        part = body(mail, "html")
        content = part.get_payload(decode=True) if part else b""
        found = [sha(text.encode("latin-1")) for text in spellings(content.decode("latin-1"))]
        out.check("body_html", html["sha256"] in found, html, content)
    if record.get("body_rtf") and not (plain and plain["chars"] > 3) and not html:
        part = body(mail, "html") or body(mail, "plain")
        out.check("body made of RTF", part is not None, "there", "absent")


def compare_attachments(out, record, mail):
    payloads = {}
    for part in leaves(mail):
        data = part.get_payload(decode=True) or b""
        payloads.setdefault(sha(data), []).append(part)
    inner = list(inner_mails(mail))
    # Changed dates of a series are in its calendar part.
    series = record.get("message_class", "").lower().startswith("ipm.appointment")
    for attachment in record.get("attachments", []):
        if attachment.get("data_sha256"):
            parts = payloads.get(attachment["data_sha256"], [])
            out.check("attachment data", bool(parts), attachment["data_sha256"], sorted(payloads))
            name = attachment["long_filename"] or attachment["short_filename"] or attachment["display_name"]
            if parts:
                name = name.strip("\0") if name else None
                names = [part.get_filename() for part in parts]
                expected = [name, f"{name}.ole"]
                out.check("attachment name", any(found in expected for found in names), name, names)
            if parts and attachment["content_id"]:
                ids = [words(header(part, "content-id")).strip("<>") for part in parts]
                out.check("content id", attachment["content_id"].strip("<>\0") in ids, attachment["content_id"], ids)
        if attachment.get("embedded"):
            embedded = attachment["embedded"]
            if series and embedded["message_class"].upper().startswith("IPM.OLE.CLASS"):
                continue
            found = [one for one in inner if words(header(one, "subject")) == words(embedded["subject"])]
            out.check("inner mail", bool(found), embedded["subject"], [header(one, "subject") for one in inner])
            if found:
                compare_message(out, embedded, found[0])


def compare_people(out, record, mail):
    sender = smtp(record.get("sent_representing") or {}) or smtp(record.get("sender") or {})
    if sender:
        told = "From: the properties name"
        out.check("from", sender in addresses(mail, "from"), sender, header(mail, "from"), told)
    named = addresses(mail, "to", "cc", "bcc", "resent-to")
    for recipient in record.get("recipients", []):
        address = smtp(recipient)
        if address and recipient["type"] in ("to", "cc", "bcc"):
            out.check(recipient["type"], address in named, address, named, "recipients are not in the header")
        elif recipient["type"] in ("to", "cc", "bcc"):
            out.check(recipient["type"], bool(named), recipient["name"], named)


def compare_message(out, record, mail):
    out.equal("subject", words(record.get("subject")), words(header(mail, "subject")))
    if record.get("internet_message_id"):
        out.equal("message id", words(record["internet_message_id"]), words(header(mail, "message-id")))
    else:
        out.check("message id", re.fullmatch(r"<[0-9a-f]{32}@pst\.invalid>", words(header(mail, "message-id"))), "made up", header(mail, "message-id"))
    if record.get("in_reply_to"):
        out.equal("in-reply-to", words(record["in_reply_to"]), words(header(mail, "in-reply-to")))
    if record.get("references"):
        found = words(header(mail, "references"))
        forms = [found, found.replace(" ", "\r\n\t"), found.replace(" ", "\r\n "), found + "\0"]
        out.check("references", record["references"]["sha256"] in [sha(form.encode()) for form in forms], record["references"], found)
    is_mail = record.get("message_class", "").lower().startswith(("ipm.note", "ipm.schedule.meeting"))
    is_draft = is_mail and (record.get("message_flags") or 0) & 8
    date = record.get("client_submit_time") or (None if is_draft else record.get("delivery_time") or record.get("creation_time"))
    if date:
        expected = datetime.fromisoformat(date[:19]).replace(tzinfo=timezone.utc)
        found = mail["date"].datetime if mail["date"] else None
        if found and found.tzinfo is None:
            found = found.replace(tzinfo=timezone.utc)
        out.check("date", found and abs((found - expected).total_seconds()) < 2, date, header(mail, "date"))
    else:
        out.check("date", mail["date"] is None, None, header(mail, "date"))
    compare_people(out, record, mail)
    compare_body(out, record, mail)
    compare_attachments(out, record, mail)


def compare_form(out, data, mail):
    """What holds for every mail, whatever is in it."""
    lines = data.split(b"\r\n")
    out.check("line ends", not any(b"\n" in line or b"\r" in line for line in lines), "CR LF", "others")
    out.check("line lengths", max(map(len, lines)) <= 998, 998, max(map(len, lines)))
    out.check("seven bits", all(byte < 128 for byte in data), "seven", "eight")
    out.check("end", data.endswith(b"\r\n"), "CR LF", data[-2:])
    for part in mail.walk():
        out.check("structure", not part.defects, "sound", part.defects)
    out.equal("mime version", "1.0", header(mail, "mime-version"))


def main(directory, truth_path=None):
    truth = json.loads(Path(truth_path).read_text()) if truth_path else {"messages": [], "associated": []}
    records = {int(record["nid"], 16): record for record in truth["messages"] + truth["associated"]}
    out = Comparison()
    mails = {int(path.stem, 16): path for path in sorted(Path(directory).glob("*.eml"))}
    out.equal("messages without a mail", [], [nid for nid in records if nid not in mails])
    for nid, path in mails.items():
        record = records.get(nid)
        out.about = f"{nid:#x}"
        data = path.read_bytes()
        out.losses = path.with_suffix(".losses").read_text()
        mail = email.message_from_bytes(data, policy=email.policy.default)
        compare_form(out, data, mail)
        # Of hidden items the truth tells less.
        if record and "recipients" in record:
            compare_message(out, record, mail)
        elif record:
            out.equal("subject", words(record["subject"]), words(header(mail, "subject")))
    json.dump({"compared": out.compared, "told": out.told, "differing": out.differing}, sys.stdout)


main(*sys.argv[1:])
