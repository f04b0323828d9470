import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol.offsets import OffsetError, Offsets

# Letters, a combining mark, a joined emoji, astral letters, a BOM, line ends.
TEXTS = st.text(st.sampled_from("ab\n\té\u0301ßж日👩\u200d💻𝒳\U0010ffff\ufeff\u2028"), max_size=60)


def utf16_size(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(TEXTS, st.integers(0, 40))
@example("", 0)
@example("plain", 1)
def test_every_place_between_characters_converts_both_ways(text: str, times: int) -> None:
    text *= times
    offsets = Offsets(text)
    for at in {0, len(text), len(text) // 2, min(511, len(text)), min(512, len(text)), min(513, len(text))}:
        head = text[:at]
        assert offsets.to_utf8(utf16_size(head)) == len(head.encode())
        assert offsets.to_utf16(len(head.encode())) == utf16_size(head)


@given(TEXTS)
def test_every_place_inside_a_character_is_refused(text: str) -> None:
    offsets = Offsets(text)
    utf16_places = {utf16_size(text[:at]) for at in range(len(text) + 1)}
    utf8_places = {len(text[:at].encode()) for at in range(len(text) + 1)}
    for inside in set(range(utf16_size(text))) - utf16_places:
        with pytest.raises(OffsetError):
            offsets.to_utf8(inside)
    for inside in set(range(len(text.encode()))) - utf8_places:
        with pytest.raises(OffsetError):
            offsets.to_utf16(inside)


@pytest.mark.parametrize("text", ["", "abc", "é😀"])
def test_a_place_outside_the_text_is_refused(text: str) -> None:
    offsets = Offsets(text)
    for outside in (-1, len(text.encode()) + 1):
        with pytest.raises(OffsetError):
            offsets.to_utf16(outside)
    for outside in (-1, utf16_size(text) + 1):
        with pytest.raises(OffsetError):
            offsets.to_utf8(outside)
