"""A person's replica of one document on our own protocol."""

from pycrdt import Doc, Text

from runner.hub_client import Channel, HubClient

ROOT_NAME = "codemirror"


class Editor:
    """Opens a document through a client and types into it; `heard` and `awareness` are what the server sent."""

    def __init__(self, doc: "Doc[Text] | None" = None) -> None:
        self.doc: Doc[Text] = doc or Doc()
        self.text = self.doc.get(ROOT_NAME, type=Text)
        self.channel: Channel
        self.heard: list[bytes] = []
        self.awareness: list[bytes] = []

    async def open(self, client: HubClient, path: str, *, create: bool = False) -> "Editor":
        self.channel = await client.open(
            path,
            state_vector=self.doc.get_state(),
            create=create,
            on_update=self._take,
            on_awareness=self.awareness.append,
        )
        await self.channel.when_synced()
        return self

    async def type(self, at: int, text: str) -> int:
        """Insert text and send it; returns the edit's count."""
        before = self.doc.get_state()
        self.text.insert(at, text)
        return await self.channel.edit(self.doc.get_update(before))

    async def delete(self, start: int, end: int) -> int:
        before = self.doc.get_state()
        del self.text[start:end]
        return await self.channel.edit(self.doc.get_update(before))

    async def when_level(self) -> "Editor":
        """Ask for all that this replica lacks and wait for it."""
        await self.channel.ask(self.doc.get_state())
        await self.channel.when_synced()
        return self

    def __str__(self) -> str:
        return str(self.text)

    def _take(self, update: bytes) -> None:
        self.heard.append(update)
        self.doc.apply_update(update)
