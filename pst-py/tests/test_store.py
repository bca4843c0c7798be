"""Opening, closing, folders."""

from __future__ import annotations

import gc
import mmap
import pickle
from pathlib import Path
from uuid import UUID

import pytest

import pst
from conftest import DAMAGE


def test_what_a_store_says_of_itself(sample: pst.Pst, sample_path: Path) -> None:
    assert (sample.format, sample.kind, sample.version, sample.crypt) == ("unicode", "pst", 23, "permute")
    assert sample.path == sample_path and sample.file_size == sample_path.stat().st_size
    assert (sample.missing_bytes, sample.has_password) == (0, False)
    assert isinstance(sample.record_key, UUID)
    assert sample.get("PidTagDisplayName") == sample.name
    assert sample.special_folders["inbox"] == 0x80A2
    assert repr(sample) == f"<Pst {str(sample_path)!r}>".replace("'", '"')


def test_folders(sample: pst.Pst, truth: dict) -> None:
    folders = {folder.id: folder for folder in sample}
    expected = {int(record["nid"], 16): record for record in truth["folders"]}
    assert folders.keys() == expected.keys()
    for nid, record in expected.items():
        folder = folders[nid]
        assert (folder.path, folder.name) == (record["path"], record["name"])
        assert folder.is_search == (record["kind"] == "search")
        assert folder.parent_id == (record["parent_nid"] and int(record["parent_nid"], 16))
        assert len(folder) == (record["n_messages"] or 0)
        assert folder.content_count == record["content_count"]
    assert bool(folders[0x122]), "a folder without messages is a folder"


def test_folders_by_name(sample: pst.Pst) -> None:
    inbox = sample["Inbox"]
    assert inbox == sample.find("/Top of Personal Folders/Inbox") == sample.top["Inbox"] == sample.folder(0x80A2)
    assert inbox != sample.top and hash(inbox) == hash(sample.top["Inbox"])
    assert sample["Projects/Old %2F 2023"].names == ["Top of Personal Folders", "Projects", "Old / 2023"]
    with pytest.raises(KeyError, match="Nowhere"):
        sample["Inbox/Nowhere"]
    assert [folder.name for folder in sample["Projects"].folders()] == ["Meetings", "Reports", "Old / 2023"]
    assert [folder.name for folder in sample["Projects"].walk()][0] == "Projects"
    assert [message.subject for message in sample["Calendar"].associated()] == ["hidden settings"]


def test_every_message_by_its_node(sample: pst.Pst, truth: dict) -> None:
    expected = [int(record["nid"], 16) for record in truth["messages"]]
    assert [message.id for message in sample.messages()] == expected == sample.message_ids()
    with_hidden = sample.message_ids(associated=True)
    assert sorted(with_hidden) == sorted([*expected, 0x100028])
    # What the folders list is the same.
    assert sorted(message.id for folder in sample if not folder.is_search for message in folder) == expected


def test_named_properties(sample: pst.Pst, truth: dict) -> None:
    names = {entry.canonical_name for entry in sample.named_properties()}
    assert "PidLidAppointmentStartWhole" in names
    assert len(sample.named_properties()) == len(truth["named_properties"]["entries"])
    for entry in sample.named_properties():
        assert isinstance(entry.name, int | str) and entry.id >= 0x8000


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, lambda data: memoryview(bytearray(data))])
def test_buffers(make: type, sample_path: Path) -> None:
    with pst.open(make(sample_path.read_bytes())) as store:
        assert store.path is None
        assert store["Inbox"].path == "/Top of Personal Folders/Inbox"


def test_what_can_be_written_to_is_copied(sample_path: Path) -> None:
    for view in (lambda data: data, memoryview, lambda data: memoryview(data).toreadonly()):
        data = bytearray(sample_path.read_bytes())
        store = pst.open(view(data))
        data[:] = bytes(len(data))
        # It could even shrink, were it not for views of it.
        assert store["Inbox"].name == "Inbox"


