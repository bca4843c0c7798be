"""Attachments and properties of any size as file objects."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from pst._core import ByteStream

# A block of a store holds up to 64 KiB.
_BUFFER = 1 << 16


class _RawBytes(io.RawIOBase):
    """What `io.BufferedReader` asks for, of a `ByteStream`."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        view = memoryview(buffer).cast("B")
        piece = self._stream.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        return self._stream.seek(offset, whence)


def open_stream(stream: ByteStream | None) -> io.BufferedReader:
    """A buffered binary reader of a stream; an empty one of none."""
    return io.BufferedReader(io.BytesIO() if stream is None else _RawBytes(stream), _BUFFER)
