"""What the generator sends is what real clients send."""

from pycrdt import Doc, Text

from bench.crowd import LONG_TEXT, SHORT_TEXT
from bench.history import history, text_of
from bench.messages import (
    FIRST_AUTHOR,
    FIRST_CURSOR,
    MASK,
    ROOT_NAME,
    Dialect,
    Kind,
    Voice,
    authored,
    first_text,
    masked,
)
from protocol.yjs import sync
from protocol.yjs.awareness import decode_awareness

FEW = 300
EDITS = 2_000
AUTHOR = FIRST_AUTHOR + 7


def payloads(frames: bytes) -> list[bytes]:
    """Take masked client frames apart by RFC 6455 section 5.2."""
    found, pos = [], 0
    while pos < len(frames):
        size, start = frames[pos + 1] & 127, pos + 2
        if size == 126:
            size, start = int.from_bytes(frames[start : start + 2], "big"), start + 2
        key, body = frames[start : start + 4], frames[start + 4 : start + 4 + size]
        found.append(bytes(byte ^ key[at % 4] for at, byte in enumerate(body)))
        pos = start + 4 + size
    return found


def test_edits_are_the_very_bytes_of_somebody_typing() -> None:
    first = LONG_TEXT.start
    doc = Doc[Text](client_id=AUTHOR)
    text = doc.get(ROOT_NAME, type=Text)
    (message,) = sync.parse_frame(payloads(first_text(AUTHOR, Dialect(), first))[0])
    assert isinstance(message, sync.Update)
    doc.apply_update(message.update)
    assert len(text) == first
    for number, payload in enumerate(payloads(authored(Voice(Kind.EDITS, AUTHOR), Dialect(), first, FEW).frames)):
        before = doc.get_state()
        text.insert(len(text), chr(97 + (first + number) % 26))
        assert sync.parse_frame(payload) == [sync.Update(doc.get_update(before))]


def test_cursors_are_awareness_updates_with_growing_clocks() -> None:
    first = FIRST_CURSOR
    for number, payload in enumerate(payloads(authored(Voice(Kind.CURSORS, AUTHOR), Dialect(), first, FEW).frames)):
        (message,) = sync.parse_frame(payload)
        assert isinstance(message, sync.Awareness)
        (entry,) = decode_awareness(message.payload)
        assert (entry.client, entry.clock) == (AUTHOR, first + number)


def test_all_messages_of_a_stream_have_one_size() -> None:
    edges = {
        Kind.CURSORS: (FIRST_CURSOR,),
        Kind.EDITS: (LONG_TEXT.start, LONG_TEXT.stop - FEW, SHORT_TEXT.start, SHORT_TEXT.stop - FEW),
    }
    for kind, firsts in edges.items():
        for first in firsts:
            stream = authored(Voice(kind, AUTHOR), Dialect(b"\x04room"), first, FEW)
            assert len(stream.frames) == FEW * stream.frame_bytes


def test_frames_are_masked_at_every_length_class() -> None:
    for size in (0, 125, 126, 65_535, 65_536):
        frame = masked(b"a" * size)
        assert frame[0] == 0x82
        assert frame[1] & 0x80
        assert frame[-size - 4 :][:4] == MASK


def test_a_history_is_the_same_every_time_and_whole() -> None:
    document = history(EDITS)
    assert document.updates == history.__wrapped__(EDITS).updates
    assert len(document.updates) == EDITS
    doc = Doc[Text]()
    for update in document.updates:
        before = doc.get_state(), doc.get_update()
        doc.apply_update(update)
        assert (doc.get_state(), doc.get_update()) != before, "every edit changes the document"
    assert str(doc.get(ROOT_NAME, type=Text)) == document.text
    assert document.text.startswith("!")
    assert text_of(document.merged) == document.text
