"""A real redis-server of its own for the tests, on a free port, without persistence."""

import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tools.setup.redis_server import find_redis_server

READY = b"Ready to accept connections"
STOP_TIMEOUT_S = 5
START_ATTEMPTS = 5  # another program may take the free port between our look and redis's bind


def redis_binary() -> Path:
    """Return the redis-server that the tests start; a test run without one fails and says what to run."""
    found = find_redis_server()
    if found is None:
        pytest.fail("no redis-server is set up; run: make setup", pytrace=False)
    return found


@contextmanager
def running_redis(*options: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run one redis-server while the block runs; yields its URL and its process, which the test may kill."""
    with tempfile.TemporaryDirectory(prefix="flashio-redis-") as folder:
        for _ in range(START_ATTEMPTS):
            port = free_port()
            with started(port, folder, options) as (process, is_ready):
                if is_ready:
                    yield f"redis://127.0.0.1:{port}/0", process
                    return
        pytest.fail(f"{redis_binary()} did not start in {START_ATTEMPTS} attempts", pytrace=False)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """REDIS_URL when it is given, else a redis-server that lives as long as the test session."""
    given = os.environ.get("REDIS_URL")
    if given:
        yield given
        return
    with running_redis() as (url, _):
        yield url


@contextmanager
def started(port: int, folder: str, options: tuple[str, ...]) -> Iterator[tuple[subprocess.Popen[bytes], bool]]:
    """Start redis-server and yield it with whether it came to listen; it is ended, by its process id, in every case."""
    command = [str(redis_binary()), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    command += ["--dir", folder, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        is_ready = any(READY in line for line in process.stdout)
        reader = threading.Thread(target=discard, args=[process.stdout])
        reader.start()
        try:
            yield process, is_ready
        finally:
            end(process)
            reader.join()


def discard(log: IO[bytes]) -> None:
    """Read to the end: a redis whose log pipe is full would stand still."""
    for _ in log:
        continue


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
