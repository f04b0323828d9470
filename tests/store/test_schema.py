"""The schema keeps the rules of the data model: names, references, indexes, times, bounds."""

import asyncio
import secrets
from uuid import uuid4

import pytest

from server.store.db import Connection, Database
from server.store.failures import ConstraintRefused
from tests.store import catalog
from tests.store.catalog import World
from tests.store.data_model import COLUMNS, ENUMS
from tests.store.examples import add_project, add_user
from tools.schema import SCHEMA_PATH, dump_migrations

# Written so, with its reason, where it is declared.
WRITTEN_NO_ACTION = {"projects_owner_collaborates"}

# Served by an index on the document alone: these rows only ever go with their document.
SERVED_BY_DOCUMENT = {"document_updates_author"}

# A token for every project makes tickets and tokens for one.
ACROSS_PROJECTS = {"tickets_token_id_fkey", "api_tokens_parent_id_fkey"}

NOT_A_REFERENCE = {("command_ids", "command_id")}


def test_schema_sql_is_what_the_migrations_make() -> None:
    assert asyncio.run(dump_migrations()) == SCHEMA_PATH.read_text(encoding="utf-8"), "run python -m tools.schema"


async def test_every_table_and_column_of_the_data_model_exists(database: Database) -> None:
    async with database.acquire() as connection:
        for table, names in COLUMNS.items():
            found = {column.name for column in await catalog.columns(connection, table)}
            assert set(names.split()) <= found, table


async def test_every_enum_of_the_data_model_has_its_values_in_order(database: Database) -> None:
    async with database.acquire() as connection:
        rows = await connection.fetch(
            "select t.typname::text, string_agg(e.enumlabel, ' ' order by e.enumsortorder) "
            "from pg_enum e join pg_type t on t.oid = e.enumtypid group by 1"
        )
    assert {row[0]: row[1] for row in rows} == ENUMS


async def test_every_time_knows_its_zone(database: Database) -> None:
    async with database.acquire() as connection:
        for table in await catalog.tables(connection):
            for column in await catalog.columns(connection, table):
                assert column.type != "timestamp without time zone", f"{table}.{column.name}"


async def test_every_reference_chooses_what_a_deletion_does(database: Database) -> None:
    async with database.acquire() as connection:
        undecided = {key.name for key in await catalog.foreign_keys(connection) if key.on_delete == "a"}
    assert undecided == WRITTEN_NO_ACTION


async def test_every_reference_has_an_index_that_serves_the_deletion_of_its_target(database: Database) -> None:
    async with database.acquire() as connection:
        indexes = await index_columns(connection)
        for key in await catalog.foreign_keys(connection):
            wanted = set(key.columns)
            served = any(
                set(names[: len(wanted)]) == wanted or (is_unique and set(names) <= wanted)
                for table, is_unique, names in indexes
                if table == key.table
            )
            assert served or key.name in SERVED_BY_DOCUMENT, f"{key.name} on {key.table} {key.columns}"


async def test_every_uuid_that_names_another_row_is_a_foreign_key(database: Database) -> None:
    async with database.acquire() as connection:
        referring = {(key.table, name) for key in await catalog.foreign_keys(connection) for name in key.columns}
        for table in await catalog.tables(connection):
            for column in await catalog.columns(connection, table):
                if column.type == "uuid" and column.name.endswith("_id"):
                    assert (table, column.name) in referring | NOT_A_REFERENCE, f"{table}.{column.name}"


async def test_what_is_in_a_project_refers_to_rows_of_the_same_project(database: Database) -> None:
    """A comment of one project can never hang on a file of another."""
    async with database.acquire() as connection:
        for key in await catalog.foreign_keys(connection):
            names = {column.name for column in await catalog.columns(connection, key.table)}
            targets = {column.name for column in await catalog.columns(connection, key.target)}
            if "project_id" in names & targets and key.on_delete == "c" and key.name not in ACROSS_PROJECTS:
                assert "project_id" in key.columns, key.name


