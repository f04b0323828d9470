"""Write sql/schema.sql: what all migrations together make, for people to read. `--check` fails on a difference."""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from server.store import embedded
from server.store.embedded.install import find_install
from server.store.migrate import migrate

SCHEMA_PATH = Path(__file__).resolve().parents[1] / "sql" / "schema.sql"
DUMP_TIMEOUT_S = 60
HEADER = """\
-- What the migrations in sql/migrations make, by `python -m tools.schema`. Read it; change it only by a migration.
"""
NOISE = ("--", "SET ", "SELECT pg_catalog.set_config", "\\restrict", "\\unrestrict")


def dump(dsn: str) -> str:
    """Return the schema of a migrated database as SQL, without anything that depends on the server it is on."""
    command = [
        find_install().binary("pg_dump"),
        "--schema-only",
        "--no-owner",
        "--no-privileges",
        "--exclude-table=schema_migrations",
        dsn,
    ]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=DUMP_TIMEOUT_S, check=True)
    return HEADER + _without_noise(shown.stdout)


async def dump_migrations() -> str:
    """Apply every migration to an empty PostgreSQL of its own and return the schema."""
    with tempfile.TemporaryDirectory(prefix="flashio-schema-") as folder:
        postgres = await embedded.start(Path(folder) / "pg", {"fsync": "off"})
        try:
            await migrate(postgres.dsn)
            return await asyncio.to_thread(dump, postgres.dsn)
        finally:
            await postgres.stop()


def main() -> int:
    """Write the file, or with `--check` only say whether it is right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when the file is out of date")
    wants_check = parser.parse_args().check
    schema = asyncio.run(dump_migrations())
    if not wants_check:
        SCHEMA_PATH.write_text(schema, encoding="utf-8")
        return 0
    if SCHEMA_PATH.read_text(encoding="utf-8") == schema:
        return 0
    print("sql/schema.sql is out of date: run `python -m tools.schema`", file=sys.stderr)
    return 1


def _without_noise(dumped: str) -> str:
    """Drop comments, session settings and repeated blank lines."""
    lines = [""]
    for line in dumped.splitlines():
        if line.startswith(NOISE) or (not line and not lines[-1]):
            continue
        lines.append(line)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
