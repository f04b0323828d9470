"""Peers that are gone without a word: a process that stands still while TCP goes on, and a network that vanished."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from protocol.websocket import frame
from tests.harness.wire_server import WireServer, wire_server

ROOT = Path(__file__).resolve().parents[2]
PING_INTERVAL_S = 0.2
BULK = frame(bytes(1 << 20))
MORE_THAN_KERNELS_TAKE = 32
NUMBER = os.getpid() % 250  # so that two runs on one machine have networks of their own
SPACE, OUTER, INNER = f"flashio-gone-{NUMBER}", f"fl-out-{NUMBER}", f"fl-in-{NUMBER}"
OUTER_ADDRESS, INNER_ADDRESS = f"10.213.{NUMBER}.1", f"10.213.{NUMBER}.2"
CLIENT = """
import asyncio, sys
from tests.harness.raw_client import BINARY, PING, PONG, framed, raw_client

async def main(host, port):
    async with raw_client(int(port), host=host) as client:
        client.send(framed(BINARY, b"hello"))
        await client.message()
        print("ready", flush=True)
        while True:
            asked = await client.receive()
            if asked.opcode == PING:
                client.send(framed(PONG, asked.payload))

asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def peer(*prefix: str, host: str, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that is connected and answers pings."""
    process = await asyncio.create_subprocess_exec(
        *(*prefix, sys.executable, "-c", CLIENT, host, str(port)), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        await process.wait()


@contextmanager
def network_of_its_own() -> Iterator[tuple[str, ...]]:
    """How to start a process behind a wire that can be cut; its address is `INNER_ADDRESS`, ours `OUTER_ADDRESS`."""
    _ip("netns", "add", SPACE)
    try:
        _ip("link", "add", OUTER, "type", "veth", "peer", "name", INNER, "netns", SPACE)
        _ip("addr", "add", f"{OUTER_ADDRESS}/30", "dev", OUTER)
        _ip("link", "set", OUTER, "up")
        _ip("-n", SPACE, "addr", "add", f"{INNER_ADDRESS}/30", "dev", INNER)
        _ip("-n", SPACE, "link", "set", INNER, "up")
        yield ("ip", "netns", "exec", SPACE)
        _ip("link", "del", OUTER)
    finally:
        _ip("netns", "del", SPACE)


def _ip(*arguments: str) -> None:
    subprocess.run(("ip", *arguments), check=True, capture_output=True)


def _can_make_networks() -> bool:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    try:
        with network_of_its_own():
            return True
    except subprocess.CalledProcessError:
        return False


@pytest.fixture
async def server(adapter: str) -> AsyncIterator[WireServer]:
    async with wire_server(adapter, ping_interval_s=PING_INTERVAL_S, host="0.0.0.0") as server:
        yield server


async def test_a_peer_that_stands_still_is_let_go(server: WireServer) -> None:
    """Its kernel still acknowledges every byte, so TCP alone would never tell."""
    async with peer(host="127.0.0.1", port=server.port) as process:
        process.send_signal(signal.SIGSTOP)
        await server.until_ended()
        server.socket.write(BULK)
        assert server.socket.buffered_bytes == 0


async def test_a_peer_that_stands_still_while_much_is_written_is_closed_when_it_is_told_to(server: WireServer) -> None:
    """P4: while bytes wait for it the hub judges it, by progress; closing it does not wait for its kernel."""
    async with peer(host="127.0.0.1", port=server.port) as process:
        process.send_signal(signal.SIGSTOP)
        for _ in range(MORE_THAN_KERNELS_TAKE):
            server.socket.write(BULK)
        server.socket.close(1013, "You read too slowly.")
        await server.until_ended()


async def test_a_peer_that_stands_still_for_a_moment_stays() -> None:
    async with wire_server("fast", ping_interval_s=2) as server, peer(host="127.0.0.1", port=server.port) as process:
        process.send_signal(signal.SIGSTOP)
        process.send_signal(signal.SIGCONT)
        server.socket.write(BULK)
        writable = asyncio.Event()
        server.socket.when_writable(writable.set)
        async with asyncio.timeout(10):
            await writable.wait()
        assert not server._ended[-1].is_set()


async def test_a_peer_whose_network_vanished_is_let_go(server: WireServer) -> None:
    if not _can_make_networks():
        pytest.skip("NOT PROVEN HERE: to cut a network this test must be root and have `ip netns`")
    with network_of_its_own() as prefix:
        async with peer(*prefix, host=OUTER_ADDRESS, port=server.port):
            _ip("link", "set", OUTER, "down")
            await server.until_ended()
