"""What a running server says of itself, and what the system says of its process."""

import re
from dataclasses import dataclass

import httpx
import psutil

from tests.harness.live_server import LiveServer

FIGURE = re.compile(r"^flashio_(\w+) (\S+)$", re.MULTILINE)
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Figures:
    """`metrics` holds those without labels, by their name without `flashio_`."""

    rss_bytes: int
    open_files: int
    metrics: dict[str, float]

    @property
    def connections(self) -> int:
        return int(self.metrics["connections"])

    @property
    def documents(self) -> int:
        return int(self.metrics["documents"])

    @property
    def unauthenticated(self) -> int:
        return int(self.metrics["unauthenticated_sockets"])


async def figures(server: LiveServer) -> Figures:
    """Ask now. The connection that asks is closed, but counts in `open_files`."""
    async with httpx.AsyncClient(base_url=server.url) as http:
        text = (await http.get("/metrics")).text
    process = psutil.Process(server.pid)
    metrics = {name: float(value) for name, value in FIGURE.findall(text)}
    return Figures(process.memory_info().rss, process.num_fds(), metrics)
