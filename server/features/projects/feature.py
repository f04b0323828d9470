"""The commands of projects, and the feature put together."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import typer

from protocol.ids import ProjectId, UserId
from protocol.model import Empty
from protocol.page_mark import encode_mark
from protocol.projects import GetProject, ListProjects, Project, ProjectList, ResumeEvents, TouchProject
from server.access.fresh import Fresh
from server.access.people import user_of
from server.access.roles import SIGNED_IN, Ability
from server.errors import NotFound
from server.feature import (
    Call,
    CommandLine,
    CommandSpec,
    Feature,
    HearSpec,
    Home,
    Job,
    Result,
    Services,
    marked,
)
from server.features.projects.watching import Watching
from server.settings import Settings
from server.store import projects
from server.store.db import Database

TOUCH_AT_MOST_EVERY = timedelta(minutes=1)
EXPIRY_INTERVAL_S = 3600.0
COMPARE_INTERVAL_S = 30.0


@dataclass(frozen=True, slots=True)
class Commands:
    services: Services

    async def get(self, call: Call, _command: GetProject) -> Result[Project]:
        grant = call.caller.grant
        async with self.services.db.acquire() as connection:
            row = await projects.get_project.maybe(connection, project_id=call.caller.project_id)
        if row is None or grant is None:
            raise NotFound("There is no such project.")
        return Result(_project(row, grant.role))

    async def list(self, call: Call, command: ListProjects) -> Result[ProjectList]:
        principal = call.caller.principal
        before_updated_at, before_id = marked(command.after)
        async with self.services.db.acquire() as connection:
            rows = await projects.list_my_projects.all(
                connection,
                user_id=principal.user_id,
                before_updated_at=before_updated_at,
                before_id=before_id,
                limit=command.limit,
            )
        allowed = [row for row in rows if principal.project_id in (None, row.id)]
        is_last = len(rows) < command.limit
        return Result(
            ProjectList(
                projects=[_project(row, row.role) for row in allowed],
                next=None if is_last else encode_mark(rows[-1].updated_at, rows[-1].id),
            )
        )

    async def touch(self, call: Call, _command: TouchProject) -> Result[Empty]:
        await projects.touch_project.run(
            call.transaction,
            project_id=call.caller.project_id,
            now=self.services.clock.now(),
            at_most_every=TOUCH_AT_MOST_EVERY,
        )
        return Result(Empty())


project_commands = typer.Typer(help="Projects.", no_args_is_help=True)
CLI = {"project": project_commands}


@project_commands.callback()
def project_command() -> None:
    """Projects."""


@project_commands.command("create", epilog='Example: `python -m server project create "Moon lander" --owner ada@x.org`')
def create_project_command(
    context: typer.Context, name: str, owner: Annotated[str, typer.Option(help="E-mail address of the owner.")]
) -> None:
    """Make a project and print its id."""

    async def create(db: Database, _settings: Settings) -> None:
        print(await make_project(db, name, await user_of(db, owner)))

    CommandLine.of(context).run(create)


async def make_project(db: Database, name: str, owner: UserId) -> ProjectId:
    async with db.transaction() as tx:
        return ProjectId(
            await projects.create_project.one(
                tx, name=name, description=None, prompt=None, visibility="private", user_id=owner
            )
        )


def build(services: Services) -> Feature:
    commands, watching = Commands(services), Watching(services, Fresh(services.clock))
    return Feature(
        slug="projects",
        commands=(
            CommandSpec(GetProject, commands.get, Ability.READ),
            CommandSpec(ListProjects, commands.list, SIGNED_IN),
            CommandSpec(TouchProject, commands.touch, Ability.READ),
            CommandSpec(ResumeEvents, watching.resume, Ability.READ, needs_socket=True),
        ),
        hears=(HearSpec("project:", watching.hear, watching.resync),),
        jobs=(
            Job("compare event numbers", COMPARE_INTERVAL_S, watching.compare, Home.WEB),
            Job("expire events", EXPIRY_INTERVAL_S, watching.expire, Home.WORKER),
        ),
        disconnected=watching.disconnected,
    )


def _project(row: projects.ProjectRow, role: str) -> Project:
    return Project(
        id=ProjectId(row.id), name=row.name, description=row.description, role=role, updated_at=row.updated_at
    )
