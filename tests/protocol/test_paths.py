"""Targets of symbolic links stay inside the project."""

import pytest

from protocol.paths import PathRefused, check_link_target


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("link", "file"),
        ("link", "./file"),
        ("link", "dir/"),
        ("a/b/link", "../../file"),
        ("a/link", ".."),
        ("a/link", "../a/../file"),
        ("link", "missing/for/now"),
    ],
)
def test_a_target_inside_the_project_is_kept_as_it_is(path: str, target: str) -> None:
    assert check_link_target(path, target) == target


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("link", "/etc/passwd"),
        ("link", ".."),
        ("link", "../secret"),
        ("a/link", "../../secret"),
        ("a/link", "../../a/file"),
        ("link", "a/../../b"),
        ("link", ""),
        ("link", "a//b"),
        ("link", "C:\\x"),
        ("link", "bell\a"),
        ("link", "x" * 1025),
        ("link", "\ud800"),
    ],
)
def test_a_target_that_leaves_the_project_or_is_no_path_is_refused(path: str, target: str) -> None:
    with pytest.raises(PathRefused):
        check_link_target(path, target)


def test_a_target_has_one_form() -> None:
    assert check_link_target("link", "e\N{COMBINING ACUTE ACCENT}") == "\u00e9"
