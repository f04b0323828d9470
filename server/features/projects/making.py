"""New projects: who may make one, how many a person owns, and the row itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from protocol.ids import ProjectId, UserId
from protocol.projects import CreateProject, Project
from server.access.principal import Principal
from server.access.roles import Role
from server.errors import Forbidden, LimitReached, NotFound
from server.feature import Call, Result, Services
from server.features.projects.shown import project
from server.settings import Settings
from server.store import projects as store
from server.store.audit import append_audit
from server.store.db import Database, Transaction


@dataclass(frozen=True, slots=True)
class NewProject:
    """What a project begins with; `source_id` is what it is a clone of."""

    name: str
    description: str | None = None
    prompt: str | None = None
    visibility: str = "private"
    tags: Iterable[str] = ()
    tech_stack: Iterable[str] = ()
    source_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Making:
    services: Services

    async def create(self, call: Call, command: CreateProject) -> Result[Project]:
        wanted = NewProject(
            command.project_name,
            command.description or None,
            command.prompt,
            command.visibility,
            command.tags,
            command.tech_stack,
        )
        project_id = await own_project(self.services.settings, call, wanted)
        return Result(await shown_to_owner(call.transaction, project_id))


async def own_project(settings: Settings, call: Call, wanted: NewProject) -> ProjectId:
    """Make a project of the caller's own, in their command's transaction.

    Raises:
        Forbidden: they are a guest, or their credential is not for this.
        LimitReached: they own as many as anybody may.
    """
    check_may_make(call.caller.principal)
    return await make_owned(settings, call.transaction, wanted, call.caller.principal.user_id)


async def make_owned(settings: Settings, tx: Transaction, wanted: NewProject, user_id: UserId) -> ProjectId:
    """Make a project of somebody's own.

    Raises:
        LimitReached: they own as many as anybody may.
    """
    await make_room(settings, tx, user_id)
    project_id = await add_project(tx, wanted, user_id)
    details: dict[str, object] = {"name": wanted.name, "source": str(wanted.source_id) if wanted.source_id else None}
    await append_audit(
        tx,
        actor_id=user_id,
        project_id=project_id,
        action="projects/created",
        subject=str(project_id),
        details=details,
    )
    return project_id


async def make_room(settings: Settings, tx: Transaction, user_id: UserId) -> None:
    """Pass when this person may own one more project; until the commit nobody else counts theirs.

    Raises:
        LimitReached: they may not; the message names the limit.
        NotFound: there is no such person any more.
    """
    if await store.lock_owner.maybe(tx, user_id=user_id) is None:
        raise NotFound("There is no such person.")
    limit = settings.projects_per_person
    if await store.count_owned_projects.one(tx, user_id=user_id) >= limit:
        raise LimitReached(
            f"One person owns at most {limit} projects, those deleted in the last days included. "
            "Delete or transfer some, or ask the operator for more."
        )


async def add_project(tx: Transaction, wanted: NewProject, owner: UserId) -> ProjectId:
    """The rows of a project and of its owner in it."""
    return ProjectId(
        await store.create_project.one(
            tx,
            name=wanted.name,
            description=wanted.description,
            prompt=wanted.prompt,
            visibility=wanted.visibility,
            tags=list(dict.fromkeys(wanted.tags)),
            tech_stack=list(dict.fromkeys(wanted.tech_stack)),
            source_project_id=wanted.source_id,
            user_id=owner,
        )
    )


async def make_project(db: Database, name: str, owner: UserId) -> ProjectId:
    """A private project, for the command line."""
    async with db.transaction() as tx:
        return await add_project(tx, NewProject(name), owner)


async def shown_to_owner(tx: Transaction, project_id: ProjectId) -> Project:
    """A project that was just made."""
    row = await store.get_project(tx, project_id)
    if row is None:
        raise NotFound("There is no such project.")
    return project(row, Role.OWNER)


def check_may_make(principal: Principal) -> None:
    """Pass when this credential may make projects.

    Raises:
        Forbidden: it is a guest's, only reads, or is for one project.
    """
    if principal.is_guest:
        raise Forbidden("Sign in to have projects of your own; a guest is forgotten after a while.")
    if "write" not in principal.scopes:
        raise Forbidden("This token only reads; it cannot make a project.")
    if principal.project_id is not None:
        raise Forbidden("This token is for one project; it cannot make another.")
