"""What is allowed: the one place to edit when the house gets a new room or a rule a new exception."""

from typing import NamedTuple


class Layer(NamedTuple):
    """Modules of one height. Lower layers never see them; whether they see one another is said here."""

    modules: tuple[str, ...]
    see_one_another: bool = False


# From the ground up: a module imports its own unit and the layers before its own.
LAYERS = (
    Layer(("protocol",)),
    Layer(("server.errors", "server.settings", "server.clock", "server.logs", "server.visit"), see_one_another=True),
    Layer(("server.tasks", "server.loop_lag")),
    Layer(("server.archive", "server.store", "server.bus", "server.mail", "server.identity")),
    Layer(("server.access", "server.hub")),
    Layer(("server.feature",)),
    Layer(("server.features", "server.once")),
    Layer(("server.dispatch",)),
    Layer(("server.transport",)),
    Layer(("server.app",)),
    Layer(("server.cli",)),
    Layer(("server.__main__",)),
)

WEB_LIBRARIES = ("starlette", "uvicorn", "websockets", "wsproto", "httptools")
SQL_LIBRARIES = ("asyncpg", "aiosql")
INPUT_AND_OUTPUT = ("asyncio", "http", "os", "select", "selectors", "shutil", "signal", "socket", "ssl", "subprocess")
OUTSIDE_LIBRARIES = ("aiosql", "anyio", "asyncpg", "httpx", "redis", "structlog", *WEB_LIBRARIES)
BESIDE_THE_SERVER = ("bench", "client", "runner", "tests", "tools")

# Unit -> what it may not import although the layers would let it, and why.
FORBIDDEN = {
    "protocol": ((*INPUT_AND_OUTPUT, *OUTSIDE_LIBRARIES), "the wire has no I/O"),
    "server.store": (WEB_LIBRARIES, "the store knows no sockets"),
    "server.archive": (
        (*WEB_LIBRARIES, *SQL_LIBRARIES, "asyncio"),
        "archives are data; a process of its own reads them",
    ),
    "server.mail": ((*WEB_LIBRARIES, *SQL_LIBRARIES), "the post knows neither sockets nor SQL"),
    "server.identity": ((*WEB_LIBRARIES, *SQL_LIBRARIES), "what providers say knows neither sockets nor SQL"),
    "server.access": (WEB_LIBRARIES, "access knows no sockets"),
    "server.hub": (("server.store", *SQL_LIBRARIES, *WEB_LIBRARIES), "the hub knows no SQL and no web framework"),
    "server.feature": (("server.bus", *WEB_LIBRARIES), "a feature returns effects; it never sends"),
    "server.features": (("server.bus", *WEB_LIBRARIES), "a feature returns effects; it never sends"),
    "server.dispatch": (WEB_LIBRARIES, "dispatch works for every transport"),
}

# The feature on the left imports the one on the right.
FEATURES_THAT_IMPORT_FEATURES = frozenset(
    {
        ("archives", "documents"),  # an export reads what file rows do not show yet
        ("archives", "files"),  # an import makes files
        ("archives", "projects"),  # and often the project that they are of
        ("documents", "files"),  # opening a path without history makes the file
        ("projects", "files"),  # a clone must fit into the limits of a project
        ("templates", "projects"),  # what it makes is a project as any other
        ("templates", "files"),  # which must fit into the limits of a project, and whose files have kinds
        ("projects", "collaborators"),  # a transfer changes two people's roles, and tells it as they do
    }
)

MAX_LINES = 400  # aim at 300; past this a file is two files

# File or folder, without `.py` -> why it may catch everything. Anywhere else a bug would be swallowed.
MAY_CATCH_EVERYTHING = {
    "server/dispatch": "turns what a handler raised into an error that the client understands, and logs it",
    "server/tasks": "a failed job is logged and counted; the others go on",
}
MAY_START_TASKS = {
    "runner/hub_client": "its one reader, awaited by the context manager that started it",
    "server/tasks": "the supervisor that owns every task",
    "server/transport/upgrade": "uvicorn owns those of requests: it waits for them when it ends; failures are logged",
}
MAY_ASK_THE_TIME = {
    "server/clock": "everyone else takes the clock, so that tests control it",
}
