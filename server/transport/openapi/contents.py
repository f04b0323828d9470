"""Contents of files over HTTP, which no command carries: whole, in parts, and in pieces that may break off."""

from server.transport.openapi.parts import EVERY_REQUEST, UUID_SCHEMA, headers, parameter, problems
from server.transport.openapi.schemas import Json

BINARY: Json = {"type": "string", "format": "binary"}
SECURITY: list[Json] = [{"bearer": []}, {"cookie": []}, {"ticket": []}]
IN_A_FILE = (*EVERY_REQUEST, 409, 410, 423)


def _header(name: str, description: str, *, required: bool = False, **schema: object) -> Json:
    shown = schema or {"type": "string"}
    return {"name": name, "in": "header", "required": required, "description": description, "schema": shown}


TUS = _header("Tus-Resumable", "The version of the protocol", required=True, const="1.0.0")
KEY = _header("Idempotency-Key", "A repeated PUT under the same key takes effect once", type="string", format="uuid")
OFFSET: Json = {"Upload-Offset": {"description": "Bytes that are there", "schema": {"type": "integer"}}}
OF_FILE = [parameter("ProjectId"), parameter("Path"), parameter("Ticket"), parameter("RequestId")]
OF_UPLOADS = [parameter("ProjectId"), parameter("RequestId")]
UPLOAD_ID: Json = {"name": "upload", "in": "path", "required": True, "schema": UUID_SCHEMA}


def content_paths() -> Json:
    return {
        "/files/{project}/{path}": {"parameters": OF_FILE, "get": _get(), "put": _put()},
        "/uploads/{project}": {"parameters": OF_UPLOADS, "post": _begin(), "options": _abilities("describeUploads")},
        "/uploads/{project}/{upload}": {
            "parameters": [*OF_UPLOADS, UPLOAD_ID],
            "head": _look(),
            "patch": _add(),
            "delete": _end(),
        },
    }


def _get() -> Json:
    conditions = [
        _header("If-None-Match", "Answer 304 when the content is this version"),
        _header("Range", "`bytes=0-99`, one range"),
        _header("If-Range", "Send the whole when the content is not this version"),
    ]
    content: Json = {"headers": headers("ETag"), "content": {"*/*": {"schema": BINARY}}}
    return {
        "tags": ["contents"],
        "operationId": "contents_get",
        "summary": "The content of a file, as it is now",
        "description": "Sent as a download that cannot act as a page of this server. A text has its own line ends.",
        "x-ability": "read",
        "security": SECURITY,
        "parameters": conditions,
        "responses": {
            "200": {"description": "All of it"} | content,
            "206": {"description": "The part that was asked for"} | content,
            "304": {"description": "The version that the caller has", "headers": headers("ETag")},
            "307": {"description": "It is at FILES_ORIGIN, for a while", "headers": headers()},
            **problems([*IN_A_FILE, 416]),
        },
    }


def _put() -> Json:
    conditions = [
        _header("If-Match", 'The version that is to be replaced, such as `"2cf2..."`, or `*` for any'),
        _header("If-None-Match", "`*`: only when there is no file yet"),
        KEY,
    ]
    written: Json = {"headers": headers("ETag")}
    return {
        "tags": ["contents"],
        "operationId": "contents_put",
        "summary": "Replace the content of a file, or make the file",
        "description": "Text becomes the smallest edit of the document, and so reaches open editors.",
        "x-ability": "write",
        "security": SECURITY,
        "parameters": conditions,
        "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": BINARY}}},
        "responses": {
            "201": {"description": "A new file"} | written,
            "204": {"description": "Other content"} | written,
            **problems([*IN_A_FILE, 412]),
        },
    }


def _begin() -> Json:
    asked = [
        TUS,
        _header("Upload-Length", "Bytes of the whole", required=True, type="integer", minimum=0) | {"example": 70_000},
        _header(
            "Upload-Metadata",
            "`path` (or `filename`) and its value in base64 say where the file is to be; `ifMatch`: as If-Match",
            required=True,
        )
        | {"example": "path bG9nby5wbmc="},
    ]
    made = headers() | OFFSET | {"Location": {"description": "The upload", "schema": {"type": "string"}}}
    return {
        "tags": ["contents"],
        "operationId": "uploads_begin",
        "summary": "Begin an upload that can break off and go on",
        "description": "tus 1.0 (tus.io) with creation-with-upload, checksum, expiration and termination.",
        "x-ability": "write",
        "security": SECURITY,
        "parameters": asked,
        "responses": {"201": {"description": "Begun", "headers": made}, **problems([*IN_A_FILE, 412, 460])},
    }


def _abilities(name: str) -> Json:
    return {
        "tags": ["contents"],
        "operationId": f"uploads_{name}",
        "summary": "What this server can do with uploads",
        "security": [],
        "responses": {"204": {"description": "Tus-Version, Tus-Extension, Tus-Max-Size", "headers": headers()}},
    }


def _look() -> Json:
    return {
        "tags": ["contents"],
        "operationId": "uploads_look",
        "summary": "How much of an upload is there",
        "x-ability": "write",
        "security": SECURITY,
        "parameters": [TUS],
        "responses": {
            "200": {"description": "Where it goes on", "headers": headers() | OFFSET},
            **problems([*IN_A_FILE, 412]),
        },
    }


def _add() -> Json:
    asked = [
        TUS,
        _header("Upload-Offset", "Where these bytes belong", required=True, type="integer", minimum=0),
        _header("Upload-Checksum", "`sha1` or `sha256` and the digest in base64"),
    ]
    return {
        "tags": ["contents"],
        "operationId": "uploads_add",
        "summary": "Add bytes to an upload; with the last one it becomes the file",
        "x-ability": "write",
        "security": SECURITY,
        "parameters": asked,
        "requestBody": {"required": True, "content": {"application/offset+octet-stream": {"schema": BINARY}}},
        "responses": {
            "204": {"description": "Added", "headers": headers() | OFFSET},
            **problems([*IN_A_FILE, 412, 460]),
        },
    }


def _end() -> Json:
    return {
        "tags": ["contents"],
        "operationId": "uploads_end",
        "summary": "Give an upload up",
        "x-ability": "write",
        "security": SECURITY,
        "parameters": [TUS],
        "responses": {"204": {"description": "Gone", "headers": headers()}, **problems([*IN_A_FILE, 412])},
    }
