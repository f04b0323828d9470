"""The generators: what they refuse, and that `--check` tells which file is stale."""

from pathlib import Path
from typing import ClassVar
from uuid import UUID

import pytest
from pydantic import Field

from protocol.model import Command, Empty, Event, WireModel, reply_of
from tools import generate, settings_table
from tools.typescript import render
from tools.wire_models import WireModels, find_models


class Part(WireModel):
    id: UUID
    count: int = Field(default=3, description="How many")


class Made(Event):
    name: ClassVar[str] = "things/made"
    parts: list[Part | None]
    raw: bytes


class Make(Command[Empty]):
    """Make a thing."""

    name: ClassVar[str] = "things/make"
    mutates: ClassVar[bool] = True
    label: str | None = None


def test_check_passes_on_what_generate_wrote_and_names_a_file_that_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "client/src/wire.gen.ts").write_text("changed by hand", encoding="utf-8")
    capsys.readouterr()
    assert generate.main(["--check"]) == 1
    assert "client/src/wire.gen.ts differs" in capsys.readouterr().err
    assert (tmp_path / "client/src/wire.gen.ts").read_text(encoding="utf-8") == "changed by hand"


def test_what_a_client_sends_has_optional_defaults_and_what_a_server_sends_has_every_field() -> None:
    text = render(WireModels([Make], [Made], []))
    assert "/** Make a thing. */\nexport interface Make {\n  label?: string | null;\n}" in text
    assert "export interface Made {\n  parts: (Part | null)[];\n  raw: Uint8Array;\n}" in text
    assert "  /** How many */\n  count: number;\n" in text
    assert '"things/make": { request: Make; reply: Empty; mutates: true };' in text


def test_every_command_says_its_reply() -> None:
    assert reply_of(Make) is Empty
    assert all(issubclass(reply_of(command), WireModel) for command in find_models().commands)


def test_no_model_is_found_twice() -> None:
    models = find_models()
    found = [*models.commands, *models.events, *models.others]
    assert len(found) == len(set(found))


def test_the_settings_table_goes_between_the_markers_and_leaves_the_rest() -> None:
    page = f"# Before\n{settings_table.BEGIN}\n| stale row |\n{settings_table.END}\nafter\n"
    written = settings_table.render(page)
    assert written.startswith("# Before\n")
    assert written.endswith("\nafter\n")
    assert "stale row" not in written
    assert "| `DATABASE_URL` |" in written
    assert settings_table.render(written) == written


def test_a_page_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        settings_table.render("# Operations\n")
