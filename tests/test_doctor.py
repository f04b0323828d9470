"""What `doctor` finds out about those who live elsewhere: the mail server and the providers."""

from tests.harness.command_line import flashio
from tests.harness.issuer import stated_issuer
from tests.harness.mail_server import mail_server

NOBODY = "smtp://127.0.0.1:1"
SENDER = {"MAIL_FROM": "flashio@example.org", "PUBLIC_URL": "http://127.0.0.1:8000"}


async def test_doctor_tries_the_mail_server_and_sends_nothing(database_url: str) -> None:
    async with mail_server() as mails:
        well = await flashio("doctor", DATABASE_URL=database_url, SMTP_URL=mails.url, **SENDER)
        assert (well.code, "ok   SMTP_URL: the mail server answers" in well.out) == (0, True), well
        assert mails.tries == 0
    ill = await flashio("doctor", DATABASE_URL=database_url, SMTP_URL=NOBODY, **SENDER)
    assert (ill.code, "FAIL SMTP_URL" in ill.out) == (1, True)


async def test_doctor_says_what_is_missing_for_mail(database_url: str) -> None:
    without = await flashio("doctor", DATABASE_URL=database_url)
    assert "ok   SMTP_URL: not set" in without.out
    half = await flashio("doctor", DATABASE_URL=database_url, SMTP_URL=NOBODY)
    assert (half.code, "FAIL mail: SMTP_URL is set, so MAIL_FROM" in half.out) == (1, True)


async def test_doctor_asks_every_provider_that_is_set_up(database_url: str) -> None:
    async with stated_issuer() as issuer:
        known = {
            "DATABASE_URL": database_url,
            "PUBLIC_URL": "http://127.0.0.1:8000",
            "OIDC_ISSUER": issuer.url,
            "OIDC_CLIENT_ID": "flashio",
            "GITHUB_URL": issuer.url,
            "GITHUB_CLIENT_ID": "flashio",
            "GITHUB_CLIENT_SECRET": "secret",
        }
        well = await flashio("doctor", **known)
        assert (well.code, well.out.count("answers, and people can sign in with it")) == (0, 2), well
        issuer.metadata = {"issuer": "https://another.example"}
        ill = await flashio("doctor", **known)
        assert (ill.code, "FAIL single sign-on" in ill.out, "another.example" in ill.err) == (1, True, True)


async def test_settings_of_a_provider_that_do_not_fit_together_are_named(database_url: str) -> None:
    for setting, value, said in (
        ("GITHUB_CLIENT_ID", "x", "GITHUB_CLIENT_SECRET"),
        ("GOOGLE_CLIENT_ID", "x", "GOOGLE_CLIENT_SECRET"),
        ("OIDC_ISSUER", "https://login.example.org", "OIDC_CLIENT_ID"),
    ):
        ended = await flashio("doctor", **{"DATABASE_URL": database_url, setting: value})
        assert (ended.code, said in ended.out) == (1, True), ended
        refused = await flashio("serve", **{"DATABASE_URL": database_url, "PORT": "0", setting: value})
        assert (refused.code, said in refused.err) == (1, True), refused
    clear = {"OIDC_ISSUER": "http://login.example.org", "OIDC_CLIENT_ID": "x", "DATABASE_URL": database_url}
    assert "https://" in (await flashio("doctor", **clear)).out
    nowhere = {"OIDC_ISSUER": "https://login.example.org", "OIDC_CLIENT_ID": "x", "DATABASE_URL": database_url}
    assert "PUBLIC_URL" in (await flashio("serve", PORT="0", **nowhere)).err
