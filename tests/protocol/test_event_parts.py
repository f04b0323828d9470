"""What of an event is told to somebody who does not see every path."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from protocol.event_parts import part_of_event
from protocol.files import DeletedPath, FileCreated, FileEntry, FilesDeleted, FilesMoved, MovedPath
from protocol.ids import FileId
from protocol.model import Event
from tools.wire_models import find_models

ID = FileId(UUID(int=1))


def sees(path: str) -> bool:
    return "secret" not in path


def entry(path: str) -> FileEntry:
    flags = dict.fromkeys(("is_directory", "is_binary", "is_symlink", "is_executable", "is_hidden"), False)
    facts = dict.fromkeys(("language", "mime_type", "checksum", "symlink_target", "permissions"))
    return FileEntry(
        id=ID, path=path, size=0, line_count=0, updated_at=datetime(2026, 1, 1, tzinfo=UTC), **flags, **facts
    )


def part(event: Event) -> dict[str, object] | None:
    return part_of_event(event.name, event.model_dump(mode="json"), sees)


def moved(*places: tuple[str, str]) -> FilesMoved:
    return FilesMoved(moved=[MovedPath(id=ID, path=path, to=to) for path, to in places])


@pytest.mark.parametrize("event", find_models().events, ids=lambda event: event.name)
def test_every_event_that_names_paths_says_what_of_it_others_may_know(event: type[Event]) -> None:
    """P5: a new event about files cannot forget it."""
    schema = event.model_json_schema()
    models = [schema, *schema.get("$defs", {}).values()]
    names_paths = any({"path", "paths", "to", "from"} & set(model.get("properties", {})) for model in models)
    assert names_paths is (event.seen_by is not Event.seen_by)


def test_an_event_of_one_file_is_told_as_it_is_or_not_at_all() -> None:
    assert part(FileCreated(file=entry("a"))) == FileCreated(file=entry("a")).model_dump(mode="json")
    assert part(FileCreated(file=entry("secret"))) is None


def test_of_many_files_those_are_told_that_are_seen() -> None:
    event = FilesDeleted(deleted=[DeletedPath(id=ID, path=path) for path in ("a", "secret", "b")])
    assert [file["path"] for file in part(event)["deleted"]] == ["a", "b"]  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    ("places", "told"),
    [
        ([("a", "b")], {"moved": [("a", "b")], "isPartial": False}),
        ([("secret", "other-secret")], None),
        ([("a", "secret")], {"moved": [], "isPartial": True}),
        ([("secret", "a")], {"moved": [], "isPartial": True}),
        ([("a", "b"), ("secret/1", "secret/2")], {"moved": [("a", "b")], "isPartial": False}),
        ([("a", "b"), ("c", "secret")], {"moved": [("a", "b")], "isPartial": True}),
    ],
)
def test_of_a_move_both_places_are_told_or_neither(
    places: list[tuple[str, str]], told: dict[str, object] | None
) -> None:
    body = part(moved(*places))
    if body is not None:
        body["moved"] = [(each["path"], each["to"]) for each in body["moved"]]  # type: ignore[attr-defined]
    assert body == told


@pytest.mark.parametrize(
    ("name", "body"),
    [("files/invented_later", {"path": "secret"}), ("files/deleted", {"deleted": [], "inventedLater": "secret"})],
)
def test_of_an_event_of_a_later_release_nothing_is_told(name: str, body: dict[str, object]) -> None:
    """Nobody here can say whether it names what is hidden."""
    assert part_of_event(name, body, sees) is None
