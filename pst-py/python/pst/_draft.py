"""Messages that are to be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from os import PathLike
from typing import Any

Address = str | tuple[str, str]
"""An address, or a name and an address."""


@dataclass(slots=True)
class DraftAttachment:
    """A file, message or reference that goes along with a `Draft`."""

    name: str
    """The file name."""
    data: bytes | bytearray | memoryview | None = None
    """The bytes. For large files give `path`: it is read piece by piece."""
    path: str | PathLike[str] | None = None
    """A file that is read when the draft is written."""
    message: Draft | None = None
    """A message in the message."""
    mime_type: str | None = None
    """The MIME type, such as `application/pdf`."""
    content_id: str | None = None
    """The content id, without brackets, that HTML shows the file by."""


@dataclass(slots=True)
class Draft:
    """A message in the making. `Writer.add` writes it; the same draft can be written several times."""

    subject: str | None = None
    """The subject, with its prefix."""
    message_class: str = "IPM.Note"
    """The message class."""
    sender: Address | None = None
    """Who sends it."""
    representing: Address | None = None
    """On whose behalf; the sender's own if it is not given."""
    to: list[Address] = field(default_factory=list)
    """To whom."""
    cc: list[Address] = field(default_factory=list)
    """With copies to whom."""
    bcc: list[Address] = field(default_factory=list)
    """With hidden copies to whom."""
    body: str | None = None
    """The plain text."""
    html: str | None = None
    """The HTML."""
    rtf: bytes | None = None
    """The RTF, not compressed."""
    sent: datetime | None = None
    """When it was sent; with zone."""
    received: datetime | None = None
    """When it was received; with zone. The same as `sent` if only that is given."""
    message_id: str | None = None
    """The Message-ID, with angle brackets."""
    in_reply_to: str | None = None
    """The Message-ID of the message it answers."""
    headers: str | None = None
    """The headers it came with."""
    is_read: bool = True
    """Whether it was read."""
    attachments: list[DraftAttachment] = field(default_factory=list)
    """What goes along."""
    properties: dict[int | str | tuple[Any, int | str], Any] = field(default_factory=dict)
    """Further properties: by id, by name of MS-OXPROPS, or by property set and name. The type is that of the value: `str`,
    `bool`, `int` (32 bits, or 64 where it needs them), `float`, `datetime`, `bytes`, `uuid.UUID`, or a list of `str`."""

    def attach(
        self,
        name: str,
        data: bytes | bytearray | memoryview | None = None,
        *,
        path: str | PathLike[str] | None = None,
        message: Draft | None = None,
        mime_type: str | None = None,
        content_id: str | None = None,
    ) -> DraftAttachment:
        """Adds an attachment, and returns it."""
        attachment = DraftAttachment(name, data, path, message, mime_type, content_id)
        self.attachments.append(attachment)
        return attachment
