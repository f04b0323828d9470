"""All that the server keeps of a person, as a zip archive made while it is read: one JSON file per table, and texts."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from prometheus_client import Counter

from protocol.ids import UserId
from server.access.principal import Principal
from server.access.rate import Buckets
from server.errors import RateLimited
from server.feature import Call, Services
from server.features.accounts.own_affairs import signed_in
from server.features.accounts.zip_stream import ZipStream
from server.store import export
from server.store.audit import append_audit
from server.store.queries import Query

HOUR_S = 3600.0
PAGE = 100  # rows; the longest, comments, have 64 KiB each
PIECE_BYTES = 32 * 1024  # compressed at a time: under a millisecond
FIRST = UUID(int=0)

README = """\
All that this server keeps of you, as it was while this archive was made.

profile.json         you
<table>.json         what you made, own or belong to; times are UTC, ids are those of the program's addresses
projects/<id>/       the text files of the projects that you own, as they were last stored
recoveries/<id>.txt  copies of text that could not be saved

files.json lists every file of your projects. Those that are no text are not in here: download them from
/files/<project id>/<path> while you are signed in, or export the project. Secrets (tokens, keys, session cookies) are
kept as hashes or not shown, and are in no archive. What others wrote in your projects is theirs.
"""

_exports = Counter("flashio_account_exports_total", "Archives of all of a person's data", ["outcome"])


@dataclass(slots=True)
class AccountExport:
    services: Services
    rates: Buckets = field(init=False)

    def __post_init__(self) -> None:
        per_hour = self.services.settings.exports_per_hour
        self.rates = Buckets(per_hour / HOUR_S, per_hour, self.services.clock.monotonic)

    async def begin(self, call: Call) -> AsyncIterator[bytes]:
        """The archive of the caller, whose making begins now; read it to the end.

        Raises:
            Forbidden: they did not sign in themselves.
            RateLimited: they took as many as anybody may for now.
        """
        principal = signed_in(call)
        if not self.rates.of(principal.user_id).try_take():
            _exports.labels("refused").inc()
            raise RateLimited("You took several archives of your data already. Try again in an hour.")
        await self._note(principal)
        _exports.labels("begun").inc()
        return self._pieces(principal.user_id)

    async def _pieces(self, user_id: UserId) -> AsyncIterator[bytes]:
        """Invariant: no connection is held while the reader is waited for."""
        archive = ZipStream()
        yield _member(archive, "README.txt", README.encode())
        yield _member(archive, "profile.json", await self._profile(user_id))
        for name, table in export.TABLES.items():
            archive.begin(f"{name}.json")
            async for piece in self._rows(table, user_id):
                yield archive.write(piece)
            yield archive.end()
        for name, find in (("files", export.find_file_text), ("recoveries", export.find_recovery_text)):
            async for piece in self._texts(archive, name, find, user_id):
                yield piece
        yield archive.close()
        _exports.labels("ended").inc()

    async def _profile(self, user_id: UserId) -> bytes:
        async with self.services.db.acquire() as connection:
            profile = await export.get_profile.one(connection, user_id=user_id)
        return json.dumps(profile.body, indent=2, ensure_ascii=False).encode()

    async def _rows(self, table: Query[export.ExportRow], user_id: UserId) -> AsyncIterator[bytes]:
        """A JSON array, one row a line."""
        before = b"["
        async for row in self._read(table, user_id):
            yield before + b"\n  " + json.dumps(row.body, ensure_ascii=False).encode()
            before = b","
        yield b"[]\n" if before == b"[" else b"\n]\n"

    async def _texts(self, archive: ZipStream, name: str, find: Query[str], user_id: UserId) -> AsyncIterator[bytes]:
        async for row in self._read(export.TABLES[name], user_id):
            if name == "files" and not row.body["isText"]:
                continue
            async with self.services.db.acquire() as connection:
                found = await find.maybe(connection, id=row.mark, user_id=user_id)
            if found is None:
                continue
            text = found.encode()
            archive.begin(_text_name(name, row.body))
            for start in range(0, len(text), PIECE_BYTES):
                yield archive.write(text[start : start + PIECE_BYTES])
                await asyncio.sleep(0)  # others have their turn between two pieces, however fast the reader is
            yield archive.end()

    async def _read(self, table: Query[export.ExportRow], user_id: UserId) -> AsyncIterator[export.ExportRow]:
        after_id, is_last = FIRST, False
        while not is_last:
            async with self.services.db.acquire() as connection:
                page = await table.all(connection, user_id=user_id, after_id=after_id, limit=PAGE)
            for row in page:
                yield row
            after_id, is_last = (page[-1].mark, len(page) < PAGE) if page else (after_id, True)

    async def _note(self, principal: Principal) -> None:
        async with self.services.db.transaction() as tx:
            await append_audit(
                tx,
                actor_id=principal.user_id,
                action="accounts/exported",
                subject=str(principal.user_id),
            )


def _text_name(name: str, row: dict[str, object]) -> str:
    if name == "files":
        return f"projects/{row['projectId']}/{row['path']}"
    return f"recoveries/{row['id']}.txt"


def _member(archive: ZipStream, name: str, content: bytes) -> bytes:
    archive.begin(name)
    return archive.write(content) + archive.end()
