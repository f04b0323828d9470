"""What is taken away is gone on sockets that are open, on every worker, in both dialects (P5, P9)."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest

from protocol.collaborators import ChangeRole, GivenPermissions, LeaveProject, RemoveCollaborator, SetPermissions
from protocol.documents import GetRecovery, ListRecoveries, ReadDocument
from protocol.files import CreateFile
from protocol.ids import ProjectId, RecoveryId
from protocol.projects import GetProject
from protocol.yjs.awareness import AwarenessEntry, encode_awareness_update
from runner.hub_client import HubClient, ServerRefused
from server.bus.local import Exchange
from server.feature import rights_changed
from server.store import projects
from server.transport.dialects import FLASH
from tests.features.documents.logs import document_id_of, rows
from tests.harness.editor import Editor
from tests.harness.lossy_bus import LossyBus
from tests.harness.memory_socket import MemorySocket
from tests.harness.proxy import proxy_to
from tests.harness.stock_editor import stock_editor
from tests.harness.worker import Person, Worker, running_worker

WITHIN_S = 1.0  # P5
SOON_S = 0.3  # the poll of these tests
NEVER_S = 3600.0
SETTLE_TIMEOUT_S = 20
PATH = "a.txt"


@dataclass
class House:
    """Two workers. The owner is on `here`, Bob on `there`; `bus` is what `there` hears by."""

    here: Worker
    there: Worker
    bus: LossyBus
    ada: Person
    bob: Person
    project_id: ProjectId
    owner: HubClient

    async def demote(self, role: str = "viewer") -> None:
        await self.owner.command(ChangeRole(user_id=self.bob.id, role=role))  # type: ignore[arg-type]

    async def execute(self, sql: str, *arguments: object) -> None:
        async with self.here.app.db.transaction() as tx:
            await tx.execute(sql, arguments)

    def announce(self, *, project: bool = True, bob: bool = True) -> None:
        """Say what features say that change rights by commands of their own."""
        hint = rights_changed(project_id=self.project_id if project else None, user_id=self.bob.id if bob else None)
        self.here.app.hub.perform([hint])


@asynccontextmanager
async def house(database_url: str, role: str = "editor", *, poll_s: float = NEVER_S) -> AsyncIterator[House]:
    exchange = Exchange()
    bus = LossyBus(exchange)
    async with (
        running_worker(database_url, bus=LossyBus(exchange), rights_poll_s=poll_s) as here,
        running_worker(database_url, bus=bus, rights_poll_s=poll_s) as there,
    ):
        ada = await here.person()
        project_id = await here.project(ada, {PATH: "text"})
        bob = await here.joined(project_id, "bob", role)
        async with here.client(ada, project_id) as owner:
            yield House(here, there, bus, ada, bob, project_id, owner)


class Told:
    """The events of one client as they came, to wait for one."""

    def __init__(self, client: HubClient) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []
        self._changed = asyncio.Event()
        client.on_event = self._take

    def _take(self, name: str, body: dict[str, object], _seq: int | None) -> None:
        self.events.append((name, body))
        self._changed.set()

    async def until(self, name: str) -> dict[str, object]:
        async with asyncio.timeout(SETTLE_TIMEOUT_S):
            while not (found := [body for known, body in self.events if known == name]):
                self._changed.clear()
                await self._changed.wait()
        return found[-1]


async def logged(worker: Worker, project_id: ProjectId) -> list[bytes]:
    document_id = await document_id_of(worker.app.db, project_id, PATH)
    return [row.update_v1 for row in await rows(worker.app.db, document_id)]


async def remove(house: House) -> None:
    await house.owner.command(RemoveCollaborator(user_id=house.bob.id))


async def leave(house: House) -> None:
    async with house.here.client(house.bob, house.project_id) as bob:
        await bob.command(LeaveProject())


async def forbid_reading(house: House) -> None:
    await house.owner.command(SetPermissions(user_id=house.bob.id, permissions=GivenPermissions(can_read=False)))


async def delete_project(house: House) -> None:
    async with house.here.app.db.transaction() as tx:
        await projects.delete_project(tx, house.project_id)
    house.announce(bob=False)


async def revoke_token(house: House) -> None:
    async with house.here.browser(await house.here.session(house.bob)) as browser:
        (token,) = (await browser.post("/api/accounts/tokens", json={})).json()["tokens"]
        headers = {"idempotency-key": str(uuid4())}
        answer = await browser.post("/api/accounts/revoke_token", json={"id": token["id"]}, headers=headers)
        assert answer.status_code == 200


async def delete_person(house: House) -> None:
    await house.execute("delete from users where id = $1", house.bob.id)
    house.announce(project=False)


ENDINGS: list[tuple[Callable[[House], Awaitable[None]], int]] = [
    (remove, 4403),
    (leave, 4403),
    (forbid_reading, 4403),
    (delete_project, 4410),
    (revoke_token, 4401),
    (delete_person, 4401),
]


@pytest.mark.parametrize(("end", "code"), ENDINGS, ids=[end.__name__ for end, _ in ENDINGS])
async def test_who_may_no_longer_be_here_is_told_and_closed_on_another_worker(
    database_url: str, end: Callable[[House], Awaitable[None]], code: int
) -> None:
    """P5, P9."""
    async with house(database_url) as home:
        ours = home.there.client(home.bob, home.project_id)
        stocks = stock_editor(home.there, home.bob.token, home.project_id, PATH)
        async with ours as client, stocks as stock:
            await end(home)
            began = time.monotonic()
            closed = await client.when_closed()
            assert (await stock.connection.when_closed())[0] == closed.close_code == code
            assert time.monotonic() - began < WITHIN_S
            assert len(client.errors) == len(stock.denials) == 1


@pytest.mark.parametrize(("end", "code"), ENDINGS, ids=[end.__name__ for end, _ in ENDINGS])
async def test_who_may_no_longer_be_here_is_closed_within_the_poll_when_the_bus_is_gone(
    database_url: str, end: Callable[[House], Awaitable[None]], code: int
) -> None:
    """P5, P3."""
    async with house(database_url, poll_s=SOON_S) as home:
        home.bus.loses = True
        async with home.there.client(home.bob, home.project_id) as client:
            await end(home)
            began = time.monotonic()
            assert (await client.when_closed()).close_code == code
            assert time.monotonic() - began < SOON_S + WITHIN_S


async def test_a_session_that_ends_closes_the_sockets_it_opened_and_no_others(database_url: str) -> None:
    """P5: sign-out, from whatever device."""
    async with house(database_url) as home:
        door = home.there.app.door
        session = await home.here.session(home.bob)
        ticket, _ = await door.credentials.make_ticket(await door.credentials.of_session(session), home.project_id, 30)
        async with (
            home.there.client(home.bob, home.project_id) as by_token,
            home.there.client(home.bob, home.project_id, ticket=ticket) as by_session,
        ):
            async with home.here.browser(session) as browser:
                await browser.post("/signout")
            assert (await by_session.when_closed()).close_code == 4401
            await by_token.command(GetProject())


async def test_a_project_that_is_no_longer_public_closes_who_only_read_it(database_url: str) -> None:
    """P5."""
    async with house(database_url) as home:
        eve = await home.here.person("eve")
        await home.execute("update projects set visibility = 'public' where id = $1", home.project_id)
        async with (
            home.there.client(eve, home.project_id) as reader,
            home.there.client(home.bob, home.project_id) as member,
        ):
            assert reader.welcome.project.can_write is False
            await home.execute("update projects set visibility = 'private' where id = $1", home.project_id)
            home.announce(bob=False)
            assert (await reader.when_closed()).close_code == 4403
            await member.command(GetProject())


async def test_an_editor_who_becomes_a_viewer_keeps_the_socket_and_is_told_within_a_second(database_url: str) -> None:
    """P5."""
    async with house(database_url) as home, home.there.client(home.bob, home.project_id) as client:
        told, editor = Told(client), await Editor().open(client, PATH)
        await home.demote()
        began = time.monotonic()
        changed = await told.until("documents/access_changed")
        assert time.monotonic() - began < WITHIN_S
        assert changed == {"channel": editor.channel.opened.channel, "access": "read"}
        assert (await told.until("collaborators/regranted"))["abilities"] == ["read"]
        with pytest.raises(ServerRefused, match="forbidden"):
            await client.command(CreateFile(path="b.txt"))
        assert (await client.command(ReadDocument(path=PATH))).text == "text"


async def test_a_downgrade_reaches_open_sockets_within_the_poll_when_the_bus_is_gone(database_url: str) -> None:
    """P5, P3."""
    async with (
        house(database_url, poll_s=SOON_S) as home,
        home.there.client(home.bob, home.project_id) as client,
    ):
        home.bus.loses = True
        told = Told(client)
        await Editor().open(client, PATH)
        await home.demote()
        began = time.monotonic()
        await told.until("documents/access_changed")
        assert time.monotonic() - began < SOON_S + WITHIN_S
        assert home.bus.lost > 0


async def test_edits_under_way_at_the_downgrade_are_kept_for_their_author_and_told_by_number(
    database_url: str,
) -> None:
    """P5, P8: they reach neither the log, nor the room, nor the bus."""
    async with house(database_url) as home, home.there.client(home.bob, home.project_id) as client:
        told, editor = Told(client), await Editor().open(client, PATH)
        await editor.type(4, " saved")
        await editor.channel.when_saved()
        before = await logged(home.here, home.project_id)
        await home.demote()
        await told.until("documents/access_changed")
        for at, word in enumerate((" lost", " too")):
            await editor.type(10 + 5 * at, word)
        ended = await editor.channel.when_ended()
        assert (ended["code"], ended["refusedFrom"]) == ("forbidden", 2)
        kept = await client.command(GetRecovery(id=RecoveryId(ended["recoveryId"])))
        assert kept.text == "text saved lost too"
        anew = await Editor().open(client, PATH)
        assert (anew.channel.opened.access, str(anew.text)) == ("read", "text saved")
        assert await logged(home.here, home.project_id) == before
        assert (await home.owner.command(ReadDocument(path=PATH))).text == "text saved"


async def test_a_stock_client_that_becomes_a_viewer_stays_until_it_writes(database_url: str) -> None:
    """P5, P11."""
    async with (
        house(database_url) as home,
        stock_editor(home.there, home.bob.token, home.project_id, PATH) as stock,
        home.here.client(home.bob, home.project_id) as elsewhere,
    ):
        await home.demote()
        await stock.until(lambda: bool(stock.denials))
        owner = await Editor().open(home.owner, PATH)
        await owner.type(4, " for all")
        await stock.until(lambda: str(stock.text) == "text for all")
        before = await logged(home.here, home.project_id)
        await stock.type(0, "mine ")
        assert (await stock.connection.when_closed())[0] == 4403
        assert await logged(home.here, home.project_id) == before
        (kept,) = (await elsewhere.command(ListRecoveries())).recoveries
        assert (await elsewhere.command(GetRecovery(id=kept.id))).text == "mine text for all"
        assert str(kept.id) in stock.denials[-1]


async def test_the_cursor_of_a_viewer_reaches_the_others_in_either_dialect(database_url: str) -> None:
    """P5."""
    async with (
        house(database_url) as home,
        home.there.client(home.bob, home.project_id) as client,
        stock_editor(home.there, home.bob.token, home.project_id, PATH) as stock,
        home.there.client(home.ada, home.project_id) as watcher,
    ):
        told, editor = Told(client), await Editor().open(client, PATH)
        seen = await Editor().open(watcher, PATH)
        await home.demote()
        await told.until("documents/access_changed")
        before = len(seen.awareness)
        await editor.channel.aware(encode_awareness_update([AwarenessEntry(7, 1, '{"cursor":null}')]))
        await seen.until_aware(before + 1)
        await stock.point(1, '{"cursor":null}')
        await seen.until_aware(before + 2)


async def test_a_viewer_who_becomes_an_editor_may_write_at_once(database_url: str) -> None:
    async with house(database_url, "viewer") as home, home.there.client(home.bob, home.project_id) as client:
        told, editor = Told(client), await Editor().open(client, PATH)
        assert editor.channel.opened.access == "read"
        await home.demote("editor")
        assert (await told.until("documents/access_changed"))["access"] == "write"
        await editor.type(4, " more")
        await editor.channel.when_saved()
        assert (await home.owner.command(ReadDocument(path=PATH))).text == "text more"


async def test_open_sockets_keep_what_they_have_while_storage_is_away_and_lose_it_when_it_is_back(
    database_url: str,
) -> None:
    """P5."""
    async with (
        proxy_to(database_url) as proxy,
        house(proxy.dsn) as home,
        home.there.client(home.bob, home.project_id) as client,
    ):
        told, editor = Told(client), await Editor().open(client, PATH)
        await home.execute("update project_collaborators set role = 'viewer' where user_id = $1", home.bob.id)
        proxy.cut()
        home.announce()
        await editor.type(4, " typed")
        await editor.channel.when_storage(reachable=False)
        assert not told.events
        proxy.mend()
        await told.until("documents/access_changed")
        await editor.channel.when_saved()


async def test_who_came_in_while_their_rights_were_taken_loses_them_too(database_url: str) -> None:
    """P5: the handshake read them before the hint and ended after it."""
    async with house(database_url) as home, home.there.client(home.bob, home.project_id) as client:
        door, tasks, told = home.there.app.door, home.there.app.tasks, Told(client)
        read_since = door.clock.monotonic()
        principal = await door.credentials.of_token(home.bob.token)
        read_before = await door.grant(principal, home.project_id)
        await home.demote()
        await told.until("collaborators/regranted")
        caller = door.enter(MemorySocket(), FLASH, principal, read_before, read_since=read_since)
        await asyncio.wait([task for task in tasks.running() if task.get_name() == "look at rights"])
        assert caller.grant is not None
        assert caller.grant.role == "viewer"
        door.leave(caller)


async def test_who_comes_in_after_rights_were_taken_is_not_looked_at_again(database_url: str) -> None:
    """Everybody reconnects after a change that concerns all: to look at each of them twice would slow the storm."""
    async with house(database_url) as home, home.there.client(home.bob, home.project_id) as client:
        door, tasks, told = home.there.app.door, home.there.app.tasks, Told(client)
        await home.demote()
        await told.until("collaborators/regranted")
        read_since = door.clock.monotonic()
        principal = await door.credentials.of_token(home.bob.token)
        grant = await door.grant(principal, home.project_id)
        assert grant.role == "viewer"
        caller = door.enter(MemorySocket(), FLASH, principal, grant, read_since=read_since)
        assert not [task for task in tasks.running() if task.get_name() == "look at rights"]
        door.leave(caller)


async def test_nothing_is_remembered_of_sockets_that_are_gone(database_url: str) -> None:
    """P10."""
    async with house(database_url) as home:
        for _ in range(3):
            async with home.there.client(home.bob, home.project_id):
                pass
        vigil = home.there.app.door.vigil
        assert not vigil._callers
        assert not vigil._of_project
        assert not vigil._of_user
