"""Schemathesis against a worker behind uvicorn: cases made from the API's document, answers compared with it."""

import asyncio
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from server.transport.cookies import PLAIN_NAME
from server.transport.openapi.document import api_document
from server.transport.openapi.reference import METHODS
from tests.harness.doors import Doors
from tests.harness.live_server import ROOT

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "allow_header_conformance",
    "missing_required_header",
)
# tus 1.0 asks for 412 where Tus-Resumable is missing; a machine that is busy elsewhere is not ready.
CONFIGURATION = """
[[operations]]
include-path = "/readyz"
checks.not_a_server_error.enabled = false

[checks.missing_required_header]
expected-statuses = [400, 401, 403, 412, 415, 422]
"""
NOBODY_GOT_IN = "401 Unauthorized ("  # a warning of Schemathesis: operations that it never got into
FILES = {"src/main.py": "print('hello')\n", "README.md": "# Sketch\n"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`has_passed`: every answer was as documented, and none a failure of the server."""

    has_passed: bool
    report: str


async def examine(served: Doors, *, seed: int, examples: int, covers: bool = False, only: str | None = None) -> Verdict:
    """Try every operation, or those whose path matches `only`, with the documented and `examples` made cases each.

    `covers`: also with some seventy cases each that go to every bound of the schemas, one by one.
    """
    phases = "examples,coverage,fuzzing" if covers else "examples,fuzzing"
    with tempfile.TemporaryDirectory(prefix="flashio-api-") as folder:
        (Path(folder) / "schemathesis.toml").write_text(CONFIGURATION, encoding="utf-8")
        callers = Path(folder) / "callers.json"
        callers.write_text(json.dumps(await _callers(served)), encoding="utf-8")
        options = ["--include-path-regex", only] if only else []
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{served.port}/api/openapi.json"),
            *("--checks", ",".join(CHECKS), "--phases", phases),
            *("--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", "--no-shrink", *options),
            cwd=folder,
            env=os.environ
            | {
                "SCHEMATHESIS_HOOKS": "tests.acceptance.api_hooks",
                "API_CALLERS": str(callers),
                "PYTHONPATH": str(ROOT),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        report, _ = await process.communicate()
    text = report.decode(errors="replace")
    return Verdict(process.returncode == 0 and NOBODY_GOT_IN not in text, text)


async def _callers(served: Doors) -> dict[str, dict[str, str]]:
    """Somebody signed in, with a project of theirs, for each operation by its id."""
    found = {}
    paths = api_document(served.worker.app.dispatcher.commands.values())["paths"]
    names = [item[method]["operationId"] for item in paths.values() for method in METHODS if method in item]
    for number, name in enumerate(names):
        person = await served.worker.person(f"caller{number}")
        project_id = await served.worker.project(person, FILES)
        colleague = await served.worker.joined(project_id, f"colleague{number}")
        session = await served.worker.session(person)
        found[name] = {
            "cookie": f"{PLAIN_NAME}={session}",
            "origin": f"http://127.0.0.1:{served.port}",
            "project": str(project_id),
            "colleague": str(colleague.id),
        }
    return found
