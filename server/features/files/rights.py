"""The one place where operations on files and documents ask whether somebody may do something to a path."""

from collections.abc import AsyncIterator

from server.access.roles import Ability
from server.errors import Forbidden, NotFound
from server.feature import Caller
from server.store import files as store
from server.store.db import Transaction
from server.store.queries import Query

PAGE = 1_000  # paths looked at between two statements: a few milliseconds of the loop


def require(caller: Caller, ability: Ability, path: str) -> None:
    """Pass when the caller has the ability for this path, whether anything is there or not.

    Raises:
        NotFound: the path is hidden from them; what is there is not told.
        Forbidden: they see it, and have not the ability.
    """
    if not caller.paths.sees(path):
        raise missing(path)
    if not caller.may(ability):
        raise Forbidden(f"You may not {(ability.name or '').lower()} {path}.")
    if not caller.may(ability, path):
        raise Forbidden(f"{path} is read-only for you.")


def require_there(caller: Caller, ability: Ability, asked: str, path: str) -> None:
    """The same for what a path that somebody asked for leads to now: `path`.

    Raises:
        NotFound, Forbidden: as `require`; the first names what was asked for.
    """
    if not caller.paths.sees(path):
        raise missing(asked)
    require(caller, ability, path)


async def require_below(tx: Transaction, caller: Caller, ability: Ability, path: str, to: str | None = None) -> None:
    """Pass when the caller has the ability for all that lies below a path, and may write it where it goes.

    The tree is locked. Which files are in the way is not told: they may be hidden.

    Raises:
        Forbidden: for some of it they have not.
    """
    if caller.paths.is_empty:
        return
    async for below in _paths_of(store.list_paths_below, tx, project_id=caller.project_id, path=path):
        _check(caller, ability, path, below, to)


async def require_restorable(tx: Transaction, caller: Caller, tombstone: store.TombstoneRow, to: str) -> None:
    """Pass when the caller may change all that went with a deleted directory, where it was and where it goes.

    Raises:
        Forbidden: some of it they may not.
    """
    if caller.paths.is_empty or not tombstone.is_directory:
        return
    path = tombstone.path
    key: dict[str, object] = {"project_id": caller.project_id, "path": path, "deleted_at": tombstone.gone_at}
    async for below in _paths_of(store.list_deleted_below, tx, **key):
        _check(caller, Ability.WRITE, path, below, to)


async def hidden_below(tx: Transaction, caller: Caller, path: str, to: str) -> list[str]:
    """What a copy by the caller leaves out: all below a path that is hidden from them. The tree is locked.

    Raises:
        Forbidden: some of the rest would come to lie where they may not write.
    """
    if caller.paths.is_empty:
        return []
    hidden: list[str] = []
    async for below in _paths_of(store.list_paths_below, tx, project_id=caller.project_id, path=path):
        if caller.paths.sees(below):
            _check(caller, Ability.READ, path, below, to)
        else:
            hidden.append(below)
    return hidden


async def hidden_paths(tx: Transaction, caller: Caller) -> list[str]:
    """All of the project that is hidden from the caller: what a clone or a template of it leaves out."""
    if caller.paths.is_empty:
        return []
    paths = _paths_of(store.list_paths, tx, project_id=caller.project_id)
    return [path async for path in paths if not caller.paths.sees(path)]


def missing(path: str) -> NotFound:
    """What is said of a path where nothing is, and of one that is hidden: nobody can tell the two apart."""
    return NotFound(f"There is no {path}.")


def _check(caller: Caller, ability: Ability, path: str, below: str, to: str | None) -> None:
    goes = None if to is None else to + below[len(path) :]
    if not caller.may(ability, below) or not (goes is None or caller.may(Ability.WRITE, goes)):
        raise Forbidden(f"{path} holds, or would come to hold, files that you may not change.")


async def _paths_of(listing: Query[str], tx: Transaction, **key: object) -> AsyncIterator[str]:
    after = ""
    while page := await listing.all(tx, **key, after_path=after, limit=PAGE):
        for path in page:
            yield path
        after = page[-1]
