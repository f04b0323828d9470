"""The names that roles and abilities have on the wire; `server/access/roles.py` says what they mean."""

from typing import Literal

RoleName = Literal["owner", "editor", "reviewer", "viewer"]
GivenRole = Literal["editor", "reviewer", "viewer"]  # a project has one owner; it is transferred, not given
AbilityName = Literal["read", "write", "delete", "comment", "run", "invite", "manage"]
PathAccessName = Literal["hidden", "read_only", "open"]