BAD_VALUES = [
    ("project_files", "path", "../secrets"),
    ("project_files", "path", "src/../../secrets"),
    ("project_files", "path", "./main.py"),
    ("project_files", "path", "/etc/passwd"),
    ("project_files", "path", "src//main.py"),
    ("project_files", "path", "src/"),
    ("project_files", "path", ""),
    ("project_files", "path", "a\\b"),
    ("project_files", "path", "bell\a"),
    ("project_files", "path", "line\nbreak"),
    ("project_files", "path", "dot."),
    ("project_files", "path", "space /main.py"),
    ("project_files", "path", "e\N{COMBINING ACUTE ACCENT}"),
    ("project_files", "path", "x" * 256),
    ("project_files", "path", "/".join(["x" * 200] * 6)),
    ("project_files", "size", -1),
    ("project_files", "line_count", -1),
    ("project_files", "permissions", 0o10000),
    ("project_files", "checksum", b"short"),
    ("project_files", "storage_type", "floppy"),
    ("project_files", "symlink_target", "without-being-one"),
    ("path_aliases", "path", "a/../b"),
    ("projects", "name", ""),
    ("projects", "name", "x" * 256),
    ("projects", "build_health", 101),
    ("projects", "build_health", -1),
    ("projects", "complexity", 10.5),
    ("projects", "lines_of_code", -1),
    ("users", "color", "red"),
    ("users", "color", "#12345"),
    ("collaborative_cursors", "color", "#12345g"),
    ("build_tasks", "progress", 101),
    ("webcontainer_instances", "port", 65536),
    ("documents", "seed_client", 2**53),
    ("documents", "seed_client", 2**53 - 2**32 - 1),
    ("documents", "line_ending", "cr"),
    ("documents", "state", "forgotten"),
    ("documents", "snapshot_seq", 99),
    ("api_tokens", "scopes", ["read", "admin"]),
    ("api_tokens", "scopes", []),
    ("api_tokens", "token_hash", b"plain"),
    ("comments", "line_number", 0),
    ("comments", "content", ""),
    ("invitations", "role", "owner"),
    ("path_rights", "role", "owner"),
    ("path_rights", "access", "gone"),
    ("path_rights", "position", 0),
    ("project_analytics", "views", -1),
    ("authenticators", "counter", -1),
    ("accounts", "type", "carrier pigeon"),
    ("ai_chat_messages", "role", "narrator"),
]

GOOD_PATHS = [
    "main.py",
    "src/deep/er/main.py",
    ".gitignore",
    "a b.txt",
    "\u00e9",
    "naïve/日本語.md",
    "x" * 255,
    "..a",
    "a..b",
]


@pytest.fixture
async def world(database: Database) -> World:
    async with database.transaction() as tx:
        owner_id = await add_user(tx, "Owner")
        made = World(owner_id, await add_user(tx, "Member"), await add_project(tx, owner_id))
        await catalog.fill_every_table(tx, made)
    return made


async def test_checks_refuse_what_the_data_model_forbids(database: Database, world: World, subtests) -> None:
    assert world.rows.keys() >= {table for table, _, _ in BAD_VALUES}
    for table, column, value in BAD_VALUES:
        with subtests.test(f"{table}.{column} = {value!r}"), pytest.raises(ConstraintRefused):
            async with database.acquire() as connection:
                await connection.execute(f'update "{table}" set "{column}" = $1', [value])


async def test_ordinary_paths_are_accepted(database: Database, world: World, subtests) -> None:
    for path in GOOD_PATHS:
        with subtests.test(path):
            async with database.acquire() as connection:
                await connection.execute("update project_files set path = $1", [path])


UNIQUE_TWICE = [
    ("users", "email"),
    ("project_files", "path"),
    ("project_collaborators", "user_id"),
    ("project_analytics", "date"),
    ("collaborative_cursors", "file_id"),
    ("editor_states", "file_id"),
    ("sessions", "session_token"),
    ("api_tokens", "token_hash"),
    ("authenticators", "credential_id"),
    ("document_authors", "user_id"),
]


@pytest.mark.parametrize(("table", "column"), UNIQUE_TWICE)
async def test_what_is_unique_by_nature_cannot_be_there_twice(
    database: Database, world: World, table: str, column: str
) -> None:
    again = dict(world.rows[table])
    for name, value in again.items():
        if name in ("id", "author_no"):
            again[name] = new_key(value)
    again.pop("owner_role", None)
    names = ", ".join(f'"{name}"' for name in again)
    places = ", ".join(f"${place}" for place in range(1, len(again) + 1))
    with pytest.raises(ConstraintRefused) as refused:
        async with database.acquire() as connection:
            await connection.execute(f'insert into "{table}" ({names}) values ({places})', list(again.values()))
    assert column in str(refused.value.__cause__.detail)


def new_key(value: object) -> object:
    return secrets.randbelow(1000) + 100 if isinstance(value, int) else uuid4()


async def test_addresses_differ_by_more_than_case(database: Database) -> None:
    async with database.acquire() as connection:
        await connection.execute("insert into users (email) values ('Ada@Example.org')")
        with pytest.raises(ConstraintRefused):
            await connection.execute("insert into users (email) values ('ada@example.ORG')")


async def index_columns(connection: Connection) -> list[tuple[str, bool, list[str]]]:
    rows = await connection.fetch(
        """
        select i.indrelid::regclass::text, i.indisunique,
          (select array_agg(a.attname::text order by n.place)
           from unnest(i.indkey::int2[]) with ordinality as n (number, place)
           join pg_attribute a on a.attrelid = i.indrelid and a.attnum = n.number)
        from pg_index i
        join pg_class c on c.oid = i.indrelid
        where c.relnamespace = 'public'::regnamespace and i.indpred is null
        """
    )
    return [(row[0], row[1], row[2]) for row in rows if row[2] is not None]
