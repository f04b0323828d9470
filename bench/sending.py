"""One client sends a history as fast as it comes back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import accumulate
from time import perf_counter

from bench.connecting import Room, connected
from bench.generator import collecting_no_garbage
from bench.listener import Authors, Listener
from bench.messages import FIRST_AUTHOR, masked, voice_number
from protocol.yjs import sync
from protocol.yjs.update import STORED_LIMITS, check_update

VOICE = voice_number(FIRST_AUTHOR, is_edit=True)
WINDOW = 4_096  # characters under way: enough to keep a server busy, not enough to hit its limits on memory
TICK_S = 0.001
STALL_S = 30.0


@asynccontextmanager
async def writing(room: Room, updates: list[bytes]) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """A client of the room; the function yielded sends the updates of `FIRST_AUTHOR` and returns the seconds that took.

    It raises:
        ConnectionError: the server closed the socket.
        TimeoutError: nothing came back for a while.
    """
    frames = [masked(room.dialect.address + sync.encode_update(update)) for update in updates]
    typed = list(accumulate(_characters(update) for update in updates))
    client = await connected(room, Authors([FIRST_AUTHOR]))

    async def send() -> float:
        with collecting_no_garbage():
            start = perf_counter()
            await _send(client, frames, typed)
            return perf_counter() - start

    try:
        yield send
    finally:
        client.close()


async def _send(client: Listener, frames: list[bytes], typed: list[int]) -> None:
    """Keep at most a window of characters under way, or one edit; `typed[i]` is how many there were after edit `i`."""
    sent, seen, moved_at = 0, -1, perf_counter()
    while client.seen[VOICE] < typed[-1] - 1:
        end = sent
        while end < len(frames) and (typed[end] <= client.seen[VOICE] + 1 + WINDOW or end == 0):
            end += 1
        if end > sent:
            client.send(b"".join(frames[sent:end]))
            sent = end
        await asyncio.sleep(TICK_S)
        client.begin()
        if client.closed is not None:
            raise ConnectionError(client.closed)
        if client.seen[VOICE] > seen:
            seen, moved_at = client.seen[VOICE], perf_counter()
        elif perf_counter() - moved_at > STALL_S:
            raise TimeoutError(f"after {seen:,} characters nothing came back any more")


def _characters(update: bytes) -> int:
    return sum(end - start for _, start, end in check_update(update, STORED_LIMITS).ranges)
