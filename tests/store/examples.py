"""Rows that tests need before they can say what they are about."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from server.store import accounts, documents, files, projects
from server.store.db import Connection

SEED_CLIENT = 2**53 - 2**32 + 7
LOCK_TIMEOUT_MS = 200


async def add_user(connection: Connection, name: str = "Ada") -> UUID:
    """Add a person with an address of their own."""
    email = f"{name.lower()}-{secrets.token_hex(4)}@example.org"
    return await accounts.create_user.one(connection, email=email, name=name, image=None)


async def add_session(connection: Connection, user_id: UUID, token: str, expires: datetime) -> UUID:
    """Sign somebody in, as another program that shares the table might have."""
    return await accounts.create_session.one(
        connection,
        session_token=token,
        user_id=user_id,
        expires=expires,
        now=expires - timedelta(days=30),
        method=None,
        user_agent=None,
        address=None,
    )


async def add_project(connection: Connection, owner: UUID, name: str = "Sketch") -> UUID:
    """Add a private project."""
    return await projects.create_project.one(
        connection,
        name=name,
        description=None,
        prompt=None,
        visibility="private",
        tags=[],
        tech_stack=[],
        source_project_id=None,
        user_id=owner,
    )


async def add_file(
    connection: Connection, project_id: UUID, path: str, *, parent_id: UUID | None = None, is_directory: bool = False
) -> UUID:
    """Add an empty file or a directory."""
    return await files.create_file.one(
        connection,
        project_id=project_id,
        path=path,
        parent_id=parent_id,
        is_directory=is_directory,
        content=None if is_directory else "",
        blob_id=None,
        size=0,
        checksum=None,
        line_count=0,
        language=None,
        mime_type=None,
        is_binary=False,
        symlink_target=None,
        permissions=None,
        is_executable=False,
        is_hidden=False,
        user_id=None,
    )


async def add_document(connection: Connection, project_id: UUID, path: str) -> UUID:
    """Add a file and its document, seeded as number 1."""
    file_id = await add_file(connection, project_id, path)
    assert await documents.create(connection, file_id, lineage=uuid4(), seed_client=SEED_CLIENT, seed_update=b"seed")
    return file_id
