"""Whole files: checks, recovery, transfers, export, creation."""

from __future__ import annotations

import json
import mailbox
from datetime import UTC, datetime
from pathlib import Path

import pytest

import pst
from conftest import DAMAGE


def subjects(path: Path) -> list[str]:
    with pst.open(path) as store:
        return sorted(message.subject for message in store.messages())


def test_verify_sound(sample: pst.Pst, sample_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    report = sample.verify(on_progress=lambda *now: seen.append(now))
    assert (report.verdict, report.is_sound, report.is_complete, report.findings) == ("sound", True, True, [])
    assert report.totals["messages"] >= 25 and report.totals["file_bytes"] == sample_path.stat().st_size
    assert {phase for phase, _, _ in seen} == {"blocks", "contents"}
    assert all(0 <= done <= total for _, done, total in seen)
    quick = pst.verify(sample_path, contents=False)
    assert quick.verdict == "sound" and quick.totals["messages"] == 0


def test_verify_damaged(sample_path: Path, tmp_path: Path) -> None:
    data = bytearray(sample_path.read_bytes())
    data[0x1A0] ^= 0xFF
    assert pst.verify(data).verdict != "sound", "a header with a wrong CRC can be checked, though not opened"
    data = bytearray(sample_path.read_bytes())
    at = DAMAGE
    data[at : at + 4096] = bytes(4096)
    (tmp_path / "damaged.pst").write_bytes(data)
    report = pst.verify(tmp_path / "damaged.pst", max_findings=2)
    assert report.verdict == "damaged" and not report.is_sound
    assert len(report.findings) == 2 < sum(report.counts.values())
    finding = report.findings[0]
    assert finding.severity in ("loss", "degraded") and finding.rule and finding.title
    assert str(finding) == finding.text and at <= finding.offset < at + 4096


def test_callbacks_stop_long_work(sample: pst.Pst, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def enough(*_: object) -> None:
        raise Enough

    with pytest.raises(Enough):
        sample.verify(on_progress=enough)
    with pytest.raises(Enough):
        pst.compact(sample, tmp_path / "new.pst", on_event=enough)
    with pytest.raises(Enough):
        pst.export(sample.path, tmp_path / "mails", on_item=enough)
    with pytest.raises(Enough):
        pst.create(tmp_path / "made.pst", sample.path, on_item=enough)
    assert not list(tmp_path.glob("*.pst*")), "nothing is left of files that were not completed"


def test_recover(sample_path: Path, tmp_path: Path) -> None:
    data = bytearray(sample_path.read_bytes())
    # Without its header the file is no PST; its pages and blocks are all there.
    data[:564] = bytes(564)
    with pytest.raises(pst.NotPstError):
        pst.open(data)
    recovery = pst.recover(data)
    assert (recovery.header, recovery.is_scanned) == ("lost", True)
    assert recovery.counts["nodes"]["total"] > 24 and recovery.lost_item_count == 0 and recovery.lost_items == []
    assert recovery.source_of(0x200024)[1] in ("high", "medium")
    assert sorted(message.subject for message in recovery.store.messages()) == subjects(sample_path)
    pst.compact(recovery.store, tmp_path / "recovered.pst")
    assert subjects(tmp_path / "recovered.pst") == subjects(sample_path)
    sound = pst.recover(sample_path)
    assert (sound.header, sound.is_changed, sound.errors) == ("sound", False, [])


def test_compact_and_convert(sample: pst.Pst, sample_path: Path, tmp_path: Path) -> None:
    events: list[tuple] = []
    summary = pst.compact(sample, tmp_path / "compact.pst", on_event=lambda *event: events.append(event))
    assert (summary.read, summary.written, summary.skipped, summary.has_losses) == (25, 25, {}, False)
    assert [event[0] for event in events].count("written") == 25
    assert ("written", 0x200024, "/Top of Personal Folders/Inbox", None, []) in events
    assert subjects(tmp_path / "compact.pst") == subjects(sample_path)
    assert pst.verify(tmp_path / "compact.pst").is_sound
    with pytest.raises(FileExistsError):
        pst.compact(sample, tmp_path / "compact.pst")
    pst.convert(sample_path, tmp_path / "compact.pst", crypt="cyclic", overwrite=True)
    with pst.open(tmp_path / "compact.pst") as store:
        assert (store.crypt, store.format) == ("cyclic", "unicode")
    pst.convert(sample, tmp_path / "old.pst", ansi=1252)
    with pst.open(tmp_path / "old.pst") as store:
        assert store.format == "ansi"


def test_filters(sample: pst.Pst, tmp_path: Path) -> None:
    summary = pst.convert(sample, tmp_path / "inbox.pst", folders=["Inbox"], without_associated=True)
    assert (summary.read, summary.written) == (25, 13)
    assert sum(summary.skipped.values()) == 12
    early = pst.convert(sample, tmp_path / "early.pst", before=datetime(2024, 3, 4, 10, 30, tzinfo=UTC))
    assert "Welcome" in subjects(tmp_path / "early.pst") and early.written < 25
    notes: list[tuple] = []
    pst.convert(sample, tmp_path / "none.pst", folders=["Nowhere"], on_event=lambda *event: notes.append(event))
    assert ("no-folder", None, None, "Nowhere", []) in notes
    with pytest.raises(TypeError, match="folder"):
        pst.convert(sample, tmp_path / "x.pst", folder=["Inbox"])  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="zone"):
        pst.convert(sample, tmp_path / "x.pst", since=datetime(2024, 1, 1))


def test_merge_and_split(sample: pst.Pst, sample_path: Path, tmp_path: Path) -> None:
    summary = pst.merge(tmp_path / "all.pst", [sample, sample_path], drop_duplicates="content")
    assert summary.skipped["duplicate"] == 24 and summary.read == 50
    assert subjects(tmp_path / "all.pst") == subjects(sample_path)
    parts, whole = pst.split(tmp_path / "all.pst", tmp_path / "years", by="year")
    assert sum(part.summary.written for part in parts) == whole.written
    assert all(part.path.exists() and not part.is_oversize for part in parts)
    assert "2024" in {part.label for part in parts}
    assert sorted(subject for part in parts for subject in subjects(part.path)) == subjects(sample_path)


@pytest.mark.parametrize("format", ["eml", "mbox", "maildir", "json"])
def test_export(format: str, sample_path: Path, tmp_path: Path) -> None:
    told: list[tuple] = []
    summary = pst.export(sample_path, tmp_path / "out", format=format, on_item=lambda *item: told.append(item))
    assert (summary.seen, summary.exported, summary.failed, summary.stores) == (25, 24, {}, 1)
    assert summary.skipped == {"associated": 1}
    assert [what for what, *_ in told].count("exported") == 24
    again = pst.export([sample_path], tmp_path / "out", format=format)
    assert again.before == 25 and again.exported == 24
    index = [json.loads(line) for line in (tmp_path / "out" / "index.jsonl").read_text("utf-8").splitlines()]
    assert sum(line.get("outcome") == "exported" for line in index) == 24
    if format == "mbox":
        assert sum(len(mailbox.mbox(path, create=False)) for path in (tmp_path / "out").rglob("*.mbox")) == 24


def test_export_chooses(sample_path: Path, tmp_path: Path) -> None:
    summary = pst.export(sample_path, tmp_path / "out", folders=["Inbox"], senders=["ines.alder@*"])
    assert 0 < summary.exported < 24
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(FileExistsError):
        pst.export(sample_path, tmp_path / "full")
    with pytest.raises(FileNotFoundError):
        pst.export(tmp_path / "none.pst", tmp_path / "other")


def test_create(sample_path: Path, tmp_path: Path) -> None:
    pst.export(sample_path, tmp_path / "mails", folders=["Inbox"])
    told: list[tuple] = []
    summary = pst.create(
        tmp_path / "back.pst", tmp_path / "mails", folder="Old", on_item=lambda *item: told.append(item)
    )
    assert summary.written == summary.mails == 13 == [what for what, *_ in told].count("written")
    assert summary.failed == {}
    assert summary.seen == summary.written + sum(summary.skipped.values()) + sum(summary.failed.values())
    with pst.open(tmp_path / "back.pst") as store:
        assert all("/Old/" in message.folder_path for message in store.messages())
        assert "Grüße aus Köln" in {message.subject for message in store.messages()}
