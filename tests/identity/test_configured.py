"""Which providers the settings name, and under which key their accounts are kept."""

import pytest

from server.clock import SystemClock
from server.errors import StartRefused
from server.identity.configured import configured_providers
from server.settings import Settings

GITHUB = {"github_client_id": "a", "github_client_secret": "b"}
GOOGLE = {"google_client_id": "a", "google_client_secret": "b"}
CORP = {"oidc_issuer": "https://login.example.org/", "oidc_client_id": "a", "oidc_name": "Corp"}


def keys(**settings: str) -> list[tuple[str, str, str]]:
    made = Settings(public_url="https://ide.example.org", **settings)
    return [(provider.slug, provider.name, provider.key) for provider in configured_providers(made, SystemClock())]


def test_nobody_is_set_up_by_default() -> None:
    assert configured_providers(Settings(), SystemClock()) == ()


def test_github_and_google_have_the_keys_that_authjs_gives_them() -> None:
    assert keys(**GITHUB, **GOOGLE) == [("github", "GitHub", "github"), ("google", "Google", "google")]


def test_an_issuer_that_is_exchanged_for_another_has_another_key() -> None:
    """Else the subjects of one would be people of the other."""
    assert keys(**CORP) == [("oidc", "Corp", "https://login.example.org/")]
    own_github = keys(**GITHUB, github_url="https://github.example.org/")
    assert own_github == [("github", "GitHub", "github:https://github.example.org")]


@pytest.mark.parametrize("url", ["http://login.example.org", "login.example.org", "ftp://x", "https://", "http://[x"])
def test_an_issuer_without_tls_is_refused_unless_it_is_this_machine(url: str) -> None:
    with pytest.raises(StartRefused, match="OIDC_ISSUER"):
        keys(**CORP | {"oidc_issuer": url})
    assert keys(**CORP | {"oidc_issuer": "http://127.0.0.1:4000"})


def test_secrets_do_not_show_themselves() -> None:
    made = Settings(public_url="https://ide.example.org", github_client_id="a", github_client_secret="hush-hush")
    assert "hush-hush" not in repr(made) + repr(configured_providers(made, SystemClock()))
