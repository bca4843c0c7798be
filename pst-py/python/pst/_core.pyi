"""The compiled part of the package. Import from `pst`, which has all of it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import Policy
from io import BufferedReader
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypedDict, Unpack, final
from uuid import UUID

from typing_extensions import Buffer

from pst._draft import Draft
from pst._errors import PstError

__all__ = [
    "AddressBook",
    "Attachment",
    "ByteStream",
    "Classification",
    "ConvertedMail",
    "CreateSummary",
    "ExportSummary",
    "Finding",
    "Folder",
    "FolderIterator",
    "ItemTable",
    "JournalOriginal",
    "JournalParty",
    "JournalRecipient",
    "JournalReport",
    "Loss",
    "Message",
    "MessageIterator",
    "NamedProperty",
    "Person",
    "Property",
    "Pst",
    "Recipient",
    "Recovery",
    "Report",
    "SplitPart",
    "TransferSummary",
    "Writer",
    "__version__",
    "classify",
    "compact",
    "convert",
    "create",
    "export",
    "merge",
    "open",
    "recover",
    "run_command",
    "split",
    "verify",
]

__version__: Final[str]

_Path: TypeAlias = str | PathLike[str]
_Source: TypeAlias = _Path | Buffer
_Key: TypeAlias = int | str | tuple[UUID | str, int | str]
_OnError: TypeAlias = Callable[[PstError | OSError], object]
_OnProgress: TypeAlias = Callable[[str, int, int], object]
_OnEvent: TypeAlias = Callable[[str, int | None, str | None, str | None, list[PstError]], object]
_Crypt: TypeAlias = Literal["none", "permute", "cyclic"]


class _Filter(TypedDict, total=False):
    folders: Sequence[str]
    classes: Sequence[str]
    since: datetime | None
    before: datetime | None
    without_associated: bool

def open(
    source: _Source,
    *,
    mapping: Literal["auto", "always", "never"] = "auto",
    code_page: int | None = None,
    check_crc: bool = True,
) -> Pst:
    """Opens a PST, OST or PAB: a file, or bytes that are in memory already. Only its header is read.

    Local files are mapped into memory. **If another program cuts a mapped file short while it is read, the system ends the
    process**; `mapping="never"` reads piece by piece, as files on network drives always are. A buffer is read where it is; one
    that can be written to is copied first.

    `code_page` reads all 8-bit text in that page, whatever the file says. `check_crc=False` goes on where a checksum is wrong.

    Raises `FileNotFoundError` and other `OSError`s, `NotPstError`, `UnsupportedError`, `CorruptError`, `ChecksumError`.
    """

def classify(message_class: str) -> Classification:
    """What a message class means, such as `IPM.Note` or `REPORT.IPM.Note.NDR`."""

def verify(
    source: _Source, *, contents: bool = True, max_findings: int = 1000, on_progress: _OnProgress | None = None
) -> Report:
    """Checks every byte of a file or buffer, whose header need not be sound.

    `contents=False` leaves out heaps, tables, folders and messages. `on_progress` is called with the phase (`blocks`,
    `contents`), what of it is done and all of it. Ctrl-C stops the check, as does an exception in the callback.
    """

def recover(
    source: _Source,
    *,
    always_scan: bool = False,
    deleted: bool = False,
    fragments: bool = False,
    on_progress: _OnProgress | None = None,
) -> Recovery:
    """Opens a damaged store with everything that can be brought back. The file is only read.

    `always_scan` searches the whole file even if nothing of its B-trees is missing. `deleted` brings back messages that were
    deleted and not written over, `fragments` those whose node is lost for good.
    """

def compact(
    source: Pst | _Source,
    target: _Path,
    *,
    share: bool = False,
    overwrite: bool = False,
    on_event: _OnEvent | None = None,
    **filters: Unpack[_Filter],
) -> TransferSummary:
    """Writes a copy of a store without the room that is free in it. Layout, encoding and ids stay.

    `share` stores equal values once. The new file appears when it is complete; one that is there already is an error
    without `overwrite`. `on_event` is called with what happened (`written`, `damaged`, `skipped`, `damaged-folder`,
    `unreadable`, `search-folder`, `no-folder`), the node, the folder, the reason and the errors.

    The filters are those of `compact`, `convert`, `merge` and `split`: `folders` and `classes` are lists of patterns such as
    `Inbox/**` and `IPM.Note*`, `since` and `before` are dates with zone, `without_associated` leaves out hidden items.
    """

def convert(
    source: Pst | _Source,
    target: _Path,
    *,
    crypt: _Crypt = "permute",
    ansi: int | None = None,
    share: bool = False,
    overwrite: bool = False,
    on_event: _OnEvent | None = None,
    **filters: Unpack[_Filter],
) -> TransferSummary:
    """Writes a copy of a PST or OST as a Unicode PST, or with `ansi` as an old one with text in that code page. Ids stay.

    The rest is as in `compact`.
    """

def merge(
    target: _Path,
    sources: Sequence[Pst | _Source],
    *,
    drop_duplicates: Literal["message-id", "content"] | None = None,
    subfolders: bool = False,
    crypt: _Crypt = "permute",
    share: bool = False,
    overwrite: bool = False,
    on_event: _OnEvent | None = None,
    **filters: Unpack[_Filter],
) -> TransferSummary:
    """Writes several stores into one. Folders with the same path are laid over each other, or with `subfolders` each store
    gets a folder of its own. The rest is as in `compact`."""

def split(
    source: Pst | _Source,
    directory: _Path,
    *,
    by: Literal["size", "year", "top-folder", "folder"] = "size",
    max_size: int | None = None,
    crypt: _Crypt = "permute",
    overwrite: bool = False,
    on_event: _OnEvent | None = None,
    **filters: Unpack[_Filter],
) -> tuple[list[SplitPart], TransferSummary]:
    """Writes one store into several, all of them or none. The rest is as in `compact`."""

def export(
    sources: _Path | Sequence[_Path],
    directory: _Path,
    *,
    format: Literal["eml", "mbox", "maildir", "json"] = "eml",
    folders: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    senders: Sequence[str] | None = None,
    recipients: Sequence[str] | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
    associated: bool = False,
    bcc: bool = True,
    original_headers: bool = True,
    on_item: Callable[[str, str, int | None, str, str], object] | None = None,
) -> ExportSummary:
    """Writes the items of stores, mails, mboxes, maildirs and archives as files, with `index.jsonl` for everything that was met.

    Called again after it was stopped, it goes on, and what comes out is the same as of one run. `on_item` is called with what
    became of an item (`exported`, `skipped`, `failed`), its file, its node, its folder, and the new file or the reason.
    """

def create(
    target: _Path,
    sources: _Path | Sequence[_Path],
    *,
    folder: str | None = None,
    name: str | None = None,
    crypt: _Crypt = "permute",
    share: bool = False,
    overwrite: bool = False,
    on_item: Callable[[str, str, str | None, list[str]], object] | None = None,
) -> CreateSummary:
    """Makes a store of mail in files: EML, mbox, maildir, ZIP, directories, other stores.

    `folder` puts everything below a folder. `on_item` is called with what became of an item (`written`, `skipped`, `failed`),
    its place, its new folder, and what of it is not there.
    """

def run_command(arguments: Sequence[str]) -> int:
    """Runs the `pst` command, whose name is the first argument, and returns its exit code."""

@final
class Pst:
    """An open store. A context manager; iterating gives its folders, `store["Inbox/Projects"]` one of them."""

    @property
    def path(self) -> Path | None:
        """Where it was opened; `None` for a buffer."""
    @property
    def closed(self) -> bool:
        """Whether it was closed."""
    def close(self) -> None:
        """Closes the store. Folders and messages of it then raise `ValueError`; the file is let go with the last of them."""
    def __enter__(self) -> Pst: ...
    def __exit__(self, *_exception: object) -> None: ...
    @property
    def format(self) -> str:
        """The layout: `ansi`, `unicode` or `unicode-4k`."""
    @property
    def version(self) -> int:
        """`wVer` of the header."""
    @property
    def kind(self) -> Literal["pst", "ost", "pab"]:
        """What it is, by its header and not by its name."""
    @property
    def crypt(self) -> str:
        """How its data is encoded, which hides nothing from anybody."""
    @property
    def file_size(self) -> int:
        """Bytes of the file."""
    @property
    def missing_bytes(self) -> int:
        """Bytes the file lacks of what its header says; 0 if it is whole."""
    @property
    def code_page(self) -> int:
        """The code page of 8-bit text whose item names none."""
    @property
    def name(self) -> str | None:
        """The name a person gave the store."""
    @property
    def record_key(self) -> UUID | None:
        """The store's own id."""
    @property
    def has_password(self) -> bool:
        """Whether Outlook asks for a password. It protects nothing, and is not needed here."""
    @property
    def root(self) -> Folder:
        """The folder all others are in."""
    @property
    def top(self) -> Folder:
        """The top of the folders a person sees; the root if the store names none."""
    def folder(self, id: int) -> Folder:
        """The folder with this node id. Raises `NotFoundError` or `WrongTypeError`."""
    def message(self, id: int) -> Message:
        """The message with this node id. Raises `NotFoundError` or `WrongTypeError`."""
    def find(self, path: str) -> Folder:
        """The folder at a path: from the top, or with a `/` at the front from the root. Raises `KeyError`.

        A `/` inside a name is written `%2F`, a `%` is written `%25`, as in `Folder.path`.
        """
    def folders(self, on_error: _OnError | None = None) -> FolderIterator:
        """The root folder and all below it, parents first."""
    def messages(self, on_error: _OnError | None = None, *, associated: bool = False) -> MessageIterator:
        """Every message by its node, whether or not a folder lists it; with `associated` the hidden ones too.

        What cannot be read goes to `on_error`, and the walk goes on; without it, it is raised.
        """
    def message_ids(self, *, associated: bool = False) -> list[int]:
        """The node ids of all messages, to be split among workers."""
    @property
    def special_folders(self) -> dict[str, int]:
        """The node ids of the folders the store has a use for, such as `inbox`, `sent-items`, `deleted-items`."""
    def items_table(
        self,
        columns: Sequence[str] | None = None,
        *,
        associated: bool = False,
        book: AddressBook | None = None,
        batch_size: int = 4096,
    ) -> ItemTable:
        """Every item of the store as a table; see `ItemTable` for the columns."""
    def verify(
        self, *, contents: bool = True, max_findings: int = 1000, on_progress: _OnProgress | None = None
    ) -> Report:
        """Checks every byte of the store, as `pst.verify` does."""
    def get(self, key: _Key, default: Any = None) -> Any:
        """A property of the store; see `Message.get`."""
    def properties(self, on_error: _OnError | None = None) -> list[Property]:
        """All properties of the store."""
    def named_properties(self) -> list[NamedProperty]:
        """What the property ids from 0x8000 on mean in this store."""
    def __iter__(self) -> FolderIterator: ...
    def __getitem__(self, path: str, /) -> Folder: ...

