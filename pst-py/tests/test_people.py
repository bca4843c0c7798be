"""Addresses of other systems, and who they belong to."""

from __future__ import annotations

import pst

EX = "/o=Example/ou=Site/cn=Recipients/cn=bob"


def store_of(*drafts: pst.Draft) -> pst.Pst:
    out = pst.Writer()
    for draft in drafts:
        out.add(out.top, draft)
    return pst.open(out.finish())


def from_exchange(smtp: str | None = None) -> pst.Draft:
    properties = {"PidTagSenderName": "Bob", "PidTagSenderAddressType": "EX", "PidTagSenderEmailAddress": EX}
    if smtp is not None:
        properties["PidTagSenderSmtpAddress"] = smtp
    return pst.Draft("x", properties=properties)  # type: ignore[arg-type]


def test_who_is_unresolved() -> None:
    with store_of(from_exchange()) as store:
        (message,) = store.messages()
        sender = message.sender
        assert (sender.address, sender.stored_type, sender.stored_address) == (None, "EX", EX)
        assert (sender.unresolved, sender.source) == ("ex", None)
        assert str(sender) == f"Bob <{EX}>"


def test_a_book_learns_what_two_messages_agree_on() -> None:
    book = pst.AddressBook()
    with store_of(from_exchange("bob@example.com"), from_exchange()) as store:
        assert book.learn(store) == 2
        assert book.find("EX", EX) is None, "one message is not enough"
    with store_of(from_exchange("bob@example.com"), from_exchange("bob@example.com"), from_exchange()) as store:
        assert book.learn(store) == 3
        assert book.find("EX", EX.upper()) == "bob@example.com"
        unknown = list(store.messages())[2]
        assert unknown.sender.address is None
        assert (unknown.sender_with(book).address, unknown.sender_with(book).source) == ("bob@example.com", "learned")


def test_a_directory_is_believed_at_once() -> None:
    book = pst.AddressBook()
    book.add("EX", EX, "bob@example.com")
    with store_of(from_exchange()) as store:
        (message,) = store.messages()
        assert message.sender_with(book).address == "bob@example.com"
        assert b"bob@example.com" in bytes(message.to_mail(book=book))
        assert b"bob@example.com" not in message.to_bytes()
