"""What people type into a search field, as PostgreSQL's text search takes it. Pure."""

import re

WORD = re.compile(r"[^\W_]+")


def tsquery(search: str) -> str | None:
    """All of its words, each as the beginning of one; None when it holds no word, and so finds nothing."""
    words = [f"'{word}':*" for word in WORD.findall(search)]
    return " & ".join(words) or None