@final
class NamedProperty:
    """What a property id from 0x8000 on means in a store."""

    @property
    def id(self) -> int:
        """The property id."""
    @property
    def property_set(self) -> UUID | None:
        """The property set."""
    @property
    def name(self) -> int | str:
        """The number or name in the set."""
    @property
    def canonical_name(self) -> str | None:
        """The name of MS-OXPROPS, such as `PidLidReminderSet`."""

@final
class Folder:
    """A folder. Iterating gives its messages, `folder["Projects"]` a folder in it, `len` counts the messages it lists."""

    @property
    def id(self) -> int:
        """The node id."""
    @property
    def parent_id(self) -> int | None:
        """The folder it is in; `None` for the root."""
    @property
    def is_search(self) -> bool:
        """True for a search folder, which lists messages of others."""
    @property
    def name(self) -> str:
        """The name; empty for the root. It may hold any character."""
    @property
    def path(self) -> str:
        """The path from the root, such as `/Top of Personal Folders/Inbox`; a `/` inside a name is `%2F`, a `%` is `%25`."""
    @property
    def names(self) -> list[str]:
        """The names of the path, as they are."""
    @property
    def container_class(self) -> str | None:
        """What it is for, such as `IPF.Note`."""
    @property
    def content_count(self) -> int | None:
        """The number of messages as stored. A counter that writers keep, not a count."""
    @property
    def unread_count(self) -> int | None:
        """The number of unread messages as stored."""
    def folders(self, on_error: _OnError | None = None) -> FolderIterator:
        """The folders in it."""
    def walk(self, on_error: _OnError | None = None) -> FolderIterator:
        """This folder and all below it, parents first."""
    def messages(self, on_error: _OnError | None = None) -> MessageIterator:
        """The messages it lists."""
    def associated(self, on_error: _OnError | None = None) -> MessageIterator:
        """The hidden messages it lists, in which programs keep settings."""
    def items_table(
        self,
        columns: Sequence[str] | None = None,
        *,
        associated: bool = False,
        below: bool = True,
        book: AddressBook | None = None,
        batch_size: int = 4096,
    ) -> ItemTable:
        """The items it lists, and those of the folders below it, as a table."""
    def get(self, key: _Key, default: Any = None) -> Any:
        """A property of the folder; see `Message.get`."""
    def properties(self, on_error: _OnError | None = None) -> list[Property]:
        """All properties of the folder."""
    def __getitem__(self, name: str, /) -> Folder: ...
    def __iter__(self) -> MessageIterator: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Message:
    """A message: a mail, or anything else that lies in a folder."""

    @property
    def id(self) -> int:
        """The node id; of an embedded message, its id in the attachment."""
    @property
    def folder_id(self) -> int | None:
        """The folder it is in; `None` for an embedded message."""
    @property
    def folder(self) -> Folder | None:
        """The folder it is in; `None` for an embedded message."""
    @property
    def folder_path(self) -> str | None:
        """The path of the folder it is in."""
    @property
    def is_associated(self) -> bool:
        """True for the hidden messages in which programs keep settings."""
    @property
    def is_embedded(self) -> bool:
        """True if it is inside another message."""
    @property
    def is_read(self) -> bool | None:
        """Whether it was read; `None` if it does not say."""
    @property
    def message_class(self) -> str | None:
        """The message class as stored, such as `IPM.Note`."""
    @property
    def kind(self) -> str:
        """What the class means: `mail`, `appointment`, `report-non-delivery`."""
    @property
    def classification(self) -> Classification:
        """What the class means, and why."""
    @property
    def subject(self) -> str | None:
        """The subject with its prefix."""
    @property
    def normalized_subject(self) -> str | None:
        """The subject without `RE: ` and its like."""
    @property
    def sent(self) -> datetime | None:
        """When it was sent, in UTC."""
    @property
    def received(self) -> datetime | None:
        """When it was delivered, in UTC."""
    @property
    def created(self) -> datetime | None:
        """When this copy came to be, in UTC."""
    @property
    def modified(self) -> datetime | None:
        """When this copy was changed last, in UTC."""
    @property
    def sent_offset_minutes(self) -> int | None:
        """What the sender's clock was ahead of UTC, where its headers tell."""
    @property
    def size(self) -> int | None:
        """Bytes as the store counts them, which is never the size of the mail."""
    @property
    def message_id(self) -> str | None:
        """The Message-ID without angle brackets."""
    @property
    def sender(self) -> Person | None:
        """Who sent it."""
    @property
    def representing(self) -> Person | None:
        """On whose behalf: the From of the mail."""
    @property
    def recipients(self) -> list[Recipient]:
        """Whom it is for, in the order of their table."""
    def recipients_with(
        self, book: AddressBook | None = None, on_error: _OnError | None = None
    ) -> list[Recipient]:
        """As `recipients`, with a book to ask for SMTP addresses the message does not have."""
    def sender_with(self, book: AddressBook | None = None) -> Person | None:
        """As `sender`, with a book to ask."""
    @property
    def reply_to(self) -> list[Recipient]:
        """Where answers go."""
    @property
    def body(self) -> str | None:
        """The plain text; of a message in nothing but RTF, the text of that."""
    @property
    def html(self) -> str | None:
        """The HTML; of a message in nothing but RTF, what is made of that."""
    @property
    def rtf(self) -> bytes | None:
        """The RTF, decompressed."""
    @property
    def transport_headers(self) -> str | None:
        """The headers the mail came with."""
    @property
    def attachments(self) -> list[Attachment]:
        """The attachments."""
    def list_attachments(self, on_error: _OnError | None = None) -> list[Attachment]:
        """As `attachments`; those that cannot be read go to `on_error`."""
    def embedded(self, on_error: _OnError | None = None) -> MessageIterator:
        """The messages attached to it."""
    def inspect(self) -> list[PstError | OSError]:
        """Reads the message to its last byte, and returns what could not be read."""
    def journal(self) -> JournalReport | None:
        """What it says as a journal report; `None` for an ordinary message."""
    def to_mail(
        self,
        *,
        bcc: bool = True,
        original_headers: bool = True,
        keep_rtf: bool = True,
        domain: str | None = None,
        book: AddressBook | None = None,
    ) -> ConvertedMail:
        """The message as a mail, with what the mail does not carry.

        `bcc=False` leaves out hidden recipients, `original_headers=False` makes all headers anew, `keep_rtf=False` does not
        attach the RTF of a body that is written in it. `domain` is that of made-up ids.
        """
    def to_bytes(self) -> bytes:
        """The message as a mail (RFC 5322)."""
    def to_email(self, policy: Policy[Any] | None = None) -> EmailMessage:
        """The message as Python's own `EmailMessage`."""
    def save(self, path: _Path) -> list[Loss]:
        """Writes the message to a file as a mail, piece by piece, and returns what the mail does not carry."""
    def to_icalendar(self) -> tuple[str, list[Loss]]:
        """An appointment, meeting or task as iCalendar, and what that does not carry. Raises `WrongTypeError`."""
    def to_vcard(self) -> tuple[str, list[Loss]]:
        """A contact as vCard 4.0, and what that does not carry. Raises `WrongTypeError`."""
    def get(self, key: _Key, default: Any = None) -> Any:
        """The value of a property, or `default`.

        A property is named by its id or tag (`0x0037`), by its name in MS-OXPROPS (`"PidTagSubject"`,
        `"PidLidReminderSet"`), by the name of a named property (`"Keywords"`), or by property set and name
        (`("00062008-0000-0000-c000-000000000046", 0x8503)`).

        Numbers, text and bytes come as `int`, `float`, `bool`, `str` and `bytes`, times as `datetime` in UTC, GUIDs as
        `UUID`, currencies as `Decimal`, several values as a list. A time beyond the year 9999 comes as its count of 100 ns
        since 1601, an object as the id of its node.
        """
    def properties(self, on_error: _OnError | None = None) -> list[Property]:
        """All properties in stored order."""
    def __getitem__(self, key: _Key, /) -> Any: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Attachment:
    """An attachment."""

    @property
    def id(self) -> int:
        """The id, which means something only inside its message."""
    @property
    def name(self) -> str | None:
        """The file name. **Not a safe path**: it may hold any character."""
    @property
    def mime_type(self) -> str | None:
        """The MIME type, if somebody said."""
    @property
    def kind(self) -> Literal["file", "message", "ole", "reference", "nothing"]:
        """What it holds."""
    @property
    def reference(self) -> str | None:
        """The path or URL of a file that is elsewhere."""
    @property
    def is_inline(self) -> bool:
        """Whether the HTML shows it."""
    @property
    def content_id(self) -> str | None:
        """The content id without angle brackets."""
    @property
    def size(self) -> int | None:
        """Bytes of its content; `None` for a message, a reference or nothing."""
    @property
    def message(self) -> Message | None:
        """The message that it is; `None` if it is none."""
    def open(self) -> BufferedReader:
        """Its content as a binary file, read piece by piece."""
    def read(self) -> bytes:
        """Its content as a whole."""
    def save(self, path: _Path) -> int:
        """Writes its content to a file, piece by piece, and returns the number of bytes."""
    def get(self, key: _Key, default: Any = None) -> Any:
        """A property of the attachment; see `Message.get`."""
    def properties(self, on_error: _OnError | None = None) -> list[Property]:
        """All properties of the attachment."""
    def __getitem__(self, key: _Key, /) -> Any: ...

