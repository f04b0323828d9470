"""Documents that many people edit and none can lose: replicas in memory, an append-only log in PostgreSQL."""

from server.features.documents.feature import build
from server.features.documents.repair import documents_commands
from server.features.documents.showing import Showing

CLI = {"document": documents_commands}

__all__ = ["CLI", "Showing", "build"]
