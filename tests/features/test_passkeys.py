"""Passkeys: made, used, renamed, removed; each challenge once, each page its own, and no copies."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from server.clock import ManualClock
from server.mail.shown import ShownMail
from server.store import accounts
from tests.harness.authenticator import Authenticator
from tests.harness.worker import Person, Worker, running_worker

PAGE = "http://localhost:8000"


@dataclass(frozen=True, slots=True)
class Visit:
    """Ada in her browser."""

    worker: Worker
    ada: Person
    browser: httpx.AsyncClient

    async def command(self, name: str, **body: Any) -> httpx.Response:
        headers = {"idempotency-key": str(uuid4())}
        return await self.browser.post(f"/api/accounts/{name}", json=body, headers=headers)

    async def options(self) -> dict[str, Any]:
        answer = await self.command("passkey_options")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["options"])

    async def add(self, passkey: Authenticator, label: str = "laptop") -> httpx.Response:
        return await self.command("add_passkey", label=label, credential=passkey.create(await self.options()))

    async def passkeys(self) -> list[dict[str, Any]]:
        return list((await self.command("passkeys")).json()["passkeys"])

    async def audited(self, action: str) -> int:
        async with self.worker.app.db.acquire() as connection:
            [row] = await connection.fetch("select count(*) from audit_log where action = $1", [f"accounts/{action}"])
        return int(row[0])


@pytest.fixture
async def visit(database_url: str) -> AsyncIterator[Visit]:
    async with running_worker(database_url, public_url=PAGE) as worker:
        ada = await worker.person()
        async with worker.browser(await worker.session(ada)) as browser:
            yield Visit(worker, ada, browser)


async def ask(worker: Worker) -> dict[str, Any]:
    """What a browser of nobody is given to sign in with."""
    async with worker.browser() as browser:
        return dict((await browser.post("/signin/passkey/options")).json()["options"])


async def sign_in(worker: Worker, credential: str, next_path: str = "/p/1") -> httpx.Response:
    async with worker.browser() as browser:
        return await browser.post("/signin/passkey", json={"credential": credential, "next": next_path})


async def test_a_passkey_signs_its_owner_in_as_a_mail_does(visit: Visit) -> None:
    passkey = Authenticator(PAGE)
    assert (await visit.add(passkey)).status_code == 200
    answer = await sign_in(visit.worker, passkey.get(await ask(visit.worker)))
    assert answer.json() == {"next": "/p/1"}
    async with visit.worker.browser(answer.cookies["flashio-session"]) as browser:
        assert (await browser.post("/api/accounts/me")).json()["id"] == str(visit.ada.id)
        sessions = (await browser.post("/api/accounts/sessions")).json()["sessions"]
    assert "passkey" in [session["method"] for session in sessions]
    assert (await visit.audited("passkey_added"), await visit.audited("signed_in")) == (1, 2)


async def test_the_browser_is_asked_for_a_discoverable_passkey_of_this_host(visit: Visit) -> None:
    options = await visit.options()
    assert options["rp"]["id"] == "localhost"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    asked = await ask(visit.worker)
    assert (asked["rpId"], asked.get("allowCredentials", [])) == ("localhost", [])


async def test_a_person_has_several_passkeys_and_names_them(visit: Visit) -> None:
    for label in ("laptop", "phone"):
        await visit.add(Authenticator(PAGE), label)
    laptop, phone = await visit.passkeys()
    assert (laptop["label"], phone["label"]) == ("laptop", "phone")
    assert (await visit.command("rename_passkey", id=phone["id"], label="old phone")).status_code == 200
    assert [passkey["label"] for passkey in await visit.passkeys()] == ["laptop", "old phone"]
    assert len((await visit.options())["excludeCredentials"]) == 2


async def test_an_authenticator_is_registered_once(visit: Visit) -> None:
    passkey = Authenticator(PAGE)
    assert [(await visit.add(passkey)).status_code for _ in range(2)] == [200, 409]
    assert len(await visit.passkeys()) == 1


async def test_a_person_has_no_more_passkeys_than_the_setting_says(database_url: str) -> None:
    async with running_worker(database_url, public_url=PAGE, passkeys_per_person=1) as worker:
        ada = await worker.person()
        async with worker.browser(await worker.session(ada)) as browser:
            visit = Visit(worker, ada, browser)
            answers = [await visit.add(Authenticator(PAGE)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert "the limit" in answers[1].json()["detail"]


async def test_a_challenge_is_answered_once(visit: Visit) -> None:
    passkey = Authenticator(PAGE)
    await visit.add(passkey)
    answer = passkey.get(await ask(visit.worker))
    assert [(await sign_in(visit.worker, answer)).status_code for _ in range(2)] == [200, 401]


async def test_a_challenge_that_was_answered_wrongly_is_used_up(visit: Visit) -> None:
    passkey = Authenticator(PAGE)
    await visit.add(passkey)
    options = await ask(visit.worker)
    forger = replace(passkey, key=Authenticator(PAGE).key)
    assert (await sign_in(visit.worker, forger.get(options))).status_code == 401
    assert (await sign_in(visit.worker, passkey.get(options))).status_code == 401


async def test_a_challenge_is_answered_in_time(database_url: str) -> None:
    clock = ManualClock()
    async with running_worker(database_url, public_url=PAGE, clock=clock, passkey_challenge_s=60) as worker:
        ada = await worker.person()
        async with worker.browser(await worker.session(ada)) as browser:
            visit, passkey = Visit(worker, ada, browser), Authenticator(PAGE)
            await visit.add(passkey)
            in_time, late = await ask(worker), await ask(worker)
            clock.advance(59)
            assert (await sign_in(worker, passkey.get(in_time))).status_code == 200
            clock.advance(2)
            assert (await sign_in(worker, passkey.get(late))).status_code == 401


async def test_a_challenge_of_one_person_registers_nothing_for_another(visit: Visit) -> None:
    """Else who plants an answer in somebody's browser would have a key to their account."""
    eve = await visit.worker.person("eve")
    async with visit.worker.browser(await visit.worker.session(eve)) as browser:
        options = await Visit(visit.worker, eve, browser).options()
    answer = await visit.command("add_passkey", label="eve's", credential=Authenticator(PAGE).create(options))
    assert (answer.status_code, await visit.passkeys()) == (401, [])


