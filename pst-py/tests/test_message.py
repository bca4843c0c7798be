"""Messages, against what the sample is known to hold."""

from __future__ import annotations

import email.policy
import hashlib
import io
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest

import pst


def instant(text: str | None) -> datetime | None:
    """The truth has seven digits of the second, `datetime` six."""
    return None if text is None else datetime.fromisoformat(text[:26]).replace(tzinfo=UTC)


def test_against_the_truth(sample: pst.Pst, truth: dict) -> None:
    for record in truth["messages"]:
        message = sample.message(int(record["nid"], 16))
        assert message.subject == (record["subject"] or None)
        assert message.message_class == record["message_class"]
        assert message.folder_path == record["folder_path"]
        assert message.folder_id == int(record["folder_nid"], 16) == message.folder.id
        if record["client_submit_time"]:
            assert message.sent == instant(record["client_submit_time"])
        if record["delivery_time"]:
            assert message.received == instant(record["delivery_time"])
        assert message.created == instant(record["creation_time"])
        assert message.size == record["message_size"]
        assert len(message.recipients) == len(record["recipients"])
        assert len(message.attachments) == len(record["attachments"])
        assert len(message.properties()) == record["property_count"]
        assert message.inspect() == []


def test_dates_have_a_zone(welcome: pst.Message) -> None:
    assert welcome.sent == datetime(2024, 3, 4, 8, tzinfo=UTC)
    assert welcome.sent.tzinfo is UTC
    assert welcome.sent.isoformat() == "2024-03-04T08:00:00+00:00"


def test_people(sample: pst.Pst) -> None:
    message = sample.message(0x200104)
    assert str(message.sender) and "@" in message.sender.address
    assert [recipient.role for recipient in message.recipients] == ["to", "cc"]
    first = message.recipients[0]
    assert first == message.recipients[0] and hash(first) == hash(message.recipients[0])
    assert (first.name, first.address, first.unresolved) == (first.person.name, first.person.address, None)


def test_bodies(sample: pst.Pst) -> None:
    assert "Köln" in sample.message(0x200044).subject
    assert sample.message(0x200024).body
    formatted = sample.message(0x200124)
    assert "<" in (formatted.html or "") or formatted.rtf
    rtf = next(message for message in sample.messages() if message.rtf)
    assert rtf.rtf.startswith(b"{\\rtf")


def test_properties_by_every_kind_of_name(sample: pst.Pst) -> None:
    meeting = next(message for message in sample["Calendar"] if message.subject == "Team meeting")
    by_name = meeting["PidLidAppointmentStartWhole"]
    appointment = "00062002-0000-0000-c000-000000000046"
    assert isinstance(by_name, datetime) and by_name.tzinfo is UTC
    assert by_name == meeting[(appointment, 0x820D)] == meeting[(UUID(appointment), 0x820D)]
    assert meeting["PidTagSubject"] == meeting[0x0037] == meeting[0x0037001F]
    assert meeting.get("PidTagNobodyHasThis") is None and meeting.get(0x6FFF, "none") == "none"
    with pytest.raises(KeyError):
        meeting["PidTagNobodyHasThis"]
    with pytest.raises(TypeError, match="named by"):
        meeting[3.5]  # type: ignore[index]


def test_properties_one_by_one(welcome: pst.Message) -> None:
    properties = {entry.name: entry for entry in welcome.properties()}
    subject = properties["PidTagMessageClass"]
    assert (subject.tag, subject.id, subject.type_name) == (0x001A001F, 0x1A, "PtypString")
    assert subject.value == "IPM.Note" and subject.raw.decode("utf-16-le").rstrip("\0") == "IPM.Note"
    assert subject.open().read() == subject.raw
    assert subject.property_set is None


def test_attachments_are_files(sample: pst.Pst, truth: dict) -> None:
    record = next(record for record in truth["messages"] if record["nid"] == "0x200164")
    attachment = sample.message(0x200164).attachments[0]
    assert attachment.kind == "file"
    data = attachment.read()
    assert hashlib.sha256(data).hexdigest() == record["attachments"][0]["data_sha256"]
    assert attachment.size == len(data)
    with attachment.open() as file:
        assert isinstance(file, io.BufferedReader) and file.seekable()
        assert file.read(3) == data[:3] and file.tell() == 3
        assert file.seek(-2, io.SEEK_END) == len(data) - 2
        assert file.read() == data[-2:] and file.read() == b""
        file.seek(0)
        assert b"".join(iter(lambda: file.read(100), b"")) == data
    with pytest.raises(ValueError):
        file.read()
    # `zipfile` says what it thinks of it, as of any file.
    assert zipfile.is_zipfile(attachment.open()) == data.startswith(b"PK")


