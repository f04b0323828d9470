"""A person's replica of one document on our own protocol."""

import asyncio

from pycrdt import Doc, Text

from runner.hub_client import Channel, HubClient

ROOT_NAME = "codemirror"
SEEN_TIMEOUT_S = 15.0


class Editor:
    """Opens a document through a client and types into it; `heard` and `awareness` are what the server sent."""

    def __init__(self, doc: "Doc[Text] | None" = None) -> None:
        self.doc: Doc[Text] = doc or Doc()
        self.text = self.doc.get(ROOT_NAME, type=Text)
        self.channel: Channel
        self.heard: list[bytes] = []
        self.awareness: list[bytes] = []
        self._changed = asyncio.Event()

    async def open(self, client: HubClient, path: str, *, create: bool = False) -> "Editor":
        """Open the document and be brought level with it."""
        self.channel = await client.open(
            path,
            state_vector=self.doc.get_state(),
            create=create,
            on_update=self._take,
            on_awareness=self._take_awareness,
        )
        await self.channel.when_synced()
        return self

    async def type(self, at: int, text: str) -> int:
        """Insert at an offset in UTF-8 bytes, send the edit and return its count."""
        before = self.doc.get_state()
        self.text.insert(at, text)
        return await self.channel.edit(self.doc.get_update(before))

    async def delete(self, start: int, end: int) -> int:
        """Delete between offsets in UTF-8 bytes, send the edit and return its count."""
        before = self.doc.get_state()
        del self.text[start:end]
        return await self.channel.edit(self.doc.get_update(before))

    async def when_level(self) -> "Editor":
        """Ask for all that this replica lacks and wait for it."""
        await self.channel.ask(self.doc.get_state())
        await self.channel.when_synced()
        return self

    async def until(self, text: str) -> None:
        """Return when the replica shows this text.

        Raises:
            AssertionError: it did not in time.
        """
        try:
            async with asyncio.timeout(SEEN_TIMEOUT_S):
                while str(self.text) != text:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"expected {text!r}, see {str(self.text)!r}") from None

    async def until_aware(self, messages: int = 1) -> None:
        """Return when so many awareness messages have arrived."""
        async with asyncio.timeout(SEEN_TIMEOUT_S):
            while len(self.awareness) < messages:
                self._changed.clear()
                await self._changed.wait()

    def _take_awareness(self, update: bytes) -> None:
        self.awareness.append(update)
        self._changed.set()

    def _take(self, update: bytes) -> None:
        self.heard.append(update)
        self.doc.apply_update(update)
        self._changed.set()
