"""PostgreSQL from a wheel, for `python -m server dev` and the tests; production uses a server of its own."""

from server.store.embedded.server import EmbeddedPostgres, start

__all__ = ["EmbeddedPostgres", "start"]
