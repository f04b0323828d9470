"""A rule that is set, or a file that moves under one, is felt on sockets that are open, on every worker (P5, P9)."""

import json
import time

import pytest

from protocol.collaborators import RemovePathRight, SetPathRight
from protocol.documents import GetRecovery, ListRecoveries, ReadDocument
from protocol.files import CopyFile, CreateFile, DeleteFile, ListDeletedFiles, ListFiles, MoveFile, RestoreFile
from protocol.ids import Seq
from protocol.session import ResumeFrom
from runner.hub_client import HubClient, ServerRefused
from tests.features.test_live_rights import PATH, SOON_S, WITHIN_S, House, Told, house, logged
from tests.harness.editor import Editor
from tests.harness.listener import Listener
from tests.harness.stock_editor import stock_editor

SECRET = "secret"  # a word that is in no path that Bob may see


async def rule(home: House, glob: str, access: str, role: str = "editor"):
    return await home.owner.command(SetPathRight(glob=glob, role=role, access=access))  # type: ignore[arg-type]


async def test_a_file_that_is_hidden_while_it_is_open_is_gone_within_a_second(database_url: str) -> None:
    """P5, P9, P11."""
    async with (
        house(database_url) as home,
        home.there.client(home.bob, home.project_id) as client,
        stock_editor(home.there, home.bob.token, home.project_id, PATH) as stock,
    ):
        told, editor = Told(client), await Editor().open(client, PATH)
        owner = await Editor().open(home.owner, PATH)
        await rule(home, PATH, "hidden")
        began = time.monotonic()
        ended = await editor.channel.when_ended()
        closed = await stock.connection.when_closed()
        await told.until("files/rights_changed")
        assert time.monotonic() - began < WITHIN_S
        assert (ended["code"], closed[0]) == ("not_found", 4404)
        assert stock.denials[-1].startswith("not_found: ")
        await owner.type(4, " unseen")
        await owner.channel.when_saved()
        assert (str(editor.text), str(stock.text)) == ("text", "text")
        assert (await client.command(ListFiles())).files == []


async def test_a_file_that_becomes_read_only_while_it_is_typed_into_is_so_within_a_second(database_url: str) -> None:
    """P5, P8: nothing more of it reaches the log, and what came too late is kept."""
    async with (
        house(database_url) as home,
        home.there.client(home.bob, home.project_id) as client,
        stock_editor(home.there, home.bob.token, home.project_id, PATH) as stock,
    ):
        told, editor = Told(client), await Editor().open(client, PATH)
        await editor.type(4, " saved")
        await editor.channel.when_saved()
        made = await rule(home, PATH, "read_only")
        began = time.monotonic()
        assert (await told.until("documents/access_changed"))["access"] == "read"
        await stock.until(lambda: bool(stock.denials))
        assert time.monotonic() - began < WITHIN_S
        before = await logged(home.here, home.project_id)
        await editor.type(10, " lost")
        ended = await editor.channel.when_ended()
        assert ended["code"] == "forbidden"
        kept = await client.command(GetRecovery(id=ended["recoveryId"]))
        assert kept.text == "text saved lost"
        assert await logged(home.here, home.project_id) == before
        again = await Editor().open(client, PATH)
        await home.owner.command(RemovePathRight(id=made.id))
        told.events.clear()
        assert (await told.until("documents/access_changed"))["access"] == "write"
        await again.type(10, "!")
        await again.channel.when_saved()


@pytest.mark.parametrize(("to", "code"), [("hidden/a.txt", "not_found"), ("fixed/a.txt", "forbidden")])
async def test_a_file_that_moves_under_a_rule_takes_its_readers_rights_away(
    database_url: str, to: str, code: str
) -> None:
    """P5: within a second, too; the new name of what is hidden is told to nobody whom it is hidden from."""
    async with house(database_url) as home, home.there.client(home.bob, home.project_id) as client:
        await rule(home, "hidden", "hidden")
        await rule(home, "fixed", "read_only")
        told, editor = Told(client), await Editor().open(client, PATH)
        await home.owner.command(MoveFile(path=PATH, to=to))
        began = time.monotonic()
        if code == "not_found":
            assert (await editor.channel.when_ended())["code"] == code
            moved = await told.until("files/moved")
            assert moved == {"moved": [], "isPartial": True}
        else:
            assert (await told.until("documents/access_changed"))["access"] == "read"
        assert time.monotonic() - began < WITHIN_S
        if code == "not_found":
            with pytest.raises(ServerRefused, match=f"There is no {PATH}"):
                await client.command(ReadDocument(path=PATH))  # the old path leads there
        else:
            assert (await client.command(ReadDocument(path=PATH))).path == to


async def test_a_file_that_leaves_a_rule_may_be_written_again(database_url: str) -> None:
    async with house(database_url) as home, home.there.client(home.bob, home.project_id) as client:
        await rule(home, "fixed", "read_only")
        await home.owner.command(MoveFile(path=PATH, to="fixed/a.txt"))
        told, editor = Told(client), await Editor().open(client, "fixed/a.txt")
        assert editor.channel.opened.access == "read"
        await home.owner.command(MoveFile(path="fixed", to="free"))
        assert (await told.until("documents/access_changed"))["access"] == "write"
        await editor.type(4, "!")
        await editor.channel.when_saved()


