"""What Schemathesis cannot know: for each operation a caller and a project of their own, so that none spoils another's.

Loaded by `python -m schemathesis` (SCHEMATHESIS_HOOKS); the callers are in the file that API_CALLERS names.
"""

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import schemathesis

CALLERS: dict[str, dict[str, str]] = json.loads(Path(os.environ["API_CALLERS"]).read_text(encoding="utf-8"))


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: schemathesis.Case, _kwargs: dict[str, Any]) -> None:
    """Sign in as the operation's caller; name their project and a new key, unless the case is about having neither."""
    caller = CALLERS[case.operation.definition.raw["operationId"]]
    case.headers.update({"Cookie": caller["cookie"], "Origin": caller["origin"]})
    if is_uuid(case.headers.get("X-Project")):
        case.headers["X-Project"] = caller["project"]
    if is_uuid(case.headers.get("Idempotency-Key")):
        case.headers["Idempotency-Key"] = str(uuid4())
    if is_uuid(case.path_parameters.get("project")):
        case.path_parameters["project"] = caller["project"]

    if isinstance(case.body, dict) and is_uuid(case.body.get("userId")):
        case.body["userId"] = caller["colleague"]


@schemathesis.serializer("application/offset+octet-stream")
def as_it_is(_context: schemathesis.SerializationContext, value: bytes) -> bytes:
    """Bytes of an upload."""
    return value


def is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False
