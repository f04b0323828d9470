"""Drawn file trees that keep the rules of projects, for property tests of archives."""

import tarfile
import unicodedata

from hypothesis import strategies as st

from protocol.paths import PathRefused, check_link_target, check_path
from tests.harness.archives import plain, special, tar_of

Tree = dict[str, tuple[str, bytes, str, int]]  # path -> what it is, its content, its target, its mode

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="/\\")
NAMES = st.text(LETTERS, min_size=1, max_size=8)
PARTS = st.one_of(NAMES, st.sampled_from(["a", "b", "node_modules", ".git", ".gitignore", "ä"]))
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
CONTENTS = st.one_of(st.binary(max_size=200), st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")))
KINDS_OF_ENTRY = st.sampled_from(["file", "directory", "link"])
MODES = st.integers(0, 0o777)


def fitting(tree: Tree) -> Tree:
    """The part of a drawn tree that can live together in a project, names in their one form."""
    kept: Tree = {}
    for path, entry in sorted(tree.items(), key=lambda item: item[0].count("/")):
        name = unicodedata.normalize("NFC", path)
        above = {"/".join(name.split("/")[:depth]) for depth in range(1, name.count("/") + 1)}
        fits_below = all(place not in kept or kept[place][0] == "directory" for place in above)
        if fits_below and name not in kept and is_fine(name, entry):
            kept[name] = entry
    return kept


def is_fine(path: str, entry: tuple[str, bytes, str, int]) -> bool:
    try:
        check_path(path)
        if entry[0] == "link":
            check_link_target(path, entry[2])
    except PathRefused:
        return False
    return True


def an_archive(tree: Tree) -> bytes:
    """A tar of it, as an ordinary program would pack it."""
    members = []
    for path, (kind, content, target, mode) in tree.items():
        info = plain(path, len(content)) if kind == "file" else special(path, tarfile.DIRTYPE)
        if kind == "link":
            info = special(path, tarfile.SYMTYPE, target)
        info.mode = mode
        members.append((info, content if kind == "file" else b""))
    return tar_of(members)
