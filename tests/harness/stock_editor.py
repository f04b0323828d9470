"""A replica that speaks the y-websocket dialect as a stock provider does, over a worker in this process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from pycrdt import Doc, Text

from protocol.yjs import sync
from protocol.yjs.awareness import AwarenessEntry, encode_awareness_update
from protocol.yjs.sync import AuthDenied, Awareness, Message, SyncStep1, SyncStep2, Update
from tests.harness.asgi import AsgiConnection
from tests.harness.editor import ROOT_NAME
from tests.harness.worker import Worker

SEEN_TIMEOUT_S = 15.0


class StockEditor:
    """`denials` are the reasons that the server told in-band."""

    def __init__(self, connection: AsgiConnection) -> None:
        self.connection = connection
        self.doc: Doc[Text] = Doc()
        self.text = self.doc.get(ROOT_NAME, type=Text)
        self.denials: list[str] = []
        self.heard_awareness: list[bytes] = []
        self._is_synced = False
        self._changed = asyncio.Event()

    async def type(self, at: int, text: str) -> None:
        """Insert at an offset in UTF-8 bytes and send the edit."""
        before = self.doc.get_state()
        self.text.insert(at, text)
        await self.connection.send(sync.encode_update(self.doc.get_update(before)))

    async def point(self, clock: int, state: str) -> None:
        """Send an awareness state, as JSON text, under this replica's client id."""
        entry = AwarenessEntry(self.doc.client_id, clock, state)
        await self.connection.send(sync.encode_awareness(encode_awareness_update([entry])))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return when `holds` does; it is asked again after every message.

        Raises:
            TimeoutError: it did not in time.
        """
        async with asyncio.timeout(SEEN_TIMEOUT_S):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def synced(self) -> "StockEditor":
        """Ask for what is there and take it."""
        await self.connection.send(sync.encode_sync_step1(self.doc.get_state()))
        await self.until(lambda: self._is_synced)
        return self

    async def read(self) -> None:
        """Take what arrives until the socket closes."""
        async for data in self.connection:
            if isinstance(data, bytes):
                for message in sync.parse_frame(data):
                    await self._take(message)
            self._changed.set()
        self._changed.set()

    async def _take(self, message: Message) -> None:
        match message:
            case SyncStep1(state_vector):
                await self.connection.send(sync.encode_sync_step2(self.doc.get_update(state_vector)))
            case SyncStep2(update):
                self.doc.apply_update(update)
                self._is_synced = True
            case Update(update):
                self.doc.apply_update(update)
            case Awareness(payload):
                self.heard_awareness.append(payload)
            case AuthDenied(reason):
                self.denials.append(reason)


@asynccontextmanager
async def stock_editor(worker: Worker, token: str, project_id: UUID, path: str) -> AsyncIterator[StockEditor]:
    """A replica of a document, synced."""
    async with worker.yjs(token, project_id, path) as connection:
        editor = StockEditor(connection)
        reading = asyncio.ensure_future(editor.read())
        try:
            yield await editor.synced()
        finally:
            reading.cancel()
            await asyncio.wait((reading,))
