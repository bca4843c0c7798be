"""Handles in several threads, the interpreter released, Ctrl-C, memory."""

from __future__ import annotations

import gc
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import pst


def digest(message: pst.Message) -> str:
    mail = hashlib.sha256(message.to_bytes())
    for attachment in message.attachments:
        mail.update(attachment.read())
    return mail.hexdigest()


def test_one_store_in_many_threads(sample: pst.Pst) -> None:
    expected = {id: digest(sample.message(id)) for id in sample.message_ids()}
    handles = {id: sample.message(id) for id in expected}

    def work(turn: int) -> bool:
        # Half with handles of their own, half with the same ones.
        find = sample.message if turn % 2 else handles.__getitem__
        return {id: digest(find(id)) for id in expected} == expected

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(24)))


def test_one_iterator_in_many_threads(sample: pst.Pst) -> None:
    messages = sample.messages()
    with ThreadPoolExecutor(8) as pool:
        seen = [id for part in pool.map(lambda _: [message.id for message in messages], range(8)) for id in part]
    assert sorted(seen) == sample.message_ids()


def test_one_file_in_many_threads(sample: pst.Pst) -> None:
    attachment = sample.message(0x200144).attachments[0]
    content = attachment.open()
    with ThreadPoolExecutor(4) as pool:
        parts = [part for parts in pool.map(lambda _: list(iter(lambda: content.read(7), b"")), range(4)) for part in parts]
    assert sorted(b"".join(parts)) == sorted(attachment.read())


def test_one_writer_in_many_threads() -> None:
    out = pst.Writer()
    folder = out.folder("Inbox")
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: out.add(folder, pst.Draft(str(number))), range(100)))
    assert len(set(ids)) == 100
    with pst.open(out.finish()) as store:
        assert {message.subject for message in store.messages()} == {str(number) for number in range(100)}


def test_closing_while_others_read(sample_path: Path) -> None:
    for _ in range(20):
        store = pst.open(sample_path)
        ids = store.message_ids()
        polite: list[bool] = []

        def work(store: pst.Pst = store, ids: list[int] = ids, polite: list[bool] = polite) -> None:
            try:
                for id in ids * 50:
                    store.message(id).subject
            except ValueError as error:
                polite.append("closed" in str(error))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        store.close()
        for thread in threads:
            thread.join()
        assert all(polite)


def test_the_interpreter_is_released(sample: pst.Pst) -> None:
    """While one thread checks files, another one counts; if the interpreter were held, it would hardly get a turn."""
    done = threading.Event()

    def check() -> None:
        for _ in range(10):
            sample.verify()
        done.set()

    switch = sys.getswitchinterval()
    # A thread that holds the interpreter is not asked for it.
    sys.setswitchinterval(60)
    try:
        checker = threading.Thread(target=check)
        checker.start()
        turns = 0
        while not done.is_set():
            turns += 1
            time.sleep(0)
        checker.join()
    finally:
        sys.setswitchinterval(switch)
    assert turns > 100


@pytest.mark.skipif(sys.platform == "win32", reason="signals of other systems")
def test_ctrl_c_stops_long_work(sample_path: Path, tmp_path: Path) -> None:
    program = f"""
import os, signal, threading, pst
# Whoever runs this in the background has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
store = pst.open({str(sample_path)!r})
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    while True:
        store.verify()
except KeyboardInterrupt:
    print("stopped")
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ran.stdout == "stopped\n", ran.stderr


def resident() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc")
def test_memory_stays_flat_over_a_thousand_opens(sample_path: Path) -> None:
    data = sample_path.read_bytes()

    def turn(number: int) -> None:
        with pst.open(data if number % 2 else sample_path) as store:
            for message in store["Inbox"]:
                message.subject, message.recipients, message.to_bytes()
                for attachment in message.attachments:
                    attachment.open().read(100)
            with_table = store.items_table(["subject", "to"]).__arrow_c_stream__()
            del with_table
            try:
                store.message(0x300004)
            except pst.NotFoundError:
                pass

    for number in range(100):
        turn(number)
    gc.collect()
    before = resident()
    for number in range(1000):
        turn(number)
    gc.collect()
    grown = resident() - before
    assert grown < 4 << 20, f"{grown} bytes more after 1,000 opens"
