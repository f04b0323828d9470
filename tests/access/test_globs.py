"""Globs over project paths mean what .gitignore means by them, and never take long."""

import time

import pathspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access.globs import GlobRefused, Globs, check_glob

LONGEST_S = 0.05  # of a match; an expression that goes back takes minutes


def matches(glob: str, path: str) -> bool:
    return last([glob], path) == 0


def last(globs: list[str], path: str) -> int:
    """The number of the last glob that matches a path as a whole."""
    *directories, name = path.split("/")
    together = Globs(check_glob(glob) for glob in globs)
    states = together.start
    for directory in directories:
        states = together.below(states, directory)
    return together.last(states, name)


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        (".env*", ".env", True),
        (".env*", "server/.env.local", True),
        (".env*", "env", False),
        ("/.env", ".env", True),
        ("/.env", "server/.env", False),
        ("docs/*.md", "docs/a.md", True),
        ("docs/*.md", "docs/deep/a.md", False),
        ("docs/*.md", "old/docs/a.md", False),
        ("docs/**", "docs", False),
        ("docs/**", "docs/deep/a.md", True),
        ("**/keys", "keys", True),
        ("**/keys", "a/b/keys", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**/z", "b/z", False),
        ("**", "anything/at/all", True),
        ("a**", "abc", True),
        ("a**", "a/b", False),
        ("file?.txt", "file1.txt", True),
        ("file?.txt", "file.txt", False),
        ("[a-c].txt", "b.txt", True),
        ("[!a-c].txt", "b.txt", False),
        ("[*].txt", "*.txt", True),
        ("[*].txt", "a.txt", False),
        ("*", ".hidden", True),
        ("caf\u0065\u0301", "caf\u00e9", True),
        ("A.txt", "a.txt", False),
    ],
)
def test_a_glob_matches_just_these_paths(glob: str, path: str, expected: bool) -> None:
    assert matches(glob, path) is expected


@pytest.mark.parametrize(
    "glob", ["!a", "a/", "a//b", "/", "a/../b", "./a", "a/" * 16 + "a", "a\\*", "a\nb", "a\0", "\ud800"]
)
def test_a_glob_that_would_mislead_is_refused_with_advice(glob: str) -> None:
    with pytest.raises(GlobRefused, match=r"\w"):
        check_glob(glob)


NAMES = st.text("ab.", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PARTS = st.one_of(st.just("**"), st.text("ab.*?", min_size=1, max_size=4).filter(lambda part: part not in (".", "..")))
GLOBS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


@given(glob=GLOBS, path=PATHS)
def test_a_path_is_matched_with_all_below_just_when_git_would_ignore_it(glob: str, path: str) -> None:
    parts = path.split("/")
    ours = any(matches(glob, "/".join(parts[:depth])) for depth in range(1, len(parts) + 1))
    assert ours == pathspec.GitIgnoreSpec.from_lines([glob]).match_file(path)


@given(globs=st.lists(GLOBS, max_size=6), path=PATHS)
def test_of_many_globs_the_last_that_matches_alone_is_the_one(globs: list[str], path: str) -> None:
    alone = [number for number, glob in enumerate(globs) if matches(glob, path)]
    assert last(globs, path) == max(alone, default=-1)


@pytest.mark.parametrize("glob", ["*a" * 60 + "*b", "**/a/" * 7 + "b", "**/*a*a*a*a/" * 7 + "b", "*" * 250 + "b"])
def test_no_glob_makes_matching_slow(glob: str) -> None:
    """P10: any owner may write one, and the loop serves everybody."""
    for path in ("/".join(["a" * 200] * 5), "a/" * 500 + "a"):
        began = time.perf_counter()
        assert not matches(glob, path)
        assert time.perf_counter() - began < LONGEST_S
