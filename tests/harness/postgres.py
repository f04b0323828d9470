"""Real PostgreSQL for tests: one server for the session, one database cloned from a migrated template for each test."""

import asyncio
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from server.store import embedded
from server.store.migrate import migrate

CONNECT_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class TestServer:
    """A PostgreSQL that tests may create databases on, with a template that holds the schema at head."""

    __test__ = False

    admin_dsn: str
    template: str

    def dsn_for(self, database: str) -> str:
        """Return the address of another database of the same server."""
        return urlunsplit(urlsplit(self.admin_dsn)._replace(path=f"/{database}"))

    async def create_database(self, template: str | None = None) -> str:
        """Create a database, migrated unless another template is named, and return its address."""
        name = f"flashio_test_{uuid.uuid4().hex}"
        await self._administer(f'create database "{name}" template "{template or self.template}"')
        return self.dsn_for(name)

    async def drop_database(self, dsn: str) -> None:
        """Drop a database, cutting whoever is still connected."""
        await self._administer(f'drop database if exists "{urlsplit(dsn).path[1:]}" with (force)')

    async def _administer(self, statement: str) -> None:
        connection = await asyncpg.connect(self.admin_dsn, timeout=CONNECT_TIMEOUT_S)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def running_server(database_url: str | None) -> Iterator[TestServer]:
    """Give the server behind a URL, whose user may create databases, or an embedded one in a temporary directory."""
    if database_url is not None:
        with _migrated(database_url) as server:
            yield server
        return
    with tempfile.TemporaryDirectory(prefix="flashio-pg-") as folder:
        # Speed only: no test pulls the plug of the machine, and killed processes do not lose what the kernel has.
        postgres = asyncio.run(embedded.start(Path(folder) / "pg", {"fsync": "off"}))
        try:
            with _migrated(postgres.dsn) as server:
                yield server
        finally:
            asyncio.run(postgres.stop())


@contextmanager
def _migrated(admin_dsn: str) -> Iterator[TestServer]:
    server = TestServer(admin_dsn, f"flashio_template_{uuid.uuid4().hex}")
    template_dsn = server.dsn_for(server.template)
    asyncio.run(server._administer(f'create database "{server.template}" template template0'))
    try:
        asyncio.run(migrate(template_dsn))
        yield server
    finally:
        asyncio.run(server.drop_database(template_dsn))