def test_attachments_saved(sample: pst.Pst, tmp_path: Path) -> None:
    attachment = sample.message(0x200144).attachments[0]
    assert attachment.save(tmp_path / "photo") == attachment.size
    assert (tmp_path / "photo").read_bytes() == attachment.read()
    assert (attachment.is_inline, attachment.mime_type) == (True, "image/png")
    with pytest.raises(FileNotFoundError):
        attachment.save(tmp_path / "none" / "photo")


def test_messages_in_messages_and_references(sample: pst.Pst) -> None:
    (attachment,) = sample.message(0x200184).attachments
    assert attachment.kind == "message" and attachment.size is None and attachment.open().read() == b""
    inner = attachment.message
    assert inner.is_embedded and inner.folder is None and inner.folder_path is None
    assert [message.subject for message in sample.message(0x200184).embedded()] == [inner.subject]
    references = sample.message(0x2001C4).attachments
    assert {attachment.kind for attachment in references} == {"reference"}
    assert all(attachment.reference for attachment in references)


def test_as_mail(welcome: pst.Message, tmp_path: Path) -> None:
    data = welcome.to_bytes()
    mail = welcome.to_email()
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"] == "Welcome" and "ines.alder@example.com" in mail["From"]
    assert mail["Date"].datetime == datetime(2024, 3, 4, 8, tzinfo=UTC)
    assert mail.get_body(("plain",)).get_content().split() == welcome.body.split()
    assert welcome.to_email(email.policy.SMTP).policy is email.policy.SMTP
    told = welcome.to_mail()
    assert told.data == bytes(told) == data and len(told) == len(data)
    assert told.message_id in data.decode()
    assert {loss.kind for loss in told.losses} <= {"no-place", "changed", "made-up", "characters"}
    assert welcome.save(tmp_path / "welcome.eml") == told.losses
    assert (tmp_path / "welcome.eml").read_bytes() == data


def test_hidden_recipients_can_be_left_out(sample: pst.Pst) -> None:
    def has_bcc(message: pst.Message) -> bool:
        return any(recipient.role == "bcc" for recipient in message.recipients)

    message = next((message for message in sample.messages() if has_bcc(message)), None)
    if message is None:
        pytest.skip("nobody is a hidden recipient in the sample")
    assert "Bcc" in message.to_email()
    assert "Bcc" not in message.to_mail(bcc=False).to_email()


def test_calendar_and_card(sample: pst.Pst) -> None:
    text, losses = sample.message(0x2002C4).to_icalendar()
    assert text.startswith("BEGIN:VCALENDAR\r\n") and "SUMMARY:Dentist" in text
    assert all(isinstance(loss, pst.Loss) for loss in losses)
    text, _ = sample.message(0x200324).to_vcard()
    assert text.startswith("BEGIN:VCARD\r\nVERSION:4.0") and "Kim Castle" in text
    with pytest.raises(pst.WrongTypeError):
        sample.message(0x200324).to_icalendar()


def test_kinds(sample: pst.Pst) -> None:
    kinds = {message.subject: message.kind for message in sample.messages()}
    assert kinds["Read: Welcome"] == "report-read"
    assert kinds["Dentist"] == "appointment"
    assert kinds["Planning"] == "meeting-request"
    stub = next(message for message in sample.messages() if message.subject == "Archived mail").classification
    assert (stub.kind, stub.stub_evidence) == ("stub", "seen") and "Vault" in stub.stub_product
    found = pst.classify("report.ipm.note.NDR")
    assert (found.kind, found.reported_class) == ("report-non-delivery", "ipm.note")
    assert found == pst.classify("REPORT.IPM.Note.NDR")


def test_journal(sample: pst.Pst) -> None:
    reports = [(message, report) for message in sample.messages() if (report := message.journal())]
    ((message, report),) = [pair for pair in reports if pair[1].kind == "journal-report"]
    assert message.subject == "Budget"
    assert report.sender.smtp and report.recipients
    assert {recipient.role for recipient in report.recipients} <= {"to", "cc", "bcc", "recipient", "unspecified"}
    original = report.originals[0]
    assert (original.message or original.attachment) is not None
