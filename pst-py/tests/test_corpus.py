"""Every store of the corpus against what is true of it. `PST_CORPUS` names the directory."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import pst
from conftest import corpus

STORES = corpus()

pytestmark = pytest.mark.skipif(not STORES, reason="PST_CORPUS is not set")


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text[:26]).replace(tzinfo=UTC)


def alike(one: str | None, other: str | None) -> bool:
    """Empty and absent are the same; the truth has no trailing NUL."""
    return (one or "").rstrip("\0") == (other or "").rstrip("\0")


def compare(message: pst.Message, record: dict[str, Any]) -> None:
    assert alike(message.message_class, record.get("message_class"))
    if "subject" in record:
        assert alike(message.subject, record["subject"])
    if record.get("client_submit_time"):
        assert message.sent == instant(record["client_submit_time"])
    if record.get("delivery_time"):
        assert message.received == instant(record["delivery_time"])
    if "creation_time" in record:
        assert message.created == instant(record["creation_time"])
    if "message_size" in record:
        assert message.size == record["message_size"]
    if "property_count" in record:
        assert len(message.properties()) == record["property_count"]
    recipients = record.get("recipients", [])
    assert len(message.recipients) == len(recipients)
    for one, other in zip(message.recipients, recipients, strict=True):
        assert alike(one.name, other.get("name"))
    attachments = record.get("attachments", [])
    assert len(message.attachments) == len(attachments)
    for one, other in zip(message.attachments, attachments, strict=True):
        if other.get("data_sha256") and one.kind in ("file", "ole"):
            assert hashlib.sha256(one.read()).hexdigest() == other["data_sha256"]
            assert hashlib.sha256(one.open().read()).hexdigest() == other["data_sha256"]
        if other.get("embedded"):
            compare(one.message, other["embedded"])


@pytest.mark.parametrize("path", STORES, ids=lambda path: path.name)
def test_store(path: Path) -> None:
    truth = json.loads(path.with_suffix(".truth.json").read_text("utf-8"))
    with pst.open(path) as store:
        folders = {folder.id: folder for folder in store}
        for record in truth["folders"]:
            folder = folders.get(int(record["nid"], 16)) or store.folder(int(record["nid"], 16))
            assert folder.path == record["path"] and alike(folder.name, record["name"])
            if not folder.is_search:
                assert len(folder) == (record["n_messages"] or 0)
        expected = {int(record["nid"], 16): record for record in truth["messages"] + truth["associated"]}
        assert set(store.message_ids(associated=True)) >= set(expected)
        for id, record in expected.items():
            message = store.message(id)
            compare(message, record)
            # As mail it can be read by somebody else.
            if not message.is_associated:
                assert alike(message.to_email()["Subject"] and "x", message.subject and "x")
        pa = pytest.importorskip("pyarrow")
        rows = pa.table(store.items_table(associated=True)).to_pylist()
        assert {row["node_id"] for row in rows} >= set(expected)
        assert [row["findings"] for row in rows if row["findings"]] == []
        for row in rows:
            assert alike(row["subject"], store.message(row["node_id"]).subject)
