"""Commands about the caller's own ways in."""

from server.access.own_sign_in import check_signed_in
from server.access.principal import Principal
from server.feature import Call


def signed_in(call: Call) -> Principal:
    """The caller, if they signed in themselves.

    Raises:
        Forbidden: they came by a bearer token, or by a ticket, which is for one project.
    """
    return own(call.caller.principal)


def own(principal: Principal) -> Principal:
    """The same for somebody who sends no command. Raises: Forbidden."""
    check_signed_in(principal)
    return principal
