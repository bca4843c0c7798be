"""Times this package and libpff's on one store, in one run.

    cargo run --release -p pst-benches --bin make-store -- /dev/shm/bench.pst 27071
    pip install libpff-python pyarrow ./pst-py
    python benches/python/compare.py /dev/shm/bench.pst

Each task in a process of its own, processor time, best of some runs: `list` (folder, subject, sender, dates and size of every message) as
objects and as an Arrow table, and `read` (every body, every recipient and every byte of every attachment). Each task counts what it
saw, and the counts must agree.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any


def pst_list(path: str) -> list[int]:
    import pst

    messages = characters = 0
    with pst.open(path) as store:
        for folder in store:
            if folder.is_search:
                continue
            folder.name
            for message in folder:
                messages += 1
                characters += len(message.subject or "")
                message.get(0x0C1A), message.sent, message.received, message.size
    return [messages, characters]


def pst_arrow(path: str) -> list[int]:
    import pyarrow as pa
    import pyarrow.compute as compute

    import pst

    with pst.open(path) as store:
        columns = ["folder", "subject", "sender_name", "sent", "received", "size"]
        table = pa.table(store.items_table(columns))
    return [table.num_rows, compute.sum(compute.utf8_length(table["subject"])).as_py()]


def pst_read(path: str) -> list[int]:
    import pst

    messages = data = people = 0
    with pst.open(path) as store:
        for message in store.messages():
            messages += 1
            message.get("PidTagBody"), message.get("PidTagHtml"), message.get("PidTagRtfCompressed")
            people += len(message.recipients)
            for attachment in message.attachments:
                data += len(attachment.read())
    return [messages, data]


def pff_messages(path: str) -> Iterator[Any]:
    import pypff

    file = pypff.file()
    file.open(path)
    pending = [file.get_root_folder()]
    while pending:
        folder = pending.pop()
        folder.name
        for index in range(folder.number_of_sub_folders):
            pending.append(folder.get_sub_folder(index))
        for index in range(folder.number_of_sub_messages):
            yield folder.get_sub_message(index)
    file.close()


def pff_list(path: str) -> list[int]:
    messages = characters = 0
    for message in pff_messages(path):
        messages += 1
        characters += len(message.subject or "")
        message.sender_name, message.client_submit_time, message.delivery_time
    return [messages, characters]


def pff_read(path: str) -> list[int]:
    messages = data = 0
    for message in pff_messages(path):
        messages += 1
        message.plain_text_body, message.html_body, message.rtf_body
        message.recipients
        for index in range(message.number_of_attachments):
            attachment = message.get_attachment(index)
            size = attachment.get_size()
            data += len(attachment.read_buffer(size)) if size else 0
    return [messages, data]


TASKS: dict[str, Callable[[str], list[int]]] = {
    "pff list": pff_list,
    "pst list, objects": pst_list,
    "pst list, Arrow": pst_arrow,
    "pff read": pff_read,
    "pst read": pst_read,
}
RUNS = {"pff list": 1, "pff read": 1}


def main() -> None:
    if len(sys.argv) == 4:
        # Loading modules is no part of a task.
        for module in {"pff": ["pypff"], "pst": ["pst", "pyarrow", "pyarrow.compute"]}[sys.argv[3].split()[0]]:
            importlib.import_module(module)
        # What the processor spent, as other work on the machine must not decide. All tasks run in one thread.
        start, wall = time.process_time(), time.perf_counter()
        saw = TASKS[sys.argv[3]](sys.argv[1])
        print(json.dumps([time.process_time() - start, time.perf_counter() - wall, saw]))
        return
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} STORE")
    best: dict[str, float] = {}
    walls: dict[str, float] = {}
    counts: dict[str, list[int]] = {}
    for task in TASKS:
        for _ in range(RUNS.get(task, 3)):
            ran = subprocess.run([sys.executable, __file__, sys.argv[1], "one", task], capture_output=True, text=True)
            if ran.returncode != 0:
                sys.exit(f"{task}: {ran.stderr}")
            seconds, wall, counts[task] = json.loads(ran.stdout)
            best[task] = min(best.get(task, seconds), seconds)
            walls[task] = min(walls.get(task, wall), wall)
        peer = f"pff {task.split()[1].rstrip(',')}"
        ratio = best[peer] / best[task]
        print(f"{task:18} {best[task]:9.3f} s  {ratio:7.1f} x  ({walls[task]:.3f} s passed)  {counts[task]}", flush=True)
        if counts[task] != counts[peer]:
            print(f"{'':18} the peer saw {counts[peer]}")


if __name__ == "__main__":
    main()