@final
class Property:
    """A property, with its value on demand."""

    @property
    def tag(self) -> int:
        """Id and type in one number."""
    @property
    def id(self) -> int:
        """The property id."""
    @property
    def type_name(self) -> str:
        """The type, such as `PtypString`."""
    @property
    def name(self) -> str | None:
        """The name, such as `PidTagSubject`; `None` if nobody knows it."""
    @property
    def property_set(self) -> UUID | None:
        """The property set of a named property."""
    @property
    def value(self) -> Any:
        """The value, as `Message.get` gives it."""
    @property
    def raw(self) -> bytes:
        """The bytes as stored."""
    def open(self) -> BufferedReader:
        """The bytes as stored, as a binary file read piece by piece."""

@final
class Person:
    """Somebody, with the SMTP address as far as it can be found."""

    @property
    def name(self) -> str | None:
        """The display name."""
    @property
    def address(self) -> str | None:
        """The SMTP address; `None` if it is not known."""
    @property
    def source(self) -> str | None:
        """Where the SMTP address was found: `smtp-property`, `address`, `entry-id`, `transport-headers`, `learned`."""
    @property
    def unresolved(self) -> str | None:
        """Why there is no SMTP address: `name-only`, `not-valid`, `ambiguous`, or the kind of address, such as `ex`."""
    @property
    def stored_type(self) -> str | None:
        """The type of the address that is stored: `SMTP`, `EX`."""
    @property
    def stored_address(self) -> str | None:
        """The address that is stored."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Recipient:
    """Somebody a message is for."""

    @property
    def role(self) -> str:
        """`to`, `cc`, `bcc`, `reply-to`, `originator` or `other`."""
    @property
    def person(self) -> Person:
        """Who."""
    @property
    def name(self) -> str | None:
        """The display name."""
    @property
    def address(self) -> str | None:
        """The SMTP address; `None` if it is not known."""
    @property
    def unresolved(self) -> str | None:
        """Why there is no SMTP address."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class AddressBook:
    """SMTP addresses for addresses of other systems: learned from messages that have both, or given by a directory."""

    def __new__(cls) -> AddressBook: ...
    def learn(self, store: Pst) -> int:
        """Learns from every message of a store, and returns how many there were. Learn from each store once.

        An address counts when two messages agree on it; one with two such is ambiguous and not used.
        """
    def add(self, address_type: str, address: str, smtp: str) -> None:
        """Adds an address of a directory."""
    def find(self, address_type: str, address: str) -> str | None:
        """The SMTP address for an address of a type, such as `EX`."""

