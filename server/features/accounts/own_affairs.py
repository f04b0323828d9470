"""Commands about the caller's own ways in."""

from server.access.own_sign_in import check_signed_in
from server.access.principal import Principal
from server.feature import Call


def signed_in(call: Call) -> Principal:
    """The caller, if they signed in themselves.

    Raises:
        Forbidden: they came by a bearer token, or by a ticket, which is for one project.
    """
    check_signed_in(call.caller.principal)
    return call.caller.principal
