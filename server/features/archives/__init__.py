"""Projects as zip and tar archives: exported as a stream, imported as a whole or not at all."""

from server.features.archives.cli import CLI
from server.features.archives.feature import build

__all__ = ["CLI", "build"]
