"""Every list is paged alike: `after` and `limit` go out, `next` comes back and is the `after` of the following page."""

from typing import Any

import pytest

from protocol.model import Command, reply_of
from tools.wire_models import find_models

COMMANDS = find_models().commands
WHOLE = {  # replies with a list of what the request itself bounds
    "accounts/deletion": "it is refused while somebody owns more projects than it lists",
    "accounts/linked": "one for each provider",
    "accounts/passkeys": "a person has a few, by a setting",
    "collaborators/path_rights": "a project has a few rules, by a setting",
    "files/delete": "a tree is deleted as a whole",
    "projects/resume": "events are fetched up to a limit of the server, or not at all",
    "templates/make": "a template has a few variables, by a limit of its own",
}


def has_list(command: type[Command[Any]]) -> bool:
    schema = reply_of(command).model_json_schema(mode="serialization")
    fields = schema.get("properties", {}).values()
    return any(field.get("type") == "array" and "$ref" in field.get("items", {}) for field in fields)


PAGED = [command for command in COMMANDS if "next" in reply_of(command).model_fields]


@pytest.mark.parametrize("command", PAGED, ids=lambda command: command.name)
def test_a_page_is_asked_for_by_after_and_a_limit_that_is_bounded(command: type[Command[Any]]) -> None:
    fields = command.model_json_schema()["properties"]
    assert fields["limit"]["minimum"] == 1
    assert fields["limit"]["default"] <= fields["limit"]["maximum"] <= 1000
    assert fields["after"]["default"] is None


@pytest.mark.parametrize("command", PAGED, ids=lambda command: command.name)
def test_the_mark_of_a_page_has_the_form_of_the_after_that_it_is_for(command: type[Command[Any]]) -> None:
    sent = {option.get("format") for option in command.model_json_schema()["properties"]["after"]["anyOf"]}
    told = reply_of(command).model_json_schema(mode="serialization")["properties"]["next"]["anyOf"]
    assert {option.get("format") for option in told} == sent


def test_a_reply_with_a_list_has_pages_unless_it_is_written_here_why_not() -> None:
    assert {command.name for command in COMMANDS if has_list(command)} - {command.name for command in PAGED} <= set(
        WHOLE
    )
