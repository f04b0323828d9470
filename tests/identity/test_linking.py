"""Adding a provider to one's account, and taking one away, but never the last way in."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx

from server.features.accounts.guests import METHOD, Guests
from server.features.accounts.signing_in import SignIn
from tests.harness.issuer import StatedIssuer
from tests.harness.mail_server import mail_server
from tests.identity.returning import Inn, inn_at

OWN_PAGE = {"sec-fetch-site": "same-origin"}


async def linked(browser: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await browser.post("/api/accounts/linked")).json()["accounts"]


async def unlink(browser: httpx.AsyncClient, account: dict[str, Any]) -> int:
    body = {"provider": account["provider"], "subject": account["subject"]}
    answer = await browser.post("/api/accounts/unlink", json=body, headers={"idempotency-key": str(uuid4())})
    return answer.status_code


async def add(inn: Inn, browser: httpx.AsyncClient, slug: str = "github") -> httpx.Response:
    """Press "add" on the account page, and come back."""
    return await inn.round_trip(browser, slug, link="1", next="/account")


async def test_a_person_adds_a_second_provider_and_signs_in_with_either(inn: Inn) -> None:
    ada = await inn.worker.person("ada")
    async with inn.worker.browser(await inn.worker.session(ada)) as browser:
        for slug in ("github", "oidc"):
            answer = await add(inn, browser, slug)
            assert (answer.status_code, answer.headers["location"]) == (303, "/account")
            assert "flashio-session" not in answer.headers.get("set-cookie", "")
        github, oidc = await linked(browser)
    assert (github["name"], github["provider"], github["label"]) == ("GitHub", f"github:{inn.issuer.url}", "ada")
    assert (oidc["name"], oidc["provider"], oidc["label"]) == ("single sign-on", inn.issuer.url, "ada@example.org")
    assert {(await inn.sign_in(slug))["id"] for slug in ("github", "oidc")} == {str(ada.id)}
    audited = await inn.rows("select details->>'provider' from audit_log where action = 'accounts/linked'")
    assert {provider for (provider,) in audited} == {github["provider"], oidc["provider"]}


async def test_the_address_there_may_be_another_one_and_unverified(inn: Inn) -> None:
    """Who is signed in at both ends needs no address to prove that they belong together."""
    bob = await inn.worker.person("bob")
    inn.issuer.claims = {"email_verified": False}
    async with inn.worker.browser(await inn.worker.session(bob)) as browser:
        assert (await add(inn, browser, "oidc")).status_code == 303
    assert (await inn.sign_in())["id"] == str(bob.id)


async def test_adding_the_same_account_again_changes_nothing(inn: Inn) -> None:
    ada = await inn.worker.person("ada")
    async with inn.worker.browser(await inn.worker.session(ada)) as browser:
        assert [(await add(inn, browser)).status_code for _ in range(2)] == [303, 303]
        assert len(await linked(browser)) == 1


async def test_an_account_that_is_somebody_elses_here_is_not_taken_from_them(inn: Inn) -> None:
    first = await inn.sign_in("github")
    bob = await inn.worker.person("bob")
    async with inn.worker.browser(await inn.worker.session(bob)) as browser:
        answer = await add(inn, browser)
        assert (answer.status_code, "Somebody else here" in answer.text) == (409, True)
        assert await linked(browser) == []
    assert (await inn.sign_in("github"))["id"] == first["id"]


async def test_only_a_page_of_ours_may_ask_to_add_a_provider(inn: Inn) -> None:
    """Else a link on any page could add a provider to the account of whoever follows it."""
    ada = await inn.worker.person("ada")
    async with inn.worker.browser(await inn.worker.session(ada)) as browser:
        del browser.headers["origin"]
        for site, status in (("cross-site", 401), ("same-site", 401), ("same-origin", 303)):
            headers = {"sec-fetch-site": site}
            answer = await browser.get("/signin/with/github", params={"link": "1"}, headers=headers)
            assert answer.status_code == status


async def test_who_is_not_signed_in_or_a_program_or_a_guest_adds_nothing(inn: Inn) -> None:
    ada = await inn.worker.person("ada")
    async with inn.worker.browser() as browser, inn.worker.http(ada) as program:
        assert (await browser.get("/signin/with/github", params={"link": "1"})).status_code == 401
        assert (await program.get("/signin/with/github", params={"link": "1"})).status_code == 403
        assert (await program.post("/api/accounts/linked")).status_code == 403


async def test_a_guest_adds_nothing(database_url: str, issuer: StatedIssuer) -> None:
    async with inn_at(database_url, issuer, guests=True) as inn:
        started = await Guests(inn.worker.app.services).welcome("Visitor", SignIn(METHOD))
        async with inn.worker.browser(started.token) as browser:
            assert (await browser.get("/signin/with/github", params={"link": "1"})).status_code == 403


async def test_who_signed_out_or_became_somebody_else_meanwhile_adds_nothing(inn: Inn) -> None:
    ada, bob = await inn.worker.person("ada"), await inn.worker.person("bob")
    async with inn.worker.browser(await inn.worker.session(ada)) as browser:
        for session in ("", await inn.worker.session(bob)):
            sent = await inn.leave(browser, "github", link="1")
            kept = browser.cookies["flashio-session"]
            browser.cookies["flashio-session"] = session
            answer = await inn.come_back(browser, sent, "github")
            assert (answer.status_code, "Sign in again" in answer.text) == (401, True)
            browser.cookies["flashio-session"] = kept
    assert await inn.rows("select from accounts") == []


async def test_the_last_way_in_stays(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        await inn.round_trip(browser, "github")
        [account] = await linked(browser)
        assert await unlink(browser, account) == 409
        assert await linked(browser) == [account]
        assert (await add(inn, browser, "oidc")).status_code == 303
        assert await unlink(browser, account) == 200
        assert [left["name"] for left in await linked(browser)] == ["single sign-on"]
        assert await unlink(browser, account) == 404


async def test_of_two_ways_taken_away_at_once_one_stays(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        await inn.round_trip(browser, "github")
        await add(inn, browser, "oidc")
        both = await linked(browser)
        assert sorted(await asyncio.gather(*(unlink(browser, account) for account in both))) == [200, 409]
        assert len(await linked(browser)) == 1


async def test_a_provider_that_is_not_set_up_any_more_is_no_way_in(database_url: str, issuer: StatedIssuer) -> None:
    async with inn_at(database_url, issuer) as inn, inn.worker.browser() as browser:
        await inn.round_trip(browser, "github")
        await add(inn, browser, "oidc")
        session = browser.cookies["flashio-session"]
    async with inn_at(database_url, issuer, oidc_issuer=None) as inn, inn.worker.browser(session) as browser:
        github, oidc = await linked(browser)
        assert oidc["name"] == issuer.url
        assert await unlink(browser, github) == 409
        assert await unlink(browser, oidc) == 200


async def test_who_can_be_sent_a_link_may_remove_every_provider(database_url: str, issuer: StatedIssuer) -> None:
    async with (
        mail_server() as mails,
        inn_at(database_url, issuer, smtp_url=mails.url, mail_from="flashio@example.org") as inn,
        inn.worker.browser() as browser,
    ):
        await inn.round_trip(browser, "github")
        [account] = await linked(browser)
        assert await unlink(browser, account) == 200


async def test_nobody_removes_the_account_of_somebody_else(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        await inn.round_trip(browser, "github")
        [account] = await linked(browser)
    bob = await inn.worker.person("bob")
    async with inn.worker.browser(await inn.worker.session(bob)) as browser:
        assert await unlink(browser, account) == 404
    assert len(await inn.rows("select from accounts")) == 1


async def test_an_account_that_authjs_linked_in_the_shared_database_is_the_same_person(
    database_url: str, issuer: StatedIssuer
) -> None:
    async with inn_at(database_url, issuer) as inn:
        ada = await inn.worker.person("ada")
        await inn.rows(
            "insert into accounts (user_id, type, provider, provider_account_id, access_token) "
            "values ($1, 'oauth', $2, '7', 'as Auth.js keeps it') returning user_id",
            [UUID(str(ada.id)), f"github:{issuer.url}"],
        )
        assert (await inn.sign_in("github"))["id"] == str(ada.id)
        assert await inn.rows("select access_token from accounts") == [("as Auth.js keeps it",)]
