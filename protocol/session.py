"""The first exchange on `/ws`: who connects, to which project, from which event on; and what the server grants."""

from datetime import datetime

from pydantic import Field

from protocol.ids import ConnectionId, ProjectId, Seq, UserId
from protocol.model import WireModel
from protocol.rights import AbilityName, RoleName


class ResumeFrom(WireModel):
    """The last numbered event that this client has of the project's epoch."""

    epoch: str = Field(max_length=64)
    seq: Seq


class Hello(WireModel):
    """The first message of a client, within 10 s; without token and ticket the session cookie signs in."""

    minor: int = Field(ge=0, description="Newest minor protocol version the client speaks")
    client: str = Field(max_length=100, description="Name and version of the client, for logs")
    project_id: ProjectId
    token: str | None = Field(default=None, max_length=4096, description="A bearer token")
    ticket: str | None = Field(default=None, max_length=4096, description="A single-use ticket")
    resume: ResumeFrom | None = None


class Person(WireModel):
    """Identity as stamped by the server; `color_light` is `color` at 20 % opacity, for selections."""

    id: UserId
    name: str
    color: str = Field(pattern=r"^#[0-9a-f]{6}$")
    color_light: str = Field(pattern=r"^#[0-9a-f]{8}$")


class Limits(WireModel):
    """What this server takes at most."""

    max_message_bytes: int = Field(description="Who sends a larger message is told `too_large` and closed")
    max_update_bytes: int = Field(description="A larger edit ends the replica")
    max_awareness_bytes: int = Field(description="Per client state, as JSON in UTF-8")
    max_document_bytes: int = Field(description="UTF-8 text of one document; a larger file is bytes, not a document")
    ping_interval_s: float = Field(description="Send Ping at least this often; the server closes silent sockets")


class NumberedEvent(WireModel):
    """An event of the project as it is kept."""

    name: str
    body: dict[str, object]
    seq: Seq


class ProjectInfo(WireModel):
    """The project, and what the caller may do in it."""

    id: ProjectId
    name: str
    role: RoleName
    abilities: list[AbilityName] = Field(description="What the caller may do; `collaborators/regranted` changes it")
    can_write: bool


class Welcome(WireModel):
    """`recovered` is true when `missed` holds every event since `resume`; else fetch lists anew."""

    minor: int
    server: str
    connection_id: ConnectionId
    user: Person
    credential_ends_at: datetime | None = Field(
        default=None,
        description="The socket ends then unless `accounts/renew` brings a fresh credential; sessions may move it",
    )
    project: ProjectInfo
    limits: Limits
    epoch: str
    seq: Seq
    recovered: bool
    missed: list[NumberedEvent]
    server_time: datetime
