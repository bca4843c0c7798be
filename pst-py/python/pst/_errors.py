"""What can go wrong, and where.

Files that are not there, or cannot be read or written, are plain `OSError`s: `FileNotFoundError`, `PermissionError` and so
on. What is wrong inside a file is a `PstError`. A store that was closed is a `ValueError`, as with any file.
"""

from __future__ import annotations


class PstError(Exception):
    """Something in a file is not as it must be, or something asked for is not there.

    The text gives place, actual and expected value in one sentence; the place stands in fields as well, as far as it is
    known.
    """

    kind: str
    """One word with hyphens, the same in every language: `corrupt`, `checksum`, `not-found`."""
    offset: int | None
    """Byte offset in the file."""
    node_id: int | None
    """The node that was being read."""
    block_id: int | None
    """The block that was being read."""
    structure: str | None
    """The structure, named as in MS-PST."""
    field: str | None
    """The field of that structure, named as in MS-PST."""

    def __init__(
        self,
        message: str,
        *,
        kind: str = "",
        offset: int | None = None,
        node_id: int | None = None,
        block_id: int | None = None,
        structure: str | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.offset = offset
        self.node_id = node_id
        self.block_id = block_id
        self.structure = structure
        self.field = field


class NotPstError(PstError):
    """The file is no PST, OST or PAB; the text says what it is instead."""


class UnsupportedError(PstError):
    """A store of a kind that is not known; the text has its number."""


class CorruptError(PstError):
    """A structure contradicts the format."""


class ChecksumError(CorruptError):
    """Stored bytes do not match their CRC."""


class LimitError(PstError):
    """Reading on would pass a limit that keeps hostile files from doing harm."""


class NotFoundError(PstError, LookupError):
    """A node, block or property that was asked for is not in the file."""


class WrongTypeError(PstError):
    """A node or value is of another type than the call needs."""


class InvalidInputError(PstError, ValueError):
    """An argument makes no sense."""


class CancelledError(PstError):
    """The work was stopped, and no new file is left."""
