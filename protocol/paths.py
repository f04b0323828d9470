"""The rules of project paths. They are names in a database, never paths of an operating system."""

import unicodedata

MAX_PART_BYTES = 255
MAX_PATH_BYTES = 1024


class PathRefused(ValueError):
    """The message says which rule the path breaks."""


def check_path(path: str) -> str:
    """Return the path in its one form (NFC, `/` between parts, relative).

    Raises:
        PathRefused: an empty part, `.`, `..`, a control character, a backslash, a trailing dot or space, too long.
    """
    normal = unicodedata.normalize("NFC", path)
    if not _is_encodable(normal) or len(normal.encode()) > MAX_PATH_BYTES:
        raise PathRefused(f"A path is valid Unicode of at most {MAX_PATH_BYTES} bytes.")
    for part in normal.split("/"):
        _check_part(part)
    return normal


def _check_part(part: str) -> None:
    if part in ("", ".", ".."):
        raise PathRefused("A path has no empty part and no '.' or '..'; it does not begin or end with '/'.")
    if "\\" in part or any(unicodedata.category(char) == "Cc" for char in part):
        raise PathRefused("A path has no backslash and no control character.")
    if part[-1] in ". ":
        raise PathRefused(f"{part!r} ends with a dot or a space.")
    if len(part.encode()) > MAX_PART_BYTES:
        raise PathRefused(f"One part of a path has at most {MAX_PART_BYTES} bytes.")


def _is_encodable(text: str) -> bool:
    return not any(0xD800 <= ord(char) <= 0xDFFF for char in text)