def test_a_map_is_lent_and_let_go(sample_path: Path) -> None:
    with sample_path.open("rb") as file:
        held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    store = pst.open(held)
    assert len(store.message_ids()) == 24
    with pytest.raises(BufferError):
        held.close()
    store.close()
    gc.collect()
    held.close()


def test_closed_is_a_polite_error(sample_path: Path) -> None:
    store = pst.open(str(sample_path))
    inbox, message = store["Inbox"], store.message(0x200164)
    attachment = message.attachments[0]
    content = attachment.open()
    messages = iter(inbox)
    store.close()
    store.close()
    assert store.closed and "closed" in repr(store)
    for attempt in (
        lambda: store.root,
        lambda: inbox.name,
        lambda: message.subject,
        lambda: message.to_bytes(),
        lambda: attachment.read(),
        lambda: content.read(),
        lambda: next(messages),
        lambda: store.__enter__(),
    ):
        with pytest.raises(ValueError, match="closed"):
            attempt()


def test_missing_files_are_oserrors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        pst.open(tmp_path / "none.pst")
    assert caught.value.errno == 2 and str(tmp_path / "none.pst") in str(caught.value)
    with pytest.raises(IsADirectoryError):
        pst.open(tmp_path)
    with pytest.raises(FileNotFoundError):
        pst.verify(tmp_path / "none.pst")
    with pytest.raises(TypeError):
        pst.open(7)  # type: ignore[arg-type]


def test_errors_say_where(sample_path: Path, sample: pst.Pst) -> None:
    with pytest.raises(pst.NotPstError) as caught:
        pst.open(b"PK\x03\x04" + bytes(2000))
    assert caught.value.kind == "not-pst" and "ZIP" in str(caught.value)
    with pytest.raises(pst.NotFoundError) as missing:
        sample.message(0x300004)
    assert (missing.value.node_id, missing.value.kind) == (0x300004, "not-found")
    assert isinstance(missing.value, LookupError) and isinstance(missing.value, pst.PstError)
    with pytest.raises(pst.WrongTypeError):
        sample.message(0x122)
    again = pickle.loads(pickle.dumps(missing.value))
    assert (type(again), str(again), again.node_id) == (pst.NotFoundError, str(missing.value), 0x300004)

    broken = bytearray(sample_path.read_bytes())
    broken[0x1A0] ^= 0xFF
    with pytest.raises(pst.ChecksumError) as damaged:
        pst.open(broken)
    assert isinstance(damaged.value, pst.CorruptError) and damaged.value.structure == "HEADER"
    with pst.open(broken, check_crc=False) as store:
        assert store.kind == "pst"


def test_arguments_are_checked(sample_path: Path) -> None:
    with pytest.raises(ValueError, match="mapping"):
        pst.open(sample_path, mapping="perhaps")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="code page"):
        pst.open(sample_path, code_page=1)
    with pst.open(sample_path, mapping="never", code_page=1252) as store:
        assert store.code_page == 1252


def test_a_bad_item_does_not_end_a_walk(sample_path: Path) -> None:
    data = bytearray(sample_path.read_bytes())
    with pst.open(bytes(data)) as store:
        whole = [message.subject for message in store.messages()]
    # A run of zeros among the blocks: what is hit is told, the rest comes all the same.
    at = DAMAGE
    data[at : at + 4096] = bytes(4096)
    problems: list[Exception] = []
    with pst.open(data) as store:
        subjects = []
        for message in store.messages(problems.append):
            problems += message.inspect()
            try:
                subjects.append(message.subject)
            except pst.PstError as error:
                problems.append(error)
    assert problems, "4 KiB of zeros hurt nobody"
    assert all(isinstance(problem, pst.PstError) for problem in problems)
    assert len(subjects) >= 22 and set(subjects) <= set(whole)
