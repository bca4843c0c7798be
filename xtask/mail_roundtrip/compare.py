"""Compares mails with what came back of them through a store. Reads both with Python's email package.

Usage: compare.py MANIFEST, a JSON list of {"name", "original", "result"}. Prints JSON: facts compared and the same, differences
by reason, those that no reason explains, and how many results of other mails the comparison took for the right ones.

What is compared, of each mail and of every mail in it: every header field (name, decoded value, order among those of its
name), every text and every other part (type, name, SHA-256), mails in the mail. Fields count as text: runs of white space
as one blank, which is what folding leaves; line ends of texts are LF, and blanks and empty lines at the end are none.

A difference is explained by a reason only if the rule of that reason, on the original alone wherever that is possible, says
so.
"""

import email
import email.header
import email.policy
import email.utils
import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path

REASONS = {
    "mime-fields": "MIME-Version and Content- fields describe parts, and the parts are written anew; the parts are compared",
    "content-fields": "another Content- field, such as a length, a digest or a language, says what the body was; it goes with the body",
    "part-fields": "a field of a part that is neither of MIME nor of the mail: a store has no place for it",
    "keywords": "Keywords are written from the categories, into which keywords of other fields went as well",
    "message-id": "the mail had no Message-ID, and one was made up",
    "no-fields": "the mail has none of the fields that mails have, so that nothing says it ever was one: its date is when it was taken in",
    "bytes-in-header": "the field has bytes above 0x7F, which say nothing of their code page; it is encoded, perhaps below X-Original-",
    "not-a-field": "a line among the headers that is no field, or a field whose name is none, or characters no field may have",
    "repeated-field": "a field that may be there once (RFC 5322 3.6) is there again: lists of people are joined, of others the first counts",
    "no-date": "the Date is none that can be read",
    "empty-field": "a field of identity without a value is left out",
    "encoded-word": "the value has an encoded word whose code page or encoding is unknown or whose characters are damaged",
    "transfer-damage": "the part is not what its transfer encoding allows; readers differ in what they make of it",
    "code-page": "the text is in a code page that readers do not agree on, or has bytes that it lacks",
    "name-made-up": "the part had no name, and an attachment needs one",
    "name-cleaned": "the name had characters that names of files cannot have, or readers differ on its encoding",
    "type-changed": "the type says that the bytes are in another form than they are stored in (several parts, Macintosh), or there was none",
    "report-status": "the part with which a report tells programs what happened is written anew from properties",
    "calendar": "the calendar of a meeting is written anew from properties",
    "tnef": "TNEF is opened, and its content is in parts of its own",
    "empty-part": "a part of nothing, or nothing but white space, is no body",
    "empty-body": "a mail without any text gets an empty one, as a mail must have a body",
    "structure": "the multipart cannot be taken apart as it says; readers differ in what they make of it",
    "inner-not-mail": "the part says that it is a mail, and is none; it is kept as bytes",
}

ONCE = {"date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject"}
MACINTOSH = {"application/mac-binhex40", "application/applefile"}
# Fields by which MIME describes a part (RFC 2045, 2183, 2557).
DESCRIBING = {"mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id", "content-location", "content-base", "content-description"}
PEOPLE = {"from", "sender", "reply-to", "to", "cc", "bcc"}
IDENTITY = {"from", "to", "cc", "bcc", "date", "message-id", "subject"}
KEPT_CONTENT = {"content-class", "content-language", "content-identifier", "content-identifer"}


def words(text):
    return " ".join(text.replace("\0", " ").split())


def sha(data):
    return hashlib.sha256(data).hexdigest()


def raw_text(value):
    """The bytes of a field as text: UTF-8 if they are, else windows-1252."""
    data = value.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def is_seven_bit(value):
    return all(ord(char) < 128 for char in value)


ENCODED = re.compile(r"=\?[^?\s]*\?[^?\s]*\?[^?]*\?=")


def decoded(value):
    """The decoded value, and whether all encoded words of it could be read."""
    text, sound = raw_text(value), True
    # Folding inside an encoded word is no part of it.
    unfolded = re.sub(r"\r?\n", "", text)
    # Between two encoded words white space is nothing (RFC 2047 6.2).
    unfolded = re.sub(r"(\?=)\s+(?==\?)", r"\1", unfolded)
    out, at = [], 0
    run, run_charset = b"", None

    def flush():
        nonlocal run, run_charset, sound
        if run_charset is not None:
            try:
                out.append(run.decode(run_charset))
            except (UnicodeDecodeError, LookupError):
                sound = False
                out.append(run.decode("cp1252", "replace"))
        run, run_charset = b"", None

    for match in re.finditer(r"=\?([^?\s]*)\?([bBqQ])\?([^?]*)\?=", unfolded):
        between = unfolded[at:match.start()]
        charset = match[1].split("*")[0].lower()
        if between or charset != run_charset:
            flush()
        out.append(between)
        try:
            if match[2] in "bB":
                data = email.base64mime.decode(match[3] + "=" * (-len(match[3]) % 4))
            else:
                data = email.quoprimime.header_decode(match[3]).encode("latin-1")
        except Exception:
            sound, data = False, match[3].encode("utf-8", "replace")
        run, run_charset = run + data, charset
        at = match.end()
    flush()
    out.append(unfolded[at:])
    text = "".join(out)
    return words(text), sound and not ENCODED.search(text)


