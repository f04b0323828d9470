"""Signing in with a provider: who somebody becomes here, and what is kept of it."""

import asyncio
import logging
from urllib.parse import urlsplit

import pytest

from server.access.vault import new_key
from server.clock import SystemClock
from server.store import accounts
from tests.harness.issuer import CLIENT_ID, CLIENT_SECRET, StatedIssuer
from tests.identity.returning import OURS, Inn, inn_at
from tests.store.examples import add_user


async def verify(inn: Inn, user_id: object) -> None:
    async with inn.worker.app.db.acquire() as connection:
        await accounts.verify_email.run(connection, user_id=user_id, now=SystemClock().now())


@pytest.mark.parametrize("slug", ["oidc", "github"])
async def test_a_new_person_has_the_name_and_the_address_of_their_provider(inn: Inn, slug: str) -> None:
    me = await inn.sign_in(slug)
    assert (me["email"], me["name"]) == ("ada@example.org", "Ada Lovelace" if slug == "oidc" else "ada")
    assert (await inn.sign_in(slug))["id"] == me["id"]
    assert len(await inn.rows("select from users")) == 1
    assert (await inn.rows("select email_verified is not null from users")) == [(True,)]


async def test_a_person_who_proved_their_address_here_is_joined_by_both_providers(inn: Inn) -> None:
    ada = await inn.worker.person("ada")
    await verify(inn, ada.id)
    assert {(await inn.sign_in(slug))["id"] for slug in ("oidc", "github")} == {str(ada.id)}
    assert len(await inn.rows("select from accounts")) == 2


async def test_somebody_whom_an_operator_made_comes_in_by_their_provider(
    database_url: str, issuer: StatedIssuer
) -> None:
    async with inn_at(database_url, issuer, sign_up="nobody") as inn:
        assert (await inn.refusal())[0] == 403
        ada = await inn.worker.person("ada")
        assert (await inn.sign_in())["id"] == str(ada.id)


async def test_who_is_known_by_their_account_there_may_change_their_address(inn: Inn) -> None:
    me = await inn.sign_in()
    inn.issuer.claims = {"email": "lovelace@example.org"}
    assert (await inn.sign_in())["id"] == me["id"]


async def test_two_subjects_are_two_people(inn: Inn) -> None:
    first = await inn.sign_in()
    inn.issuer.claims = {"sub": "8", "email": "bob@example.org"}
    assert (await inn.sign_in())["id"] != first["id"]


async def test_the_same_subject_of_another_issuer_is_somebody_else(inn: Inn) -> None:
    first = await inn.sign_in("oidc")
    inn.issuer.github_emails = []
    assert (await inn.sign_in("github"))["id"] != first["id"]


async def test_claims_that_are_not_in_the_token_are_read_from_the_user_info(inn: Inn) -> None:
    inn.issuer.claims = {"email": None, "email_verified": None, "name": None}
    inn.issuer.userinfo = {"sub": "7", "email": "Ada@Example.org", "email_verified": True, "name": "Ada"}
    me = await inn.sign_in()
    assert (me["email"], me["name"]) == ("ada@example.org", "Ada")
    assert inn.issuer.authorizations[-1] == "Bearer gho_access"


