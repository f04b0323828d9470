"""Projects from rows to what is told of them. Pure."""

from protocol.ids import ProjectId, UserId
from protocol.projects import Project, ProjectChanged, ProjectOwner
from server.access.people import shown_name
from server.store.projects import ProjectRow


def project(row: ProjectRow, role: str) -> Project:
    """A project as somebody sees it who is `role` in it."""
    return Project(
        id=ProjectId(row.id),
        name=row.name,
        description=row.description,
        prompt=row.prompt,
        status=row.status.value,
        visibility=row.visibility.value,
        tags=list(row.tags),
        tech_stack=list(row.tech_stack),
        thumbnail=row.thumbnail,
        git_repo_url=row.git_repo_url,
        deployment_url=row.deployment_url,
        build_health=row.build_health,
        lines_of_code=row.lines_of_code,
        complexity=row.complexity,
        estimated_time=row.estimated_time,
        actual_time=row.actual_time,
        template=row.template,
        source_project_id=None if row.source_project_id is None else ProjectId(row.source_project_id),
        owner=owner(row),
        role=role,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_accessed_at=row.last_accessed_at,
        archived_at=row.archived_at,
    )


def changed(row: ProjectRow) -> ProjectChanged:
    return ProjectChanged(
        project_name=row.name,
        description=row.description,
        status=row.status.value,
        visibility=row.visibility.value,
        tags=list(row.tags),
        tech_stack=list(row.tech_stack),
        owner=owner(row),
        archived_at=row.archived_at,
    )


def owner(row: ProjectRow) -> ProjectOwner:
    return ProjectOwner(id=UserId(row.user_id), name=shown_name(row.owner_name, row.owner_email))