@final
class Classification:
    """What a message class means."""

    @property
    def kind(self) -> str:
        """What the item is: `mail`, `appointment`, `report-non-delivery`."""
    @property
    def rule(self) -> str:
        """The pattern that decided, which is stable."""
    @property
    def stub_product(self) -> str | None:
        """The archiving product that left the item, if the class names one."""
    @property
    def stub_content(self) -> str | None:
        """What such an item still holds: `pointer`, `partial`, `whole`."""
    @property
    def stub_evidence(self) -> str | None:
        """How well that is known: `seen` or `told`."""
    @property
    def reported_class(self) -> str | None:
        """Of a report, the class of what it is about."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Loss:
    """Something a converted form does not carry, or carries changed."""

    @property
    def kind(self) -> str:
        """Why: `no-place`, `unreadable`, `changed`, `too-deep`, `too-large`, `characters`, `made-up`."""
    @property
    def detail(self) -> str:
        """Where, and what."""
    @property
    def tag(self) -> int | None:
        """The property, where one is concerned."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class ConvertedMail:
    """A message as a mail."""

    @property
    def data(self) -> bytes:
        """The mail (RFC 5322)."""
    @property
    def losses(self) -> list[Loss]:
        """What it does not carry."""
    @property
    def headers(self) -> Literal["original", "completed", "synthesised"]:
        """Where its header fields come from."""
    @property
    def message_id(self) -> str:
        """Its Message-ID with angle brackets."""
    @property
    def embedded(self) -> int:
        """Messages inside it, at any depth."""
    def to_email(self, policy: Policy[Any] | None = None) -> EmailMessage:
        """The mail as Python's own `EmailMessage`."""
    def __len__(self) -> int: ...
    def __bytes__(self) -> bytes: ...

