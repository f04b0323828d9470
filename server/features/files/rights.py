"""The one place where the operations on files ask whether somebody may do something to a path."""

from server.access.roles import Ability
from server.errors import Forbidden
from server.feature import Caller


def require(caller: Caller, ability: Ability, path: str) -> None:
    """Pass when the caller has the ability for this path.

    Raises:
        Forbidden: they have not.
    """
    if not caller.may(ability):
        raise Forbidden(f"You may not {(ability.name or '').lower()} {path}.")