def plain_people(text):
    """A list of people without what may be written in several ways: quotes, comments' blanks, case of domains."""
    return re.sub(r'[\s"\\]', "", text).lower().rstrip(",;")


def same_field(name, one, other):
    if one == other:
        return True
    return name in PEOPLE and plain_people(one) == plain_people(other)


class Part:
    """A part that is neither multipart nor mail."""

    def __init__(self, part):
        self.type = part.get_content_type()
        self.stated = part.get("content-type") is not None
        self.disposition = (part.get_content_disposition() or "")
        try:
            self.name = part.get_filename()
        except Exception:
            self.name = None
        if self.name is not None:
            self.name = decoded(self.name)[0]
        self.raw_name = self.name
        # Blanks behind the encoding mean nothing, and Python takes them for a part of its name.
        encoding = part.get("content-transfer-encoding")
        if encoding is not None:
            part.replace_header("content-transfer-encoding", str(encoding).strip())
        payload = part.get_payload()
        self.is_rebuilt = isinstance(payload, list)
        if self.is_rebuilt:
            # What Python takes apart and is no mail: message/delivery-status.
            data = b"\n".join(inner.as_bytes() for inner in payload)
        else:
            data = part.get_payload(decode=True)
            if data is None:
                data = b""
        self.data = data
        self.charset = part.get_content_charset() or "us-ascii"
        self.damaged = bool(part.defects) or bool(damage(part))
        self.text, self.sound = self.read()
        self.sha = sha(data)

    def read(self):
        if not self.type.startswith("text/"):
            return None, True
        try:
            text = self.data.decode(self.charset)
            sound = self.charset not in ("iso-2022-jp", "utf-7", "hz", "iso-2022-kr", "big5", "gb2312", "shift_jis", "unknown-8bit") or is_seven_bit(text)
        except (UnicodeDecodeError, LookupError):
            text, sound = self.data.decode("cp1252", "replace"), False
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").lstrip("\ufeff")
        return text.rstrip(), sound

    def is_empty(self):
        return not self.data.strip()

    def about(self):
        return f"{self.type} {self.name!r} {len(self.data)} bytes"


def damage(part):
    """Whether the body breaks the rules of its transfer encoding."""
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    body = part.get_payload()
    if isinstance(body, list):
        return False
    if encoding == "base64":
        clean = re.sub(r"\s", "", body)
        return bool(re.search(r"[^A-Za-z0-9+/=]", clean)) or len(clean.rstrip("=")) % 4 == 1 or "=" in clean.rstrip("=") or len(clean) % 4 != 0
    if encoding == "quoted-printable":
        return bool(re.search(r"=(?![0-9A-Fa-f]{2}|[ \t]*(\r?\n|$))", body)) or not is_seven_bit(body)
    if encoding in ("", "7bit"):
        return not is_seven_bit(body)
    return encoding not in ("8bit", "binary")


class Mail:
    """A mail as it is compared."""

    def __init__(self, message, data=None):
        self.fields = [(name.lower(), value) for name, value in message.raw_items()] if hasattr(message, "raw_items") else [(name.lower(), value) for name, value in message.items()]
        self.parts, self.mails = [], []
        self.part_fields = 0
        self.defects = [type(defect).__name__ for defect in message.defects]
        self.type = message.get_content_type()
        self.is_signed = self.type == "multipart/signed"
        self.is_report = self.type == "multipart/report"
        self.walk(message)

    def walk(self, part):
        self.defects += [type(defect).__name__ for defect in part.defects]
        if part.get_content_type() == "message/rfc822" or part.get_content_type() == "message/global":
            payload = part.get_payload()
            inner = payload[0] if isinstance(payload, list) and payload else None
            if inner is not None and len(inner.keys()) > 0 and not is_encoded(part):
                self.mails.append(Mail(inner))
            elif inner is not None and is_encoded(part):
                data = decode_inner(part)
                self.mails.append(Mail(email.message_from_bytes(data, policy=email.policy.compat32)))
            else:
                self.parts.append(Part(part))
        elif part.get_content_type() == "text/rfc822-headers":
            data = part.get_payload(decode=True) or b""
            self.mails.append(Mail(email.message_from_bytes(data, policy=email.policy.compat32)))
        elif part.is_multipart() and part.get_content_maintype() == "multipart":
            for inner in part.get_payload():
                self.walk(inner)
        else:
            self.parts.append(Part(part))

    def all_mails(self):
        yield self
        for mail in self.mails:
            yield from mail.all_mails()


