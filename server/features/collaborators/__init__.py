"""The people of a project: their roles and permissions, and how they come and go."""

from server.features.collaborators.feature import build

__all__ = ["build"]
