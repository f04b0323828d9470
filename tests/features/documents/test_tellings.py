"""The edits of one turn travel as one update, which says just what they said one by one."""

from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Map, Text

from server.features.documents.updates import merged

CLIENTS = (1, 2, 3)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(CLIENTS),
        st.sampled_from(("insert", "delete", "format", "map", "hear")),
        st.integers(0, 400),
        st.text(st.sampled_from("ab é😀\n"), min_size=1, max_size=6),
    ),
    min_size=2,
    max_size=60,
)


class Author:
    """A replica, and what each of its edits was as an update."""

    def __init__(self, client_id: int) -> None:
        self.doc: Doc[object] = Doc(client_id=client_id)
        self.text = self.doc.get("codemirror", type=Text)
        self.map = self.doc.get("map", type=Map)

    def edited(self, kind: str, at: int, text: str) -> bytes:
        size = len(str(self.text).encode())
        starts = [len(str(self.text)[:n].encode()) for n in range(len(str(self.text)) + 1)]
        at = starts[at % len(starts)]
        updates: list[bytes] = []
        subscription = self.doc.observe(lambda event: updates.append(event.update))
        if kind == "delete" and at < size:
            del self.text[at : starts[starts.index(at) + 1]]
        elif kind == "format" and at < size:
            self.text.format(at, size, {"bold": True})
        elif kind == "map":
            self.map[text] = at
        else:
            self.text.insert(at, text)
        self.doc.unobserve(subscription)
        return updates[0] if updates else b"\x00\x00"


def shown(updates: list[bytes]) -> tuple[str, object, bytes]:
    doc: Doc[object] = Doc()
    text, entries = doc.get("codemirror", type=Text), doc.get("map", type=Map)
    for update in updates:
        doc.apply_update(update)
    return str(text.diff()), entries.to_py(), doc.get_state()


@given(EDITS, st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_merged_edits_of_several_people_show_what_they_show_one_by_one(
    edits: list[tuple[int, str, int, str]], before: int
) -> None:
    """P2: whoever is told of a turn holds what the server holds."""
    authors = {client: Author(client) for client in CLIENTS}
    log: list[bytes] = []
    heard = dict.fromkeys(CLIENTS, 0)
    for client, kind, at, text in edits:
        author = authors[client]
        if kind == "hear":
            for update in log[heard[client] :]:
                author.doc.apply_update(update)
            heard[client] = len(log)
        else:
            log.append(author.edited(kind, at, text))
    early, turn = log[:before], log[before:]
    if len(turn) > 1:
        whole = merged(turn)
        assert whole is not None
        assert shown([*early, whole]) == shown(log)


@pytest.mark.parametrize("garbage", [b"", b"\x01", b"\xff" * 20, uuid4().bytes])
def test_what_cannot_be_merged_is_said_to_be_so(garbage: bytes) -> None:
    """The edits then travel one by one."""
    assert merged([b"\x00\x00", garbage]) is None
