"""The house keeps its order, and each rule that says so is shown to catch a file that breaks it."""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

import pytest

from tests.architecture import habits, imports
from tests.architecture.policy import MAX_LINES
from tests.architecture.sources import Source, sources

Rule = Callable[[Source], Iterable[str]]

SERVER = ("protocol", "server")
PYTHON = (*SERVER, "runner", "tools")
EVERYTHING_WRITTEN = (*PYTHON, "tests", "bench", "client", "sql", "docs")
SUFFIXES = (".py", ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".sql", ".md")

RULES: list[tuple[Rule, list[Source]]] = [
    (imports.upward_imports, list(sources(*SERVER))),
    (imports.forbidden_imports, list(sources(*SERVER))),
    (imports.sibling_features, list(sources("server"))),
    (imports.runner_imports, list(sources("runner"))),
    (imports.client_imports, list(sources("client", suffixes=(".ts", ".tsx", ".js", ".mjs")))),
    (habits.too_long, list(sources(*PYTHON))),
    (habits.naked_tasks, list(sources(*PYTHON))),
    (habits.catch_everything, list(sources(*PYTHON))),
    (habits.wall_clocks, list(sources("server"))),
    (habits.unneeded_exceptions, list(sources("server"))),
    (habits.unfinished, list(sources(*EVERYTHING_WRITTEN, suffixes=SUFFIXES))),
]


def problems(rule: Rule, path: str, text: str) -> list[str]:
    return list(rule(Source(PurePosixPath(path), text)))


@pytest.mark.parametrize(("rule", "files"), RULES, ids=[rule.__name__ for rule, _ in RULES])
def test_no_file_breaks_the_rule(rule: Rule, files: list[Source]) -> None:
    assert [problem for file in files for problem in rule(file)] == []


def test_the_rules_look_at_the_files_of_the_project() -> None:
    seen = {str(file.path) for file in sources(*PYTHON)}
    assert {"protocol/__init__.py", "server/__init__.py", "tools/setup/shell.py"} <= seen


