"""What a single file may not do: grow too long, swallow errors, start tasks, ask the time, or be left unfinished."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.policy import MAX_LINES, MAY_ASK_THE_TIME, MAY_CATCH_EVERYTHING, MAY_START_TASKS
from tests.architecture.sources import Source

EVERYTHING = frozenset({"Exception", "BaseException"})
UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E)\b")
TASK_STARTERS = frozenset({"create_task", "ensure_future"})
LOOP_GETTERS = frozenset({"get_running_loop", "get_event_loop", "new_event_loop"})
WALL_CLOCKS = frozenset(
    {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
)


def too_long(source: Source) -> Iterator[str]:
    lines = source.text.count("\n")
    if lines > MAX_LINES:
        yield f"{source.path} has {lines} lines; {MAX_LINES} is the limit: split it by what changes together"


def unfinished(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        found = UNFINISHED.search(line)
        if found:
            yield f"{source.path}:{number} says {found[0]}: finish it, or open an issue"


def catch_everything(source: Source) -> Iterator[str]:
    if not source.is_below(*MAY_CATCH_EVERYTHING):
        for line in lines_that_catch_everything(source.tree):
            yield f"{source.path}:{line} catches everything: name what can be raised"


def lines_that_catch_everything(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.ExceptHandler(body=[*_, ast.Raise(exc=None)]):
                continue  # cleans up and lets the error go on
            case ast.ExceptHandler(type=caught, lineno=line) if caught is None or names_in(caught) & EVERYTHING:
                yield line
            case ast.Call(func=called, args=caught_list) if dotted(called) in {"suppress", "contextlib.suppress"}:
                if any(names_in(caught) & EVERYTHING for caught in caught_list):
                    yield node.lineno


def naked_tasks(source: Source) -> Iterator[str]:
    if not source.is_below(*MAY_START_TASKS):
        for line in lines_that_start_tasks(source.tree):
            yield f"{source.path}:{line} starts a task that nobody owns: use server/tasks.py or asyncio.TaskGroup"


def lines_that_start_tasks(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module="asyncio", names=names) if any(name.name in TASK_STARTERS for name in names):
                yield node.lineno
            case ast.Attribute(value=owner, attr=starter) if starter in TASK_STARTERS and is_asyncio_or_loop(owner):
                yield node.lineno


def is_asyncio_or_loop(owner: ast.expr) -> bool:
    """Tell a module or a loop, which forget their tasks, from a TaskGroup, which owns them."""
    if isinstance(owner, ast.Call):
        return dotted(owner.func).rpartition(".")[2] in LOOP_GETTERS
    name = dotted(owner)
    return name == "asyncio" or name.rpartition(".")[2] in {"loop", "_loop"}


def wall_clocks(source: Source) -> Iterator[str]:
    if not source.is_below(*MAY_ASK_THE_TIME):
        for line in lines_that_ask_the_time(source.tree):
            yield f"{source.path}:{line} asks the time of day itself: take a Clock (server/clock.py)"


def lines_that_ask_the_time(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module="time", names=names) if any(name.name in {"time", "time_ns"} for name in names):
                yield node.lineno
            case ast.Attribute() if ".".join(dotted(node).split(".")[-2:]) in WALL_CLOCKS:
                yield node.lineno


def unneeded_exceptions(source: Source) -> Iterator[str]:
    """An exception that a file no longer uses is taken back, or it would hide the next mistake."""
    for allowed, lines_that_need_it in (
        (MAY_CATCH_EVERYTHING, lines_that_catch_everything),
        (MAY_START_TASKS, lines_that_start_tasks),
        (MAY_ASK_THE_TIME, lines_that_ask_the_time),
    ):
        if str(source.path.with_suffix("")) in allowed and not any(lines_that_need_it(source.tree)):
            yield f"{source.path} has an exception in tests/architecture/policy.py that it does not need"


def names_in(caught: ast.expr) -> set[str]:
    """Return the exceptions that an `except` names, without their modules."""
    several = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return {dotted(one).rpartition(".")[2] for one in several}


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for names and attributes, and an empty string for all else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=owner, attr=name):
            return f"{dotted(owner)}.{name}"
    return ""
