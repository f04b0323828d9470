import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.text_diff import TextEdit, minimal_diff

WORDS = st.lists(
    st.sampled_from(["a", "b", " ", "\n", "\n\n", "foo", "é", "e\u0301", "😀", "👩\u200d💻", "if x:"]), max_size=40
)
LINES = [f"line {number} has words" for number in range(200)]


def patched(old: str, new: str) -> str:
    doc = pycrdt.Doc()
    text = doc.get("t", type=pycrdt.Text)
    text.insert(0, old)
    for edit in minimal_diff(old, new):
        if edit.delete_utf8_bytes:
            del text[edit.start_utf8 : edit.start_utf8 + edit.delete_utf8_bytes]
        if edit.insert:
            text.insert(edit.start_utf8, edit.insert)
    return str(text)


def deleted_bytes(edits: list[TextEdit]) -> int:
    return sum(edit.delete_utf8_bytes for edit in edits)


@given(WORDS, WORDS)
def test_the_edits_turn_the_old_text_into_the_new_one(old: list[str], new: list[str]) -> None:
    assert patched("".join(old), "".join(new)) == "".join(new)


@given(WORDS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), WORDS), max_size=4))
def test_a_few_changes_turn_the_old_text_into_the_new_one(old: list[str], changes) -> None:
    new = list(old)
    for at, removed, added in changes:
        new[at : at + removed] = added
    assert patched("".join(old), "".join(new)) == "".join(new)


def test_nothing_changes_when_the_texts_are_equal() -> None:
    assert minimal_diff("same\n", "same\n") == []


@pytest.mark.parametrize(
    ("old", "new", "edits"),
    [
        ("", "new", [TextEdit(0, 0, "new")]),
        ("old", "", [TextEdit(0, 3, "")]),
        ("hello world", "hello brave world", [TextEdit(6, 0, "brave ")]),
        ("é😀 foo_bar", "é😀 foo_baz", [TextEdit(13, 1, "z")]),
        (
            "one\ntwo\nthree\n",
            "zero\none\nthree!\n",
            [TextEdit(13, 0, "!"), TextEdit(4, 4, ""), TextEdit(0, 0, "zero\n")],
        ),
    ],
)
def test_small_changes_are_found_exactly(old: str, new: str, edits: list[TextEdit]) -> None:
    assert minimal_diff(old, new) == edits


def test_a_moved_block_keeps_the_lines_around_it() -> None:
    old = "\n".join(LINES)
    new = "\n".join(LINES[:50] + LINES[60:150] + LINES[50:60] + LINES[150:])
    assert patched(old, new) == new
    assert deleted_bytes(minimal_diff(old, new)) <= 10 * (len(LINES[199]) + 1)


def test_indenting_every_line_deletes_nothing() -> None:
    old = "\n".join(LINES)
    new = "\n".join("    " + line for line in LINES)
    assert patched(old, new) == new
    assert deleted_bytes(minimal_diff(old, new)) == 0


def test_what_is_too_different_becomes_one_replacement() -> None:
    old = "keep\n" + "a\n" * 200_000 + "keep"
    new = "keep\n" + "b\n" * 200_000 + "keep"
    assert minimal_diff(old, new) == [TextEdit(5, 399_999, new[5:-5])]
