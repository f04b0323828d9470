"""What a principal may do in one project: looked up once, cached for a moment, judged at every message."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from protocol.ids import ProjectId, UserId
from server.access.fresh import Fresh
from server.access.path_rights import EVERY_PATH, PathAccess, PathRights
from server.access.principal import Principal
from server.access.roles import ARCHIVED, Ability, Role, abilities_of, within_scopes
from server.clock import Clock
from server.errors import Forbidden, NotFound

CACHE_S = 1.0  # a demotion reaches new calls within this; open sockets are told
CACHE_ENTRIES = 10_000
CHANGING = Ability.WRITE | Ability.DELETE  # what a path that is read-only takes away


@dataclass(frozen=True, slots=True)
class Membership:
    """One person's standing in one project, as stored."""

    role: Role
    permissions: dict[str, bool]
    project_name: str
    paths: PathRights = EVERY_PATH
    is_archived: bool = False


class View(NamedTuple):
    """What a listener may know, where rules on paths limit it; elsewhere the abilities' number says it all."""

    abilities: int
    paths: PathRights


@dataclass(frozen=True, slots=True)
class Grant:
    """Invariant: `abilities` is never more than the role, the person's flags and the credential's scopes allow."""

    project_id: ProjectId
    project_name: str
    role: Role
    abilities: Ability
    paths: PathRights = EVERY_PATH

    @property
    def view(self) -> int | View:
        """What the hub compares: the abilities as a number, with the rights on paths if there are any."""
        return self.abilities.value if self.paths.is_empty else View(self.abilities.value, self.paths)

    def allows(self, ability: Ability, path: str | None = None) -> bool:
        """Whether the ability is granted; with a path, whether it is for that one, too."""
        if ability not in self.abilities:
            return False
        if path is None or self.paths.is_empty:
            return True
        match self.paths.access(path):
            case PathAccess.HIDDEN:
                return False
            case PathAccess.READ_ONLY:
                return not ability & CHANGING
            case PathAccess.OPEN:
                return True


FindMembership = Callable[[ProjectId, UserId], Awaitable[Membership | None]]


class Grants:
    def __init__(self, find: FindMembership, clock: Clock) -> None:
        self._find = find
        self._memberships: Fresh[tuple[ProjectId, UserId], Membership | None] = Fresh(clock, CACHE_S, CACHE_ENTRIES)

    async def of(self, principal: Principal, project_id: ProjectId) -> Grant:
        """The grant of this credential in this project.

        Raises:
            NotFound: no such project, or not a member (which of the two is not told).
            Forbidden: the credential is for another project, or its scopes leave nothing.
            StorageUnavailable: memberships cannot be read; open sockets keep the grant they have.
        """
        if principal.project_id not in (None, project_id):
            raise Forbidden("This token is for another project.")
        user_id = principal.user_id
        membership = await self._memberships.of((project_id, user_id), lambda: self._find(project_id, user_id))
        if membership is None:
            raise NotFound("There is no such project, or you are not a member of it.")
        return granted(principal, project_id, membership)

    def forget(self, project_id: ProjectId | None, user_id: UserId | None) -> None:
        """Rights changed: look them up anew. None stands for every project, or everybody."""
        self._memberships.forget(lambda key: project_id in (None, key[0]) and user_id in (None, key[1]))


def granted(principal: Principal, project_id: ProjectId, membership: Membership) -> Grant:
    """What this standing comes to for this credential.

    Raises:
        Forbidden: nothing is left of it.
    """
    allowed = abilities_of(membership.role, membership.permissions) & within_scopes(principal.scopes)
    if membership.is_archived:
        allowed &= ARCHIVED
    if Ability.READ not in allowed:
        raise Forbidden("You may not read this project.")
    return Grant(project_id, membership.project_name, membership.role, allowed, membership.paths)


def permits(view: object, ability: int, path: str | None = None) -> bool:
    """Whether a listener with this view has the ability and sees the path; the hub's only question about rights."""
    if isinstance(view, int):
        return view & ability == ability
    return isinstance(view, View) and view.abilities & ability == ability and (path is None or view.paths.sees(path))


def paths_of(view: object) -> PathRights:
    """Which paths a listener with this view sees."""
    return view.paths if isinstance(view, View) else EVERY_PATH
