"""Invitations: who may make them, who may come in by them, how often and for how long."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from protocol.collaborators import (
    ChangeRole,
    GivenPermissions,
    Invite,
    Invited,
    ListCollaborators,
    ListInvitations,
    RemoveCollaborator,
    RevokeInvitation,
    SetPermissions,
)
from protocol.ids import ProjectId
from runner.hub_client import ServerRefused
from server.clock import ManualClock
from server.mail.port import Mail
from tests.harness.listener import Listener
from tests.harness.worker import Person, Worker, running_worker

DAY_S = 86_400.0


async def invited(worker: Worker, inviter: Person, project_id: ProjectId, **options: Any) -> Invited:
    async with worker.client(inviter, project_id) as client:
        return await client.command(Invite(**({"role": "editor"} | options)))


async def answer(worker: Worker, person: Person, what: str, secret: str | None) -> httpx.Response:
    async with worker.http(person) as http:
        headers = {"idempotency-key": str(uuid4())}
        return await http.post(f"/api/collaborators/{what}", json={"secret": secret}, headers=headers)


async def code_of(worker: Worker, person: Person, secret: str | None, what: str = "accept") -> str:
    """The error that an answer to an invitation gets; empty when it gets none."""
    body = (await answer(worker, person, what, secret)).json()
    return body.get("code", "")


async def roles(worker: Worker, person: Person, project_id: ProjectId) -> dict[UUID, str]:
    async with worker.client(person, project_id) as client:
        return {row.person.id: row.role for row in (await client.command(ListCollaborators())).collaborators}


async def test_who_has_a_link_sees_what_it_offers_and_comes_in_with_its_role(worker: Worker) -> None:
    ada, bob = await worker.person(), await worker.person("bob")
    project_id = await worker.project(ada)
    made = await invited(worker, ada, project_id, role="reviewer")
    offer = (await answer(worker, bob, "offer", made.secret)).json()
    assert (offer["projectName"], offer["role"], offer["inviter"]) == ("Sketch", "reviewer", "Ada")
    accepted = (await answer(worker, bob, "accept", made.secret)).json()
    assert accepted == {"projectId": str(project_id), "role": "reviewer"}
    assert (await roles(worker, bob, project_id))[bob.id] == "reviewer"


async def test_who_looks_at_an_invitation_is_told_what_they_are_in_the_project_already(worker: Worker) -> None:
    ada, bob = await worker.person(), await worker.person("bob")
    project_id = await worker.project(ada)
    secret = (await invited(worker, ada, project_id, role="reviewer", max_uses=2)).secret
    assert (await answer(worker, bob, "offer", secret)).json()["ownRole"] is None
    await answer(worker, bob, "accept", secret)
    assert (await answer(worker, bob, "offer", secret)).json()["ownRole"] == "reviewer"
    assert (await answer(worker, ada, "offer", secret)).json()["ownRole"] == "owner"


async def test_joining_is_told_to_all_and_the_end_of_the_invitation_to_those_who_invite(worker: Worker) -> None:
    ada, bob = await worker.person(), await worker.person("bob")
    project_id = await worker.project(ada)
    eve = await worker.joined(project_id, "eve", "viewer")
    async with worker.client(ada, project_id) as owner, worker.client(eve, project_id) as viewer:
        seen, seen_by_viewer = Listener(owner), Listener(viewer)
        made = await owner.command(Invite(role="editor"))
        await answer(worker, bob, "accept", made.secret)
        await seen.until(3)
        await seen_by_viewer.until(3)
    told = ["collaborators/invited", "collaborators/joined", "collaborators/invitation_closed"]
    assert [name for name, _, seq in seen.events if seq] == told
    assert [name for name, _, seq in seen_by_viewer.events if seq] == ["projects/hidden", told[1], "projects/hidden"]


async def test_a_link_is_good_for_as_many_as_it_says_however_they_hurry(worker: Worker) -> None:
    """P10."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    made = await invited(worker, ada, project_id, max_uses=2)
    people = [await worker.person(f"person{n}") for n in range(5)]
    answers = await asyncio.gather(*(answer(worker, person, "accept", made.secret) for person in people))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 404, 404, 404]
    assert len(await roles(worker, ada, project_id)) == 3


async def test_who_belongs_to_the_project_keeps_their_role_and_uses_nothing_up(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id, "bob", "viewer")
    made = await invited(worker, ada, project_id, role="editor")
    assert (await answer(worker, bob, "accept", made.secret)).json()["role"] == "viewer"
    async with worker.client(ada, project_id) as client:
        assert [row.use_count for row in (await client.command(ListInvitations())).invitations] == [0]


