"""Documents that many people edit and none can lose: replicas in memory, an append-only log in PostgreSQL."""

from server.features.documents.feature import build

__all__ = ["build"]
