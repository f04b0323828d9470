"""The demo person and project of `dev`: made once, from the sample program in `server/demo`."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from protocol.ids import ProjectId, UserId
from server.access.credentials import Credentials
from server.access.people import make_user
from server.access.principal import EVERY_SCOPE
from server.features.files.tree import create_file
from server.features.projects import make_project
from server.store import accounts, projects
from server.store.db import Database

SAMPLE = Path(__file__).parent.parent / "demo"
EMAIL = "demo@flashio.local"
NAME = "Demo"
PROJECT = "Guestbook"
TOKEN_DAYS = 1  # of the token in the ready file; each start makes a new one
PROJECTS_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Demo:
    user_id: UserId
    name: str
    project_id: ProjectId
    token: str


async def ensure_demo(db: Database, credentials: Credentials) -> Demo:
    """Find or make the demo, and give this start a bearer token of its own."""
    async with db.acquire() as connection:
        user = await accounts.find_user_by_email.maybe(connection, email=EMAIL)
    user_id = await make_user(db, EMAIL, NAME) if user is None else UserId(user.id)
    project_id = await _find_project(db, user_id) or await _make_project(db, user_id)
    token = await credentials.make_token(user_id, "dev", EVERY_SCOPE, TOKEN_DAYS)
    return Demo(user_id, NAME, project_id, token)


async def ensure_person(db: Database, demo: Demo, name: str) -> UserId:
    """Somebody else of that name who may edit the demo project: to try it with several people."""
    email = f"{quote(name.lower(), safe='')}@flashio.local"
    async with db.acquire() as connection:
        user = await accounts.find_user_by_email.maybe(connection, email=email)
    user_id = await make_user(db, email, name) if user is None else UserId(user.id)
    async with db.transaction() as tx:
        await projects.add_collaborator.run(
            tx, project_id=demo.project_id, user_id=user_id, role="editor", invited_by=demo.user_id
        )
    return user_id


async def _find_project(db: Database, user_id: UserId) -> ProjectId | None:
    async with db.acquire() as connection:
        mine = await projects.list_my_projects.all(
            connection,
            user_id=user_id,
            only_owned=True,
            words=None,
            is_archived=False,
            before_updated_at=None,
            before_id=None,
            limit=PROJECTS_LOOKED_AT,
        )
        rows = await projects.projects_of_ids.all(connection, project_ids=[row.id for row in mine])
    return next((ProjectId(row.id) for row in rows if row.name == PROJECT), None)


async def _make_project(db: Database, user_id: UserId) -> ProjectId:
    project_id = await make_project(db, PROJECT, user_id)
    async with db.transaction() as tx:
        for path in sorted(SAMPLE.rglob("*")):
            if path.is_file():
                name = path.relative_to(SAMPLE).as_posix()
                await create_file(tx, project_id, name, path.read_text(encoding="utf-8"), user_id)
    return project_id