async def test_an_invitation_by_address_is_for_that_person_alone(worker: Worker) -> None:
    """P5."""
    ada, bob, eve = await worker.person(), await worker.person("bob"), await worker.person("eve")
    project_id = await worker.project(ada)
    made = await invited(worker, ada, project_id, email="BOB@example.org")
    assert await code_of(worker, eve, made.secret) == "forbidden"
    assert await code_of(worker, bob, made.secret) == ""


async def test_a_declined_invitation_holds_no_more(worker: Worker) -> None:
    ada, bob = await worker.person(), await worker.person("bob")
    project_id = await worker.project(ada)
    made = await invited(worker, ada, project_id, email="bob@example.org")
    assert await code_of(worker, bob, made.secret, "decline") == ""
    assert await code_of(worker, bob, made.secret) == "not_found"
    link = await invited(worker, ada, project_id)
    assert await code_of(worker, bob, link.secret, "decline") == "invalid"


async def test_a_revoked_invitation_opens_nothing_and_leaves_the_list(worker: Worker) -> None:
    """P5."""
    ada, bob = await worker.person(), await worker.person("bob")
    project_id = await worker.project(ada)
    made = await invited(worker, ada, project_id)
    async with worker.client(ada, project_id) as client:
        await client.command(RevokeInvitation(id=made.invitation.id))
        assert (await client.command(ListInvitations())).invitations == []
        with pytest.raises(ServerRefused, match="not_found"):
            await client.command(RevokeInvitation(id=made.invitation.id))
    assert await code_of(worker, bob, made.secret) == "not_found"


async def test_an_expired_invitation_opens_nothing(database_url: str) -> None:
    """P5."""
    clock = ManualClock()
    async with running_worker(database_url, clock=clock) as worker:
        ada, bob = await worker.person(), await worker.person("bob")
        made = await invited(worker, ada, await worker.project(ada), days=2)
        clock.advance(2 * DAY_S)
        assert await code_of(worker, bob, made.secret, "offer") == "not_found"
        assert await code_of(worker, bob, made.secret) == "not_found"


async def test_a_new_invitation_of_the_same_address_replaces_the_one_before(worker: Worker) -> None:
    ada, bob = await worker.person(), await worker.person("bob")
    project_id = await worker.project(ada)
    first = await invited(worker, ada, project_id, email="bob@example.org")
    second = await invited(worker, ada, project_id, email="Bob@example.org", role="viewer")
    assert await code_of(worker, bob, first.secret) == "not_found"
    assert await code_of(worker, bob, second.secret) == ""


async def test_the_secret_is_told_once_and_kept_nowhere(worker: Worker) -> None:
    """P12: a repeated command makes no second invitation, and cannot read the secret of the first."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    command_id = uuid4()
    async with worker.client(ada, project_id) as client:
        first = await client.command(Invite(role="viewer"), command_id)
        again = await client.command(Invite(role="viewer"), command_id)
        assert (again.invitation, again.secret) == (first.invitation, None)
        assert len((await client.command(ListInvitations())).invitations) == 1
    assert first.secret
    async with worker.app.db.acquire() as connection:
        for table in ("invitations", "command_ids", "project_events", "audit_log"):
            stored = await connection.fetch(f"select {table}::text as row from {table}")
            assert not any(first.secret in row["row"] or first.secret.encode().hex() in row["row"] for row in stored)


@pytest.mark.parametrize("role", ["editor", "viewer"])
async def test_who_may_not_invite_neither_invites_nor_sees_invitations(worker: Worker, role: str) -> None:
    """P5."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id, "bob", role)
    made = await invited(worker, ada, project_id)
    async with worker.client(bob, project_id) as client:
        for command in (Invite(role="viewer"), ListInvitations(), RevokeInvitation(id=made.invitation.id)):
            with pytest.raises(ServerRefused, match="forbidden"):
                await client.command(command)


async def inviting_viewer(worker: Worker, owner: Person, project_id: ProjectId) -> Person:
    person = await worker.joined(project_id, "bob", "viewer")
    async with worker.client(owner, project_id) as client:
        await client.command(SetPermissions(user_id=person.id, permissions=GivenPermissions(can_invite=True)))
    return person


