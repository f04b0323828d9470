"""Statements grow with batches, not with files."""

import logging
import os

from tests.harness.archive_client import Archives
from tests.harness.archives import zipped
from tests.harness.statements import counted_statements
from tests.harness.worker import Worker, running_worker

log = logging.getLogger(__name__)

REMEMBERED = 3  # statements of a sign-in, which a second later are asked again
PER_BATCH = 20  # statements that a batch of 500 files may take, with bytes in it and the end of transactions


async def statements_of(worker: Worker, archives: Archives, files: dict[str, bytes]) -> int:
    """How many an import takes, without those that say how far it is: they come by the clock."""
    async with counted_statements(worker) as statements:
        ended = await archives.imported(zipped(files))
    assert (ended["state"], ended["filesTotal"]) == ("done", len(files)), ended
    return sum("told_at = now()\nwhere id = $" not in statement for statement in statements)


def files_of(count: int) -> dict[str, bytes]:
    """Half of them text, half of them bytes that differ."""
    return {f"{n}": f"text {n}\n".encode() if n % 2 else b"\0" + os.urandom(50) for n in range(count)}


async def test_an_import_takes_as_many_statements_for_450_files_as_for_50_and_few_for_5000(database_url: str) -> None:
    async with (
        running_worker(database_url, database_pool_size=2) as worker,  # one connection for all of it
        worker.http(await worker.person()) as http,
    ):
        archives = Archives(http, worker)
        await statements_of(worker, archives, files_of(10))  # the driver asks for types the first time
        few = await statements_of(worker, archives, files_of(50))
        assert abs(await statements_of(worker, archives, files_of(450)) - few) <= REMEMBERED
        many = await statements_of(worker, archives, files_of(5_000))
        log.info("%d statements for 50 and 450 files, %d for 5,000", few, many)
        assert many - few < 9 * PER_BATCH + 10