BAD = [
    (imports.upward_imports, "protocol/frame.py", "import server.errors"),
    (imports.upward_imports, "protocol/frame.py", "from server import clock"),
    (imports.upward_imports, "server/errors.py", "from server.tasks import Tasks"),
    (imports.upward_imports, "server/store/db.py", "from server.bus.port import Bus"),
    (imports.upward_imports, "server/hub/room.py", "from server import access"),
    (imports.upward_imports, "server/hub/room.py", "from ..features.cursors import Cursors"),
    (imports.upward_imports, "server/hub/__init__.py", "from .. import dispatch"),
    (imports.upward_imports, "server/feature.py", "def late():\n    from server.features import FEATURES"),
    (imports.upward_imports, "server/dispatch.py", "from server.transport.ws import serve"),
    (imports.upward_imports, "server/app.py", "import importlib\nimportlib.import_module('server.__main__')"),
    (imports.upward_imports, "server/app.py", "from server.odds import ends"),
    (imports.upward_imports, "server/odds.py", "x = 1"),
    (
        imports.upward_imports,
        "server/access/grants.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from server.hub.hub import Hub",
    ),
    (imports.forbidden_imports, "protocol/frame.py", "import asyncio"),
    (imports.forbidden_imports, "protocol/frame.py", "from redis.asyncio import Redis"),
    (imports.forbidden_imports, "server/hub/hub.py", "from server.store.db import Database"),
    (imports.forbidden_imports, "server/hub/hub.py", "import asyncpg"),
    (imports.forbidden_imports, "server/store/db.py", "import websockets"),
    (imports.forbidden_imports, "server/access/grants.py", "from starlette.requests import Request"),
    (imports.forbidden_imports, "server/features/cursors.py", "from server.bus.port import Bus"),
    (imports.forbidden_imports, "server/features/documents/load.py", "from starlette.responses import Response"),
    (imports.forbidden_imports, "server/features/cursors.py", "from tests.harness import browser"),
    (imports.forbidden_imports, "server/app.py", "import runner.hub_client"),
    (imports.sibling_features, "server/features/cursors.py", "from server.features.documents import rooms"),
    (imports.sibling_features, "server/features/documents/load.py", "from ..cursors import Cursor"),
    (imports.sibling_features, "server/features/cursors.py", "from server.features import FEATURES"),
    (imports.sibling_features, "server/features/cursors.py", "from . import documents"),
    (imports.runner_imports, "runner/hub_client.py", "from server.clock import Clock"),
    (imports.runner_imports, "runner/pty.py", "import tests.harness"),
    (imports.client_imports, "client/page/app.ts", 'import { x } from "../../server/x"'),
    (imports.client_imports, "client/page/app.ts", "const x = await import('../../tools/x.js')"),
    (imports.client_imports, "client/socket.ts", 'import "../tests/x"'),
    (habits.too_long, "server/store/db.py", "x = 1\n" * (MAX_LINES + 1)),
    (habits.naked_tasks, "server/hub/hub.py", "import asyncio\nasyncio.create_task(work())"),
    (habits.naked_tasks, "server/hub/hub.py", "import asyncio\nstart = asyncio.ensure_future"),
    (habits.naked_tasks, "server/hub/hub.py", "from asyncio import create_task"),
    (habits.naked_tasks, "server/hub/hub.py", "asyncio.get_running_loop().create_task(work())"),
    (habits.naked_tasks, "server/hub/hub.py", "self._loop.create_task(work())"),
    (habits.catch_everything, "server/hub/hub.py", "try:\n    x()\nexcept Exception:\n    pass"),
    (habits.catch_everything, "server/hub/hub.py", "try:\n    x()\nexcept (OSError, BaseException):\n    pass"),
    (habits.catch_everything, "server/hub/hub.py", "try:\n    x()\nexcept builtins.Exception:\n    pass"),
    (habits.catch_everything, "server/hub/hub.py", "try:\n    x()\nexcept:\n    pass"),
    (habits.catch_everything, "server/hub/hub.py", "try:\n    x()\nexcept* Exception:\n    pass"),
    (habits.catch_everything, "server/hub/hub.py", "with contextlib.suppress(Exception):\n    x()"),
    (habits.catch_everything, "server/hub/hub.py", "try:\n    x()\nexcept Exception as e:\n    raise Odd from e"),
    (habits.catch_everything, "server/tasks_of_others.py", "try:\n    x()\nexcept Exception:\n    pass"),
    (habits.wall_clocks, "server/hub/hub.py", "import time\ntime.time()"),
    (habits.wall_clocks, "server/hub/hub.py", "from time import time"),
    (habits.wall_clocks, "server/hub/hub.py", "import datetime\ndatetime.datetime.now(datetime.UTC)"),
    (habits.wall_clocks, "server/hub/hub.py", "from datetime import datetime\nnow = datetime.now"),
    (habits.unneeded_exceptions, "server/tasks.py", "get_running_loop().create_task(work())"),
    (habits.unneeded_exceptions, "server/clock.py", "x = 1"),
    (habits.unfinished, "sql/migrations/0001_users.sql", "-- TO" + "DO: an index"),
    (habits.unfinished, "client/page/app.ts", "// FIX" + "ME later"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BAD, ids=[f"{rule.__name__}-{path}" for rule, path, _ in BAD])
def test_a_file_that_breaks_the_rule_is_caught_and_named(rule: Rule, path: str, text: str) -> None:
    found = problems(rule, path, text)
    assert len(found) == 1
    assert path in found[0]


GOOD = [
    (imports.upward_imports, "server/settings.py", "from server.errors import BadSettings\nimport protocol.errors"),
    (imports.upward_imports, "server/hub/hub.py", "from server.hub.room import Room\nfrom . import outbox"),
    (imports.upward_imports, "server/__main__.py", "from server.app import build\nimport typer"),
    (imports.upward_imports, "server/features/__init__.py", "from server.features import cursors, documents"),
    (imports.forbidden_imports, "server/features/cursors.py", "from server.store import db\nimport asyncio"),
    (imports.forbidden_imports, "server/transport/ws.py", "from starlette.websockets import WebSocket"),
    (imports.forbidden_imports, "server/bus/redis.py", "import redis.asyncio"),
    (imports.sibling_features, "server/features/__init__.py", "from server.features import cursors, documents"),
    (imports.sibling_features, "server/features/documents/load.py", "from server.features.documents import room"),
    (imports.sibling_features, "server/features/documents/__init__.py", "from .room import Room"),
    (imports.runner_imports, "runner/pty.py", "import os\nfrom protocol import frame\nfrom runner import hub_client"),
    (imports.client_imports, "client/page/app.ts", 'import { y } from "yjs"\nimport x from "../socket"'),
    (imports.client_imports, "client/tests/x.ts", 'import v from "../../protocol/vectors/a.json"'),
    (habits.too_long, "server/store/db.py", "x = 1\n" * MAX_LINES),
    (habits.naked_tasks, "server/app.py", "async with asyncio.TaskGroup() as group:\n    group.create_task(work())"),
    (habits.naked_tasks, "server/tasks.py", "asyncio.get_running_loop().create_task(work())"),
    (habits.catch_everything, "server/hub/hub.py", "try:\n    x()\nexcept (OSError, ValueError):\n    pass"),
    (habits.catch_everything, "server/hub/hub.py", "try:\n    x()\nexcept BaseException:\n    undo()\n    raise"),
    (habits.catch_everything, "server/dispatch/call.py", "try:\n    x()\nexcept Exception:\n    pass"),
    (habits.wall_clocks, "server/hub/hub.py", "self._clock.now()\ntime.monotonic()\nanswer.time()"),
    (habits.wall_clocks, "server/clock.py", "datetime.now(UTC)"),
    (habits.unneeded_exceptions, "server/clock.py", "datetime.now(UTC)"),
    (habits.unfinished, "docs/operations.md", "Nothing to do."),
]


@pytest.mark.parametrize(("rule", "path", "text"), GOOD, ids=[f"{rule.__name__}-{path}" for rule, path, _ in GOOD])
def test_a_file_that_keeps_the_rule_passes(rule: Rule, path: str, text: str) -> None:
    assert problems(rule, path, text) == []