async def test_nobody_invites_to_more_than_they_may_do_themselves(worker: Worker) -> None:
    """P5."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await inviting_viewer(worker, ada, project_id)
    async with worker.client(bob, project_id) as client:
        with pytest.raises(ServerRefused, match="forbidden"):
            await client.command(Invite(role="editor"))
        assert (await client.command(Invite(role="viewer"))).invitation.role == "viewer"


@pytest.mark.parametrize("how", ["removed", "no longer inviting", "demoted"])
async def test_an_invitation_ends_with_the_rights_of_who_made_it(worker: Worker, how: str) -> None:
    """P5: nobody comes back by a link that they made before they were removed."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await inviting_viewer(worker, ada, project_id)
    async with worker.client(ada, project_id) as owner:
        if how == "demoted":
            await owner.command(ChangeRole(user_id=bob.id, role="editor"))
        made = await invited(worker, bob, project_id, role="editor" if how == "demoted" else "viewer")
        match how:
            case "removed":
                await owner.command(RemoveCollaborator(user_id=bob.id))
            case "no longer inviting":
                await owner.command(SetPermissions(user_id=bob.id, permissions=GivenPermissions()))
            case "demoted":
                await owner.command(ChangeRole(user_id=bob.id, role="viewer"))
    eve = await worker.person("eve")
    for person in (eve, bob) if how == "removed" else (eve,):
        assert await code_of(worker, person, made.secret) == "gone"


async def test_a_token_that_only_reads_accepts_nothing(worker: Worker) -> None:
    """P5."""
    ada, bob = await worker.person(), await worker.person("bob")
    project_id = await worker.project(ada)
    made = await invited(worker, ada, project_id)
    reading = Person(bob.id, await worker.token(bob.id, frozenset({"read"})))
    assert await code_of(worker, reading, made.secret) == "forbidden"


async def test_there_are_only_so_many_open_invitations(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, invitation_limit=2, invitation_days=5) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        async with worker.client(ada, project_id) as client:
            first = await client.command(Invite(role="viewer", days=5))
            await client.command(Invite(role="viewer", days=5))
            with pytest.raises(ServerRefused, match="limit_reached"):
                await client.command(Invite(role="viewer", days=5))
            await client.command(RevokeInvitation(id=first.invitation.id))
            await client.command(Invite(role="viewer", days=5))
            with pytest.raises(ServerRefused, match="at most 5 days"):
                await client.command(Invite(role="viewer", days=6))


@pytest.mark.parametrize("bad", [{"email": "nobody"}, {"email": "eve@example.org", "max_uses": 2}])
async def test_an_invitation_that_cannot_be_is_refused(worker: Worker, bad: dict[str, Any]) -> None:
    ada = await worker.person()
    with pytest.raises(ServerRefused, match="invalid"):
        await invited(worker, ada, await worker.project(ada), **bad)


async def test_invitations_that_ended_long_ago_are_deleted(database_url: str) -> None:
    """P10."""
    clock = ManualClock()
    async with running_worker(database_url, clock=clock) as worker:
        ada = await worker.person()
        await invited(worker, ada, await worker.project(ada), days=1)
        clock.advance(40 * DAY_S)
        (job,) = [job for f in worker.app.features for job in f.jobs if job.name == "expire invitations"]
        await job.run()
        async with worker.app.db.acquire() as connection:
            assert await connection.fetch("select id from invitations") == []


class Mailbox:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def carry(self, mail: Mail) -> None:
        self.mails.append(mail)


async def test_an_invitation_by_address_is_mailed_with_its_link_after_the_commit(database_url: str) -> None:
    box = Mailbox()
    async with running_worker(database_url, carrier=box, public_url="https://flash.example.org") as worker:
        ada, bob = await worker.person(), await worker.person("bob")
        project_id = await worker.project(ada)
        made = await invited(worker, ada, project_id, email="bob@example.org")
        assert made.is_mailed
        await worker.app.services.post.empty()
        (mail,) = box.mails
        assert (mail.to, mail.subject) == ("bob@example.org", "Ada invites you to Sketch")
        assert f"https://flash.example.org/invite/{made.secret}" in mail.text
        assert not (await invited(worker, ada, project_id)).is_mailed
        assert await code_of(worker, bob, made.secret) == ""


async def test_names_that_people_give_add_no_line_to_a_mail(database_url: str) -> None:
    box = Mailbox()
    async with running_worker(database_url, carrier=box, public_url="https://flash.example.org") as worker:
        ada = await worker.person()
        async with worker.app.db.transaction() as tx:
            await tx.execute("update users set name = $1", ["Ada\r\nBcc: eve@example.org"])
        await invited(worker, ada, await worker.project(ada), email="bob@example.org")
        await worker.app.services.post.empty()
    assert box.mails[0].subject == "Ada Bcc: eve@example.org invites you to Sketch"


async def test_nobody_mails_invitations_without_end(database_url: str) -> None:
    """P10."""
    settings = {"public_url": "https://flash.example.org", "invitation_mails_per_hour": 2}
    async with running_worker(database_url, carrier=Mailbox(), **settings) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        for n in range(2):
            await invited(worker, ada, project_id, email=f"bob{n}@example.org")
        with pytest.raises(ServerRefused, match="rate_limited"):
            await invited(worker, ada, project_id, email="bob2@example.org")
        await invited(worker, ada, project_id)
