"""Names that look the same and are not, as with a Cyrillic letter among Latin ones (Unicode TR 39). They only warn."""

from collections.abc import Sequence
from functools import cache

from confusable_homoglyphs.confusables import confusables_data

MOST_TOLD = 20


@cache
def homoglyphs(char: str) -> frozenset[str]:
    """The texts that look like a character; the cache holds at most what Unicode has."""
    return frozenset(found["c"] for found in confusables_data.get(char, ()))


def look_alikes(paths: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of paths in one directory that look the same, the first few. Two names of plain ASCII are not compared."""
    by_look: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    foreign = {path.rpartition("/")[0] for path in paths if not path.isascii()}
    for path in paths:
        place, _, name = path.rpartition("/")
        if place in foreign:
            other = by_look.setdefault(f"{place}/{_look(name)}", path)
            if other != path and not (other.isascii() and path.isascii()):
                pairs.append((other, path))
        if len(pairs) == MOST_TOLD:
            break
    return pairs


def _look(name: str) -> str:
    """The same text for names that look the same: each character becomes the first of those that look like it."""
    return "".join(min(char, *(other for other in homoglyphs(char) if len(other) == 1), char) for char in name)
