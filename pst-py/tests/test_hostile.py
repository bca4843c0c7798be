"""Buffers that are no stores, or nearly."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pst
from conftest import SAMPLE

WHOLE = SAMPLE.read_bytes()
KINDS = (pst.PstError, ValueError)


def use(data: bytes | bytearray) -> None:
    """Asks a store for everything. Anything but a polite error is a fault."""
    try:
        store = pst.open(data)
    except KINDS:
        return
    with store:
        problems: list[Exception] = []
        for ask in (lambda: store.name, lambda: store.special_folders, lambda: store.named_properties()):
            try:
                ask()
            except pst.PstError as error:
                problems.append(error)
        try:
            for folder in store.folders(problems.append):
                folder.path
        except pst.PstError as error:
            problems.append(error)
        for message in store.messages(problems.append, associated=True):
            problems += message.inspect()
            for ask in (
                lambda: message.subject,
                lambda: message.body,
                lambda: message.recipients,
                lambda: message.to_bytes(),
                lambda: message.journal(),
                lambda: [attachment.read() for attachment in message.attachments],
                lambda: [entry.value for entry in message.properties(problems.append)],
            ):
                try:
                    ask()
                except pst.PstError as error:
                    problems.append(error)
        assert all(isinstance(problem, pst.PstError) for problem in problems)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=4096))
def test_any_bytes(data: bytes) -> None:
    use(data)
    pst.verify(data, max_findings=10)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=1024))
def test_any_bytes_with_the_right_beginning(data: bytes) -> None:
    use(WHOLE[: 564 - len(data) // 2] + data)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=40), st.booleans())
def test_changed_bytes(changes: list[tuple[int, int]], is_cut: bool) -> None:
    data = bytearray(WHOLE)
    for at, byte in changes:
        data[at] = byte
    use(data[: changes[0][0]] if is_cut and changes else data)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2048))
def test_any_bytes_as_mail(data: bytes) -> None:
    out = pst.Writer()
    id, losses = out.add_mail(out.top, data)
    assert all(isinstance(loss, pst.Loss) for loss in losses)
    with pst.open(out.finish()) as store:
        store.message(id).to_email()


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))
def test_texts_come_back(text: str) -> None:
    out = pst.Writer()
    id = out.add(out.top, pst.Draft(body=text, properties={"PidTagSubject": text and "x" + text}))
    with pst.open(out.finish()) as store:
        message = store.message(id)
        assert message.get("PidTagBody", "") == text
        assert (message.subject or "") == (text and "x" + text)
