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


def check_link_target(path: str, target: str) -> str:
    """Return the target of a symbolic link at `path`, in NFC: relative, and leading to a place inside the project.

    Raises:
        PathRefused: it is absolute, leaves the project, or has a part that no path has.
    """
    normal = unicodedata.normalize("NFC", target)
    if not _is_encodable(normal) or not 0 < len(normal.encode()) <= MAX_PATH_BYTES:
        raise PathRefused(f"The target of a link is valid Unicode of 1 to {MAX_PATH_BYTES} bytes.")
    if normal.startswith("/"):
        raise PathRefused("The target of a link is relative: an absolute one means nothing in a project.")
    depth = path.count("/")
    for part in normal.rstrip("/").split("/"):
        depth += _step(part)
        if depth < 0:
            raise PathRefused("The target of a link lies inside the project.")
    return normal


def _step(part: str) -> int:
    """How much deeper a part of a target leads."""
    if part in (".", ".."):
        return 1 - len(part)
    _check_part(part)
    return 1


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
