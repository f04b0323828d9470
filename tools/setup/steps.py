"""The steps of setup, in order, under a lock that lets two makes in one folder take turns."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tools.setup.browser import ensure_browser
from tools.setup.node_packages import CLIENT, ensure_node_packages, ensure_page
from tools.setup.python_packages import ensure_python_packages
from tools.setup.redis_server import ensure_redis_server
from tools.setup.shell import ROOT, SetupError, say

BENCH_PEERS = ROOT / "bench" / "peers"
USAGE = "usage: python3 -m tools.setup run|test   (run: what `make run` needs; test: everything)"
WORTH_SAYING_S = 1.0
INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


def main(arguments: list[str]) -> int:
    if arguments not in (["run"], ["test"]):
        print(USAGE, file=sys.stderr)
        return 2
    started = time.monotonic()
    try:
        with one_setup_at_a_time():
            set_up_run()
            if arguments == ["test"]:
                set_up_tests()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; the next make goes on from here", file=sys.stderr)
        return INTERRUPTED
    took_s = time.monotonic() - started
    if took_s > WORTH_SAYING_S:
        say(f"done in {took_s:.0f} s")
    return 0


def set_up_run() -> None:
    ensure_python_packages()
    if CLIENT.joinpath("package.json").is_file():
        ensure_node_packages(CLIENT)
        ensure_page()


def set_up_tests() -> None:
    for folder in (ROOT / "tests" / "stock", ROOT / "tests" / "stock" / "v4", *sorted(BENCH_PEERS.iterdir())):
        if folder.joinpath("package.json").is_file():
            ensure_node_packages(folder)
    ensure_redis_server()
    ensure_browser()


@contextmanager
def one_setup_at_a_time() -> Iterator[None]:
    if not os.access(ROOT, os.W_OK):
        raise SetupError(f"{ROOT} is not writable for you. Clone the project into a folder of your own.")
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another setup of this folder to end")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
