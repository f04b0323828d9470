"""Somebody stops reading while their room is busy: it costs them their own socket, and nobody else anything (P4)."""

import re
import statistics
import sys
import time
import urllib.request

import psutil
import pytest

from protocol.errors import CloseCode
from tests.harness.editor import Editor
from tests.harness.live_server import LiveServer, live_server

CHUNK = "x" * 20_000
ROUNDS = 100
GIVEN_UP_WITHIN_S = 60
GROWTH_LIMIT_BYTES = 64 << 20  # four times what one outbox may hold
CLOSED = re.compile(r"^flashio_slow_readers_closed_total (\S+)", re.MULTILINE)


def given_up(server: LiveServer) -> float:
    with urllib.request.urlopen(f"{server.url}/metrics") as answer:
        found = CLOSED.search(answer.read().decode())
    assert found is not None
    return float(found[1])


async def typed(editor: Editor, rounds: int) -> list[float]:
    """Seconds from each of so many edits to its commit; the text stays short."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        await editor.type(0, CHUNK)
        await editor.channel.when_saved()
        times.append(time.perf_counter() - began)
        await editor.delete(0, len(CHUNK))
    return times


def p99_ms(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98] * 1000


@pytest.mark.slow
async def test_a_reader_that_stops_is_closed_and_comes_back_level(capsys: pytest.CaptureFixture[str]) -> None:
    async with live_server(SLOW_READER_S="2") as server, server.client() as busy, server.client() as deaf:
        ada = await Editor().open(busy, "busy.txt", create=True)
        eve = await Editor().open(deaf, "busy.txt")
        before = await typed(ada, ROUNDS)
        process = psutil.Process(server.pid)
        rss = process.memory_info().rss
        deaf.transport.pause_reading()
        during, deadline = [], time.monotonic() + GIVEN_UP_WITHIN_S
        while not given_up(server):
            assert time.monotonic() < deadline, "the reader was never given up"
            during += await typed(ada, ROUNDS)
            assert process.memory_info().rss - rss < GROWTH_LIMIT_BYTES
        grown = process.memory_info().rss - rss
        deaf.transport.resume_reading()
        assert (await deaf.when_closed()).close_code == CloseCode.TRY_AGAIN_LATER
        async with server.client() as again:
            await eve.open(again, "busy.txt")
            await ada.type(0, "level")
            await ada.channel.when_saved()
            await eve.until("level")
    assert p99_ms(during) < p99_ms(before) * 5 + 50
    with capsys.disabled():
        sys.stdout.write(
            f"\nothers' p99 before {p99_ms(before):.1f} ms, during {p99_ms(during):.1f} ms; "
            f"{len(during)} edits until closed; RSS grew by {grown >> 20} MiB\n"
        )
