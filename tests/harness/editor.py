"""A person's replica on one channel of our own protocol."""

import asyncio

from pycrdt import Doc, Text

from runner.hub_client import Channel, HubClient

ROOT_NAME = "codemirror"
SEEN_TIMEOUT_S = 15.0


class Editor:
    def __init__(self) -> None:
        self.doc: Doc[Text] = Doc()
        self.text = self.doc.get(ROOT_NAME, type=Text)
        self.channel: Channel
        self._changed = asyncio.Event()

    async def open(self, client: HubClient, path: str, *, create: bool = False) -> "Editor":
        """Open the document and be brought level with it."""
        self.channel = await client.open(path, state_vector=self.doc.get_state(), create=create, on_update=self._take)
        await self.channel.when_synced()
        return self

    async def type(self, at: int, text: str) -> None:
        """Insert at an offset in UTF-8 bytes and send the edit."""
        before = self.doc.get_state()
        self.text.insert(at, text)
        await self.channel.edit(self.doc.get_update(before))

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

    def _take(self, update: bytes) -> None:
        self.doc.apply_update(update)
        self._changed.set()
