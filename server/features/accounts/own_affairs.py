"""What may only be done by a person who signed in, and not by a program that acts for them."""

from server.access.principal import CredentialKind, Principal
from server.errors import Forbidden
from server.feature import Call


def signed_in(call: Call) -> Principal:
    """The caller, if they signed in themselves: a bearer token must not be able to make itself another, or to end
    the sessions of its owner.

    Raises:
        Forbidden: they came by a bearer token, or by a ticket, which is for one project.
    """
    return own(call.caller.principal)


def own(principal: Principal) -> Principal:
    """The same for somebody who sends no command. Raises: Forbidden."""
    credential = principal.credential
    if credential is None or credential.kind is CredentialKind.TOKEN or principal.project_id is not None:
        raise Forbidden("Sign in in a browser for this: a token or a ticket cannot change how you sign in.")
    return principal
