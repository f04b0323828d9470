"""What must not sign anybody in: things that attackers, careless issuers and broken ones say."""

import asyncio
import socket
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from server.clock import ManualClock, SystemClock
from tests.harness.issuer import StatedIssuer
from tests.identity.returning import Inn, inn_at

NOW = int(SystemClock().now().timestamp())
BEGIN_AGAIN = "Begin again"
NOT_PROVEN = "did not prove who you are"
SILENT = "does not answer"


async def nothing_was_made(inn: Inn) -> bool:
    """Nobody new, nobody joined, nobody signed in."""
    return await inn.rows("select from users union all select from accounts union all select from sessions") == []


async def come_back_refused(
    inn: Inn, browser: httpx.AsyncClient, sent: dict[str, str], *words: str, **query: str
) -> bool:
    answer = await inn.come_back(browser, sent, **query)
    assert answer.status_code == 401, answer.text
    assert all(word in answer.text for word in words)
    return await nothing_was_made(inn)


async def test_a_state_that_nobody_was_given_signs_nobody_in(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        sent = await inn.leave(browser)
        assert await come_back_refused(inn, browser, sent, BEGIN_AGAIN, state=sent["state"][:-1] + "_")
        assert await come_back_refused(inn, browser, sent, BEGIN_AGAIN, state="")
        assert inn.issuer.forms == []


async def test_a_state_works_once_even_when_two_come_back_at_once(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        sent = await inn.leave(browser)
        answers = await asyncio.gather(*(inn.come_back(browser, sent) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 401, 401, 401]


async def test_a_state_of_another_browser_signs_nobody_in_and_is_not_used_up(inn: Inn) -> None:
    """Else an attacker could sign somebody in as themselves, or spoil their sign-in."""
    async with inn.worker.browser() as browser, inn.worker.browser() as other:
        sent = await inn.leave(browser)
        await other.get("/signin/with/github")
        assert await come_back_refused(inn, other, sent, BEGIN_AGAIN)
        other.cookies.clear()
        assert await come_back_refused(inn, other, sent, BEGIN_AGAIN)
        assert (await inn.come_back(browser, sent)).status_code == 303


async def test_a_state_of_another_provider_signs_nobody_in(inn: Inn) -> None:
    """Mix-up: a code of one provider must never be shown to another (RFC 9700 section 4.4)."""
    async with inn.worker.browser() as browser:
        sent = await inn.leave(browser, "github")
        assert await come_back_refused(inn, browser, sent, BEGIN_AGAIN)
        assert inn.issuer.forms == []


@pytest.mark.parametrize("names_itself", [True, False])
async def test_a_code_that_another_issuer_sent_is_not_exchanged(inn: Inn, names_itself: bool) -> None:
    """RFC 9207."""
    inn.issuer.metadata = {"authorization_response_iss_parameter_supported": names_itself}
    async with inn.worker.browser() as browser:
        sent = await inn.leave(browser)
        assert await come_back_refused(inn, browser, sent, NOT_PROVEN, iss="https://evil.example")
        answer = await inn.come_back(browser, await inn.leave(browser))
        assert answer.status_code == (401 if names_itself else 303)
        answer = await inn.come_back(browser, await inn.leave(browser), iss=inn.issuer.url)
        assert answer.status_code == 303


async def test_who_takes_too_long_begins_again(database_url: str, issuer: StatedIssuer) -> None:
    clock = ManualClock(SystemClock().now())
    async with inn_at(database_url, issuer, clock=clock) as inn, inn.worker.browser() as browser:
        sent = await inn.leave(browser)
        clock.advance(601)
        assert await come_back_refused(inn, browser, sent, BEGIN_AGAIN)


@pytest.mark.parametrize(
    "claims", [{"nonce": "another"}, {"exp": NOW - 3600}, {"aud": "another"}, {"iss": "https://evil.example"}], ids=str
)
async def test_a_token_whose_claims_do_not_hold_signs_nobody_in(inn: Inn, claims: dict[str, Any]) -> None:
    """More of them: test_id_token."""
    inn.issuer.claims = claims
    status, page = await inn.refusal()
    assert (status, NOT_PROVEN in page) == (401, True)
    assert await nothing_was_made(inn)


async def test_without_a_token_nobody_is_signed_in(inn: Inn) -> None:
    for token in (None, 7, "", "a.b.c"):
        inn.issuer.token = {"id_token": token}
        assert (await inn.refusal())[0] == 401
    assert await nothing_was_made(inn)


async def test_a_key_that_the_issuer_made_since_is_fetched_but_not_for_every_nonsense(inn: Inn) -> None:
    issuer = inn.issuer
    await inn.sign_in()
    issuer.key = ECKey.generate_key("P-256", {"kid": "second", "use": "sig"})
    inn.worker.app.clock.advance(31)
    await inn.sign_in()
    assert issuer.key_reads == 2
    issuer.published, issuer.key = [issuer.key], ECKey.generate_key("P-256", {"kid": "third"})
    for _ in range(3):
        await inn.refusal()
    assert issuer.key_reads == 2


async def test_an_address_that_the_provider_did_not_verify_joins_nobody(inn: Inn) -> None:
    ada = await inn.worker.person("ada")
    for said in (False, None, "false", 1):
        inn.issuer.claims = {"email_verified": said, "sub": f"subject {said}"}
        me = await inn.sign_in()
        assert (me["id"] != str(ada.id), me["email"]) == (True, "")
    inn.issuer.github_emails = [
        {"email": "ada@example.org", "primary": True, "verified": False},
        {"email": "ada@example.org", "primary": False, "verified": True},
    ]
    assert (await inn.sign_in("github"))["id"] != str(ada.id)


async def test_an_operator_may_vouch_for_the_addresses_of_an_issuer(database_url: str, issuer: StatedIssuer) -> None:
    async with inn_at(database_url, issuer, oidc_trusts_email=True) as inn:
        ada = await inn.worker.person("ada")
        issuer.claims = {"email_verified": None}
        assert (await inn.sign_in())["id"] == str(ada.id)


async def test_user_info_about_somebody_else_signs_nobody_in(inn: Inn) -> None:
    inn.issuer.claims = {"email": None}
    inn.issuer.userinfo = {"sub": "8", "email": "ada@example.org", "email_verified": True}
    assert (await inn.refusal())[0] == 401
    assert await nothing_was_made(inn)


async def test_a_github_that_names_no_person_signs_nobody_in(inn: Inn) -> None:
    for person in ({}, {"id": "7"}, {"id": True}, [], "x", {"id": None, "login": "ada"}):
        inn.issuer.github_person = person
        assert (await inn.refusal("github"))[0] in (401, 503)
    assert await nothing_was_made(inn)


async def test_a_github_that_keeps_addresses_to_itself_is_not_one_that_failed(inn: Inn) -> None:
    """Who comes while it fails must not be taken for somebody new without an address."""
    inn.issuer.github_emails_status = 502
    assert (await inn.refusal("github"))[0] == 503
    assert await nothing_was_made(inn)
    inn.issuer.github_emails_status = 403
    assert (await inn.sign_in("github"))["email"] == ""


async def test_coming_back_leads_nowhere_else(inn: Inn) -> None:
    for path in ("https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "x", "/" * 600):
        async with inn.worker.browser() as browser:
            assert (await inn.round_trip(browser, next=path)).headers["location"] == "/"


async def test_who_says_no_there_is_told_so_and_nothing_is_made(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        sent = await inn.leave(browser)
        answer = await browser.get(
            "/signin/with/oidc/callback", params={"error": "access_denied", "state": sent["state"]}
        )
        assert (answer.status_code, "You did not agree" in answer.text) == (403, True)
        sent = await inn.leave(browser)
        error = {"error": "<script>", "error_description": "<b>x</b>", "state": sent["state"]}
        answer = await browser.get("/signin/with/oidc/callback", params=error)
        assert (answer.status_code, "<script" in answer.text, "<b>" in answer.text) == (401, False, False)
    assert await nothing_was_made(inn)
    assert inn.issuer.forms == []


@pytest.mark.parametrize(
    ("slug", "token"),
    [("github", {"access_token": None, "error": "bad_verification_code"}), ("oidc", {"access_token": 7})],
)
async def test_a_code_that_the_provider_does_not_take_signs_nobody_in(
    inn: Inn, slug: str, token: dict[str, Any]
) -> None:
    inn.issuer.token = token
    status, page = await inn.refusal(slug)
    assert (status, NOT_PROVEN in page) == (401, True)


async def test_a_token_that_no_header_can_hold_is_refused(inn: Inn) -> None:
    inn.issuer.token = {"access_token": "x\r\nhost: evil.example"}
    assert (await inn.refusal("github"))[0] == 503


async def leaving(inn: Inn) -> tuple[int, bool]:
    async with inn.worker.browser() as browser:
        answer = await browser.get("/signin/with/oidc")
        return answer.status_code, SILENT in answer.text


async def test_a_provider_that_takes_too_long_is_given_up(database_url: str, issuer: StatedIssuer) -> None:
    """P10."""
    issuer.is_stuck = True
    async with inn_at(database_url, issuer, provider_timeout_s=0.05) as inn:
        assert await leaving(inn) == (503, True)


async def test_a_provider_that_says_too_much_is_given_up(database_url: str, issuer: StatedIssuer) -> None:
    """P10."""
    issuer.padding = "x" * 5_000
    async with inn_at(database_url, issuer, max_provider_bytes=4_096) as inn:
        assert await leaving(inn) == (503, True)
        issuer.padding = ""
        assert (await leaving(inn))[0] == 303


async def test_a_provider_that_is_not_there_is_said_to_be_silent(database_url: str, issuer: StatedIssuer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens on it
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with inn_at(database_url, issuer, oidc_issuer=nowhere) as inn:
            assert await leaving(inn) == (503, True)


async def test_an_issuer_that_says_nonsense_of_itself_sends_nobody_anywhere(inn: Inn) -> None:
    for metadata in (
        {"issuer": "https://evil.example"},
        {"token_endpoint": 7},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ):
        inn.issuer.metadata = metadata
        assert await leaving(inn) == (503, True)


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri"])
async def test_no_secret_travels_in_the_clear(inn: Inn, endpoint: str) -> None:
    inn.issuer.metadata = {endpoint: "http://192.0.2.1/"}
    status, page = await inn.refusal()
    assert (status, SILENT in page) == (503, True)


async def test_a_provider_that_is_not_set_up_is_a_clear_page(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        for path in ("/signin/with/nobody", "/signin/with/nobody/callback?state=x&code=y"):
            answer = await browser.get(path)
            assert (answer.status_code, "does not sign people in with that" in answer.text) == (404, True)


async def test_a_network_may_leave_so_often_a_minute(database_url: str, issuer: StatedIssuer) -> None:
    """P10."""
    async with inn_at(database_url, issuer, clock=ManualClock(), sign_ins_per_minute=2) as inn:
        assert [(await leaving(inn))[0] for _ in range(3)] == [303, 303, 429]


async def test_tries_that_nobody_finishes_are_forgotten(database_url: str, issuer: StatedIssuer) -> None:
    """P10."""
    clock = ManualClock(SystemClock().now())
    async with inn_at(database_url, issuer, clock=clock) as inn:
        await leaving(inn)
        clock.advance(601)
        [accounts] = [feature for feature in inn.worker.app.features if feature.slug == "accounts"]
        [job] = accounts.jobs
        await job.run()
        assert await inn.rows("select from sign_in_attempts") == []


async def test_another_host_name_is_refused_at_both_ends(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        for path in ("/signin/with/oidc", "/signin/with/oidc/callback"):
            assert (await browser.get(path, headers={"host": "evil.example"})).status_code == 403