async def test_the_code_is_exchanged_with_the_secret_that_the_challenge_was_made_of(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        sent = await inn.leave(browser)
        await inn.come_back(browser, sent)
    [form] = inn.issuer.forms
    assert sent["code_challenge_method"] == "S256"
    assert (form["code"], form["redirect_uri"]) == ("a-code", f"{OURS}/signin/with/oidc/callback")
    assert 43 <= len(form["code_verifier"]) <= 128
    assert form["code_verifier"] not in (sent["code_challenge"], sent["nonce"])


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_a_secret_goes_into_the_header_or_into_the_form_as_the_issuer_wants_it(inn: Inn, method: str) -> None:
    inn.issuer.metadata = {"token_endpoint_auth_methods_supported": [method]}
    await inn.sign_in()
    form = inn.issuer.forms[0]
    in_form = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
    in_header = inn.issuer.authorizations[0] == "Basic Zmxhc2hpbzpzZWNyZXQ="
    assert (in_header, in_form) == (method == "client_secret_basic", method == "client_secret_post")


async def test_a_public_client_proves_itself_by_the_challenge_alone(database_url: str, issuer: StatedIssuer) -> None:
    async with inn_at(database_url, issuer, oidc_client_secret=None) as inn:
        await inn.sign_in()
    assert issuer.authorizations[0] is None
    assert (issuer.forms[0]["client_id"], "client_secret" in issuer.forms[0]) == (CLIENT_ID, False)


async def test_a_session_says_by_which_provider_it_began(inn: Inn) -> None:
    await inn.sign_in("github")
    assert await inn.rows("select method from sessions") == [("github",)]
    [(details,)] = await inn.rows("select details from audit_log where action = 'accounts/signed_in'")
    assert details["method"] == "github"


async def test_where_somebody_wanted_to_go_they_go(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        answer = await inn.round_trip(browser, next="/p/somewhere")
    assert answer.headers["location"] == "/p/somewhere"


async def test_two_windows_of_one_browser_may_sign_in_at_once(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        first, second = await inn.leave(browser, next="/p/1"), await inn.leave(browser, "github", next="/p/2")
        answers = [await inn.come_back(browser, second, "github")]
        inn.issuer.nonce = first["nonce"]
        answers.append(await inn.come_back(browser, first))
    assert [answer.headers["location"] for answer in answers] == ["/p/2", "/p/1"]


async def test_without_a_key_no_token_is_kept(inn: Inn) -> None:
    inn.issuer.token = {"refresh_token": "a refresh token"}
    await inn.sign_in()
    columns = "access_token, refresh_token, id_token, session_state, expires_at"
    assert await inn.rows(f"select {columns} from accounts") == [(None,) * 5]


async def test_with_a_key_tokens_are_kept_and_nobody_can_read_them(database_url: str, issuer: StatedIssuer) -> None:
    issuer.token = {"refresh_token": "a refresh token", "scope": "openid"}
    async with inn_at(database_url, issuer, encryption_keys=(new_key(),)) as inn:
        await inn.sign_in()
        columns = "access_token, refresh_token, token_type, scope, expires_at is not null, id_token"
        [row] = await inn.rows(f"select {columns} from accounts")
        assert row[2:] == ("bearer", "openid", True, None)
        assert all(kept.startswith("v1.") for kept in row[:2])
        assert "gho_access" not in row[0]
        issuer.token = {}
        await inn.sign_in()
        [again] = await inn.rows(f"select {columns} from accounts")
        assert (again[0] != row[0], again[1]) == (True, row[1])


async def test_the_page_and_a_list_show_what_is_set_up(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        page = (await browser.get("/signin", params={"next": "/p/a&b"})).text
        listed = (await browser.get("/signin/providers")).json()
    assert 'href="/signin/with/github?next=%2Fp%2Fa%26b"' in page
    assert "Continue with GitHub" in page
    assert listed == [{"slug": "github", "name": "GitHub"}, {"slug": "oidc", "name": "single sign-on"}]


async def test_a_name_that_an_operator_chose_is_shown_as_text(database_url: str, issuer: StatedIssuer) -> None:
    async with inn_at(database_url, issuer, oidc_name="<b>Corp</b>") as inn, inn.worker.browser() as browser:
        assert "&lt;b&gt;Corp" in (await browser.get("/signin")).text


async def test_the_cookie_for_the_way_back_is_short_lived_and_not_for_scripts(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        cookie = (await browser.get("/signin/with/oidc")).headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/", "max-age=600"} <= set(cookie.split("; "))


async def test_nothing_of_the_secrets_is_kept_while_somebody_is_away(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        answer = await browser.get("/signin/with/oidc")
        secret = browser.cookies["flashio-browser"]
    query = urlsplit(answer.headers["location"]).query
    [row] = await inn.rows("select a::text from sign_in_attempts as a")
    assert secret not in row[0]
    assert not any(part.partition("=")[2] in row[0] for part in query.split("&") if part.startswith(("state", "nonce")))


async def test_an_address_that_others_could_have_taken_is_not_joined(inn: Inn) -> None:
    """Who makes an account with somebody's address before they come must not end up in one account with them."""
    async with inn.worker.app.db.acquire() as connection:
        eve = await add_user(connection, "Eve")
        await connection.execute("update users set email = 'ada@example.org' where id = $1", [eve])
        await connection.execute(
            "insert into accounts (user_id, type, provider, provider_account_id) values ($1, 'oauth', 'else', '1')",
            [eve],
        )
    status, page = await inn.refusal()
    assert (status, "Sign in to it as before" in page) == (403, True)
    await verify(inn, eve)
    assert (await inn.sign_in())["id"] == str(eve)


async def test_two_providers_that_bring_one_new_person_at_once_make_one_person(inn: Inn) -> None:
    async with inn.worker.browser() as first, inn.worker.browser() as second:
        by_github, by_issuer = await inn.leave(first, "github"), await inn.leave(second)
        answers = await asyncio.gather(inn.come_back(first, by_github, "github"), inn.come_back(second, by_issuer))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(await inn.rows("select from users")) == 1
    assert len(await inn.rows("select from accounts")) == 2


async def test_over_tls_the_cookie_for_the_way_back_is_for_this_host_alone(
    database_url: str, issuer: StatedIssuer
) -> None:
    async with (
        inn_at(database_url, issuer, public_url="https://ide.example.org") as inn,
        inn.worker.browser() as browser,
    ):
        answer = await browser.get("/signin/with/oidc", headers={"host": "ide.example.org"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-flashio-browser=")
    assert "secure" in cookie.lower().split("; ")
    assert "redirect_uri=https%3A%2F%2Fide.example.org%2Fsignin%2Fwith%2Foidc%2Fcallback" in answer.headers["location"]


async def test_no_secret_of_a_sign_in_is_logged(
    inn: Inn, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with inn.worker.browser() as browser:
        sent = await inn.leave(browser)
        await inn.come_back(browser, sent)
        secrets = [sent["state"], "a-code", "gho_access", browser.cookies["flashio-browser"]]
    inn.issuer.claims = {"nonce": "another"}
    await inn.refusal()
    ours = capsys.readouterr().out
    assert "not believed" in ours
    told = ours + "\n".join(record.getMessage() for record in caplog.records if not is_of_the_test(record))
    assert [secret for secret in (*secrets, inn.issuer.id_token()) if secret in told] == []


def is_of_the_test(record: logging.LogRecord) -> bool:
    """Whether the test's own browser wrote it, whose addresses are ours."""
    return record.name == "httpx" and OURS in record.getMessage()
