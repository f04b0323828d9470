"""Documents through a live server: what people see of one another, and what survives."""

from collections.abc import AsyncIterator

import pytest
from pycrdt import Doc, Text

from runner.hub_client import Channel, HubClient
from tests.harness.live_server import LiveServer, live_server

ROOT_NAME = "codemirror"


@pytest.fixture
async def server() -> AsyncIterator[LiveServer]:
    async with live_server() as server:
        yield server


class Editor:
    """A person's replica on one channel."""

    def __init__(self) -> None:
        self.doc: Doc[Text] = Doc()
        self.text = self.doc.get(ROOT_NAME, type=Text)
        self.channel: Channel

    async def open(self, client: HubClient, path: str, *, create: bool = False) -> "Editor":
        self.channel = await client.open(
            path, state_vector=self.doc.get_state(), create=create, on_update=self.doc.apply_update
        )
        await self.channel.when_synced()
        return self

    async def type(self, at: int, text: str) -> None:
        before = self.doc.get_state()
        self.text.insert(at, text)
        await self.channel.edit(self.doc.get_update(before))


async def test_two_people_see_each_other_type_and_a_third_finds_the_text(server: LiveServer) -> None:
    async with server.client() as first, server.client() as second:
        ada, bob = await Editor().open(first, "notes.md", create=True), await Editor().open(second, "notes.md")
        await ada.type(0, "hello ")
        await bob.type(0, "world")
        await ada.channel.when_saved()
        await bob.channel.when_saved()
        async with server.client() as third:
            eve = await Editor().open(third, "notes.md")
            assert sorted(str(eve.text).replace("hello ", "H")) == sorted("Hworld")
            await ada.channel.ask(ada.doc.get_state())
            await ada.channel.when_synced()
            assert str(ada.text) == str(eve.text)


async def test_what_was_called_saved_is_there_after_kill_9(server: LiveServer) -> None:
    async with server.client() as client:
        ada = await Editor().open(client, "notes.md", create=True)
        await ada.type(0, "saved")
        await ada.channel.when_saved()
        await server.kill()
    await server.start()
    async with server.client() as client:
        assert str((await Editor().open(client, "notes.md")).text) == "saved"
