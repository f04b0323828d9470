"""How much a project may hold."""

from protocol.ids import ProjectId
from server.errors import TooLarge
from server.features.files.rows import lock_tree
from server.settings import Settings
from server.store import files as store
from server.store.db import Connection, Transaction

MIB = 1 << 20


async def claim_room(settings: Settings, tx: Transaction, project_id: ProjectId, *, files: int, size: int) -> None:
    """Pass when so many more files and bytes fit into the project, and nobody else adds any until the commit.

    Raises:
        TooLarge: they do not; the message names the limit.
        NotFound: the project is gone.
    """
    await lock_tree(tx, project_id)
    await check_room(settings, tx, project_id, files=files, size=size)


async def check_room(
    settings: Settings, connection: Connection, project_id: ProjectId, *, files: int, size: int
) -> None:
    """Pass when so many more files and bytes fit into the project.

    Raises:
        TooLarge: they do not; the message names the limit.
    """
    held = await store.count_room.one(connection, project_id=project_id)
    if held.files + files > settings.max_project_files:
        raise TooLarge(f"A project holds at most {settings.max_project_files} files. Delete some, or split it.")
    if held.bytes + size > settings.max_project_bytes:
        limit_mib = settings.max_project_bytes // MIB
        raise TooLarge(f"The files of a project hold at most {limit_mib} MiB in all. Delete some first.")
