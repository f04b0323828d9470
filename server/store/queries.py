"""Named statements of sql/queries/slug.sql, called with typed rows. `Any` ends here.

A feature declares what it uses beside the code that uses it:

    list_files = query("files.list_files", FileRow)

aiosql reads the files; the driver's parameters are named in SQL (`:project_id`) and given by keyword.
"""

import dataclasses
from collections.abc import Callable
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar, cast, get_origin, get_type_hints, overload

from aiosql.adapters.asyncpg import AsyncPGAdapter
from aiosql.query_loader import QueryLoader

from server.store.db import Connection
from server.store.failures import RowMissing
from server.store.text import storable

Row = TypeVar("Row")

QUERIES_DIR = Path(__file__).resolve().parents[2] / "sql" / "queries"


class Query(Generic[Row]):
    """One statement and the shape of its rows: a frozen dataclass, a scalar type, or None when it returns no rows."""

    def __init__(self, name: str, row_type: type[Row] | None) -> None:
        self.name = name
        self.row_type = row_type
        self.sql, self.parameters = _statement(name)
        self._build = _row_builder(row_type)

    async def all(self, connection: Connection, **params: object) -> list[Row]:
        """Return every row, in the statement's order."""
        build = self._build
        return [build(record) for record in await connection.fetch(self.sql, self._arguments(params))]

    async def maybe(self, connection: Connection, **params: object) -> Row | None:
        """Return the first row, or None when there is none."""
        records = await connection.fetch(self.sql, self._arguments(params))
        return self._build(records[0]) if records else None

    async def one(self, connection: Connection, **params: object) -> Row:
        """Return the first row. Raises: RowMissing when there is none."""
        records = await connection.fetch(self.sql, self._arguments(params))
        if not records:
            raise RowMissing(f"{self.name} found no row")
        return self._build(records[0])

    async def run(self, connection: Connection, **params: object) -> int:
        """Run the statement for its effect and return how many rows it touched."""
        tag = await connection.execute(self.sql, self._arguments(params))
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def _arguments(self, params: dict[str, object]) -> list[object]:
        if params.keys() != set(self.parameters):
            raise TypeError(f"{self.name} takes {', '.join(self.parameters)}; got {', '.join(params)}")
        return [_storable_argument(params[name]) for name in self.parameters]


@overload
def query(name: str) -> Query[None]: ...
@overload
def query(name: str, row_type: type[Row]) -> Query[Row]: ...
def query(name: str, row_type: type[Row] | None = None) -> Query[Row] | Query[None]:
    """Declare the use of `slug.statement`, once in the program; without a row type it is for `run` only."""
    if name in _declared:
        raise ValueError(f"the query {name} is declared twice; import the first declaration instead")
    declared: Query[Row] = Query(name, row_type)
    _declared[name] = cast("Query[object]", declared)
    return declared


def declared_queries() -> dict[str, Query[object]]:
    """Return every query that the modules imported so far have declared, by name."""
    return dict(_declared)


def written_queries() -> set[str]:
    """Return the name of every statement in sql/queries."""
    return {name for path in QUERIES_DIR.glob("*.sql") for name in _statements(path.stem)}


_declared: dict[str, Query[object]] = {}


def _statement(name: str) -> tuple[str, tuple[str, ...]]:
    slug, _, _ = name.partition(".")
    try:
        return _statements(slug)[name]
    except KeyError:
        raise LookupError(f"sql/queries/{slug}.sql has no statement named {name}") from None


@cache
def _statements(slug: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Parse one file: name -> (SQL with positional parameters, their names in order)."""
    adapter = AsyncPGAdapter()  # type: ignore[no-untyped-call]
    loader = QueryLoader(adapter, None)
    data = loader.load_query_data_from_file(QUERIES_DIR / f"{slug}.sql", [slug], encoding="utf-8")
    return {datum.query_name: (datum.sql, tuple(adapter.var_sorted[datum.query_name])) for datum in data}


def _row_builder(row_type: type[Row] | None) -> Callable[[Any], Row]:
    if row_type is None or not dataclasses.is_dataclass(row_type):
        convert = _converter(row_type)
        return lambda record: cast("Row", record[0] if convert is None or record[0] is None else convert(record[0]))
    hints = get_type_hints(row_type)
    converters = [
        (index, convert)
        for index, field in enumerate(dataclasses.fields(row_type))
        if (convert := _converter(hints[field.name])) is not None
    ]
    if not converters:
        return lambda record: row_type(*record)

    def build(record: Any) -> Row:  # noqa: ANN401 - the driver's row, untyped until here
        values = list(record)
        for index, convert in converters:
            if values[index] is not None:
                values[index] = convert(values[index])
        return row_type(*values)

    return build


def _converter(hint: Any) -> Callable[[Any], object] | None:  # noqa: ANN401 - a type expression
    """Return what turns the driver's value into the declared type, or None where it already is of that type."""
    for candidate in getattr(hint, "__args__", ()) if _is_union(hint) else (hint,):
        if isinstance(candidate, type) and issubclass(candidate, Enum):
            return cast("Callable[[Any], object]", candidate)
        if get_origin(candidate) is tuple:
            return tuple
    return None


def _is_union(hint: Any) -> bool:  # noqa: ANN401 - a type expression
    return type(None) in getattr(hint, "__args__", ())


def _storable_argument(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list) and value and isinstance(value[0], str):
        return [storable(item) for item in value]
    return value
