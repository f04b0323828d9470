"""Hostile clients on both doors: they send what they are given and come back when they are thrown out."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from protocol.yjs import sync
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from runner.hub_client import Disconnected, HubClient
from tests.acceptance.attacks import Attack
from tests.harness.live_server import LiveServer

ANSWER_TIMEOUT_S = 60.0  # texts that are kept before their sender is told wait for one another
NEWEST = 20
ASKED = "taken for foreign and asked for the whole"


class NoMoreAttacks(Exception):
    """All are sent."""


@dataclass(slots=True)
class Attacks:
    """What is still to be sent, by whichever attacker is free, and what the answers were.

    `state_vector` is the newest that the server told: attackers claim to know all that, or the largest part of the run
    would be downloads.
    """

    waiting: Iterator[Attack]
    state_vector: bytes = EMPTY_STATE_VECTOR
    answers: Counter[str] = field(default_factory=Counter)
    newest: deque[str] = field(default_factory=lambda: deque(maxlen=NEWEST))

    def take(self) -> bytes:
        """The next one's bytes.

        Raises:
            NoMoreAttacks: all are sent.
        """
        for name, data in self.waiting:
            self.newest.append(name)
            return data
        raise NoMoreAttacks


async def attack_on_ws(server: LiveServer, path: str, attacks: Attacks) -> None:
    """Edit on our own protocol until all are sent; open the document anew when the replica was ended."""
    while True:
        try:
            async with server.client() as client:
                while True:
                    await _until_ended(client, path, attacks)
        except Disconnected as closed:
            attacks.answers[f"closed with {closed.close_code}"] += 1
        except NoMoreAttacks:
            return


async def _until_ended(client: HubClient, path: str, attacks: Attacks) -> None:
    is_foreign = False

    def on_ask(state_vector: bytes) -> None:
        nonlocal is_foreign
        is_foreign = is_foreign or state_vector == EMPTY_STATE_VECTOR
        attacks.state_vector = state_vector if not is_foreign else attacks.state_vector

    channel = await client.open(path, state_vector=attacks.state_vector, on_ask=on_ask)
    while channel.ended is None:
        n = await channel.edit(attacks.take())
        await channel.until(lambda n=n: channel.saved >= n or channel.ended is not None or is_foreign, ANSWER_TIMEOUT_S)
        if is_foreign:
            attacks.answers[ASKED] += 1
            return
        attacks.answers["taken" if channel.ended is None else f"ended as {channel.ended['code']}"] += 1


async def attack_on_yjs(server: LiveServer, path: str, attacks: Attacks) -> None:
    """Send as a stock provider does until all are sent; connect anew when closed."""
    address = server.url.replace("http", "ws", 1) + f"/yjs/{server.project_id}/{path}?token={server.token}"
    while True:
        try:
            async with connect(address, compression=None, max_size=None) as socket:
                while await _one_as_provider(socket, attacks):
                    continue
        except ConnectionClosed as closed:
            attacks.answers[f"closed with {closed.rcvd.code if closed.rcvd else None}"] += 1
        except NoMoreAttacks:
            return


async def _one_as_provider(socket: ClientConnection, attacks: Attacks) -> bool:
    """Send one, and ask for the state: the answer comes from a replica that lives, a refusal from one that ended.

    Returns whether to go on with this socket.
    """
    data = attacks.take()
    await socket.send(sync.encode_update(data) if len(data) % 2 else sync.encode_sync_step2(data))
    await socket.send(sync.encode_sync_step1(attacks.state_vector))
    async with asyncio.timeout(ANSWER_TIMEOUT_S):
        while True:
            (message,) = sync.parse_frame(bytes(await socket.recv()))
            if isinstance(message, sync.SyncStep2):
                attacks.answers["taken"] += 1
                return True
            if message == sync.SyncStep1(EMPTY_STATE_VECTOR):
                attacks.answers[ASKED] += 1
                return False