async def test_an_answer_made_for_another_page_is_refused(visit: Visit) -> None:
    stranger = Authenticator("http://evil.example")
    assert (await visit.add(stranger)).status_code == 422
    passkey = Authenticator(PAGE)
    await visit.add(passkey)
    lured = replace(passkey, origin="http://evil.example")
    assert (await sign_in(visit.worker, lured.get(await ask(visit.worker)))).status_code == 401


async def test_a_counter_that_went_back_is_refused_and_audited(visit: Visit) -> None:
    """Two authenticators with one key: one is a copy."""
    passkey = Authenticator(PAGE)
    await visit.add(passkey)
    copy = replace(passkey)
    for _ in range(2):
        assert (await sign_in(visit.worker, passkey.get(await ask(visit.worker)))).status_code == 200
    answer = await sign_in(visit.worker, copy.get(await ask(visit.worker)))
    assert answer.status_code == 401
    assert "counter" in answer.json()["detail"]
    assert await visit.audited("passkey_refused") == 1


async def test_a_passkey_that_does_not_count_signs_in_again_and_again(visit: Visit) -> None:
    passkey = Authenticator(PAGE, counts=False)
    await visit.add(passkey)
    answers = [await sign_in(visit.worker, passkey.get(await ask(visit.worker))) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await visit.passkeys())[0]["lastUsedAt"] is not None


async def test_an_authenticator_that_names_somebody_else_is_refused(visit: Visit) -> None:
    passkey = Authenticator(PAGE)
    await visit.add(passkey)
    passkey.user_handle = uuid4().bytes
    assert (await sign_in(visit.worker, passkey.get(await ask(visit.worker)))).status_code == 401