@final
class JournalReport:
    """What a journal report says: who sent a mail to whom."""

    @property
    def kind(self) -> str:
        """`journal-report`, `journal-suspect`, `journal-ndr` or `too-deep`."""
    @property
    def format(self) -> str | None:
        """The form of the envelope."""
    @property
    def marker(self) -> str | None:
        """The header that marks the report."""
    @property
    def points(self) -> int:
        """How much speaks for a report."""
    @property
    def sender(self) -> JournalParty | None:
        """Who sent the mail."""
    @property
    def on_behalf_of(self) -> JournalParty | None:
        """On whose behalf."""
    @property
    def subject(self) -> str | None:
        """Its subject."""
    @property
    def message_id(self) -> str | None:
        """Its Message-ID."""
    @property
    def label(self) -> str | None:
        """Its label."""
    @property
    def mailbox(self) -> JournalParty | None:
        """The mailbox that was journaled."""
    @property
    def recipients(self) -> list[JournalRecipient]:
        """Who got it, blind and expanded ones included."""
    @property
    def extras(self) -> list[tuple[str, str]]:
        """Further fields of the envelope."""
    @property
    def warnings(self) -> list[str]:
        """What is odd about the report."""
    @property
    def originals(self) -> list[JournalOriginal]:
        """The mails inside."""

