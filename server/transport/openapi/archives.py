"""Projects as archives, and links to contents on an origin of their own."""

from server.transport.openapi.contents import BINARY, IN_A_FILE, SECURITY
from server.transport.openapi.parts import EVERY_REQUEST, UUID_SCHEMA, headers, parameter, problems
from server.transport.openapi.schemas import Json

LEFT_OUT: Json = {
    "X-Left-Out": {
        "description": "Symbolic links that are not in it, because they lead out of the project",
        "schema": {"type": "integer"},
    }
}
KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key is the same import",
    "schema": UUID_SCHEMA,
}
ACCEPTED: Json = {"type": "object", "properties": {"id": UUID_SCHEMA}, "required": ["id"]}
OF_PROJECT = [parameter("ProjectId"), parameter("Ticket"), parameter("RequestId")]


def archive_paths() -> Json:
    name = _query("name", "Name of the new project", type="string", minLength=1, maxLength=255) | {"required": True}
    directory = _query("directory", "Where in the project; absent: its root", type="string", maxLength=1024)
    return {
        "/archives": {
            "parameters": [parameter("Ticket"), parameter("RequestId")],
            "post": _import("archives_import", "Make a project of an archive", [name, _case_clashes()]),
        },
        "/archives/{project}": {
            "parameters": OF_PROJECT,
            "post": _import("archives_import_into", "Put an archive into a project", [directory]),
        },
        "/archives/{project}.zip": {"parameters": OF_PROJECT, "get": _export("zip", "application/zip")},
        "/archives/{project}.tar.gz": {"parameters": OF_PROJECT, "get": _export("tar_gz", "application/gzip")},
        "/content/{link}/{name}": {"parameters": [_in_path("link"), _in_path("name")], "get": _linked()},
    }


def _query(name: str, description: str, **schema: object) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _in_path(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _case_clashes() -> Json:
    return _query("keepCaseClashes", "Let the project hold paths that differ only by case", type="boolean")


def _import(operation_id: str, summary: str, asked: list[Json]) -> Json:
    everything = _query("everything", "Take `.git`, `node_modules` and what a `.gitignore` names, too", type="boolean")
    return {
        "tags": ["archives"],
        "operationId": operation_id,
        "summary": summary,
        "description": "All of it or nothing. `archives/progress` says how far it is, `archives/cancel` gives it up.",
        "x-ability": "write",
        "security": SECURITY,
        "parameters": [*asked, everything, KEY],
        "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": BINARY}}},
        "responses": {
            "202": {
                "description": "The archive has arrived and is being unpacked",
                "headers": headers(),
                "content": {"application/json": {"schema": ACCEPTED}},
            },
            **problems([*IN_A_FILE, 409]),
        },
    }


def _export(kind: str, media_type: str) -> Json:
    return {
        "tags": ["archives"],
        "operationId": f"archives_export_{kind}",
        "summary": "The project as an archive",
        "description": "Every file as it is committed now. The same files make the same bytes.",
        "x-ability": "read",
        "security": SECURITY,
        "responses": {
            "200": {
                "description": "All of it",
                "headers": headers() | LEFT_OUT,
                "content": {media_type: {"schema": BINARY}},
            },
            "307": {"description": "It is at FILES_ORIGIN, for a while", "headers": headers()},
            **problems([*EVERY_REQUEST, 410]),
        },
    }


def _linked() -> Json:
    return {
        "tags": ["contents"],
        "operationId": "contents_linked",
        "summary": "What a link to FILES_ORIGIN leads to, at that origin alone",
        "security": [],
        "responses": {
            "200": {
                "description": "All of it",
                "headers": headers() | LEFT_OUT,
                "content": {"*/*": {"schema": BINARY}},
            },
            "206": {"description": "The part that was asked for", "content": {"*/*": {"schema": BINARY}}},
            **problems([*IN_A_FILE, 416]),
        },
    }
