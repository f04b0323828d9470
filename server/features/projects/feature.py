"""The projects feature put together: its commands, what comes by itself, and its commands of the command line."""

from typing import Annotated

import typer

from protocol.projects import (
    ArchiveProject,
    CloneProject,
    CreateProject,
    DeleteProject,
    GetProject,
    ListDeletedProjects,
    ListProjects,
    RestoreProject,
    ResumeEvents,
    SetVisibility,
    TouchProject,
    TransferProject,
    UnarchiveProject,
    UpdateProject,
)
from server.access.fresh import Fresh
from server.access.people import user_of
from server.access.roles import SIGNED_IN, Ability
from server.feature import CommandLine, CommandSpec, Feature, HearSpec, Home, Job, Services
from server.features.projects.changing import Changing
from server.features.projects.cloning import Cloning
from server.features.projects.deleting import Deleting
from server.features.projects.listing import Listing
from server.features.projects.making import Making, make_project
from server.features.projects.transferring import Transferring
from server.features.projects.watching import Watching
from server.settings import Settings
from server.store.db import Database

EXPIRY_INTERVAL_S = 3600.0
PURGE_INTERVAL_S = 3600.0
COMPARE_INTERVAL_S = 30.0
CLONE_TIMEOUT_S = 60.0  # a project at its limit of files takes some seconds

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


def build(services: Services) -> Feature:
    watching = Watching(services, Fresh(services.clock))
    listing, making, changing = Listing(services), Making(services), Changing(services)
    cloning, transferring, deleting = Cloning(services), Transferring(services), Deleting(services)
    return Feature(
        slug="projects",
        commands=(
            CommandSpec(GetProject, listing.get, Ability.READ),
            CommandSpec(ListProjects, listing.list, SIGNED_IN),
            CommandSpec(TouchProject, listing.touch, Ability.READ),
            CommandSpec(CreateProject, making.create, SIGNED_IN),
            CommandSpec(CloneProject, cloning.clone, Ability.READ, timeout_s=CLONE_TIMEOUT_S),
            CommandSpec(UpdateProject, changing.update, Ability.MANAGE),
            CommandSpec(SetVisibility, changing.set_visibility, Ability.MANAGE),
            CommandSpec(ArchiveProject, changing.archive, Ability.MANAGE),
            CommandSpec(UnarchiveProject, changing.unarchive, Ability.MANAGE),
            CommandSpec(TransferProject, transferring.transfer, Ability.MANAGE),
            CommandSpec(DeleteProject, deleting.delete, Ability.MANAGE),
            CommandSpec(ListDeletedProjects, deleting.list, SIGNED_IN),
            CommandSpec(RestoreProject, deleting.restore, SIGNED_IN),
            CommandSpec(ResumeEvents, watching.resume, Ability.READ, needs_socket=True),
        ),
        hears=(HearSpec("project:", watching.hear, watching.resync),),
        jobs=(
            Job("compare event numbers", COMPARE_INTERVAL_S, watching.compare, Home.WEB),
            Job("expire events", EXPIRY_INTERVAL_S, watching.expire, Home.WORKER),
            Job("purge projects", PURGE_INTERVAL_S, deleting.purge, Home.WORKER),
        ),
        disconnected=watching.disconnected,
    )
