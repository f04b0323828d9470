"""Every statement of sql/queries is declared, and what PostgreSQL says of it matches its row type."""

import dataclasses
import importlib
import pkgutil
import re
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest

import server
from server.store.db import Connection, Database
from server.store.failures import RowMissing
from server.store.queries import Query, declared_queries, query, written_queries

PYTHON_TYPES = {
    "uuid": UUID,
    "text": str,
    "bool": bool,
    "int2": int,
    "int4": int,
    "int8": int,
    "float8": float,
    "bytea": bytes,
    "timestamptz": datetime,
    "jsonb": dict[str, object],
    "text[]": tuple[str, ...],
    "uuid[]": list[UUID],
    "int4[]": list[int],
    "int8[]": list[int],
    "bytea[]": list[bytes],
    "timestamptz[]": list[datetime],
}

# How statements are named that find, make or lock at most one row, and so need neither an order nor a limit.
SINGLE_ROW_VERBS = (
    "create", "get", "find", "one", "head", "standing", "append", "claim", "consume", "add", "count", "lock", "try_",
    "read_", "begin_", "trace_", "ensure_",
)  # fmt: skip


def import_everything() -> None:
    """Queries are declared where they are used: load every module of the server."""
    for module in pkgutil.walk_packages(server.__path__, "server."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


import_everything()
EVERY_QUERY = sorted(declared_queries().values(), key=lambda declared: declared.name)


def test_every_written_statement_is_declared_and_every_declared_one_is_written() -> None:
    assert written_queries() == {declared.name for declared in EVERY_QUERY}


@pytest.mark.parametrize("name", [declared.name for declared in EVERY_QUERY])
def test_a_statement_that_returns_rows_is_bounded_and_ordered(name: str) -> None:
    declared = declared_queries()[name]
    if declared.row_type is None or name.rpartition(".")[2].startswith(SINGLE_ROW_VERBS):
        return
    assert re.search(r"\border by\b", declared.sql), f"{name} returns rows in no order"
    assert re.search(r"\blimit\b|\bunnest\(|= any\(|_tree$|lock_documents$", declared.sql + name), (
        f"{name} is unbounded"
    )


async def test_every_statement_prepares_and_its_columns_match_its_row_type(database: Database, subtests) -> None:
    async with database.acquire() as connection:
        labels = await enum_labels(connection)
        for declared in EVERY_QUERY:
            with subtests.test(declared.name):
                prepared = await connection.prepare(declared.sql)
                columns = [(column.name, type_name(column.type)) for column in prepared.get_attributes()]
                assert_columns_match(declared, columns, labels)


async def test_nullable_columns_have_optional_fields_and_others_have_not(database: Database, subtests) -> None:
    async with database.acquire() as connection:
        nullable = await nullability(connection)
        for declared in EVERY_QUERY:
            if declared.row_type is None or not dataclasses.is_dataclass(declared.row_type):
                continue
            with subtests.test(declared.name):
                assert_optional_where_nullable(declared, nullable)


def assert_columns_match(declared: Query[object], columns: list[tuple[str, str]], labels: dict[str, list[str]]) -> None:
    if declared.row_type is None:
        assert columns == [], "a statement without a row type must return no rows"
        return
    if not dataclasses.is_dataclass(declared.row_type):
        assert len(columns) == 1
        assert_type_matches(declared.row_type, columns[0][1], labels)
        return
    hints = get_type_hints(declared.row_type)
    names = [field.name for field in dataclasses.fields(declared.row_type)]
    assert [name for name, _ in columns] == names
    for name, found in columns:
        assert_type_matches(without_none(hints[name]), found, labels)


def assert_type_matches(expected: object, found: str, labels: dict[str, list[str]]) -> None:
    if isinstance(expected, type) and issubclass(expected, Enum):
        members = [member.value for member in expected]
        # Small closed sets that are no PostgreSQL enums are text with a check.
        assert found == "text" or sorted(labels[found]) == sorted(members), f"{found} is not {expected}"
        return
    if get_origin(expected) is list:
        [element] = get_args(expected)
        expected = list[without_none(element)]
    assert PYTHON_TYPES[found] == expected, f"{found} is not {expected}"


def assert_optional_where_nullable(declared: Query[object], nullable: dict[str, dict[str, bool]]) -> None:
    tables = [table for table in nullable if re.search(rf"\b{table}\b", declared.sql)]
    is_outer = "left join" in declared.sql
    for name, hint in get_type_hints(declared.row_type).items():
        found = {nullable[table][name] for table in tables if name in nullable[table]}
        if found == {True}:
            assert is_optional(hint), f"{name} may be null"
        if found == {False} and not is_outer:
            assert not is_optional(hint), f"{name} is never null"


def type_name(found) -> str:
    return f"{found.name.removesuffix('[]')}[]" if found.kind == "array" else found.name


def is_optional(hint: object) -> bool:
    return type(None) in get_args(hint)


def without_none(hint: object) -> object:
    if get_origin(hint) in (Union, UnionType):
        [only] = [argument for argument in get_args(hint) if argument is not type(None)]
        return only
    return hint


async def enum_labels(connection: Connection) -> dict[str, list[str]]:
    rows = await connection.fetch(
        "select t.typname, array_agg(e.enumlabel::text) from pg_enum e join pg_type t on t.oid = e.enumtypid group by 1"
    )
    return dict(tuple(row) for row in rows)


async def nullability(connection: Connection) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for table, column, is_nullable in await connection.fetch(
        "select table_name::text, column_name::text, is_nullable = 'YES' from information_schema.columns "
        "where table_schema = 'public'"
    ):
        found.setdefault(table, {})[column] = is_nullable
    return found


async def test_a_missing_argument_is_named_before_anything_is_sent(database: Database) -> None:
    async with database.acquire() as connection:
        with pytest.raises(TypeError, match=r"accounts\.get_user takes user_id"):
            await declared_queries()["accounts.get_user"].maybe(connection, id=1)


async def test_one_insists_on_a_row(database: Database) -> None:
    async with database.acquire() as connection:
        with pytest.raises(RowMissing, match=r"accounts\.get_user"):
            await declared_queries()["accounts.get_user"].one(connection, user_id=UUID(int=1))


def test_a_query_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        query("accounts.get_user")


def test_a_query_that_is_not_written_is_refused_at_import() -> None:
    with pytest.raises(LookupError, match=r"accounts\.sql has no statement"):
        query("accounts.no_such_thing")