def is_encoded(part):
    return str(part.get("content-transfer-encoding", "")).strip().lower() in ("base64", "quoted-printable")


def decode_inner(part):
    import base64
    import quopri

    text = part.get_payload()[0].as_bytes()
    if "base64" in str(part.get("content-transfer-encoding", "")).lower():
        return base64.b64decode(re.sub(rb"[^A-Za-z0-9+/=]", b"", text) + b"==")
    return quopri.decodestring(text)


class Comparison:
    def __init__(self):
        self.compared = self.same = 0
        self.reasons = Counter()
        self.examples = {}
        self.unexplained = []

    def agree(self, agrees, about, reasons):
        """One fact. `reasons` is asked only if it differs."""
        self.compared += 1
        if agrees:
            self.same += 1
            return
        reason = reasons()
        if reason is None:
            self.unexplained.append(about())
            return
        assert reason in REASONS, reason
        self.reasons[reason] += 1
        self.examples.setdefault(reason, about())


def field_reason(name, values, results, at):
    """Why a field of the original is not in the result as it was."""
    value = values[at]
    if name in DESCRIBING:
        return "mime-fields"
    if name.startswith("content-") and name not in KEPT_CONTENT:
        return "content-fields"
    if name == "keywords":
        return "keywords"
    if not re.fullmatch(r"[!-9;-~]+", name):
        return "not-a-field"
    if not is_seven_bit(value):
        return "bytes-in-header"
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", value):
        return "not-a-field"
    if name in ONCE and len(values) > 1:
        return "repeated-field"
    text, sound = decoded(value)
    if not sound:
        return "encoded-word"
    if name in IDENTITY and not text:
        return "empty-field"
    if name == "date" and not is_date(text):
        return "no-date"
    return None


def is_date(text):
    try:
        return email.utils.parsedate_to_datetime(text) is not None
    except (TypeError, ValueError):
        return False


def compare_fields(out, about, one, other):
    def by_name(mail):
        found = {}
        for name, value in mail.fields:
            found.setdefault(name.rstrip(), []).append(value)
        return found

    originals, results = by_name(one), by_name(other)
    for name, values in originals.items():
        known = results.get(name, [])
        # Each in its place among those of its name.
        for at, value in enumerate(values):
            wanted = decoded(value)[0]
            found = decoded(known[at])[0] if at < len(known) else None
            out.agree(
                found is not None and same_field(name, wanted, found),
                lambda: f"{about}: field {name}: {wanted[:100]!r} became {(found or 'nothing')[:100]!r}",
                lambda: field_reason(name, values, known, at),
            )
    for name, values in results.items():
        if len(values) <= len(originals.get(name, [])):
            continue

        def added(name=name):
            if name in DESCRIBING:
                return "mime-fields"
            if name == "keywords":
                return "keywords"
            # Lines behind one that is no field are fields to some readers, and text to others.
            if "MissingHeaderBodySeparatorDefect" in one.defects:
                return "not-a-field"
            if name == "date" and not any(known in originals for known in ("from", "received", "message-id", "to", "subject")):
                return "no-fields"
            if name == "message-id" and not words("".join(originals.get(name, []))):
                return "message-id"
            if name.startswith("x-original-") and not is_seven_bit("".join(originals.get(name[11:], []))):
                return "bytes-in-header"
            if name in IDENTITY and any(not is_seven_bit(value) for value in originals.get(name, [])):
                return "bytes-in-header"
            return None

        out.agree(False, lambda: f"{about}: field {name} is new: {values[-1][:100]!r}", added)


def same_content(one, other):
    if one.sha == other.sha:
        return True
    # What Python took apart and put together again.
    if one.is_rebuilt and lines(one.data) == lines(other.data):
        return True
    return one.text is not None and other.text is not None and one.text == other.text


def lines(data):
    return data.replace(b"\r\n", b"\n").strip(b"\n")


def same_name(one, other):
    return words(one.name or "") == words(other.name or "")


def content_reason(mail, part):
    """Why a part of the original is not in the result."""
    if part.type in ("application/ms-tnef", "application/vnd.ms-tnef") or (part.name or "").lower() == "winmail.dat":
        return "tnef"
    if mail.is_report and part.type.startswith("message/"):
        return "report-status"
    if part.type == "text/calendar":
        return "calendar"
    if part.is_empty():
        return "empty-part"
    if is_broken(mail) or part.type.startswith("multipart/"):
        return "structure"
    if part.damaged:
        return "transfer-damage"
    return None if part.sound else "code-page"


