"""The providers that the settings name."""

from server.clock import Clock
from server.errors import StartRefused
from server.identity.github import GitHubProvider
from server.identity.issuer import Issuer
from server.identity.line import Line, is_private, tls
from server.identity.openid import OpenIdProvider
from server.identity.port import Provider
from server.settings import Settings

GOOGLE = "https://accounts.google.com"


def configured_providers(settings: Settings, clock: Clock) -> tuple[Provider, ...]:
    """In the order in which people are shown them.

    Raises:
        StartRefused: a setting is missing or does not fit.
    """
    found = (_github(settings, clock), _google(settings, clock), _openid(settings, clock))
    providers = tuple(provider for provider in found if provider is not None)
    if providers and settings.public_url is None:
        raise StartRefused(
            f"{providers[0].name} is set up to sign people in, so PUBLIC_URL must be set, too: they come back there."
        )
    if providers:
        tls()
    return providers


def _github(settings: Settings, clock: Clock) -> Provider | None:
    if not settings.github_client_id:
        return None
    if not settings.github_client_secret:
        raise StartRefused("GITHUB_CLIENT_ID is set, so GITHUB_CLIENT_SECRET must be, too.")
    url = settings.github_url.rstrip("/")
    _check_private("GITHUB_URL", url)
    return GitHubProvider(
        url, settings.github_client_id, settings.github_client_secret, _line(settings, "GitHub"), clock
    )


def _google(settings: Settings, clock: Clock) -> Provider | None:
    if not settings.google_client_id:
        return None
    if not settings.google_client_secret:
        raise StartRefused("GOOGLE_CLIENT_ID is set, so GOOGLE_CLIENT_SECRET must be, too.")
    line = _line(settings, "Google")
    return OpenIdProvider(
        slug="google",
        name="Google",
        key="google",
        client_id=settings.google_client_id,
        client_secret=settings.google_client_secret,
        issuer=Issuer(GOOGLE, line, clock),
        line=line,
        clock=clock,
    )


def _openid(settings: Settings, clock: Clock) -> Provider | None:
    url = settings.oidc_issuer
    if not url:
        return None
    if not settings.oidc_client_id:
        raise StartRefused("OIDC_ISSUER is set, so OIDC_CLIENT_ID must be, too.")
    _check_private("OIDC_ISSUER", url)
    line = _line(settings, settings.oidc_name)
    return OpenIdProvider(
        slug="oidc",
        name=settings.oidc_name,
        # A subject means something to its issuer alone: under another issuer's name it is somebody else.
        key=url,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        issuer=Issuer(url, line, clock),
        line=line,
        clock=clock,
        trusts_email=settings.oidc_trusts_email,
    )


def _line(settings: Settings, name: str) -> Line:
    return Line(name, settings.provider_timeout_s, settings.max_provider_bytes)


def _check_private(setting: str, url: str) -> None:
    if not is_private(url):
        raise StartRefused(f"{setting} must begin with https://, or name this machine itself.")