async def test_what_was_typed_while_the_file_was_hidden_is_kept_and_shown_when_it_may_be_seen_again(
    database_url: str,
) -> None:
    """P8."""
    async with house(database_url) as home, home.there.client(home.bob, home.project_id) as client:
        editor = await Editor().open(client, PATH)
        made = await rule(home, PATH, "hidden")
        await editor.channel.when_ended()
        before = await logged(home.here, home.project_id)
        await editor.type(4, " too late")
        assert (await client.command(ListRecoveries())).recoveries == []
        told = Told(client)
        await kept_by_now(home)
        (copy,) = await copies(home)
        with pytest.raises(ServerRefused, match="not_found"):
            await client.command(GetRecovery(id=copy))
        await home.owner.command(RemovePathRight(id=made.id))
        await told.until("files/rights_changed")
        assert (await client.command(GetRecovery(id=copy))).text == "text too late"
        assert await logged(home.here, home.project_id) == before


async def kept_by_now(home: House) -> None:
    """Return when what is being kept on Bob's worker is kept."""
    tasks = [task for task in home.there.app.tasks.running() if task.get_name() == "keep a recovery copy"]
    for task in tasks:
        await task


async def copies(home: House):
    async with home.here.app.db.acquire() as connection:
        return [row[0] for row in await connection.fetch("select id from recoveries where path = $1", [PATH])]


async def test_a_rule_reaches_open_sockets_within_the_poll_when_the_bus_is_gone(database_url: str) -> None:
    """P5, P3."""
    async with (
        house(database_url, poll_s=SOON_S) as home,
        home.there.client(home.bob, home.project_id) as client,
    ):
        home.bus.loses = True
        editor = await Editor().open(client, PATH)
        await rule(home, PATH, "hidden")
        began = time.monotonic()
        await editor.channel.when_ended()
        assert time.monotonic() - began < SOON_S + WITHIN_S


async def test_a_hidden_path_is_in_no_event_live_or_replayed(database_url: str) -> None:
    """P5: the numbers go on, so that nobody misses anything else."""
    async with house(database_url) as home, home.there.client(home.bob, home.project_id) as client:
        listener, start = Listener(client), client.welcome.seq
        await rule(home, f"*{SECRET}*", "hidden")
        await listener.until(None)  # type: ignore[arg-type] - what is said of the own rights has no number
        await tree_of_secrets(home.owner)
        head = (await home.owner.command(CreateFile(path="end.txt"))).path
        assert head == "end.txt"
        async with home.here.client(home.ada, home.project_id) as late:
            newest = late.welcome.seq
        await listener.until(newest)
        assert listener.seqs[-1] == newest
        assert [seq for seq in listener.seqs if seq] == list(range((listener.seqs[0] or 0), newest + 1))
        resume = ResumeFrom(epoch=client.welcome.epoch, seq=Seq(start))
        async with home.there.client(home.bob, home.project_id, resume=resume) as again:
            assert again.welcome.recovered
            missed = [(event.name, event.body, event.seq) for event in again.welcome.missed]
        seen = [event for event in listener.events if event[2] is not None]
        assert missed[-len(seen) :] == seen
        assert SECRET not in json.dumps([seen, missed], default=str)
        owner_resume = ResumeFrom(epoch=client.welcome.epoch, seq=Seq(start))
        async with home.here.client(home.ada, home.project_id, resume=owner_resume) as owner:
            assert json.dumps([event.body for event in owner.welcome.missed], default=str).count(SECRET) > 8
        names = {name for name, body, _ in seen if body}
        assert names >= {"files/created", "files/moved", "files/copied", "files/deleted", "files/restored"}


async def tree_of_secrets(owner: HubClient) -> None:
    """One event of each kind about files, each with hidden and with visible parts, or hidden altogether."""
    await owner.command(CreateFile(path=f"box/{SECRET}.txt"))
    await owner.command(CreateFile(path="box/plain.txt"))
    await owner.command(MoveFile(path="box", to="crate"))
    await owner.command(MoveFile(path=f"crate/{SECRET}.txt", to=f"crate/top-{SECRET}.txt"))
    await owner.command(CopyFile(path="crate", to="copy"))
    await owner.command(CopyFile(path="copy/plain.txt", to=f"copy/plain-{SECRET}.txt"))
    await owner.command(DeleteFile(path="copy"))
    (gone, *_) = [each for each in await deleted(owner) if each.path == "copy"]
    await owner.command(RestoreFile(id=gone.id))
    await owner.command(MoveFile(path="crate/plain.txt", to=f"crate/now-{SECRET}.txt"))
    await owner.command(MoveFile(path=f"crate/now-{SECRET}.txt", to="crate/plain.txt"))


async def deleted(owner: HubClient):
    return (await owner.command(ListDeletedFiles())).files


async def test_a_copy_leaves_out_what_its_maker_does_not_see(database_url: str) -> None:
    async with house(database_url) as home, home.there.client(home.bob, home.project_id) as client:
        for path in ("box/a.txt", "box/.env", "box/keys/b.pem", "box/keys/deep/c.txt"):
            await home.owner.command(CreateFile(path=path))
        await rule(home, ".env", "hidden")
        await rule(home, "keys", "hidden")
        await client.command(CopyFile(path="box", to="copy"))
        paths = {file.path for file in (await home.owner.command(ListFiles())).files}
        assert {path for path in paths if path.startswith("copy")} == {"copy", "copy/a.txt"}
