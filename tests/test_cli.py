"""The command line: just the id on standard output, one sentence and exit 1 for what an operator can act on."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import click
import psutil
import pytest
import typer
from typer.testing import CliRunner

from server.access.credentials import Credentials
from server.cli.main import app
from server.clock import SystemClock
from server.store.db import Database
from tests.harness.command_line import Ended, flashio
from tests.harness.live_server import LiveServer, live_server
from tests.harness.postgres import TestServer

WIDE = {"COLUMNS": "200", "TERMINAL_WIDTH": "200"}
END_WITHIN_S = 5.0


def every_command() -> list[list[str]]:
    """The words of each command and group."""

    def walk(command: click.Command, words: list[str]) -> Iterator[list[str]]:
        yield words
        for name, child in getattr(command, "commands", {}).items():
            yield from walk(child, [*words, name])

    return list(walk(typer.main.get_command(app), []))


def refused(ended: Ended, *words: str) -> bool:
    """Whether it said one sentence with these words, nothing else, and exited with 1."""
    assert (ended.code, ended.out) == (1, ""), ended
    assert ended.err.startswith("flashio: "), ended
    assert ended.err.count("\n") == 1, ended
    return all(word in ended.err for word in words)


@pytest.mark.parametrize("words", every_command(), ids=lambda words: " ".join(words) or "the program")
def test_every_command_has_help(words: list[str]) -> None:
    result = CliRunner().invoke(app, [*words, "--help"], env=WIDE)
    assert (result.exit_code, "Usage" in result.output) == (0, True)


def test_every_command_that_does_something_shows_an_example() -> None:
    def leaves(command: click.Command) -> Iterator[click.Command]:
        children = getattr(command, "commands", {})
        if not children:
            yield command
        for child in children.values():
            yield from leaves(child)

    without = [leaf.name for leaf in leaves(typer.main.get_command(app)) if "Example" not in (leaf.epilog or "")]
    assert without == ["status"]  # shown with the group it belongs to


def test_the_commands_that_the_readme_names_are_there() -> None:
    words = {" ".join(command) for command in every_command()}
    assert {
        "dev",
        "serve",
        "worker",
        "migrate",
        "migrate status",
        "user create",
        "token create",
        "project create",
        "project export",
        "project import",
        "encryption new-key",
        "encryption renew",
        "document repair",
        "doctor",
    } <= words


async def test_making_a_person_a_token_and_a_project_prints_just_what_a_script_wants(database_url: str) -> None:
    made = await flashio("user", "create", "ada@example.org", "--name", "Ada", DATABASE_URL=database_url)
    user_id = UUID(made.out.strip())
    token = await flashio("token", "create", "ada@example.org", "--scope", "read", DATABASE_URL=database_url)
    project = await flashio("project", "create", "Moon", "--owner", "ada@example.org", DATABASE_URL=database_url)
    UUID(project.out.strip())
    assert [ended.err for ended in (made, token, project)] == ["", "", ""]
    assert [ended.out.count("\n") for ended in (made, token, project)] == [1, 1, 1]
    db = Database(database_url)
    await db.open()
    principal = await Credentials(db, SystemClock()).of_token(token.out.strip())
    await db.close()
    assert (principal.user_id, principal.scopes) == (user_id, {"read"})


async def test_what_cannot_be_made_is_refused_in_one_sentence(database_url: str) -> None:
    await flashio("user", "create", "ada@example.org", DATABASE_URL=database_url)
    assert refused(await flashio("user", "create", "ada@example.org", DATABASE_URL=database_url), "already")
    assert refused(await flashio("user", "create", "nobody", DATABASE_URL=database_url), "e-mail")
    assert refused(await flashio("token", "create", "eve@example.org", DATABASE_URL=database_url), "user create")
    unknown_scope = ("token", "create", "ada@example.org", "--scope", "fly")
    assert refused(await flashio(*unknown_scope, DATABASE_URL=database_url), "fly", "read")


@pytest.mark.parametrize("words", [["serve"], ["worker"], ["migrate"], ["user", "create", "a@b.c"]])
async def test_without_a_database_address_a_command_says_so(words: list[str]) -> None:
    assert refused(await flashio(*words, DATABASE_URL=""), "DATABASE_URL")


async def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    nowhere = f"postgresql://flashio@/flashio?host={tmp_path}&port=5432"
    assert refused(await flashio("serve", DATABASE_URL=nowhere), "PostgreSQL")


async def test_a_setting_that_is_not_valid_is_named() -> None:
    assert refused(await flashio("serve", PORT="70000"), "PORT", "70000")


async def test_several_workers_are_refused_and_it_says_why(database_url: str) -> None:
    """P9."""
    ended = await flashio("serve", DATABASE_URL=database_url, WEB_CONCURRENCY="2")
    assert refused(ended, "WEB_CONCURRENCY", "Set it to 1")


async def test_a_database_without_the_migrations_is_refused_until_they_are_applied(
    postgres_server: TestServer,
) -> None:
    empty = await postgres_server.create_database("template0")
    try:
        assert refused(await flashio("serve", DATABASE_URL=empty, PORT="0"), "python -m server migrate")
        assert refused(await flashio("worker", DATABASE_URL=empty), "python -m server migrate")
        planned = await flashio("migrate", "--dry-run", DATABASE_URL=empty)
        assert "would apply 0001" in planned.out
        assert "pending" in (await flashio("migrate", "status", DATABASE_URL=empty)).out
        applied = await flashio("migrate", DATABASE_URL=empty)
        assert (applied.code, "applied 0001" in applied.out) == (0, True)
        assert (await flashio("migrate", DATABASE_URL=empty)).out == "nothing to apply\n"
        assert "pending" not in (await flashio("migrate", "status", DATABASE_URL=empty)).out
    finally:
        await postgres_server.drop_database(empty)


async def test_doctor_says_what_is_well_and_what_to_do_about_the_rest(database_url: str) -> None:
    well = await flashio("doctor", DATABASE_URL=database_url)
    assert (well.code, "FAIL" in well.out, "migrations: all applied" in well.out) == (0, False, True)
    ill = await flashio("doctor", DATABASE_URL="", WEB_CONCURRENCY="2")
    assert (ill.code, "FAIL DATABASE_URL" in ill.out, "FAIL WEB_CONCURRENCY" in ill.out) == (1, True, True)


async def test_serve_answers_and_ends_in_order(database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "serve"),
        cwd=Path(__file__).parents[1],
        env=os.environ | {"DATABASE_URL": database_url, "PORT": str(port)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(30):
        line = await process.stderr.readline()
        assert b'"event": "serving"' in line
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


@pytest.fixture
async def server() -> AsyncIterator[LiveServer]:
    async with live_server() as server:
        yield server


async def test_a_second_instance_on_the_same_folder_is_refused(server: LiveServer) -> None:
    ended = await flashio("dev", "--port", "0", "--data", str(server.data))
    assert refused(ended, str(server.data))


async def test_a_taken_port_is_refused_before_anything_starts(server: LiveServer, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert refused(await flashio("dev", "--port", str(server.port), "--data", str(other)), str(server.port), "--port")
    assert not other.exists()


async def test_dev_ends_within_five_seconds_with_its_postgresql_and_its_people(server: LiveServer) -> None:
    """P2."""
    postgres = psutil.Process(server.postgres_pid)
    async with server.client() as client:
        channel = await client.open("notes.md", create=True)
        await channel.edit(b"\0\0")
        began = asyncio.get_running_loop().time()
        assert await server.stop() == 0
        assert asyncio.get_running_loop().time() - began < END_WITHIN_S
        assert (await client.when_closed()).close_code == 1012
    assert not postgres.is_running()


async def test_a_data_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert refused(await flashio("dev", "--port", "0", "--data", str(tmp_path / "file" / "data")), "file")
    other = tmp_path / "other" / "postgres"
    other.mkdir(parents=True)
    (other / "thesis.tex").write_text("not ours")
    assert refused(await flashio("dev", "--port", "0", "--data", str(tmp_path / "other")), "other")
    assert (other / "thesis.tex").read_text() == "not ours"


async def test_a_postgresql_that_does_not_start_is_one_sentence() -> None:
    async with live_server() as server:
        await server.stop()
        control = next(server.data.glob("postgres/**/global/pg_control"))
        good = control.read_bytes()
        control.write_bytes(b"\0" * len(good))
        ended = await flashio("dev", "--port", "0", "--data", str(server.data))
        assert (ended.code, ended.err.startswith("flashio: PostgreSQL did not start")) == (1, True)
        assert "Traceback" not in ended.err
        control.write_bytes(good)
