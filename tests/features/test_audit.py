"""The audit: what changes rights, sessions and tokens can be looked up, by those whom it concerns."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from protocol.audit import AuditEntry, AuditPage, ListProjectAudit
from protocol.collaborators import ChangeRole, Invite, RemoveCollaborator
from server.clock import ManualClock
from tests.harness.worker import Person, Worker, running_worker


async def asked(http: httpx.AsyncClient, command: str, request_id: str = "r", **body: Any) -> dict[str, Any]:
    headers = {"idempotency-key": str(uuid4()), "x-request-id": request_id}
    answer = await http.post(f"/api/{command}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def audit_of(worker: Worker, person: Person, project_id: UUID) -> list[AuditEntry]:
    """Oldest first."""
    async with worker.client(person, project_id) as client:
        return list(reversed((await client.command(ListProjectAudit())).entries))


async def own_audit(browser: httpx.AsyncClient) -> list[AuditEntry]:
    return list(reversed(AuditPage.model_validate(await asked(browser, "audit/mine")).entries))


async def test_who_changed_whose_rights_by_which_request_is_told_to_those_who_manage(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id)
    async with worker.http(ada, project_id) as http:
        await asked(http, "collaborators/change_role", "first", userId=str(bob.id), role="viewer")
        await asked(http, "collaborators/remove", "second", userId=str(bob.id))
    changed, left = await audit_of(worker, ada, project_id)
    assert (changed.action, changed.request_id, left.action, left.request_id) == (
        "collaborators/changed",
        "first",
        "collaborators/left",
        "second",
    )
    assert changed.actor is not None
    assert changed.person is not None
    assert (changed.actor.name, changed.person.name, changed.subject) == ("Ada", "Bob", str(bob.id))
    assert (changed.details["role"], changed.address) == ("viewer", "127.0.0.1")


async def test_what_is_done_on_a_socket_names_its_handshake(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id)
    async with worker.client(ada, project_id, headers={"x-request-id": "handshake"}) as client:
        await client.command(ChangeRole(user_id=bob.id, role="reviewer"))
        await client.command(RemoveCollaborator(user_id=bob.id))
    entries = await audit_of(worker, ada, project_id)
    assert [(entry.request_id, entry.address) for entry in entries] == [("handshake", "127.0.0.1")] * 2


async def test_every_way_to_come_change_and_go_is_in_it(worker: Worker) -> None:
    ada, bob = await worker.person(), await worker.person("bob")
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http, worker.http(bob, project_id) as other:
        invited = await asked(http, "collaborators/invite", "invite", role="editor")
        await asked(http, "collaborators/invite", "mail", role="viewer", email="bob@example.org")
        revoked = await asked(http, "collaborators/invite", "again", role="viewer")
        await asked(http, "collaborators/revoke_invitation", "revoke", id=revoked["invitation"]["id"])
        del other.headers["x-project"]
        await asked(other, "collaborators/accept", "accept", secret=invited["secret"])
        other.headers["x-project"] = str(project_id)
        await asked(http, "collaborators/set_permissions", "flags", userId=str(bob.id), permissions={})
        await asked(other, "collaborators/leave", "leave")
    entries = await audit_of(worker, ada, project_id)
    assert [(entry.action.removeprefix("collaborators/"), entry.request_id) for entry in entries] == [
        ("invited", "invite"),
        ("invited", "mail"),
        ("invited", "again"),
        ("invitation_closed", "revoke"),
        ("joined", "accept"),
        ("invitation_closed", "accept"),
        ("changed", "flags"),
        ("left", "leave"),
    ]
    assert [entry.actor.id for entry in entries if entry.actor] == [ada.id] * 4 + [bob.id] * 2 + [ada.id, bob.id]


async def test_who_manages_does_not_learn_where_others_come_from(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id)
    async with worker.http(bob, project_id) as http:
        await asked(http, "collaborators/leave")
    (left,) = await audit_of(worker, ada, project_id)
    assert left.actor is not None
    assert (left.actor.id, left.address) == (bob.id, None)


async def test_one_s_own_audit_has_sign_ins_tokens_and_what_others_changed(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id)
    async with worker.browser(await worker.session(bob)) as browser:
        token = await asked(browser, "accounts/create_token", label="CI", scopes=["read"])
        await asked(browser, "accounts/revoke_token", id=token["token"]["id"])
        project = {"x-project": str(project_id)}
        assert (await browser.post("/api/accounts/project_token", headers=project)).status_code == 200
        async with worker.client(ada, project_id) as client:
            await client.command(ChangeRole(user_id=bob.id, role="viewer"))
            await client.command(Invite(role="viewer"))
        await asked(browser, "accounts/sign_out_everywhere")
        entries = await own_audit(browser)
    assert [entry.action for entry in entries] == [
        "accounts/token_created",
        "accounts/signed_in",
        "accounts/token_created",
        "accounts/token_revoked",
        "accounts/token_created",
        "collaborators/changed",
        "accounts/signed_out_everywhere",
    ]
    assert {entry.person.id for entry in entries if entry.person} == {bob.id}
    assert [entry.actor.name for entry in entries if entry.actor and entry.actor.id != bob.id] == ["Ada"]
    assert entries[0].actor is None  # an operator
    assert [entry.project_id for entry in entries] == [None, None, None, None, project_id, project_id, None]


async def test_no_secret_is_in_the_audit(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.browser(await worker.session(ada)) as browser:
        secret = (await asked(browser, "accounts/create_token", label="CI", scopes=["read"]))["secret"]
        browser.headers["x-project"] = str(project_id)
        invited = (await asked(browser, "collaborators/invite", role="viewer"))["secret"]
        told = (await browser.post("/api/audit/mine")).text + (await browser.post("/api/audit/project")).text
    assert "collaborators/invited" in told
    assert secret not in told
    assert invited not in told


async def test_a_token_does_not_read_its_owner_s_audit(worker: Worker) -> None:
    async with worker.http(await worker.person()) as http:
        assert (await http.post("/api/audit/mine")).status_code == 403


async def test_pages_follow_one_another_without_gap_or_repetition(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as client:
        for _ in range(5):
            await client.command(Invite(role="viewer"))
        whole = (await client.command(ListProjectAudit())).entries
        seen, after = [], None
        while True:
            page = await client.command(ListProjectAudit(limit=2, after=after))
            seen += page.entries
            after = page.next
            if after is None:
                break
    assert len(whole) == 5
    assert seen == whole


async def test_the_audit_forgets_after_its_time(database_url: str) -> None:
    """P10."""
    clock = ManualClock(datetime.now(UTC))
    async with running_worker(database_url, clock=clock, audit_days=30) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        async with worker.client(ada, project_id) as client:
            await client.command(Invite(role="viewer"))
        jobs = {job.name: job for feature in worker.app.features for job in feature.jobs}
        await jobs["expire audit"].run()
        assert len(await audit_of(worker, ada, project_id)) == 1
        clock.advance(timedelta(days=31).total_seconds())
        await jobs["expire audit"].run()
        assert await audit_of(worker, ada, project_id) == []
