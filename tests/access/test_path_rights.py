"""What rules on paths leave of a role: the last that matches decides, and nothing below what is hidden shows."""

from uuid import uuid4

import pytest

from server.access.grants import Grant, permits
from server.access.path_rights import PathAccess, PathRights, PathRule
from server.access.roles import ABILITIES, Ability, Role

HIDDEN, READ_ONLY, OPEN = PathAccess.HIDDEN, PathAccess.READ_ONLY, PathAccess.OPEN


def rights(*rules: tuple[str, PathAccess], folds_case: bool = False) -> PathRights:
    return PathRights([PathRule(*rule) for rule in rules], folds_case=folds_case)


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ([], "a", OPEN),
        ([("docs", READ_ONLY)], "docs", READ_ONLY),
        ([("docs", READ_ONLY)], "docs/a/b.md", READ_ONLY),
        ([("docs", READ_ONLY)], "old/docs/b.md", READ_ONLY),
        ([("docs", READ_ONLY)], "docs2", OPEN),
        ([("docs/**", READ_ONLY)], "docs", OPEN),
        ([(".env*", HIDDEN), (".env.example", OPEN)], ".env.example", OPEN),
        ([(".env.example", OPEN), (".env*", HIDDEN)], ".env.example", HIDDEN),
        ([("docs", READ_ONLY), ("docs/drafts", OPEN)], "docs/drafts/a.md", OPEN),
        ([("docs/drafts", OPEN), ("docs", READ_ONLY)], "docs/drafts/a.md", READ_ONLY),
        ([("keys", HIDDEN), ("keys/public.pem", OPEN)], "keys/public.pem", HIDDEN),
        ([("keys/*", HIDDEN), ("keys/public.pem", OPEN)], "keys/public.pem", OPEN),
        ([("keys", HIDDEN), ("*.pem", READ_ONLY)], "keys/a.pem", HIDDEN),
        ([("*.pem", READ_ONLY), ("*.pem", HIDDEN)], "a.pem", HIDDEN),
    ],
)
def test_the_last_rule_that_matches_decides(
    rules: list[tuple[str, PathAccess]], path: str, expected: PathAccess
) -> None:
    assert rights(*rules).access(path) is expected


def test_what_was_asked_before_changes_no_answer() -> None:
    rules = rights(("docs", READ_ONLY), ("docs/drafts", OPEN), ("docs/drafts/old", HIDDEN))
    paths = ["docs/drafts/old/a", "docs/a", "docs/drafts/a", "docs", "docs/drafts/old"]
    once = [rules.access(path) for path in paths]
    assert [rules.access(path) for path in reversed(paths)] == list(reversed(once))
    assert once == [HIDDEN, READ_ONLY, OPEN, READ_ONLY, HIDDEN]


def test_letters_match_whatever_their_case_where_the_project_keeps_no_paths_that_differ_by_it() -> None:
    assert rights((".env*", HIDDEN), folds_case=True).access(".ENV.local") is HIDDEN
    assert rights((".env*", HIDDEN)).access(".ENV.local") is OPEN


def test_rights_are_equal_when_their_rules_are() -> None:
    """A change that does not concern a role regrants nobody of it."""
    assert rights(("a", HIDDEN)) == rights(("a", HIDDEN))
    assert hash(rights(("a", HIDDEN))) == hash(rights(("a", HIDDEN)))
    assert rights(("a", HIDDEN)) != rights(("a", READ_ONLY))
    assert rights(("a", HIDDEN)) != rights(("a", HIDDEN), folds_case=True)


@pytest.mark.parametrize(
    ("access", "lost"),
    [(OPEN, Ability.NONE), (READ_ONLY, Ability.WRITE | Ability.DELETE), (HIDDEN, ABILITIES[Role.EDITOR])],
)
def test_a_rule_takes_just_these_abilities_away(access: PathAccess, lost: Ability) -> None:
    grant = Grant(uuid4(), "Sketch", Role.EDITOR, ABILITIES[Role.EDITOR], rights(("a", access)))  # type: ignore[arg-type]
    for ability in ABILITIES[Role.EDITOR]:
        assert grant.allows(ability, "a") is (ability not in lost)
        assert grant.allows(ability, "b")
        assert permits(grant.view, ability.value, "a") is (access is not HIDDEN)
        assert permits(grant.view, ability.value)
