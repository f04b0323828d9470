"""How far a document's log is known: numbers may arrive in any order, and a gap is noticed."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from protocol.ids import Channel, DocumentId, ProjectId, Seq
from protocol.text_form import TextForm
from server.features.documents.awareness import AwarenessBook
from server.features.documents.document import Document, Facts
from server.features.documents.replica import Replica


def document(seq: int = 1) -> Document:
    facts = Facts(DocumentId(UUID(int=1)), ProjectId(UUID(int=2)), "a.txt", "codemirror", "lineage", 1, TextForm())
    return Document(facts, Channel(1), Replica("codemirror"), Seq(seq), AwarenessBook(100, 1), {})


@given(st.lists(st.integers(2, 30), max_size=40))
def test_the_number_is_the_end_of_what_is_known_without_a_gap(heard: list[int]) -> None:
    """P3."""
    known = document()
    for seq in heard:
        known.learn([Seq(seq)])
    end = 1
    while end + 1 in heard:
        end += 1
    assert known.seq == end
    assert known.has_gap == any(seq > end for seq in heard)


@given(st.lists(st.integers(2, 30), max_size=20), st.integers(1, 30))
def test_a_jump_passes_numbers_that_the_log_does_not_have(heard: list[int], read_to: int) -> None:
    """P3."""
    known = document()
    known.learn(map(Seq, heard))
    known.jump(Seq(read_to))
    assert known.seq >= read_to
    assert Seq(known.seq + 1) not in heard
    assert known.has_gap == any(seq > known.seq for seq in heard)
