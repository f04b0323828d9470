"""Between a file's bytes and a document's text: documents hold LF only; the file remembers its line ending and BOM."""

import hashlib
from dataclasses import dataclass
from typing import Literal

LineEnding = Literal["lf", "crlf"]
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class TextForm:
    """What `unified` took away and `restored` gives back."""

    line_ending: LineEnding = "lf"
    has_bom: bool = False


def unified(content: str) -> tuple[str, TextForm]:
    """The document's text, and the form to give back on download. A file is CRLF when most of its lines end so."""
    has_bom = content.startswith(BOM)
    text = content.removeprefix(BOM)
    pairs = text.count("\r\n")
    ending: LineEnding = "crlf" if pairs * 2 > text.count("\n") else "lf"
    return text.replace("\r\n", "\n").replace("\r", "\n"), TextForm(ending, has_bom)


def restored(text: str, form: TextForm) -> bytes:
    """The file's bytes in UTF-8 as a download, an export or the disk shows them."""
    if form.line_ending == "crlf":
        text = text.replace("\n", "\r\n")
    return ((BOM if form.has_bom else "") + text).encode("utf-8", "replace")


def checksum_of(text: str, form: TextForm) -> str:
    """SHA-256 of the file's bytes in hexadecimal."""
    return hashlib.sha256(restored(text, form)).hexdigest()


def line_count(text: str) -> int:
    """Lines as an editor numbers them: an empty text has one."""
    return text.count("\n") + 1
