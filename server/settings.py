"""Every setting of the server: one frozen object, read once at the start. docs/operations.md is made from it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

KIB = 1 << 10
MIB = 1 << 20
BUS_PAYLOAD_BYTES = MIB  # larger content goes by reference to the log: one huge publish can cut every subscriber

WordList = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Read from the environment; the name of a variable is the field's in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    environment: Literal["production", "development"] = Field(
        "production", description="Development logs for people instead of JSON and allows the sign-in link"
    )
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe line to log")

    database_url: str | None = Field(None, description="PostgreSQL 15 or later; required by `serve` and `worker`")
    database_pool_size: int = Field(10, ge=2, le=200, description="Connections to PostgreSQL per process")
    database_timeout_s: float = Field(10.0, gt=0, description="Seconds that one statement may take")
    database_statement_cache: int = Field(
        256, ge=0, description="Prepared statements kept per connection; 0 behind an older PgBouncer"
    )
    redis_url: str | None = Field(
        None, description="Redis 6.2 or later, for several workers; this release does not use it yet"
    )
    web_concurrency: int = Field(1, ge=1, description="Worker processes of `serve`")

    allowed_hosts: WordList = Field(
        (), description="Host header values to accept, comma separated, `*` for all; loopback names always are"
    )
    allowed_origins: WordList = Field(
        (), description="Origins that may open sockets, comma separated, beside the server's own"
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s?#]+$",
        description="Address that people reach this server at, such as https://ide.example.org, for links in mails",
    )
    forwarded_hops: int = Field(
        0, ge=0, description="Proxies in front whose entries of X-Forwarded-For are believed; 0 believes none"
    )
    page_dir: Path = Field(Path("client/dist"), description="Folder with the built page")

    socket_adapter: Literal["fast", "asgi"] = Field(
        "fast", description="How sockets are carried: on their own transport, or through any ASGI server's calls"
    )
    max_message_bytes: int = Field(32 * MIB, ge=64 * KIB, description="Bytes of one WebSocket message")
    max_hello_bytes: int = Field(64 * KIB, ge=KIB, description="Bytes of a message before sign-in")
    max_update_bytes: int = Field(8 * MIB, ge=KIB, description="Bytes of one edit")
    max_document_bytes: int = Field(5_000_000, ge=KIB, description="UTF-8 bytes of a document's text")
    max_document_clients: int = Field(
        50_000, ge=100, description="Yjs client ids ever seen in one document; each tab brings one"
    )
    max_state_bytes: int = Field(
        32 * MIB, ge=KIB, description="Bytes of a document with all that was deleted in it, as Yjs encodes it"
    )
    max_document_types: int = Field(
        10_000, ge=0, description="Nested shared types ever made in one document; text needs none"
    )
    max_pending_bytes: int = Field(
        MIB, ge=0, description="Bytes per document of edits that wait for others they build on"
    )
    max_awareness_bytes: int = Field(16 * KIB, ge=256, description="Bytes of one awareness state")
    max_awareness_clients: int = Field(8, ge=1, description="Awareness ids that one socket may hold per document")
    max_channels: int = Field(256, ge=1, description="Documents that one socket may have open")
    max_waiting_requests: int = Field(
        64, ge=1, description="Requests of one socket that may wait for those before them"
    )
    max_waiting_request_bytes: int = Field(
        16 * MIB, ge=KIB, description="Bytes of them; one alone may be as large as a message"
    )
    max_connections: int = Field(20_000, ge=1, description="Sockets per process")
    max_unauthenticated: int = Field(1_000, ge=1, description="Sockets per process that have not signed in yet")
    max_documents: int = Field(20_000, ge=1, description="Documents in memory per process")
    max_encoded_bytes: int = Field(
        64 * MIB, ge=0, description="Bytes of whole documents kept encoded for newcomers, per process"
    )
    max_body_bytes: int = Field(16 * MIB, ge=KIB, description="Bytes of an HTTP request body")

    storage_type: Literal["database", "filesystem", "s3"] = Field(
        "database", description="Where new bytes of files that are no text are kept; older ones stay where they are"
    )
    storage_dir: Path | None = Field(None, description="Folder of `filesystem`; every process must see the same one")
    storage_bucket: str | None = Field(
        None, description="Bucket of `s3`; region and credentials come from the usual AWS_ variables"
    )
    storage_endpoint: str | None = Field(None, description="Address of an S3 service other than Amazon's")
    blob_chunk_bytes: int = Field(
        MIB, ge=64 * KIB, le=64 * MIB, description="Bytes of one chunk; an upload or download holds two in memory"
    )
    max_file_bytes: int = Field(2048 * MIB, ge=KIB, description="Bytes of one file")
    max_project_bytes: int = Field(10_240 * MIB, ge=KIB, description="Bytes of all files of a project")
    max_project_files: int = Field(50_000, ge=1, description="Files and directories of a project")
    max_path_rights: int = Field(100, ge=1, le=1000, description="Rules on paths of a project")
    max_uploads: int = Field(100, ge=1, description="Uploads that one person may have under way")
    upload_hours: int = Field(24, ge=1, description="Hours that an unfinished upload can be resumed")
    transfer_stall_s: float = Field(
        30.0, gt=0, description="Seconds that an upload or download may stand still before it is cut"
    )
    max_archive_bytes: int = Field(1024 * MIB, ge=KIB, description="Bytes of an archive that is imported")
    max_archive_entries: int = Field(
        200_000, ge=1, description="Entries of an archive that is imported, those that are left out too"
    )
    max_archive_ratio: int = Field(
        200, ge=2, description="Times its own size that an archive may unpack to; the first 64 MiB are free"
    )
    max_imports: int = Field(
        4, ge=1, description="Imports at the same time in one process; each has a process beside it"
    )
    max_exports: int = Field(8, ge=1, description="Exports at the same time in one process")
    import_timeout_s: float = Field(
        600.0, gt=0, description="Seconds that an archive may take to arrive, and again to be unpacked"
    )
    import_memory_bytes: int = Field(
        512 * MIB, ge=256 * MIB, description="Address space of the process that unpacks an archive"
    )
    import_days: int = Field(7, ge=1, description="Days that the outcome of an import can be asked for")
    scratch_dir: Path | None = Field(
        None, description="Folder for archives while they are imported; unset: the system's, which may be in memory"
    )
    files_origin: str | None = Field(
        None,
        pattern=r"^https?://[^/\s?#]+$",
        description="A second address of this server, such as https://files.example.net, that alone serves contents",
    )
    files_link_secrets: WordList = Field(
        (), repr=False, description="Secrets that sign links to FILES_ORIGIN, newest first; the same in every process"
    )
    files_link_s: float = Field(60.0, gt=0, le=3600, description="Seconds that a link to FILES_ORIGIN is good for")
    blob_keep_hours: int = Field(24, ge=1, description="Hours that bytes which no file refers to are kept")

    outbox_limit_bytes: int = Field(
        16 * MIB, ge=64 * KIB, description="Bytes that may wait for one slow reader before it is closed with 1013"
    )
    outbox_watermark_bytes: int = Field(
        256 * KIB, ge=KIB, description="Bytes under way to a socket above which its traffic is merged"
    )
    slow_reader_s: float = Field(15.0, gt=0, description="Seconds without progress before a reader is closed")
    hello_timeout_s: float = Field(10.0, gt=0, description="Seconds a socket may take to sign in")
    close_grace_s: float = Field(
        10.0, gt=0, description="Seconds a peer may take to read the close frame and answer it"
    )
    ping_interval_s: float = Field(20.0, gt=0, description="Seconds between signs of life on a socket")
    command_timeout_s: float = Field(15.0, gt=0, description="Seconds that one command may take")
    commands_per_s: float = Field(50.0, gt=0, description="Commands per second and socket; bursts of four times that")
    edits_per_s: float = Field(
        50_000.0, gt=0, description="Edits and cursors per second and socket; a faster one is read more slowly"
    )

    commit_linger_ms: float = Field(2.0, ge=0, description="Milliseconds to gather edits for one commit")
    commit_batch_bytes: int = Field(4 * MIB, ge=KIB, description="Bytes of edits in one commit")
    commit_batch_rows: int = Field(5_000, ge=1, description="Edits in one commit")
    unwritten_limit_bytes: int = Field(
        64 * MIB, ge=KIB, description="Bytes of edits held while storage is away; above it reading stops"
    )
    unload_after_s: float = Field(30.0, ge=0, description="Seconds that a document nobody has open stays in memory")
    content_quiet_s: float = Field(1.0, gt=0, description="Seconds of quiet before a file row shows the new text")
    content_latest_s: float = Field(5.0, gt=0, description="Seconds at most before a file row shows the new text")
    snapshot_rows: int = Field(1_000, ge=64, description="Log rows of a document that make a snapshot due; 64 or more")
    snapshot_bytes: int = Field(
        MIB, ge=16 * KIB, description="Log bytes of a document that make a snapshot due; 16 KiB or more"
    )
    compact_interval_s: float = Field(10.0, gt=0, description="Seconds between two looks for due snapshots")
    archive_days: int = Field(90, ge=0, description="Days that merged log rows remain in the archive")
    recovery_days: int = Field(30, ge=1, description="Days that recovery copies are kept")
    recovery_limit: int = Field(50, ge=1, description="Recovery copies per person and project; the oldest goes first")
    event_days: int = Field(30, ge=1, description="Days of a project's events that a client can resume over")
    audit_days: int = Field(365, ge=1, description="Days that the audit keeps who changed rights, sessions and tokens")
    command_id_days: int = Field(30, ge=1, description="Days that a retried command still gets its first answer")
    tombstone_days: int = Field(
        90, ge=1, description="Days that a deleted file's path is known as deleted, and its document kept"
    )
    rights_poll_s: float = Field(
        5.0,
        gt=0,
        description="Seconds at most until open sockets notice a change of rights that no worker told of",
    )
    invitation_days: int = Field(30, ge=1, le=365, description="Days that an invitation may hold at most")
    invitation_mails_per_hour: int = Field(30, ge=1, description="Invitations by mail per hour and inviter")
    invitation_limit: int = Field(100, ge=1, description="Invitations of one project that hold at the same time")
    projects_per_person: int = Field(
        1_000, ge=1, description="Projects that one person may own, those included that they deleted and can have back"
    )
    templates_per_person: int = Field(100, ge=1, description="Templates that one person may have made")
    deleted_project_days: int = Field(30, ge=1, description="Days that a deleted project can be had back by its owner")
    session_days: int = Field(30, ge=1, description="Days that a sign-in lasts after it was last used, to a day")
    sessions_per_person: int = Field(100, ge=1, description="Sign-ins per person; the oldest ends for one more")
    tokens_per_person: int = Field(100, ge=1, description="Bearer tokens per person that are not revoked")
    passkeys_per_person: int = Field(20, ge=1, description="Passkeys per person")
    passkey_challenge_s: float = Field(
        300.0, gt=0, le=3600, description="Seconds that somebody may take to answer with a passkey"
    )
    passkey_challenge_limit: int = Field(
        10_000, ge=1, description="Passkeys that may be asked for at the same time, signing in or making one"
    )
    ticket_s: float = Field(30.0, gt=0, le=30, description="Seconds that a ticket is good for")

    authjs_secrets: WordList = Field(
        (),
        repr=False,
        description="Secrets (AUTH_SECRET) of Auth.js programs whose signed cookies count here, newest first",
    )
    authjs_shares: Literal["database", "secret"] = Field(
        "database", description="Whom a signed cookie's `sub` names: a row of `users`, or a person of theirs alone"
    )
    authjs_trusts_email: bool = Field(
        False,  # noqa: FBT003
        description="With AUTHJS_SHARES=secret: addresses were verified there, so they join the account that has them",
    )
    authjs_audience: str | None = Field(
        None, description="What a signed cookie's `aud` must name; unset, a cookie with an `aud` is refused"
    )
    github_client_id: str | None = Field(None, description="Id of this server's OAuth app at GitHub; unset: no GitHub")
    github_client_secret: str | None = Field(None, repr=False, description="Its secret")
    github_url: str = Field(
        "https://github.com", description="GitHub itself, or the address of a GitHub Enterprise Server"
    )
    google_client_id: str | None = Field(
        None, description="Id of this server's OAuth client at Google; unset: no Google"
    )
    google_client_secret: str | None = Field(None, repr=False, description="Its secret")
    oidc_issuer: str | None = Field(
        None, description="Any other OpenID Connect issuer, such as https://login.example.org/realms/staff"
    )
    oidc_client_id: str | None = Field(None, description="Id of this server at that issuer")
    oidc_client_secret: str | None = Field(None, repr=False, description="Its secret; unset for a public client")
    oidc_name: str = Field("single sign-on", max_length=40, description="What that issuer is called on the page")
    oidc_trusts_email: bool = Field(
        False,  # noqa: FBT003
        description="That issuer verifies addresses although it does not say so; they join the account that has them",
    )
    provider_timeout_s: float = Field(10.0, gt=0, description="Seconds that one request to a provider may take")
    provider_sign_in_s: float = Field(
        600.0, gt=0, le=3600, description="Seconds that a person may take at a provider until they are back"
    )
    max_provider_bytes: int = Field(256 * KIB, ge=KIB, description="Bytes of one answer of a provider")
    encryption_keys: WordList = Field(
        (),
        repr=False,
        description="Keys that providers' tokens are encrypted with, newest first; unset, no token is kept",
    )
    sign_up: Literal["anyone", "nobody"] = Field(
        "anyone", description="Who becomes a user by signing in; `nobody`: only those whom an operator made"
    )
    guests: bool = Field(default=False, description="Let people who only give a name read public projects")
    guest_hours: float = Field(24.0, gt=0, description="Hours that a guest is known")
    guest_limit: int = Field(10_000, ge=1, description="Guests at the same time")
    sign_ins_per_minute: float = Field(
        20.0, gt=0, description="Tries to sign in per minute and network address, in each process"
    )
    exports_per_hour: float = Field(
        6.0, gt=0, description="Archives of all of their data per hour and person, in each process"
    )
    failed_tokens_per_minute: float = Field(
        60.0, gt=0, description="Different tokens per minute and network address that may not hold, in each process"
    )
    tickets_per_minute: float = Field(120.0, gt=0, description="Tickets per minute and person, in each process")
    network_tickets_per_minute: float = Field(
        1_200.0, gt=0, description="Tickets per minute and network address, in each process"
    )
    smtp_url: str | None = Field(
        None,
        repr=False,
        description="Mail server, smtp:// or smtps://, user and password percent-encoded; unset: no mail",
    )
    mail_from: str | None = Field(None, description="Sender of mails, such as flashio@example.org")
    mails_per_hour: int = Field(6, ge=1, description="Sign-in mails per hour and recipient")
    mail_queue_limit: int = Field(1_000, ge=1, description="Mails per process that may wait for the mail server")
    sign_in_mail_hours: float = Field(
        24.0, gt=0, le=24, description="Hours that the link of a sign-in mail is good for"
    )

    @field_validator(
        *("allowed_hosts", "allowed_origins", "authjs_secrets", "encryption_keys", "files_link_secrets"), mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(word for word in (part.strip() for part in value.split(",")) if word)
        return value