async def test_a_removed_passkey_signs_nobody_in(visit: Visit) -> None:
    kept, removed = Authenticator(PAGE), Authenticator(PAGE)
    await visit.add(kept, "kept")
    await visit.add(removed, "removed")
    gone = (await visit.passkeys())[1]["id"]
    assert (await visit.command("remove_passkey", id=gone)).status_code == 200
    assert (await sign_in(visit.worker, removed.get(await ask(visit.worker)))).status_code == 401
    assert (await sign_in(visit.worker, kept.get(await ask(visit.worker)))).status_code == 200
    assert (await visit.command("remove_passkey", id=gone)).status_code == 404


@pytest.mark.parametrize(
    ("is_verified", "sends_mail", "status"), [(True, True, 200), (True, False, 409), (False, True, 409)]
)
async def test_the_last_passkey_stays_unless_mail_is_another_way_in(
    database_url: str, is_verified: bool, sends_mail: bool, status: int
) -> None:
    async with running_worker(database_url, public_url=PAGE, carrier=ShownMail() if sends_mail else None) as worker:
        ada = await worker.person()
        async with worker.browser(await worker.session(ada)) as browser:
            visit = Visit(worker, ada, browser)
            await visit.add(Authenticator(PAGE))
            if is_verified:
                async with worker.app.db.acquire() as connection:
                    await connection.execute("update users set email_verified = now() where id = $1", [ada.id])
            [only] = await visit.passkeys()
            assert (await visit.command("remove_passkey", id=only["id"])).status_code == status
            assert len(await visit.passkeys()) == (0 if status == 200 else 1)


async def test_an_account_at_a_provider_that_is_set_up_is_another_way_in(database_url: str) -> None:
    for settings, status in (({}, 409), ({"github_client_id": "id", "github_client_secret": "secret"}, 200)):
        async with running_worker(database_url, public_url=PAGE, **settings) as worker:
            ada = await worker.person(f"ada{status}")
            async with worker.browser(await worker.session(ada)) as browser:
                visit = Visit(worker, ada, browser)
                await visit.add(Authenticator(PAGE))
                async with worker.app.db.transaction() as tx:
                    account = {"type": "oauth", "provider": "github", "provider_account_id": str(status)}
                    await accounts.link_account.run(tx, user_id=ada.id, **account)
                [only] = await visit.passkeys()
                assert (await visit.command("remove_passkey", id=only["id"])).status_code == status


async def test_nobody_renames_or_removes_the_passkey_of_another(visit: Visit) -> None:
    await visit.add(Authenticator(PAGE))
    [hers] = await visit.passkeys()
    eve = await visit.worker.person("eve")
    async with visit.worker.browser(await visit.worker.session(eve)) as browser:
        stranger = Visit(visit.worker, eve, browser)
        assert (await stranger.command("rename_passkey", id=hers["id"], label="mine")).status_code == 404
        assert (await stranger.command("remove_passkey", id=hers["id"])).status_code == 404
    assert (await visit.passkeys())[0]["label"] == "laptop"


async def test_a_bearer_token_makes_itself_no_passkey(visit: Visit) -> None:
    async with visit.worker.http(visit.ada) as http:
        assert (await http.post("/api/accounts/passkey_options")).status_code == 403


async def test_a_guest_has_no_passkeys(database_url: str) -> None:
    async with running_worker(database_url, public_url=PAGE, guests=True) as worker, worker.browser() as browser:
        await browser.post("/signin/guest", data={"name": "Gus"})
        assert (await browser.post("/api/accounts/passkey_options")).status_code == 403


NONSENSE = ["", "{}", "[]", '{"response": {}}', '{"response": {"clientDataJSON": 1}, "id": 2}', "[" * 9_000]


