"""Projects, and the numbered events of theirs that every open socket is told."""

from server.features.projects.feature import CLI, build, make_project

__all__ = ["CLI", "build", "make_project"]
