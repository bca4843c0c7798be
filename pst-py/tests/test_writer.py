"""New stores, item by item."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest

import pst

BERLIN = timezone(timedelta(hours=1))


def test_everything_a_draft_has(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(range(256)) * 4000)
    inner = pst.Draft("Inside", body="inner")
    draft = pst.Draft(
        "RE: Figures",
        sender=("Ann", "ann@example.com"),
        representing="boss@example.com",
        to=["bob@example.com", ("Cem", "cem@example.com")],
        cc=["dan@example.com"],
        bcc=["eve@example.com"],
        body="Here they are.",
        html="<p>Here they are.</p>",
        sent=datetime(2024, 3, 4, 9, 30, 1, 250_000, tzinfo=BERLIN),
        message_id="<1@example.com>",
        in_reply_to="<0@example.com>",
        is_read=False,
        properties={
            "PidTagImportance": 2,
            0x3FF1: 1031,
            ("00020329-0000-0000-c000-000000000046", "Keywords"): ["red", "blue"],
            (UUID("00062008-0000-0000-c000-000000000046"), 0x8503): True,
            ("00020329-0000-0000-c000-000000000046", "Guid"): UUID("00062008-0000-0000-c000-000000000046"),
            ("00020329-0000-0000-c000-000000000046", "When"): datetime(2024, 1, 1, tzinfo=UTC),
            ("00020329-0000-0000-c000-000000000046", "Raw"): b"\x00\x01",
            ("00020329-0000-0000-c000-000000000046", "Big"): 2**40,
            ("00020329-0000-0000-c000-000000000046", "Part"): 0.5,
        },
    )
    draft.attach("small.txt", b"small", mime_type="text/plain", content_id="one")
    draft.attach("large.bin", path=tmp_path / "large")
    draft.attach("inner", message=inner)
    with pst.Writer(tmp_path / "new.pst", name="Mine") as out:
        folder = out.folder("Inbox/2024", special=None)
        assert out.folder("Inbox/2024") == folder != out.folder("Inbox")
        id = out.add(folder, draft)
        assert not (tmp_path / "new.pst").exists(), "it appears when it is complete"

    assert pst.verify(tmp_path / "new.pst").is_sound
    with pst.open(tmp_path / "new.pst") as store:
        assert store.name == "Mine"
        message = store.message(id)
        assert message.folder == store["Inbox/2024"]
        assert (message.subject, message.normalized_subject) == ("RE: Figures", "Figures")
        assert (message.sender.name, message.sender.address) == ("Ann", "ann@example.com")
        assert message.representing.address == "boss@example.com"
        assert [(one.role, one.name, one.address) for one in message.recipients] == [
            ("to", "bob@example.com", "bob@example.com"),
            ("to", "Cem", "cem@example.com"),
            ("cc", "dan@example.com", "dan@example.com"),
            ("bcc", "eve@example.com", "eve@example.com"),
        ]
        assert (message.body, message.html) == ("Here they are.", "<p>Here they are.</p>")
        assert message.sent == message.received == datetime(2024, 3, 4, 8, 30, 1, 250_000, tzinfo=UTC)
        assert (message.message_id, message.is_read) == ("1@example.com", False)
        assert message["PidTagImportance"] == 2 and message[0x3FF1] == 1031
        assert message["Keywords"] == ["red", "blue"] and message["PidLidReminderSet"] is True
        assert message["Guid"] == UUID("00062008-0000-0000-c000-000000000046")
        assert message["When"] == datetime(2024, 1, 1, tzinfo=UTC)
        assert (message["Raw"], message["Big"], message["Part"]) == (b"\x00\x01", 2**40, 0.5)
        small, large, inside = message.attachments
        assert (small.name, small.read(), small.mime_type, small.content_id) == (
            "small.txt",
            b"small",
            "text/plain",
            "one",
        )
        assert large.read() == (tmp_path / "large").read_bytes()
        assert inside.message.subject == "Inside" and inside.message.body == "inner"


def test_in_memory_and_special_folders() -> None:
    out = pst.Writer(crypt="none")
    out.add(out.folder("Posteingang", special="inbox"), pst.Draft("Hallo"))
    out.add(out.top, pst.Draft("Top", message_class="IPM.Post"))
    out.folder("Kontakte", container_class="IPF.Contact", special="contacts")
    assert out.estimated_size > 0
    data = out.finish()
    with pst.open(data) as store:
        assert store.special_folders["inbox"] == store["Posteingang"].id
        assert store["Kontakte"].container_class == "IPF.Contact"
        assert {message.message_class for message in store.messages()} == {"IPM.Note", "IPM.Post"}
    with pytest.raises(ValueError, match="finished"):
        out.finish()


def test_mail_in(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ann <ann@example.com>", "bob@example.com", "Grüße"
    mail["Message-ID"], mail["Date"] = "<2@example.com>", "Mon, 04 Mar 2024 09:00:00 +0100"
    mail.set_content("Hallo Bob")
    mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="a.pdf")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    out = pst.Writer()
    folder = out.folder("Inbox")
    ids = [out.add_mail(folder, mail)[0], out.add_mail(folder, mail.as_bytes(), is_read=False)[0]]
    id, losses = out.add_eml(folder, tmp_path / "a.eml")
    assert losses == []
    with pytest.raises(FileNotFoundError):
        out.add_eml(folder, tmp_path / "b.eml")
    with pst.open(out.finish()) as store:
        for id in [*ids, id]:
            message = store.message(id)
            assert (message.subject, message.message_id) == ("Grüße", "2@example.com")
            assert message.sent == datetime(2024, 3, 4, 8, tzinfo=UTC) and message.sent_offset_minutes == 60
            assert message.attachments[0].read() == b"%PDF-"
        assert [store.message(id).is_read for id in ids][1] is False


def test_copies(sample: pst.Pst) -> None:
    out = pst.Writer()
    folder = out.folder("Copies")
    copied = {message.id: out.copy(folder, message) for message in sample.messages()}
    assert all(left_out == [] for _, left_out in copied.values())
    with pst.open(out.finish()) as store:
        for old, (new, _) in copied.items():
            one, other = sample.message(old), store.message(new)
            assert (one.subject, one.body, one.html, one.sent) == (other.subject, other.body, other.html, other.sent)
            assert [a.name for a in one.attachments] == [a.name for a in other.attachments]


def test_an_exception_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), pst.Writer(tmp_path / "new.pst") as out:
        out.add(out.folder("Inbox"), pst.Draft("x"))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "new.pst").touch()
    with pytest.raises(FileExistsError):
        pst.Writer(tmp_path / "new.pst")


def test_wrong_drafts() -> None:
    out = pst.Writer()
    with pytest.raises(KeyError, match="0x7"):
        out.add(7, pst.Draft("x"))
    with pytest.raises(TypeError, match="Draft"):
        out.add(out.top, "x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="zone"):
        out.add(out.top, pst.Draft("x", sent=datetime(2024, 1, 1)))
    with pytest.raises(ValueError, match="before 1601"):
        out.add(out.top, pst.Draft("x", sent=datetime(1500, 1, 1, tzinfo=UTC)))
    with pytest.raises(ValueError, match="one of data, path and message"):
        out.add(out.top, pst.Draft("x", attachments=[pst.DraftAttachment("x")]))
    with pytest.raises(ValueError, match="0x8000"):
        out.add(out.top, pst.Draft("x", properties={0x8001: 1}))
    with pytest.raises(ValueError, match="is called"):
        out.add(out.top, pst.Draft("x", properties={"PidTagNobodyHasThis": 1}))
    with pytest.raises(TypeError, match="dict"):
        out.add(out.top, pst.Draft("x", properties={"PidTagBody": {}}))
    with pytest.raises(ValueError, match="special"):
        out.folder("x", special="nowhere")
    draft = pst.Draft("0")
    draft.attach("itself", message=draft)
    with pytest.raises(ValueError, match="too deep"):
        out.add(out.top, draft)
    # Nothing of that was written.
    with pst.open(out.finish()) as store:
        assert store.message_ids() == []
