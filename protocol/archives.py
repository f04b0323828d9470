"""Archives: how far an import is. The archives themselves travel over HTTP, see `/archives` in the README."""

from typing import ClassVar, Literal

from pydantic import Field

from protocol.ids import ImportId, ProjectId
from protocol.model import Command, Empty, WireModel

ImportState = Literal["unpacking", "placing", "done", "refused", "failed"]


class ImportProgress(WireModel):
    """How far an import is."""

    id: ImportId
    state: ImportState = Field(
        description="`refused`: the archive breaks a rule; `failed`: try again. Neither left anything behind"
    )
    project_id: ProjectId | None = Field(description="null: a new project that does not exist yet")
    files: int = Field(description="Files, directories and links unpacked so far")
    files_total: int = Field(description="How many there are; 0 while the archive is still judged")
    bytes: int = Field(description="Bytes unpacked so far")
    bytes_total: int
    skipped: int = Field(description="What was left out: `.git`, `node_modules`, and what a `.gitignore` names")
    warnings: list[str]
    reason: str | None = Field(description="Why it was refused or failed")


class GetImport(Command[ImportProgress]):
    """How far one of the caller's own imports is; ask again until it is done, refused or failed."""

    name: ClassVar[str] = "archives/progress"
    id: ImportId


class CancelImport(Command[Empty]):
    """Give one of the caller's own imports up; one that is done stays done."""

    name: ClassVar[str] = "archives/cancel"
    mutates: ClassVar[bool] = True
    id: ImportId
