"""Writes docs/rights.md: which command and which stream needs what, and so which role may do it."""

from collections.abc import Sequence

from server.access.roles import ABILITIES, FLAGS, SIGNED_IN, Ability, Role, ability_names
from server.app import built_features
from server.clock import SystemClock
from server.feature import Feature, Services
from server.settings import Settings
from server.store.db import Database
from server.tasks import Tasks

HEAD = """\
# Rights

Written by `python -m tools.generate` from the features themselves; a test tries every row on every door.

A command needs one ability. A role has abilities; the flags of one person (`canWrite` ...) override some of them, and
the scopes of a token narrow what is left: `read` to reading, `write` to everything that the person may do. `anybody` is
everybody who signed in, whatever they are in the project. In an archived project everybody has at most `read`,
`invite` and `manage`.
"""


PATHS = """\
## Paths

Whoever manages a project can limit editors, reviewers and viewers on some paths, by rules that are each for one role
(`collaborators/set_path_right`). Nothing limits the owner. A rule gives the paths that its glob matches, with all that
lies below them, one of three accesses:

| access | reading, comments, cursors | changing, moving, deleting | told in lists, events, archives |
| --- | --- | --- | --- |
| `hidden` | not found | not found | no |
| `read_only` | as the role | forbidden | yes |
| `open` | as the role | as the role | yes |

Of several rules that match, the last one in the list decides, so exceptions come after what they are from:
`.env*` hidden, then `.env.example` open. What lies in a hidden directory stays hidden, whatever later rules say: hide
`keys/*`, not `keys`, to show one file of it.

Globs are written as in .gitignore: `*` and `?` stand for anything but `/`, `[a-z]` and `[!a-z]` for one character, `**`
for any number of directories. A glob with a `/` in it begins at the root of the project, one without matches at any
depth. `docs` is the directory and all in it, `docs/**` only what is in it. `!`, `\\` and a `/` at the end are refused.
Letters match whatever their case unless the project keeps paths that differ only by it (`files/change_settings`).

A rule holds for what a path is called, whether anything is there or not: a hidden file and none are answered alike.
Only who may change all that is in a directory can move or delete it; a copy leaves out what its maker does not see.
A change of the rules, or a file that moves under one, reaches open documents within a second: they turn read-only, or
end with `not_found`. The target of a symbolic link is content of the link, and text may say what it likes.
"""


def render() -> str:
    features = registered()
    return "\n".join(
        [
            HEAD,
            "## Roles",
            "",
            *_roles(),
            "",
            "## Commands",
            "",
            "On `/ws` as requests, over HTTP as `POST /api/<command>`. Opening a document is a command on `/yjs`, too.",
            "Contents over HTTP (`/files`, `/uploads`) end in `documents/read`, `documents/write` or `files/finish`.",
            "",
            *_table([(spec.command.name, spec.ability) for feature in features for spec in feature.commands]),
            "",
            PATHS,
            "## Streams",
            "",
            "Messages of open documents, on `/ws` and `/yjs` alike.",
            "",
            *_table([(spec.message.__name__, spec.ability) for feature in features for spec in feature.streams]),
            "",
        ]
    )


def registered() -> tuple[Feature, ...]:
    """Every feature, put together without a database."""
    clock, settings = SystemClock(), Settings()
    services = Services(settings, clock, Database(""), Tasks(clock), lambda _: None, "tools")
    return built_features(services)


def _roles() -> list[str]:
    flags = {ability: flag for flag, ability in FLAGS.items()}
    rows = [
        (ability_names(ability)[0], ability, f"`{flags[ability]}`" if ability in flags else "")
        for ability in Ability
        if ability is not SIGNED_IN
    ]
    return [
        *_heading("ability", "overridden by"),
        *(f"| {name} | {_marks(ability)} | {flag} |" for name, ability, flag in rows),
    ]


def _table(needs: Sequence[tuple[str, Ability]]) -> list[str]:
    return [
        *_heading("", "needs"),
        *(
            f"| `{name}` | {_marks(ability)} | {', '.join(ability_names(ability)) or 'anybody'} |"
            for name, ability in sorted(needs)
        ),
    ]


def _heading(first: str, last: str) -> list[str]:
    return [f"| {first} | {' | '.join(Role)} | {last} |", "| --- |" + " --- |" * (len(Role) + 1)]


def _marks(ability: Ability) -> str:
    return " | ".join("yes" if ability in ABILITIES[role] else "" for role in Role)
