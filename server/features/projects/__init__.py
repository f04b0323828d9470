"""Projects, and the numbered events of theirs that every open socket is told."""

from server.features.projects.feature import CLI, build
from server.features.projects.making import make_project

__all__ = ["CLI", "build", "make_project"]
