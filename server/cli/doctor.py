"""`doctor`: looks at what the server depends on and says, for each thing that is wrong, what to do."""

import resource
from dataclasses import dataclass

from server.access.vault import HOW_TO_MAKE_ONE, Vault
from server.cli.admin import opened
from server.clock import SystemClock
from server.errors import FlashError, StartRefused
from server.features.accounts.kept_tokens import renew_tokens
from server.identity.configured import configured_providers
from server.identity.port import Provider
from server.mail.port import MailFailed
from server.mail.smtp import smtp_carrier
from server.settings import Settings
from server.store.db import Database
from server.store.failures import StorageFailure
from server.store.migrate import at_head

SPARE_FILES = 200  # descriptors beside sockets: database, logs, libraries
OLDEST_POSTGRES = 150_000


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    is_good: bool
    text: str


def _good(subject: str, text: str) -> Finding:
    return Finding(subject, is_good=True, text=text)


def _bad(subject: str, text: str) -> Finding:
    return Finding(subject, is_good=False, text=text)


async def examine(settings: Settings) -> None:
    """Print a line per check.

    Raises:
        StartRefused: at least one thing keeps the server from working.
    """
    findings = [*_settings(settings), _open_files(settings), *await _storage(settings)]
    findings += [*await _mail(settings), *await _providers(settings)]
    for finding in findings:
        print(f"{'ok  ' if finding.is_good else 'FAIL'} {finding.subject}: {finding.text}")
    if not all(finding.is_good for finding in findings):
        raise StartRefused("Not everything is well; see the lines marked FAIL.")


def _settings(settings: Settings) -> list[Finding]:
    findings = [_good("settings", "every value is in its range")]
    if settings.web_concurrency > 1:
        findings.append(_bad("WEB_CONCURRENCY", "this release runs one worker; set it to 1"))
    if not settings.allowed_hosts:
        text = "only loopback names are served; set ALLOWED_HOSTS to the public host name behind a load balancer"
        findings.append(_good("ALLOWED_HOSTS", text))
    if not (settings.page_dir / "index.html").is_file():
        findings.append(_good("page", f"not built in {settings.page_dir}; run `make build` to serve it"))
    return findings


def _open_files(settings: Settings) -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = settings.max_connections + settings.database_pool_size + SPARE_FILES
    if soft >= needed:
        return _good("open files", f"{soft} allowed, {needed} needed at most")
    text = f"{soft} allowed, up to {needed} needed; raise `ulimit -n`, or lower MAX_CONNECTIONS"
    return _good("open files", text)


async def _storage(settings: Settings) -> list[Finding]:
    if settings.database_url is None:
        return [_bad("DATABASE_URL", "not set; for example postgresql://user@host/flashio")]
    try:
        async with opened(settings) as db:
            return [await _version(db), await _migrations(db), *await _encryption(settings, db)]
    except StorageFailure as error:
        return [_bad("database", f"{error}; check DATABASE_URL and that PostgreSQL runs")]


async def _version(db: Database) -> Finding:
    async with db.acquire() as connection:
        row = (await connection.fetch("select current_setting('server_version_num')::int, version()"))[0]
    return Finding("database", row[0] >= OLDEST_POSTGRES, f"{row[1].split(' on ')[0]} answers (15 or later is needed)")


async def _migrations(db: Database) -> Finding:
    if await at_head(db):
        return _good("migrations", "all applied")
    return _bad("migrations", "some are missing; run: python -m server migrate")


async def _encryption(settings: Settings, db: Database) -> list[Finding]:
    """Whether every token that is kept encrypted can be read with today's keys."""
    name = "ENCRYPTION_KEYS"
    try:
        count = await renew_tokens(db, Vault(settings.encryption_keys), is_dry_run=True)
    except StartRefused as error:
        return [_bad(name, str(error))]
    if count.unreadable:
        return [_bad(name, f"{count.unreadable} tokens of providers were encrypted with a key that is not in it")]
    if count.renewed:
        return [_good(name, f"{count.renewed} tokens need an older key; run: python -m server encryption renew")]
    if settings.encryption_keys:
        return [_good(name, f"{count.newest} tokens of providers, all encrypted with the newest key")]
    return [_good(name, f"not set, so tokens of providers are not kept; {HOW_TO_MAKE_ONE}")]


async def _mail(settings: Settings) -> list[Finding]:
    try:
        carrier = smtp_carrier(settings)
        if carrier is None:
            return [_good("SMTP_URL", "not set, so this server sends no mail and nobody signs in by one")]
        await carrier.check()
    except StartRefused as error:
        return [_bad("mail", str(error))]
    except MailFailed as error:
        return [_bad("SMTP_URL", f"the mail server cannot be used: {error}")]
    return [_good("SMTP_URL", "the mail server answers")]


async def _providers(settings: Settings) -> list[Finding]:
    try:
        providers = configured_providers(settings, SystemClock())
    except StartRefused as error:
        return [_bad("providers", str(error))]
    return [await _answering(provider) for provider in providers]


async def _answering(provider: Provider) -> Finding:
    try:
        await provider.check()
    except FlashError as error:
        return _bad(provider.name, f"{error} The lines above say what was wrong.")
    return _good(provider.name, "answers, and people can sign in with it")
