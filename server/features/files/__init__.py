"""The file tree of a project. Contents of text files are documents."""

from server.features.files.commands import build

__all__ = ["build"]
