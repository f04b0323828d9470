"""The file rows as a cache: whatever fails or dies, they come to show the newest committed text."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from protocol.ids import Seq
from server.clock import ManualClock
from server.features.documents.content import Content
from server.features.documents.document import Document
from server.features.documents.laggards import Laggards
from server.features.documents.library import Library
from server.store.db import Database, PoolSettings
from server.store.failures import StorageFailure
from tests.features.documents.history import History, history, services_on
from tests.harness.proxy import Proxy, proxy_to

QUICK = PoolSettings(connect_timeout_s=2, acquire_timeout_s=2, command_timeout_s=2)


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with proxy_to(database_url) as proxy:
        yield proxy


async def loaded(library: Library, made: History) -> Document:
    try:
        return await library.get(made.document_id)
    finally:
        await library.services.tasks.stop()


async def test_a_document_loaded_with_text_that_its_file_row_lacks_is_refreshed(database: Database) -> None:
    """P2: the worker that committed the text was killed."""
    made = await history(database)
    await made.type("text")
    services = services_on(database, content_quiet_s=0.001)
    library = Library(services)
    document = await loaded(library, made)
    await Content(services, library).refresh_due()
    shown = await made.shown()
    assert (shown.content, shown.content_seq, document.uncached_since) == ("text", 2, None)


async def test_a_document_that_was_only_seeded_writes_nothing(database: Database) -> None:
    made = await history(database)
    assert (await loaded(Library(services_on(database)), made)).uncached_since is None


async def test_a_refresh_that_fails_is_tried_again(database: Database, proxy: Proxy) -> None:
    made = await history(database)
    await made.type("text")
    remote = Database(proxy.dsn, QUICK)
    await remote.open()
    services = services_on(remote, content_quiet_s=0.001)
    library = Library(services)
    document = await loaded(library, made)
    proxy.cut()
    with pytest.raises(StorageFailure):
        await Content(services, library).refresh_due()
    assert document.uncached_since is not None
    proxy.mend()
    await Content(services, library).refresh_due()
    assert (await made.shown()).content == "text"
    await remote.close()


async def test_one_row_that_cannot_be_written_holds_up_no_other(database: Database) -> None:
    """P8."""
    bad, good = await history(database, "bad.txt"), await history(database, "good.txt")
    services = services_on(database, content_quiet_s=0.001)
    library = Library(services)
    for made in (bad, good):
        await made.type("text")
        await loaded(library, made)
    bad_document = library.by_id(bad.document_id)
    assert bad_document is not None
    bad_document.seq = Seq(1 << 70)  # no column holds it
    await Content(services, library).refresh_all()
    assert (await good.shown()).content == "text"
    assert bad_document.uncached_since is not None
    now = services.clock.monotonic()
    library.idle(now, 0)
    assert bad_document not in library.idle(now, 0)
    assert bad_document in library.idle(now + 3_600, 0)


async def test_rows_that_no_worker_has_open_are_found_and_refreshed(database: Database) -> None:
    """P2."""
    made = await history(database)
    await made.type("text")
    an_hour_later = ManualClock(datetime.now(UTC) + timedelta(hours=1))
    await Laggards(services_on(database, an_hour_later)).run()
    shown = await made.shown()
    assert (shown.content, shown.content_seq, shown.size) == ("text", 2, 4)


async def test_rows_of_documents_that_were_just_edited_are_left_to_their_worker(database: Database) -> None:
    made = await history(database)
    await made.type("text")
    await Laggards(services_on(database)).run()
    assert (await made.shown()).content_seq == 0


async def test_one_log_that_cannot_be_read_leaves_the_other_rows_refreshed(database: Database) -> None:
    """P8."""
    made = [await history(database, f"{n}.txt") for n in range(3)]
    for each in made:
        await each.type("text")
    await made[0].commit(b"\x09")
    an_hour_later = ManualClock(datetime.now(UTC) + timedelta(hours=1))
    await Laggards(services_on(database, an_hour_later)).run()
    assert [(await each.shown()).content for each in made] == ["", "text", "text"]


async def test_work_in_a_project_brings_it_forward_in_lists_at_most_once_a_minute(database: Database) -> None:
    made, clock = await history(database), ManualClock()
    services = services_on(database, clock, content_quiet_s=0.001)
    library = Library(services)
    content = Content(services, library)
    brought: list[bool] = []
    for text, later_s in (("one", 0), ("two", 59), ("three", 61)):
        async with database.transaction() as tx:
            await tx.execute("update projects set updated_at = now() - interval '1 day'")
        await made.type(text)
        await library.services.tasks.stop()
        clock.advance(later_s)
        library = Library(services)
        await loaded(library, made)
        await Content(services, library, content.noted).refresh_all()
        async with database.acquire() as connection:
            rows = await connection.fetch("select updated_at > now() - interval '1 minute' from projects")
        brought.append(rows[0][0])
    assert brought == [True, False, True]
