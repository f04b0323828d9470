"""Who people are: signing in, their sessions and bearer tokens, tickets for sockets, and the end of each."""

from server.features.accounts.command_line import CLI
from server.features.accounts.feature import build

__all__ = ["CLI", "build"]
