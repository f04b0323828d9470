"""A TCP gate between clients and a server: while it is shut nobody gets through, and what was open is cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CHUNK_BYTES = 1 << 16


class Gate:
    """Use `gate_to`. It stays at its address, whatever happens behind it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_open = True
        self._under_way: set[asyncio.StreamWriter] = set()
        self.url = ""

    def shut(self) -> None:
        """Cut every connection and refuse new ones."""
        self._is_open = False
        for writer in list(self._under_way):
            writer.transport.abort()

    def open(self) -> None:
        self._is_open = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join one client to the server until either side ends."""
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        if not self._is_open:
            writer.transport.abort()
            inner_writer.transport.abort()
            return
        self._under_way |= {writer, inner_writer}
        try:
            await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))
        finally:
            self._under_way -= {writer, inner_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    except OSError:
        writer.transport.abort()
    finally:
        writer.close()


@asynccontextmanager
async def gate_to(port: int) -> AsyncIterator[Gate]:
    """A gate to a port of this machine."""
    gate = Gate(port)
    server = await asyncio.start_server(gate.carry, "127.0.0.1", 0)
    gate.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield gate
        gate.shut()
