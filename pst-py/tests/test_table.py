"""Items as an Arrow stream."""

from __future__ import annotations

import pytest

import pst
from conftest import DAMAGE

pa = pytest.importorskip("pyarrow")


def test_what_the_messages_say(sample: pst.Pst) -> None:
    table = pa.table(sample.items_table())
    rows = table.to_pylist()
    assert [row["node_id"] for row in rows] == sample.message_ids()
    for row in rows:
        message = sample.message(row["node_id"])
        assert row["folder"] == message.folder_path and row["folder_id"] == message.folder_id
        assert (row["subject"], row["message_class"], row["kind"]) == (
            message.subject,
            message.message_class,
            message.kind,
        )
        assert (row["sent"], row["received"]) == (message.sent, message.received)
        assert (row["created"], row["modified"]) == (message.created, message.modified)
        assert (row["size"], row["message_id"]) == (message.size, message.message_id)
        assert (row["is_read"], row["is_associated"]) == (message.is_read, False)
        sender = message.sender
        assert row["sender_name"] == (sender and sender.name)
        assert row["sender_address"] == (sender and (sender.address or sender.stored_address or sender.name))
        to = [recipient for recipient in message.recipients if recipient.role == "to"]
        assert row["to"] == [recipient.address or recipient.person.stored_address for recipient in to]
        assert row["attachments"] == [attachment.name or "" for attachment in message.attachments]
        journal = message.journal()
        assert row["journal"] == (journal and journal.kind)
        assert row["findings"] == []
    (report,) = [row for row in rows if row["journal"] == "journal-report"]
    assert report["envelope_sender"] and report["envelope_recipients"]


def test_every_column_may_be_null_and_is_in_small_letters(sample: pst.Pst) -> None:
    table = sample.items_table()
    schema = pa.schema(table)
    assert schema.names == table.column_names
    assert all(field.nullable and field.name == field.name.lower() for field in schema)
    assert schema.field("sent").type == pa.timestamp("us", "UTC")
    assert schema.field("to").type == pa.list_(pa.string())


def test_columns_batches_and_folders(sample: pst.Pst) -> None:
    table = sample.items_table(["subject", "node_id"], batch_size=10)
    reader = pa.RecordBatchReader.from_stream(table)
    assert [batch.num_rows for batch in reader] == [10, 10, 4]
    assert pa.table(table).column_names == ["subject", "node_id"], "and it can be read again"
    inbox = pa.table(sample["Inbox"].items_table(["node_id"]))
    assert inbox["node_id"].to_pylist() == [message.id for message in sample["Inbox"]]
    projects = sample["Projects"]
    assert pa.table(projects.items_table(["subject"], below=False)).num_rows == 0
    assert pa.table(projects.items_table(["subject"])).num_rows == 4
    assert pa.table(sample.items_table(["node_id"], associated=True)).num_rows == 25
    assert pa.table(sample.items_table([])).num_rows == 24
    with pytest.raises(ValueError, match="there is no column \"size_\""):
        sample.items_table(["size_"])
    with pytest.raises(ValueError, match="batch_size"):
        sample.items_table(batch_size=0)


def test_damage_stands_beside_the_items(sample_path, sample: pst.Pst) -> None:
    data = bytearray(sample_path.read_bytes())
    at = DAMAGE
    data[at : at + 4096] = bytes(4096)
    with pst.open(data) as store:
        rows = pa.table(store.items_table(["node_id", "subject", "damage", "findings"])).to_pylist()
    told = [text for row in rows for text in (row["damage"] or []) + row["findings"]]
    assert told and all("0x" in text for text in told)
    assert len(rows) >= 12


def test_a_closed_store_ends_the_stream(sample_path) -> None:
    store = pst.open(sample_path)
    table = store.items_table(["subject"], batch_size=5)
    reader = pa.RecordBatchReader.from_stream(table)
    reader.read_next_batch()
    store.close()
    with pytest.raises(Exception, match="closed"):
        reader.read_all()
    with pytest.raises(ValueError, match="closed"):
        pa.table(table)


@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_other_takers(name: str, sample: pst.Pst) -> None:
    module = pytest.importorskip(name)
    items = sample.items_table()
    if name == "polars":
        assert module.DataFrame(items).height == 24
    else:
        assert module.sql("select count(*), count(journal) from items").fetchall() == [(24, 1)]