@pytest.mark.parametrize("text", NONSENSE)
async def test_what_is_no_answer_of_a_browser_is_refused_with_a_reason(visit: Visit, text: str) -> None:
    assert (await sign_in(visit.worker, text)).status_code == 422
    assert (await visit.command("add_passkey", label="x", credential=text)).status_code == 422


@pytest.mark.parametrize("field", ["clientDataJSON", "attestationObject", "id", "rawId", "type"])
async def test_a_mangled_registration_is_refused_with_a_reason(visit: Visit, field: str) -> None:
    answer = json.loads(Authenticator(PAGE).create(await visit.options()))
    for mangled in (None, 7, "", "AAAA", "_" * 50, ["x"], "\ud800"):
        harmed = (
            answer | {field: mangled}
            if field in answer
            else answer | {"response": answer["response"] | {field: mangled}}
        )
        refused = await visit.command("add_passkey", label="x", credential=json.dumps(harmed))
        assert refused.status_code in (401, 422), refused.text
    assert await visit.passkeys() == []


@pytest.mark.parametrize("field", ["clientDataJSON", "authenticatorData", "signature", "userHandle", "id", "rawId"])
async def test_a_mangled_sign_in_is_refused_with_a_reason(visit: Visit, field: str) -> None:
    passkey = Authenticator(PAGE, counts=False)
    await visit.add(passkey)
    for mangled in (7, "", "AAAA", "_" * 50, ["x"], "\ud800"):
        answer = json.loads(passkey.get(await ask(visit.worker)))
        harmed = (
            answer | {field: mangled}
            if field in answer
            else answer | {"response": answer["response"] | {field: mangled}}
        )
        refused = await sign_in(visit.worker, json.dumps(harmed))
        assert refused.status_code in (401, 422), refused.text


async def test_tries_with_passkeys_are_limited_with_those_by_mail(database_url: str) -> None:
    async with (
        running_worker(database_url, public_url=PAGE, sign_ins_per_minute=2) as worker,
        worker.browser() as browser,
    ):
        statuses = [(await browser.post("/signin/passkey/options")).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert (await browser.post("/signin/email", data={"email": "ada@example.org"})).status_code == 429


async def test_a_page_of_somebody_else_cannot_sign_people_in(visit: Visit) -> None:
    passkey = Authenticator(PAGE)
    await visit.add(passkey)
    answer = passkey.get(await ask(visit.worker))
    async with visit.worker.browser() as browser:
        refused = await browser.post(
            "/signin/passkey", json={"credential": answer}, headers={"origin": "http://evil.example"}
        )
    assert refused.status_code == 403


async def test_more_passkeys_than_the_limit_are_not_asked_for_at_once(database_url: str) -> None:
    clock = ManualClock()
    async with (
        running_worker(database_url, public_url=PAGE, passkey_challenge_limit=1, clock=clock) as worker,
        worker.browser() as browser,
    ):
        statuses = [(await browser.post("/signin/passkey/options")).status_code for _ in range(2)]
        assert statuses == [200, 503]
        clock.advance(301)
        assert (await browser.post("/signin/passkey/options")).status_code == 200


@pytest.mark.parametrize(
    ("public_url", "rp_id"),
    [
        ("https://ide.example.org", "ide.example.org"),
        ("https://ide.example.org:8443", "ide.example.org"),
        ("http://127.0.0.1:8000", "localhost"),
        ("http://192.0.2.7:8000", None),
        (None, None),
    ],
)
async def test_passkeys_belong_to_the_name_of_public_url(
    database_url: str, public_url: str | None, rp_id: str | None
) -> None:
    async with running_worker(database_url, public_url=public_url) as worker, worker.browser() as browser:
        answer = await browser.post("/signin/passkey/options")
        page = (await browser.get("/signin")).text
    if rp_id is None:
        assert (answer.status_code, "passkey" in page) == (403, False)
        assert "PUBLIC_URL" in answer.json()["detail"]
    else:
        assert (answer.json()["options"]["rpId"], "passkey" in page) == (rp_id, True)