@final
class JournalParty:
    """Somebody a journal report names."""

    @property
    def name(self) -> str | None:
        """The name."""
    @property
    def address(self) -> str | None:
        """The address as it stands there."""
    @property
    def smtp(self) -> str | None:
        """The address, if it is a valid one of SMTP."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class JournalRecipient:
    """Somebody a journaled mail went to."""

    @property
    def role(self) -> str:
        """`to`, `cc`, `bcc`, `recipient` or `unspecified`."""
    @property
    def party(self) -> JournalParty:
        """Who."""
    @property
    def expanded_from(self) -> JournalParty | None:
        """The list he is a member of."""
    @property
    def forwarded_from(self) -> JournalParty | None:
        """Who forwarded it to him."""

@final
class JournalOriginal:
    """A mail in a journal report."""

    @property
    def message(self) -> Message | None:
        """The mail, if it is a message of the store."""
    @property
    def attachment(self) -> Attachment | None:
        """The file it is in, if it is one."""
    @property
    def subject(self) -> str | None:
        """Its subject."""
    @property
    def message_id(self) -> str | None:
        """Its Message-ID."""
    @property
    def is_clear_copy(self) -> bool:
        """True for the decrypted copy beside a protected mail."""
    @property
    def report(self) -> JournalReport | None:
        """What it is itself, if it is a journal report."""

@final
class FolderIterator(Iterator[Folder]):
    """Folders, one after the other."""

    def __iter__(self) -> FolderIterator: ...
    def __next__(self) -> Folder: ...

@final
class MessageIterator(Iterator[Message]):
    """Messages, one after the other."""

    def __iter__(self) -> MessageIterator: ...
    def __next__(self) -> Message: ...

@final
class ByteStream:
    """Bytes of any size, a piece at a time: what is below the files that `open` gives."""

    @property
    def size(self) -> int:
        """All of them."""
    def read(self, size: int) -> bytes:
        """Reads up to so many bytes, and at most 1 MiB; nothing at the end."""
    def seek(self, offset: int, whence: int = 0) -> int:
        """Goes to a place, and returns it."""

@final
class ItemTable:
    """Items as a table, for everything that takes an Arrow stream: pyarrow, polars, DuckDB, pandas.

        import pyarrow as pa
        table = pa.table(store.items_table(["folder", "subject", "sent", "size"]))

    It is read batch by batch as it is asked for, and may be read several times. Every column may be null.

    | column | holds |
    |---|---|
    | `node_id`, `folder_id` | node ids |
    | `folder` | the path of the folder |
    | `is_associated`, `is_read` | true or false |
    | `message_class`, `kind` | the class, and what it means |
    | `subject`, `message_id` | text |
    | `sent`, `received`, `created`, `modified` | microseconds in UTC |
    | `size` | bytes as the store counts them |
    | `sender_name`, `sender_address` | the sender: the SMTP address, else what is stored |
    | `sender_unresolved` | why there is no SMTP address of the sender |
    | `to`, `cc`, `bcc` | lists of addresses: SMTP, else what is stored |
    | `unresolved` | the recipients without SMTP address |
    | `attachments` | their names |
    | `journal` | `journal-report` and its like; null for ordinary items |
    | `envelope_sender`, `envelope_recipients` | what the journal report says |
    | `findings` | what could not be read for the other columns |
    | `damage` | what cannot be read of the item at all: every item is read to its last byte, so it is there only if asked for |
    """

    @property
    def column_names(self) -> list[str]:
        """The columns, in order."""
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Report:
    """The result of a check."""

    @property
    def verdict(self) -> Literal["sound", "degraded", "damaged", "unusable", "unfinished"]:
        """What it comes to."""
    @property
    def is_sound(self) -> bool:
        """True if nothing but cosmetic findings was made."""
    @property
    def is_complete(self) -> bool:
        """True if the check came to its end."""
    @property
    def findings(self) -> list[Finding]:
        """The first findings."""
    @property
    def counts(self) -> dict[str, int]:
        """All findings by severity: `cosmetic`, `degraded`, `loss`, `fatal`."""
    @property
    def totals(self) -> dict[str, int]:
        """How much was checked: pages, blocks, nodes, messages."""

@final
class Finding:
    """Something that is not as it should be."""

    @property
    def rule(self) -> str:
        """The code of the rule."""
    @property
    def title(self) -> str:
        """The rule in words."""
    @property
    def source(self) -> str:
        """Where the rule comes from."""
    @property
    def severity(self) -> Literal["cosmetic", "degraded", "loss", "fatal"]:
        """How bad it is."""
    @property
    def text(self) -> str:
        """What was found, in a sentence."""
    @property
    def expected(self) -> str:
        """What should be there."""
    @property
    def actual(self) -> str:
        """What is there."""
    @property
    def offset(self) -> int | None:
        """Byte offset in the file."""
    @property
    def node_id(self) -> int | None:
        """The node."""
    @property
    def block_id(self) -> int | None:
        """The block."""
    @property
    def structure(self) -> str | None:
        """The structure, named as in MS-PST."""
    @property
    def field(self) -> str | None:
        """The field, named as in MS-PST."""

@final
class Recovery:
    """A damaged store, brought back as far as possible."""

    @property
    def store(self) -> Pst:
        """The store. `pst.compact(recovery.store, "new.pst")` writes it."""
    @property
    def is_changed(self) -> bool:
        """Whether anything had to be made anew."""
    @property
    def is_scanned(self) -> bool:
        """Whether the whole file was searched."""
    @property
    def header(self) -> Literal["sound", "repaired", "lost"]:
        """In what state the header was."""
    @property
    def lost_items(self) -> list[tuple[int, int, str | None]]:
        """Node, folder and subject of items that a folder lists and that are lost; the first thousand."""
    @property
    def lost_item_count(self) -> int:
        """All of those."""
    @property
    def errors(self) -> list[PstError | OSError]:
        """What could not be read on the way."""
    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """What was found and made anew: of the B-trees, nodes, blocks and folders."""
    def source_of(self, node_id: int) -> tuple[str, str]:
        """How a node was found (`tree`, `leaf-page`, `deleted`, `fragment`), and how sure that is."""

@final
class TransferSummary:
    """What was read and written. `read == written + sum(skipped.values())`."""

    @property
    def read(self) -> int:
        """Items read."""
    @property
    def written(self) -> int:
        """Items written."""
    @property
    def messages(self) -> int:
        """Messages written."""
    @property
    def associated(self) -> int:
        """Hidden messages written."""
    @property
    def damaged(self) -> int:
        """Items written with parts left out."""
    @property
    def skipped(self) -> dict[str, int]:
        """Items not written, by reason."""
    @property
    def folders(self) -> int:
        """Folders in the new file."""
    @property
    def damaged_folders(self) -> int:
        """Folders with parts left out."""
    @property
    def search_folders_left(self) -> int:
        """Search folders that stayed behind."""
    @property
    def unreadable_places(self) -> int:
        """Places that could not be read."""
    @property
    def has_losses(self) -> bool:
        """Whether anything was lost."""

@final
class SplitPart:
    """A part of a store that was split."""

    @property
    def path(self) -> Path:
        """The new file."""
    @property
    def label(self) -> str:
        """The year or folder."""
    @property
    def summary(self) -> TransferSummary:
        """What is in it."""
    @property
    def is_oversize(self) -> bool:
        """True if it holds one item that is larger than the size allowed."""

@final
class ExportSummary:
    """How an export ended. `seen == exported + skipped + failed`."""

    @property
    def seen(self) -> int:
        """Everything that was met."""
    @property
    def exported(self) -> int:
        """Items that became files."""
    @property
    def with_losses(self) -> int:
        """Items whose files do not carry all of them."""
    @property
    def damaged(self) -> int:
        """Items of which parts could not be read."""
    @property
    def skipped(self) -> dict[str, int]:
        """What was left out, by reason."""
    @property
    def failed(self) -> dict[str, int]:
        """What could not be read or written, by reason."""
    @property
    def kinds(self) -> dict[str, int]:
        """Items by kind."""
    @property
    def bytes(self) -> int:
        """Bytes written."""
    @property
    def before(self) -> int:
        """What earlier runs did of it."""
    @property
    def stores(self) -> int:
        """Stores that were opened."""
    @property
    def unmatched(self) -> list[str]:
        """Patterns for folders that fit nothing."""

@final
class CreateSummary:
    """What became of mail that was put into a store. `seen == written + skipped + failed`."""

    @property
    def seen(self) -> int:
        """Everything that was met."""
    @property
    def written(self) -> int:
        """Items written."""
    @property
    def mails(self) -> int:
        """Mails among them."""
    @property
    def messages(self) -> int:
        """Messages of other stores among them."""
    @property
    def damaged(self) -> int:
        """Items with content left out."""
    @property
    def changed(self) -> int:
        """Items that are there in another form."""
    @property
    def notes(self) -> dict[str, int]:
        """What of items is not there, by kind."""
    @property
    def skipped(self) -> dict[str, int]:
        """What was left out, by reason."""
    @property
    def failed(self) -> dict[str, int]:
        """What could not be read, by reason."""
    @property
    def bytes(self) -> int:
        """Bytes read."""
    @property
    def folders(self) -> int:
        """Folders in the new store."""

@final
class Writer:
    """A new store, written item by item. A context manager: an exception inside leaves no file.

        with pst.Writer("new.pst") as out:
            inbox = out.folder("Inbox", special="inbox")
            out.add(inbox, pst.Draft("Lunch", sender="ann@example.com", to=["bob@example.com"], body="At noon?"))
    """

    def __new__(
        cls,
        path: _Path | None = None,
        *,
        name: str | None = None,
        crypt: _Crypt = "permute",
        ansi: int | None = None,
        share: bool = False,
        overwrite: bool = False,
    ) -> Writer:
        """Begins a store. Without a path it is made in memory, and `finish` returns its bytes."""
    @property
    def top(self) -> int:
        """The node id of the top of the folders a person sees."""
    @property
    def deleted_items(self) -> int:
        """The node id of the folder of what was deleted."""
    def folder(
        self,
        path: str,
        *,
        parent: int | None = None,
        container_class: str | None = None,
        special: str | None = None,
    ) -> int:
        """The node id of a folder, which is made with those above it if it is not there.

        `special` says what mail programs use it for: `inbox`, `sent-items`, `calendar`, as in `Pst.special_folders`.
        """
    def add(self, folder: int, draft: Draft) -> int:
        """Writes a draft, and returns its node id."""
    def add_mail(
        self, folder: int, mail: Buffer | EmailMessage, *, is_read: bool | None = None
    ) -> tuple[int, list[Loss]]:
        """Writes a mail, and returns its node id and what of it the item does not hold."""
    def add_eml(self, folder: int, path: _Path, *, is_read: bool | None = None) -> tuple[int, list[Loss]]:
        """Writes the mail in a file, as `add_mail` does."""
    def copy(self, folder: int, message: Message) -> tuple[int, list[Loss]]:
        """Copies a message of another store with all its properties, and returns its node id and what could not be read."""
    @property
    def estimated_size(self) -> int:
        """Bytes the file would have if it were finished now, by a generous guess."""
    def finish(self) -> bytes | None:
        """Completes the store. Returns its bytes if it has no path."""
    def discard(self) -> None:
        """Gives the store up; nothing is left of it."""
    def __enter__(self) -> Writer: ...
    def __exit__(
        self, kind: object = None, _exception: object = None, _traceback: object = None
    ) -> None: ...
