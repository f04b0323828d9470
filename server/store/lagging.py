"""Documents whose file rows show an older text: read with all that makes the newest, and shown, many at once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from protocol.text_form import TextForm, line_count, restored
from server.store.db import Transaction
from server.store.documents import DocumentState, LineEnding
from server.store.queries import query


@dataclass(frozen=True, slots=True)
class LaggingRow:
    """A document as of one moment; `seqs` and `updates` are its whole log, which may begin before the snapshot ends."""

    id: UUID
    root_name: str
    line_ending: LineEnding
    has_bom: bool
    state: DocumentState
    last_seq: int
    quarantined: int
    snapshot_seq: int
    state_v1: bytes | None
    checked_by: int | None
    checksum: bytes | None
    seqs: list[int]
    updates: list[bytes]

    @property
    def is_whole(self) -> bool:
        """Whether snapshot and log hold every number up to the newest."""
        logged = sum(seq > self.snapshot_seq for seq in self.seqs)
        return self.snapshot_seq + logged + self.quarantined == self.last_seq


class ShownText(NamedTuple):
    """The text of a document as of a number of its log."""

    document_id: UUID
    text: str
    form: TextForm
    seq: int


list_lagging = query("lagging.list", LaggingRow)
_show = query("lagging.show")


async def show_texts(tx: Transaction, texts: Sequence[ShownText]) -> None:
    """Write texts into their file rows in one statement, unless those show newer ones."""
    files = [restored(shown.text, shown.form) for shown in texts]
    await _show.run(
        tx,
        file_ids=[shown.document_id for shown in texts],
        contents=[shown.text for shown in texts],
        seqs=[shown.seq for shown in texts],
        sizes=[len(data) for data in files],
        checksums=[hashlib.sha256(data).digest() for data in files],
        line_counts=[line_count(shown.text) for shown in texts],
    )
