"""Co-edited documents: opening, writing from outside, reading. Edits themselves are the hot arrays of `message`."""

from typing import ClassVar, Literal

from pydantic import Field

from protocol.ids import Channel, DocumentId, RecoveryId, Seq
from protocol.model import Command, Empty, Event, WireModel
from protocol.page_mark import MAX_MARK
from protocol.paths import MAX_PATH_BYTES

MAX_ETAG = 64  # hexadecimal digits of a SHA-256


class Opened(WireModel):
    """After this reply the server sends Sync parts, then (to writers) Ask, then Awareness of those present."""

    channel: Channel
    document_id: DocumentId
    path: str = Field(description="The current path: differs from the one asked for when the file was moved")
    root_name: str = Field(description="Name of the root Y.Text that holds the file's text")
    lineage: str
    seq: Seq
    access: Literal["read", "write"]
    storage_reachable: bool


class DocumentAccessChanged(Event):
    """The receiver's rights changed while a document is open. It stays open; an edit that is not allowed ends it."""

    name: ClassVar[str] = "documents/access_changed"
    channel: Channel
    access: Literal["read", "write"]


class OpenDocument(Command[Opened]):
    """Open a file as a document and be brought level with `state_vector`, the local replica's (`00` for a new one).

    Without it nothing is synced until a Sync message asks.
    """

    name: ClassVar[str] = "documents/open"
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)
    state_vector: bytes | None = None
    create: bool = Field(default=False, description="Make an empty file when the path has no history")


class CloseDocument(Command[Empty]):
    """Be told no more of a document."""

    name: ClassVar[str] = "documents/close"
    channel: Channel


class Written(WireModel):
    """What a write changed."""

    seq: Seq = Field(description="Number of the last log row that this write made; 0 when nothing differed")
    edits: int = Field(description="How many places were changed")
    checksum: str = Field(description="SHA-256 of the file's bytes after it, in hexadecimal")


class WriteDocument(Command[Written]):
    """Bring the document's text to `text` by the smallest edit found, as an edit of the caller."""

    name: ClassVar[str] = "documents/write"
    mutates: ClassVar[bool] = True
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)
    text: str
    if_match: str | None = Field(
        default=None, max_length=MAX_ETAG, description="The checksum that the file must have now; `*`: any file"
    )


class DocumentText(WireModel):
    """A document's text, and the form that its file has."""

    path: str
    text: str
    seq: Seq
    line_ending: Literal["lf", "crlf"]
    has_bom: bool


class ReadDocument(Command[DocumentText]):
    """The text as it is now, LF line endings, unsaved edits included."""

    name: ClassVar[str] = "documents/read"
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)


class Recovery(WireModel):
    """The text of a replica that had to end, kept for its author."""

    id: RecoveryId
    path: str
    reason: str
    size_bytes: int = Field(description="Of the text in UTF-8")
    created_at: str


class RecoveryList(WireModel):
    """One page of them."""

    recoveries: list[Recovery]
    next: str | None = Field(description="The `after` of the following page; null when this is the last")


class ListRecoveries(Command[RecoveryList]):
    """The caller's own recovery copies in this project, newest first, without their texts."""

    name: ClassVar[str] = "documents/recoveries"
    limit: int = Field(default=20, ge=1, le=100)
    after: str | None = Field(default=None, max_length=MAX_MARK, description="`next` of the page before")


class RecoveryText(WireModel):
    """A recovery copy with its text."""

    recovery: Recovery
    text: str


class GetRecovery(Command[RecoveryText]):
    """One of the caller's own recovery copies with its text."""

    name: ClassVar[str] = "documents/recovery"
    id: RecoveryId
