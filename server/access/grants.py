"""What a principal may do in one project: looked up once, cached for a moment, judged at every message."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from protocol.ids import ProjectId, UserId
from server.access.fresh import Fresh
from server.access.principal import Principal
from server.access.roles import ARCHIVED, Ability, Role, abilities_of, within_scopes
from server.clock import Clock
from server.errors import Forbidden, NotFound

CACHE_S = 1.0  # a demotion reaches new calls within this; open sockets are told
CACHE_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class Membership:
    """One person's standing in one project, as stored."""

    role: Role
    permissions: dict[str, bool]
    project_name: str
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """Invariant: `abilities` is never more than the role, the person's flags and the credential's scopes allow."""

    project_id: ProjectId
    project_name: str
    role: Role
    abilities: Ability

    @property
    def view(self) -> int:
        """What the hub compares: the abilities as a number."""
        return self.abilities.value

    def allows(self, ability: Ability) -> bool:
        return ability in self.abilities


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
    return Grant(project_id, membership.project_name, membership.role, allowed)


def permits(view: object, ability: int) -> bool:
    """Whether a listener with this view has the ability; the hub's only question about rights."""
    return isinstance(view, int) and view & ability == ability