def is_broken(mail):
    """Whether the parts cannot be told apart by the rules."""
    marks = ("Boundary", "Multipart", "MissingHeaderBodySeparator")
    return any(mark in defect for mark in marks for defect in mail.defects)


def compare_parts(out, about, one, other):
    left = list(other.parts)
    for part in one.parts:
        candidates = [found for found in left if same_content(part, found)]
        candidates.sort(key=lambda found: (not same_name(part, found), found.type != part.type))
        found = candidates[0] if candidates else None
        out.agree(
            found is not None,
            lambda: f"{about}: part {part.about()} is nowhere among {[found.about() for found in left][:6]}",
            lambda: content_reason(one, part),
        )
        if found is None:
            continue
        left.remove(found)
        # The names of bodies are told as losses, and those of attachments count.
        is_body = found.type.startswith("text/") and found.disposition != "attachment"

        def name_reason():
            if not part.name:
                return "name-made-up"
            if is_body:
                return "part-fields"
            cleaned = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]', "_", words(part.name))
            is_odd = cleaned != words(part.name) or not is_seven_bit(part.name) or "=?" in part.name or len(part.name) > 200
            return "name-cleaned" if is_odd else None

        out.agree(same_name(part, found), lambda: f"{about}: name {part.name!r} became {found.name!r}", name_reason)

        def type_reason():
            whole = part.type.split("/")[0] in ("multipart", "message") or part.type in MACINTOSH
            return "type-changed" if whole or not part.stated or part.damaged else None

        out.agree(part.type == found.type, lambda: f"{about}: type {part.type} became {found.type}", type_reason)
    for found in left:

        def added(found=found):
            if found.is_empty() and found.type == "text/plain":
                return "empty-body"
            if found.type == "text/calendar" and any(part.type == "text/calendar" for part in one.parts):
                return "calendar"
            reasons = {content_reason(one, part) for part in one.parts}
            if one.is_report and found.type.startswith("message/"):
                return "report-status"
            # What the original has in a form that readers differ on is there in another.
            for reason in ("tnef", "transfer-damage", "code-page", "structure"):
                if reason in reasons:
                    return reason
            return "structure" if is_broken(one) else None

        out.agree(False, lambda: f"{about}: part {found.about()} is new", added)


def compare(out, about, one, other, depth=0):
    compare_fields(out, about, one, other)
    compare_parts(out, about, one, other)
    for at, inner in enumerate(one.mails):
        found = other.mails[at] if at < len(other.mails) else None
        out.agree(
            found is not None,
            lambda: f"{about}: inner mail {at + 1} is missing",
            lambda: "inner-not-mail" if not inner.fields or inner.defects else ("structure" if is_broken(one) else None),
        )
        if found is not None and depth < 30:
            compare(out, f"{about} / {at + 1}", inner, found, depth + 1)
    extra = len(other.mails) - len(one.mails)
    if extra > 0:
        out.agree(False, lambda: f"{about}: {extra} more inner mails", lambda: "structure" if is_broken(one) else "tnef" if any(content_reason(one, part) == "tnef" for part in one.parts) else None)


def read(path):
    data = Path(path).read_bytes()
    # The line of an mbox in front, which belongs to no mail.
    data = re.sub(rb"\A>?From [^\n]*\n", b"", data).lstrip(b"\r\n")
    return Mail(email.message_from_bytes(data, policy=email.policy.compat32), data)


def main(manifest):
    entries = json.loads(Path(manifest).read_text())
    pairs = [(entry["name"], read(entry["original"]), read(entry["result"])) for entry in entries]
    out = Comparison()
    mails = embedded = 0
    for name, one, other in pairs:
        mails += 1
        embedded += sum(1 for _ in one.all_mails()) - 1
        compare(out, name, one, other)
    # The comparison must not take another mail for the right one; of what breaks the rules everything may differ.
    sound = [pair for pair in pairs if not is_broken(pair[1]) and any(name in IDENTITY for name, _ in pair[1].fields)]
    taken = 0
    for (name, one, _), (_, _, other) in zip(sound, sound[1:] + sound[:1]):
        control = Comparison()
        compare(control, name, one, other)
        taken += not control.unexplained
    json.dump(
        {
            "mails": mails,
            "embedded": embedded,
            "compared": out.compared,
            "same": out.same,
            "reasons": [[name, out.reasons[name], REASONS[name], out.examples[name]] for name in REASONS if out.reasons[name]],
            "unexplained": out.unexplained,
            "exchanged": len(sound),
            "taken_for_another": taken if len(sound) > 1 else 0,
        },
        sys.stdout,
    )


main(*sys.argv[1:])
