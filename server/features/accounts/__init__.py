"""Who people are: signing in, their sessions and bearer tokens, tickets for sockets, and the end of each."""

from server.features.accounts import command_line, encryption
from server.features.accounts.feature import build

CLI = command_line.CLI | encryption.CLI

__all__ = ["CLI", "build"]
