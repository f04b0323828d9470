"""The file tree of a project. Contents of text files are documents."""

from server.features.files.feature import build

__all__ = ["build"]
