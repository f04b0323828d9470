"""What a writer believes a file to be, compared with what it is (RFC 9110 section 13)."""

from server.errors import PreconditionFailed

ANY = "*"
NONE = ""


def check_precondition(if_match: str | None, checksum: str | None) -> None:
    """`if_match`: a checksum, `*` for any file, empty for none, None for no belief; `checksum`: None for no file.

    Raises:
        PreconditionFailed: they differ.
    """
    if if_match is None or if_match == checksum:
        return
    if if_match == NONE:
        if checksum is not None:
            raise PreconditionFailed("There is a file at this path already.")
        return
    if checksum is None:
        raise PreconditionFailed("There is no file at this path.")
    if if_match != ANY:
        raise PreconditionFailed
