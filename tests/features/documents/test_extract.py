"""The text of what ended a replica is read where it can harm nobody."""

from pycrdt import Doc, Text

from server.features.documents.extract import extract_text
from tests.features.documents.logs import BOMB, SHORT
from tests.protocol.mutations import after, item, update

ROOT = "codemirror"


def written(text: str) -> bytes:
    doc: Doc[Text] = Doc()
    doc.get(ROOT, type=Text).insert(0, text)
    return doc.get_update()


async def test_the_text_is_that_of_all_updates_together() -> None:
    first = written("naïve 😀 text")
    assert await extract_text(ROOT, [first]) == "naïve 😀 text"
    assert await extract_text(ROOT, [first, first]) == "naïve 😀 text"
    assert await extract_text(ROOT, []) == ""


async def test_what_cannot_be_read_has_no_text() -> None:
    """P8."""
    for data in (SHORT, BOMB, b"", update(item(4, b"\x01x"), b"\x04\x00\x01\x00\x01y")):
        assert await extract_text(ROOT, [written("good"), data]) is None


async def test_what_waits_for_others_is_left_out() -> None:
    assert await extract_text(ROOT, [written("good"), update(after(5, 3, "x"), client=6)]) == "good"
