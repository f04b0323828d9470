"""What PostgreSQL itself says of the schema, and a filler that puts one row into every table of it."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from server.store.db import Connection
from tests.store.examples import SEED_CLIENT


@dataclass(frozen=True, slots=True)
class Column:
    """A column that an insert may name."""

    name: str
    type: str
    is_needed: bool


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference and what a deletion of its target does: c = cascade, n = set null, r = restrict, a = no action."""

    name: str
    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    on_delete: str


@dataclass(slots=True)
class World:
    """One project with its owner and a member, who together have a row in every table."""

    owner_id: UUID
    member_id: UUID
    project_id: UUID
    rows: dict[str, dict[str, object]] = field(default_factory=dict)


FITTING_VALUES: dict[str, object] = {
    "color": "#aabbcc",
    "content": "text",
    "email": "someone@example.org",
    "full_path": "src/main.py",
    "path": "src/main.py",
    "scopes": ["read"],
    "seed_client": SEED_CLIENT,
    "trigger_kind": "invoke",
    "watch_path": "src",
}
FITTING_VALUES_OF_TABLE: dict[tuple[str, str], object] = {
    ("accounts", "type"): "oauth",
    ("ai_chat_messages", "role"): "assistant",
    ("api_tokens", "expires_at"): datetime(2030, 1, 1, tzinfo=UTC),
    ("blobs", "storage_type"): "database",
    ("invitations", "role"): "viewer",
    ("path_rights", "role"): "viewer",
    ("path_rights", "access"): "hidden",
    ("project_collaborators", "role"): "editor",
}
VALUES_BY_TYPE: dict[str, object] = {
    "boolean": False,
    "bigint": 1,
    "integer": 1,
    "smallint": 1,
    "jsonb": {},
    "text[]": [],
    "date": date(2026, 1, 2),
    "timestamp with time zone": datetime(2030, 1, 1, tzinfo=UTC),
}


async def tables(connection: Connection) -> list[str]:
    """Return every table of the schema but the migration runner's own."""
    rows = await connection.fetch(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' "
        "and relname <> 'schema_migrations' order by relname"
    )
    return [row[0] for row in rows]


async def columns(connection: Connection, table: str) -> list[Column]:
    """Return a table's columns, generated ones left out."""
    rows = await connection.fetch(
        "select attname::text, format_type(atttypid, atttypmod), attnotnull and not atthasdef from pg_attribute "
        "where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum",
        [table],
    )
    return [Column(*row) for row in rows]


async def foreign_keys(connection: Connection) -> list[ForeignKey]:
    """Return every reference of the schema."""
    await connection.execute(
        "create or replace function pg_temp.column_names(relation oid, numbers int2[]) returns text[] "
        "language sql as 'select array_agg(a.attname::text order by n.place) "
        "from unnest(numbers) with ordinality as n (number, place) "
        "join pg_attribute a on a.attrelid = relation and a.attnum = n.number'"
    )
    rows = await connection.fetch(
        """
        select k.conname::text, k.conrelid::regclass::text, k.confrelid::regclass::text, k.confdeltype::text,
          pg_temp.column_names(k.conrelid, k.conkey), pg_temp.column_names(k.confrelid, k.confkey)
        from pg_constraint k
        where k.contype = 'f' and k.connamespace = 'public'::regnamespace
        order by 2, 1
        """
    )
    return [ForeignKey(row[0], row[1], tuple(row[4]), row[2], tuple(row[5]), row[3]) for row in rows]


async def fill_every_table(connection: Connection, world: World) -> None:
    """Put one row of the world's member, and in the world's project, into every table that has none of it yet."""
    keys = await foreign_keys(connection)
    [member] = await connection.fetch("select * from users where id = $1", [world.member_id])
    [project] = await connection.fetch("select * from projects where id = $1", [world.project_id])
    world.rows = {"users": dict(member), "projects": dict(project)}
    for table in _in_order_of_references(await tables(connection), keys):
        if table not in world.rows:
            own = [key for key in keys if key.table == table and key.target != table]
            world.rows[table] = await _insert_row(connection, table, own, world)


async def _insert_row(connection: Connection, table: str, keys: list[ForeignKey], world: World) -> dict[str, object]:
    values: dict[str, object] = {}
    for key in keys:
        values |= {
            name: world.rows[key.target][target] for name, target in zip(key.columns, key.target_columns, strict=True)
        }
    for column in await columns(connection, table):
        is_wanted = column.is_needed or column.name == "id" or (table, column.name) in FITTING_VALUES_OF_TABLE
        if column.name not in values and is_wanted:
            values[column.name] = await _fitting_value(connection, table, column)
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    statement = f'insert into "{table}" ({names}) values ({places}) returning *'
    [row] = await connection.fetch(statement, list(values.values()))
    return dict(row)


async def _fitting_value(connection: Connection, table: str, column: Column) -> object:
    for known in (FITTING_VALUES_OF_TABLE.get((table, column.name)), FITTING_VALUES.get(column.name)):
        if known is not None:
            return known
    if column.type == "uuid":
        return uuid4()
    if column.type == "text":
        return secrets.token_hex(8)
    if column.type == "bytea":
        return secrets.token_bytes(32)
    if column.type in VALUES_BY_TYPE:
        return VALUES_BY_TYPE[column.type]
    [label] = await connection.fetch(
        "select enumlabel::text from pg_enum where enumtypid = $1::text::regtype order by enumsortorder limit 1",
        [column.type],
    )
    return label[0]


def _in_order_of_references(names: list[str], keys: list[ForeignKey]) -> list[str]:
    ordered: list[str] = []
    while len(ordered) < len(names):
        ready = [
            name
            for name in names
            if name not in ordered
            and all(
                key.target in {*ordered, name} or key.name == "projects_owner_collaborates"
                for key in keys
                if key.table == name
            )
        ]
        assert ready, f"references go round in a circle among {set(names) - set(ordered)}"
        ordered += ready
    return ordered
